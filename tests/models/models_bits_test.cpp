// Tests that the SystemC models give the golden bits, for every unit, parameter point and format, with stalls 0/30/60
// %.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "models/bitserial_tile.hpp"
#include "models/catalogue.hpp"
#include "quant/formats/format.hpp"
#include "tests/support/hardware_formats.hpp"

namespace subbyte::models {
namespace {

using kernels::Parameters;
using kernels::Stimulus;
using kernels::Trace;
using kernels::UnitInfo;

constexpr unsigned kStallPercents[] = {0, 30, 60};

std::vector<quant::Format> formats_of(const UnitInfo& info) {
  return hardware_formats(info, {":g128", ":g24", ":g5:scale=u8"});
}

/// Units whose beats hold the codes of one layout run the formats of that layout alone, and those that take no tables
/// the integers.
bool runs_few_formats(const UnitInfo& info) {
  const auto refuses = [&](const char* name) {
    return info.unsupported(info.points[0], quant::parse_format(name)).has_value();
  };
  return refuses("int4") || refuses("bitmod-fp4");
}

Stimulus stimulus_of(const UnitInfo& info, const Parameters& point, const quant::Format& format, std::size_t cases,
                     std::uint64_t seed, unsigned stall_percent) {
  kernels::RandomRequest request;
  request.format = format;
  request.cases = cases;
  request.seed = seed;
  request.stalls = {seed, stall_percent, stall_percent};
  return info.random(point, request);
}

void expect_golden_bits(const UnitInfo& info, const Parameters& point, const Stimulus& stimulus) {
  const Trace golden = info.golden(point, stimulus, {});
  const Trace systemc = run_systemc(info, point, stimulus);
  const kernels::Verdict verdict = compare(golden, systemc);
  EXPECT_GT(verdict.beats, 0U);
  EXPECT_EQ(golden.size(), systemc.size());
  EXPECT_EQ(verdict.bit_mismatches, 0U) << "first at beat " << verdict.first_bit_mismatch.value_or(0);
  EXPECT_TRUE(systemc.timed());
  for (std::uint64_t i = 1; i < systemc.size(); ++i) ASSERT_LT(systemc.cycle(i - 1), systemc.cycle(i));
}

class EveryUnit : public testing::TestWithParam<std::string> {};

TEST_P(EveryUnit, GivesTheGoldenBits) {
  const UnitInfo& info = kernels::unit(GetParam());
  std::uint64_t seed = 1;
  std::set<std::string> ran;
  const auto formats = formats_of(info);
  for (const Parameters& point : info.points) {
    for (const quant::Format& format : formats) {
      if (info.unsupported(point, format)) continue;
      ran.insert(format.name);
      for (const unsigned percent : kStallPercents) {
        SCOPED_TRACE(info.name + " point " + std::to_string(&point - info.points.data()) + " " + format.id() +
                     " stalls " + std::to_string(percent) + " % seed " + std::to_string(seed));
        expect_golden_bits(info, point, stimulus_of(info, point, format, 20, seed++, percent));
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GE(ran.size(), runs_few_formats(info) ? 1U : 25U) << "few formats ran at any parameter point";
}

std::vector<std::string> unit_names() {
  return {
#define SUBBYTE_UNIT(name) #name,
#include "kernels/machines.def"
#include "kernels/units.def"
#include "kernels/without_rtl.def"
#undef SUBBYTE_UNIT
  };
}
INSTANTIATE_TEST_SUITE_P(Catalogue, EveryUnit, testing::ValuesIn(unit_names()),
                         [](const auto& info) { return info.param; });

TEST(Tile, ScalarAndSimdArraysGiveTheSameTrace) {
  const UnitInfo& info = kernels::unit("bitserial_tile");
  for (const Parameters& point : info.points) {
    for (const char* name : {"bitmod-fp4:g128", "int8:g37"}) {
      const quant::Format format = quant::parse_format(name);
      if (info.unsupported(point, format)) continue;
      const Stimulus stimulus = stimulus_of(info, point, format, 10, 7, 30);
      const Trace scalar =
          bitserial_tile_on(kernels::PeArrayPath::kScalar, kernels::unit("bitserial_tile"), point, stimulus);
      const Trace simd =
          bitserial_tile_on(kernels::PeArrayPath::kSimd, kernels::unit("bitserial_tile"), point, stimulus);
      EXPECT_TRUE(compare(scalar, simd).equal());
      EXPECT_EQ(scalar.checkpoints(), simd.checkpoints());
    }
  }
}

TEST(Run, TwoThreadsGetTheTracesOfOne) {
  const UnitInfo& info = kernels::unit("bitserial_tile");
  const Stimulus stimulus = stimulus_of(info, info.points[0], quant::parse_format("int4:g64"), 5, 3, 30);
  const Trace alone = run_systemc(info, {}, stimulus);
  const auto repeat = [&](bool& equal) {
    equal = true;
    for (int i = 0; i < 20; ++i) equal = equal && compare(alone, run_systemc(info, {}, stimulus)).equal();
  };
  bool first = false;
  bool second = false;
  std::thread other(repeat, std::ref(first));
  repeat(second);
  other.join();
  EXPECT_TRUE(first && second);
}

TEST(Run, RefusesWhatItCannotRun) {
  EXPECT_THROW(run_systemc(kernels::unit("bitserial_tyle"), {}, {}), std::invalid_argument);
  EXPECT_THROW(run_systemc(kernels::unit("bitserial_pe"), {{"lane", 4}}, {}), std::invalid_argument);
  Stimulus stimulus;
  stimulus.config.push_back({0, 0});
  EXPECT_THROW(run_systemc(kernels::unit("bitserial_pe"), {}, stimulus), std::invalid_argument);
}

TEST(Run, PassesOnWhatTheStimulusThrows) {
  Stimulus stimulus;
  stimulus.input = {3, 4, [](std::size_t i, std::span<std::uint64_t> beat) {
                      if (i == 2) throw std::out_of_range("no beat 2");
                      std::ranges::fill(beat, 0);
                    }};
  EXPECT_THROW(run_systemc(kernels::unit("bitserial_pe"), {}, stimulus), std::out_of_range);
  // The next run starts from nothing.
  const UnitInfo& info = kernels::unit("bitserial_pe");
  expect_golden_bits(info, info.points[0], stimulus_of(info, info.points[0], quant::parse_format("int8:g8"), 5, 1, 0));
}

TEST(Run, EndsWithoutInput) {
  EXPECT_EQ(run_systemc(kernels::unit("bitserial_tile"), {}, Stimulus{{}, {0, 40, nullptr}, {}, 0}).size(), 0U);
}

TEST(Run, NamesTheCycleOfADeadlock) {
  const UnitInfo& info = kernels::unit("bitserial_pe");
  Stimulus stimulus = stimulus_of(info, info.points[0], quant::parse_format("int8:g8"), 5, 1, 0);
  stimulus.stalls = {1, 0, 100};
  try {
    run_systemc(kernels::unit("bitserial_pe"), {}, stimulus);
    FAIL() << "a sink that is never ready should be a deadlock";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("deadlock at cycle 1000"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace subbyte::models
