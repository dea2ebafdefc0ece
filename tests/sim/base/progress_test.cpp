// Tests the progress line with a clock and a stream of its own: when it says something, how it estimates the time left,
// and that a short run is silent.
#include "sim/base/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <thread>
#include <vector>

#include "sim/base/process.hpp"

namespace subbyte::sim {
namespace {

using ::testing::EndsWith;

class Progress : public testing::Test {
 protected:
  Progress() : cache_(std::filesystem::temp_directory_path()) { setenv("SUBBYTE_CACHE", cache_.path().c_str(), 1); }
  ~Progress() override { unsetenv("SUBBYTE_CACHE"); }

  ProgressDisplay::Settings settings(bool terminal = false) {
    ProgressDisplay::Settings settings{out_, terminal};
    settings.now = [this] { return now_; };
    settings.thread = false;
    return settings;
  }
  void wait(ProgressDisplay& display, double seconds) {
    now_ += std::chrono::milliseconds(static_cast<int>(1000 * seconds));
    display.tick();
  }
  std::string taken() {
    const std::string text = out_.str();
    out_.str("");
    return text;
  }

  ScratchFolder cache_;
  std::ostringstream out_;
  ProgressDisplay::Time now_{};
};

TEST_F(Progress, ARunOfLessThanTwoSecondsSaysNothing) {
  for (const bool terminal : {false, true}) {
    ProgressDisplay display(settings(terminal));
    {
      Job job("layers", 36);
      for (int i = 0; i < 36; ++i) {
        wait(display, 0.05);
        job.advance();
      }
    }
    EXPECT_EQ(out_.str(), "");
  }
}

TEST_F(Progress, TellsTheTimeLeftFromThePiecesSoFar) {
  ProgressDisplay display(settings());
  Job job("evaluating", 101, "tokens");
  wait(display, 1.5);
  job.advance();
  job.at("layer 3");
  wait(display, 1.5);
  EXPECT_EQ(taken(), "evaluating: 1 of 101 tokens, about 2 min left; layer 3\n");
  job.advance(99);
  wait(display, 9);
  EXPECT_EQ(taken(), "") << "a log gets a line at most every ten seconds";
  wait(display, 1);
  EXPECT_EQ(taken(), "evaluating: 100 of 101 tokens, about 1 s left; layer 3\n");
}

// A model of half a million weights was packed as "0 of 0 million weights".
TEST_F(Progress, ManyPiecesAreCountedInMillionsAndFewOneByOne) {
  ProgressDisplay display(settings());
  {
    Job small("packing int4", 590592, "weights");
    wait(display, 2);
    EXPECT_EQ(taken(), "packing int4: 0 of 590592 weights\n");
    small.advance(262144);
    wait(display, 10);
  }
  EXPECT_THAT(taken(), testing::StartsWith("packing int4: 262144 of 590592 weights, about "));
  Job large("packing int4", 6.476e9, "weights");
  large.advance(3.238e9);
  wait(display, 12);
  EXPECT_THAT(taken(), testing::StartsWith("packing int4: 3238 of 6476 million weights, about "));
}

TEST_F(Progress, PiecesThatWereThereSayNothingOfTheOthersTime) {
  ProgressDisplay display(settings());
  Job job("points", 20);
  job.skip(10);
  wait(display, 2);
  EXPECT_EQ(taken(), "points: 10 of 20\n");
  wait(display, 8);
  job.advance();
  wait(display, 2);
  EXPECT_EQ(taken(), "points: 11 of 20, about 88 s left\n");
}

TEST_F(Progress, LinesOfALogBecomeRarer) {
  ProgressDisplay display(settings());
  const Job job("layers", 5);
  int lines = 0;
  for (int second = 0; second < 3600; ++second) {
    wait(display, 1);
    lines += taken().empty() ? 0 : 1;
  }
  EXPECT_GT(lines, 20);
  EXPECT_LT(lines, 60);
}

TEST_F(Progress, OnATerminalTheLineIsWrittenOverItselfAndLeavesNothing) {
  ProgressDisplay display(settings(true));
  {
    Job job("layers", 4);
    const Step step("Verilator: building the RTL of bitserial_tile");
    wait(display, 2);
    EXPECT_EQ(taken(), "\r\x1b[Klayers: 0 of 4; Verilator: building the RTL of bitserial_tile, 2 s");
    wait(display, 0.2);
    EXPECT_EQ(taken(), "\r\x1b[Klayers: 0 of 4; Verilator: building the RTL of bitserial_tile, 3 s");
    say("a folder of another version is computed again");
    EXPECT_EQ(taken(), "\r\x1b[Ka folder of another version is computed again\n");
    wait(display, 1);
    EXPECT_THAT(taken(), EndsWith("4 s"));
  }
  EXPECT_EQ(taken(), "\r\x1b[K");
}

TEST_F(Progress, ANarrowTerminalGetsAShorterLine) {
  ProgressDisplay::Settings narrow = settings(true);
  narrow.columns = 20;
  ProgressDisplay display(narrow);
  const Job job("layers of a model with a long name", 4);
  wait(display, 2);
  EXPECT_EQ(taken(), "\r\x1b[Klayers of a model w");
}

TEST_F(Progress, TheOutermostAndTheInnermostJobAreShown) {
  ProgressDisplay display(settings());
  const Job outer("layers", 4), middle("tiles", 5), inner("windows", 6);
  wait(display, 2);
  EXPECT_EQ(taken(), "layers: 0 of 4; windows: 0 of 6\n");
}

TEST_F(Progress, AStepIsExpectedToTakeAsLongAsTheLikeDidBefore) {
  ProgressDisplay display(settings());
  {
    const Step first("building", "unit");
    wait(display, 3);
    EXPECT_EQ(taken(), "building, 3 s\n");
    wait(display, 27);
  }
  taken();
  {
    const Step other("building", "another unit");
    wait(display, 10);
    EXPECT_EQ(taken(), "building, 10 s\n");
  }
  const Step second("building", "unit");
  wait(display, 10);
  EXPECT_EQ(taken(), "building, 10 s, about 20 s left\n");
  wait(display, 21);
  EXPECT_EQ(taken(), "building, 31 s\n") << "it takes longer than before: nothing is claimed";
}

TEST_F(Progress, AStepThatFailsIsNotMeasured) {
  ProgressDisplay display(settings());
  try {
    const Step step("building", "unit");
    wait(display, 3);
    throw std::runtime_error("no compiler");
  } catch (const std::runtime_error&) {
  }
  EXPECT_FALSE(std::filesystem::exists(cache_.path() / "durations"));
}

TEST_F(Progress, ManyThreadsMayWorkAtOneJob) {
  ProgressDisplay::Settings own = settings(true);
  own.thread = true;
  own.now = std::chrono::steady_clock::now;
  ProgressDisplay display(own);
  Job job("pieces", 4000);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        const Step step("a piece");
        job.at("a piece");
        job.advance();
      }
    });
  threads.clear();
  display.tick();
}

TEST(ProgressWithoutADisplay, DoesNothing) {
  testing::internal::CaptureStderr();
  {
    Job job("layers", 2);
    job.advance();
    const Step step("building");
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(ProgressDisplay, IsOne) {
  std::ostringstream out;
  const ProgressDisplay display({out, false, 80, std::chrono::steady_clock::now, false});
  EXPECT_THROW(ProgressDisplay({out, false, 80, std::chrono::steady_clock::now, false}), std::logic_error);
}

TEST(DurationText, IsHowPeopleSayIt) {
  EXPECT_EQ(duration_text(0.2), "1 s");
  EXPECT_EQ(duration_text(99), "99 s");
  EXPECT_EQ(duration_text(825), "14 min");
  EXPECT_EQ(duration_text(7800), "2 h 10 min");
}

}  // namespace
}  // namespace subbyte::sim
