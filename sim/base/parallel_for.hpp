// A loop over independent items on a number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace subbyte::sim {

/// Calls body(first, last) on contiguous parts of 0 .. count, one per thread; the last part on the caller's.
/// Where the parts begin depends on `threads`, so an item's result must not depend on the others of its part.
/// All parts end before it returns; the exception of the earliest part that threw is rethrown. `threads` 0
/// counts as 1.
void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t first, std::size_t last)>& body);

}  // namespace subbyte::sim
