// Tests fp4_quant: golden against RTL in every mode, at every threshold and with the largest value in every lane; its
// cycles; and the comparison on a broken quantizer.
#include <iostream>

#include "kernels/catalogue.hpp"
#include "kernels/parts/random_values.hpp"
#include "tests/support/elastic_cycles.hpp"
#include "tests/support/fp4_quant_cases.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

using kernels::ConfigWrite;
using kernels::Fp4Mode;
using kernels::Fp4QuantConfig;
using kernels::Fp4QuantParams;
using kernels::Stimulus;

TEST(Fp4Quant, RtlEqualsGolden) { expect_rtl_equals_golden("fp4_quant", 300); }

TEST(Fp4Quant, RtlEqualsGoldenInEveryMode) {
  const auto& info = kernels::unit("fp4_quant");
  for (const auto& point : info.points) {
    for (const char* name : {"mxfp4", "mxfp4:mode=ceil", "mxfp4:mode=even", "nvfp4"}) {
      for (std::uint64_t seed = 0; seed < 15; ++seed) {
        const auto stimulus = info.random(point, {quant::parse_format(name), 400, seed, {seed, 10, 20}, seed > 4});
        const auto verdict = kernels::compare(info.golden(point, stimulus, {}),
                                              sim::run_rtl(kernels::unit("fp4_quant"), point, stimulus));
        ASSERT_TRUE(verdict.equal()) << name << " seed " << seed << " beat " << verdict.first_bit_mismatch.value_or(0);
      }
    }
  }
}

/// Makes a stimulus of blocks that are given one by one, with their configuration.
Stimulus stimulus_of(const std::vector<Patterns>& blocks, std::vector<ConfigWrite> config) {
  const std::size_t size = blocks[0].size();
  kernels::Beats beats((16 * size + 63) / 64);
  for (const auto& values : blocks) {
    const auto beat = beats.append();
    for (unsigned k = 0; k < size; ++k) kernels::set_bits(beat, 16 * k, 16, values[k]);
  }
  Stimulus stimulus;
  stimulus.config = std::move(config);
  stimulus.input = kernels::source_of(std::move(beats));
  stimulus.cases = blocks.size();
  return stimulus;
}

void expect_rtl(const kernels::Parameters& point, const Stimulus& stimulus) {
  const auto golden = kernels::unit("fp4_quant").golden(point, stimulus, {});
  const auto verdict = kernels::compare(golden, sim::run_rtl(kernels::unit("fp4_quant"), point, stimulus));
  ASSERT_TRUE(verdict.equal()) << verdict.bit_mismatches << " of " << verdict.beats << ", first "
                               << verdict.first_bit_mismatch.value_or(0);
}

std::vector<ConfigWrite> writes_of(const Fp4QuantConfig& config) {
  return {{0, static_cast<std::uint32_t>(config.mode)}, {1, config.enc}, {2, config.dec}};
}

/// Returns the 15-bit pattern next above or at a positive number.
int pattern_above(double value, bool bf16) {
  int low = 0;
  int high = infinity16(bf16);
  while (low < high) {
    const int middle = (low + high) / 2;
    if (value16(static_cast<std::uint16_t>(middle), bf16) >= value)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/// The modes, and scales of NVFP4 with few bits, so that thresholds are values, and with many.
std::vector<Fp4QuantConfig> configs_of(const Fp4QuantParams& p) {
  std::vector<Fp4QuantConfig> configs{{Fp4Mode::kFloor}, {Fp4Mode::kCeil}, {Fp4Mode::kEven}};
  kernels::Random random(p.block);
  for (unsigned i = 0; i < 24; ++i) {
    const std::uint32_t fraction =
        static_cast<std::uint32_t>(random.next()) >> 9 & ~0U << (i % 2 == 0 ? 20 : 0) & 0x7FFFFF;
    configs.push_back({Fp4Mode::kNvfp4, (127U + i % 3) << 23, (127 - 10 + i / 2) << 23 | fraction});
  }
  return configs;
}

// Under every scale of a mode, patterns around each threshold are compared with doubles that are exact, in golden and
// RTL.
TEST(Fp4Quant, EveryThresholdAndItsNeighbours) {
  static constexpr double kThresholds[] = {0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5};
  const auto& info = kernels::unit("fp4_quant");
  std::size_t values_compared = 0;
  std::size_t ties = 0;
  for (const auto& point : info.points) {
    const auto p = Fp4QuantParams::of(point);
    for (const auto& config : configs_of(p)) {
      std::vector<Patterns> blocks;
      for (int amax = 1; amax < infinity16(p.bf16); amax += p.bf16 ? 61 : 97) {
        const Patterns alone{static_cast<std::uint16_t>(amax)};
        const auto divisor = kernels::fp4_divisor(config, kernels::fp4_block_scale(config, {alone[0], false}, p.bf16));
        const double d = std::ldexp(divisor.significand, divisor.exponent);
        Patterns around;
        for (const double threshold : kThresholds) {
          const int above = pattern_above(threshold * d, p.bf16);
          ties += value16(static_cast<std::uint16_t>(above), p.bf16) == threshold * d ? 1 : 0;
          for (const int step : {-1, 0, 1})
            around.push_back(static_cast<std::uint16_t>(std::clamp(above + step, 0, amax)));
        }
        for (std::size_t i = 0; i < around.size(); i += p.block - 1) {
          Patterns values(p.block, alone[0]);
          for (std::size_t k = 1; k < p.block && i + k - 1 < around.size(); ++k) values[k] = around[i + k - 1];
          for (std::size_t k = 0; k < p.block; k += 3) values[k] |= 0x8000;
          const auto found = golden_block(config, values, p.bf16);
          for (unsigned k = 0; k < p.block; ++k)
            ASSERT_EQ(found.codes[k], code_reference(value16(values[k], p.bf16), d)) << amax;
          blocks.push_back(values);
          values_compared += p.block;
        }
      }
      expect_rtl(point, stimulus_of(blocks, writes_of(config)));
      ASSERT_FALSE(HasFatalFailure()) << "mode " << static_cast<int>(config.mode) << " dec " << config.dec;
    }
  }
  std::cout << values_compared << " values, " << ties << " thresholds that are values\n";
  EXPECT_GT(ties, 10000U);
}

TEST(Fp4Quant, TheLargestValueMayStandInAnyLane) {
  const auto& info = kernels::unit("fp4_quant");
  for (const auto& point : info.points) {
    const auto p = Fp4QuantParams::of(point);
    std::vector<Patterns> blocks;
    for (unsigned lane = 0; lane < p.block; ++lane) {
      for (const std::uint16_t largest : {0x5678, 0xD678, 0x7C00, 0xFE01, 0x7F80, 0x0001, 0x8001}) {
        Patterns values(p.block, largest & 0x7FFF ? static_cast<std::uint16_t>((largest & 0x7FFF) - 1) : 0);
        if ((largest & 0x7FFF) == 0x7C00 || (largest & 0x7FFF) == 0x7F80) values.assign(p.block, 0x3C00);
        values[lane] = largest;
        blocks.push_back(values);
        std::ranges::fill(values, 0x8000);
        values[lane] = largest;
        blocks.push_back(values);
      }
    }
    for (unsigned mode = 0; mode < 4; ++mode) {
      const Fp4QuantConfig config{static_cast<Fp4Mode>(mode)};
      expect_rtl(point, stimulus_of(blocks, writes_of(config)));
      for (const auto& values : blocks) {
        const auto amax = kernels::fp4_amax(values, p.bf16);
        std::uint16_t expected = 0;
        for (const std::uint16_t value : values) expected = std::max<std::uint16_t>(expected, value & 0x7FFF);
        ASSERT_EQ(amax.pattern, expected);
      }
    }
  }
}

TEST(Fp4Quant, EncAndDecThatAreNotFiniteOrVanish) {
  const auto& info = kernels::unit("fp4_quant");
  const auto& point = info.points[0];
  const auto& random = info.random(point, {quant::parse_format("nvfp4"), 100, 2, {}, true});
  for (const std::uint32_t enc :
       {0x00000000U, 0x00000001U, 0x007FFFFFU, 0x3F800000U, 0x7F7FFFFFU, 0x7F800000U, 0xFFC00000U, 0xBF800000U}) {
    for (const std::uint32_t dec :
         {0x80000000U, 0x00000001U, 0x807FFFFFU, 0x3F800000U, 0x7F7FFFFFU, 0xFF800000U, 0x7F800001U}) {
      for (const std::uint32_t mode : {3U, 0xFFFFFFFFU, 2U}) {
        auto stimulus = random;
        stimulus.config = {{0, mode}, {1, enc}, {2, dec}};
        expect_rtl(point, stimulus);
        ASSERT_FALSE(HasFatalFailure()) << std::hex << enc << ' ' << dec << ' ' << mode;
      }
    }
  }
}

// Mode floor, and for nvfp4 enc = 1/6 and dec = 1: a block whose largest value is 6 has scale 1.
TEST(Fp4Quant, ResetState) {
  const auto& info = kernels::unit("fp4_quant");
  const auto& point = info.points[0];
  auto stimulus = info.random(point, {quant::parse_format("mxfp4"), 200, 6, {}, false});
  stimulus.config.clear();
  expect_rtl(point, stimulus);
  stimulus.config = {{0, 3}};
  expect_rtl(point, stimulus);
  Patterns values(16, 0x3C00);
  values[7] = 0x4600;  // 6
  const auto floor = golden_block({}, values, false);
  EXPECT_EQ(floor.scale, 127U);
  EXPECT_EQ(floor.codes[7], 7U);
  const auto nvfp4 = golden_block(kernels::fp4_quant_config_of({{0, 3}}), values, false);
  EXPECT_EQ(nvfp4.scale, 0x38U);
  EXPECT_EQ(nvfp4.codes[0], 2U);
}

TEST(Fp4Quant, FourCyclesAndOneBlockPerCycle) {
  const auto& info = kernels::unit("fp4_quant");
  for (const auto& point : info.points) {
    for (const unsigned percent : {0U, 30U, 70U}) {
      const auto stimulus = info.random(point, {quant::parse_format("nvfp4"), 200, 3, {5, percent, percent}, true});
      const auto expected = elastic_cycles(stimulus, 4);
      const auto trace = sim::run_rtl(kernels::unit("fp4_quant"), point, stimulus);
      ASSERT_EQ(trace.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(trace.cycle(i), expected[i]) << i << ' ' << percent;
      if (percent == 0) {
        EXPECT_EQ(trace.cycles(), stimulus.config.size() + 200 + 4);
      }
    }
  }
}

// Ties go up where they should go down, which is wrong from the first block on that has a value at 1/4, 5/4, 5/2 or
// 5 of D.
TEST(Fp4Quant, AWrongTieIsFoundAtItsBlock) {
  const auto& info = kernels::unit("fp4_quant");
  const auto point = kernels::resolve(info, {{"block", 8}});
  const auto stimulus = info.random(point, {quant::parse_format("mxfp4"), 200, 6, {}, false});
  std::uint64_t expected = 0;
  const auto affected = [&](std::size_t i) {
    Patterns values;
    for (unsigned k = 0; k < 8; ++k)
      values.push_back(static_cast<std::uint16_t>(kernels::get_bits(input_beat(stimulus, i), 16 * k, 16)));
    const int scale = static_cast<int>(golden_block({}, values, false).scale);
    return std::ranges::any_of(values, [&](std::uint16_t value) {
      const double ratio = std::abs(value16(value, false)) / std::ldexp(1, scale - 127);
      return ratio == 0.25 || ratio == 1.25 || ratio == 2.5 || ratio == 5;
    });
  };
  while (!affected(expected)) ++expected;
  ASSERT_GT(expected, 0U);
  const auto verdict =
      compare_broken("fp4_quant", point, stimulus, BrokenRtl("fp4_quant.sv", ".Strict(1 - t % 2)", ".Strict(0)"));
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, expected);
}

}  // namespace
}  // namespace subbyte
