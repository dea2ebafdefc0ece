// Tests parallel loops: every item comes once, errors are as of a plain loop, and loops inside loops do not deadlock.
#include "sim/base/parallel_for.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace subbyte::sim {
namespace {

TEST(ParallelFor, EveryItemRunsOnceForAnyNumberOfThreads) {
  for (const std::size_t count : {0, 1, 2, 7, 1000}) {
    for (const unsigned threads : {0U, 1U, 2U, 3U, 64U}) {
      std::vector<std::atomic<int>> each(count), parts(count);
      parallel_each(count, threads, [&](std::size_t item) { ++each[item]; });
      parallel_for(count, threads, [&](std::size_t first, std::size_t last) {
        for (std::size_t item = first; item < last; ++item) ++parts[item];
      });
      EXPECT_TRUE(std::ranges::all_of(each, [](const auto& runs) { return runs == 1; })) << count << ' ' << threads;
      EXPECT_TRUE(std::ranges::all_of(parts, [](const auto& runs) { return runs == 1; })) << count << ' ' << threads;
    }
  }
}

TEST(ParallelFor, TheLowestItemThatFailsIsTheErrorAndEndsTheLoop) {
  for (const unsigned threads : {1U, 2U, 8U}) {
    for (int repetition = 0; repetition < 50; ++repetition) {
      std::atomic<std::size_t> runs{0};
      try {
        parallel_each(10'000, threads, [&](std::size_t item) {
          ++runs;
          if (item % 10 == 7) throw std::runtime_error("item " + std::to_string(item));
        });
        ADD_FAILURE() << "no error";
      } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "item 7");
      }
      EXPECT_GE(runs, 8U);
      EXPECT_LT(runs, 10'000U);
    }
  }
}

/// This is the lock of the SystemC kernel in small: it is held around inner loops while outer items wait for it.
TEST(ParallelFor, ALockAroundALoopInsideALoopIsNoDeadlock) {
  std::mutex mutex;
  std::atomic<std::size_t> sum{0};
  parallel_each(64, 8, [&](std::size_t) {
    const std::lock_guard lock(mutex);
    parallel_each(64, 8, [&](std::size_t inner) { sum += inner; });
    parallel_for(64, 8, [&](std::size_t first, std::size_t last) {
      parallel_each(last - first, 4, [&](std::size_t) { ++sum; });
    });
  });
  EXPECT_EQ(sum, 64U * (64 * 63 / 2 + 64));
}

}  // namespace
}  // namespace subbyte::sim
