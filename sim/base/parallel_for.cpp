#include "sim/base/parallel_for.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

namespace subbyte::sim {

void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t first, std::size_t last)>& body) {
  const std::size_t parts = std::max<std::size_t>(1, std::min<std::size_t>(count, threads));
  std::vector<std::exception_ptr> failures(parts);
  const auto run = [&](std::size_t part) {
    try {
      body(count * part / parts, count * (part + 1) / parts);
    } catch (...) {
      failures[part] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> workers;
    for (std::size_t part = 0; part + 1 < parts; ++part) workers.emplace_back(run, part);
    run(parts - 1);
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace subbyte::sim
