// Loops over independent items on the machine's cores.
#pragma once

#include <cstddef>
#include <functional>

namespace subbyte::sim {

/// Returns how many threads the machine runs at once, which is at least 1.
unsigned all_cores();

/// Calls body(i) for every i below `count`, up to `threads` of them at a time, with the caller's thread among them.
/// (0 threads count as 1, and no more run at once than the machine has cores.) Items begin in their order, each when a
/// thread is free, which suits items that take long, and not equally long. After a failure no further item begins; when
/// those that run have ended, the exception of the lowest item that failed is rethrown, whatever the number of threads.
///
/// Loops may stand inside loops. A thread that waits for the end of a loop works at the items of that loop and of loops
/// inside it, never at an item of a loop around it: it may hold a lock that such an item wants.
void parallel_each(std::size_t count, unsigned threads, const std::function<void(std::size_t item)>& body);

/// Calls body(first, last) on as many contiguous parts of 0 .. count as there are threads, which suits many small
/// items. Where the parts begin depends on `threads`, so an item's result must not depend on the others of its part.
/// Everything else is as in parallel_each().
void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t first, std::size_t last)>& body);

}  // namespace subbyte::sim
