#include "sim/base/parallel_for.hpp"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <vector>

namespace subbyte::sim {

unsigned all_cores() { return static_cast<unsigned>(std::max(1, tbb::info::default_concurrency())); }

void parallel_each(std::size_t count, unsigned threads, const std::function<void(std::size_t item)>& body) {
  // More threads than there are cores would be asked for in vain, and the library would say so on standard error.
  const auto most = static_cast<std::size_t>(std::min(threads, all_cores()));
  const auto workers = static_cast<int>(std::clamp<std::size_t>(most, 1, std::max<std::size_t>(count, 1)));
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::vector<std::exception_ptr> failures(count);
  const auto work = [&] {
    while (!failed) {
      const std::size_t item = next++;
      if (item >= count) return;
      try {
        body(item);
      } catch (...) {
        failures[item] = std::current_exception();
        failed = true;
      }
    }
  };
  if (workers == 1) {
    work();
  } else {
    // The loop has an arena of its own, so that a thread that waits in it finds no task of another loop to take.
    tbb::task_arena arena(workers);
    arena.execute([&] {
      tbb::parallel_for(
          0, workers, [&](int) { work(); }, tbb::simple_partitioner());
    });
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t first, std::size_t last)>& body) {
  const std::size_t parts = std::max<std::size_t>(1, std::min<std::size_t>(count, threads));
  parallel_each(parts, threads, [&](std::size_t part) { body(count * part / parts, count * (part + 1) / parts); });
}

}  // namespace subbyte::sim
