// Loops over independent items on the machine's cores.
#pragma once

#include <cstddef>
#include <functional>

namespace subbyte::sim {

/// Threads that the machine runs at once; at least 1.
unsigned all_cores();

/// Calls body(i) for every i below `count`, up to `threads` of them at a time, the caller's thread among them (0 counts
/// as 1; no more run at once than the machine has cores). Items begin in their order, each when a thread is free: for
/// items that take long, and not equally long. After a failure none begins any more; when those that run have ended,
/// the exception of the lowest item that failed is rethrown, whatever the number of threads.
///
/// Loops may stand inside loops. A thread that waits for the end of a loop works at the items of that loop and of loops
/// inside it, never at an item of a loop around it: it may hold a lock that such an item wants.
void parallel_each(std::size_t count, unsigned threads, const std::function<void(std::size_t item)>& body);

/// Calls body(first, last) on as many contiguous parts of 0 .. count as there are threads: for many small items. Where
/// the parts begin depends on `threads`, so an item's result must not depend on the others of its part. The
/// rest as parallel_each().
void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t first, std::size_t last)>& body);

}  // namespace subbyte::sim
