// Tests fp4_dequant: golden against RTL, ties and their neighbours against doubles that are exact, the cycles, and the
// comparison on a broken dequantizer.
#include <iostream>

#include "kernels/catalogue.hpp"
#include "tests/support/elastic_cycles.hpp"
#include "tests/support/fp4_dequant_cases.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

using kernels::Fp4DequantParams;
using kernels::Stimulus;

TEST(Fp4Dequant, RtlEqualsGolden) { expect_rtl_equals_golden("fp4_dequant", 300); }

TEST(Fp4Dequant, RtlEqualsGoldenForEveryScaleFormat) {
  const auto& info = kernels::unit("fp4_dequant");
  for (const auto& point : info.points) {
    for (const char* name : {"mxfp4", "nvfp4", "fp4-ue5m3", "four-over-six", "razer"}) {
      for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const auto stimulus = info.random(point, {quant::parse_format(name), 300, seed, {seed, 20, 20}, seed > 2});
        const auto verdict = kernels::compare(info.golden(point, stimulus, {}),
                                              sim::run_rtl(kernels::unit("fp4_dequant"), point, stimulus));
        ASSERT_TRUE(verdict.equal()) << name << " seed " << seed << " beat " << verdict.first_bit_mismatch.value_or(0);
      }
    }
  }
}

std::uint64_t mixed(std::uint64_t i) { return kernels::Random(i).next(); }

void expect_equal_hashes(const kernels::Parameters& point, const Stimulus& stimulus) {
  const kernels::TraceWindow none{0, 0};
  const auto golden = kernels::unit("fp4_dequant").golden(point, stimulus, none);
  const auto rtl = sim::run_rtl(kernels::unit("fp4_dequant"), point, stimulus, none);
  ASSERT_EQ(golden.size(), stimulus.input.count);
  ASSERT_EQ(rtl.size(), golden.size());
  ASSERT_EQ(rtl.checkpoints().back().data_hash, golden.checkpoints().back().data_hash);
}

TEST(Fp4Dequant, TenMillionValuesInOneRun) {
  const auto& info = kernels::unit("fp4_dequant");
  Stimulus stimulus;
  stimulus.config = {{0, 0x1U << 3 | 4 | 2}, {1, 0x3A9D70A4}, {2, 10}, {3, 42}, {4, 16}, {5, 63}};
  stimulus.input = {650000, 2, [](std::size_t i, std::span<std::uint64_t> beat) {
                      beat[0] = mixed(i);
                      beat[1] = mixed(~i) & 0x3FF;
                    }};
  stimulus.cases = stimulus.input.count;
  expect_equal_hashes(info.points[0], stimulus);
}

/// Takes all codes under every scale byte from `first` on, so many lanes at a time.
Stimulus all_codes(unsigned lanes, unsigned first, unsigned bytes, std::uint32_t tensor) {
  const unsigned beats = (16 + lanes - 1) / lanes;
  Stimulus stimulus;
  stimulus.config = {{0, 0}, {1, tensor}};
  stimulus.input = {std::size_t{bytes} * beats, (4 * lanes + 10 + 63) / 64,
                    [=](std::size_t i, std::span<std::uint64_t> beat) {
                      std::ranges::fill(beat, 0);
                      for (unsigned l = 0; l < lanes; ++l) kernels::set_bits(beat, 4 * l, 4, i % beats * lanes + l);
                      kernels::set_bits(beat, 4 * lanes, 8, first + i / beats);
                    }};
  stimulus.cases = stimulus.input.count;
  return stimulus;
}

// These significands have one bit more than the output and their last bit set, so they are ties of normal numbers, and
// with fewer bits those of every subnormal binade. Each comes with its neighbours in FP32, and some with any one bit
// more.
TEST(Fp4Dequant, EveryTieAndItsNeighbours) {
  const auto& info = kernels::unit("fp4_dequant");
  std::uint64_t values = 0;
  for (const bool bf16 : {false, true}) {
    const auto& point = info.points[bf16 ? 1 : 0];
    const auto p = Fp4DequantParams::of(point);
    const unsigned first = bf16 ? 0 : 127 - 30;
    const unsigned bytes = bf16 ? 12 : 48;
    for (unsigned odd = 1; odd < (bf16 ? 1U << 9 : 1U << 12); odd += 2) {
      const auto exact = std::bit_cast<std::uint32_t>(std::ldexp(static_cast<float>(odd), -(std::bit_width(odd) - 1)));
      std::vector<std::uint32_t> tensors{exact - 1, exact, exact + 1};
      for (unsigned bit = 1; odd % 64 == 1 && bit < 20; ++bit) tensors.push_back(exact + (1U << bit));
      for (const std::uint32_t tensor : tensors) {
        const auto stimulus = all_codes(p.lanes, first, bytes, tensor);
        const auto config = kernels::fp4_config_of(stimulus.config);
        for (unsigned byte = first; byte < first + bytes; ++byte) {
          for (const unsigned code : {1U, 3U, 5U, 10U, 15U}) {
            const double level = fp4_level_reference(code);
            expect_value(kernels::fp4_dequantize(p, config, code, byte, 0), expected_value(p, 0, tensor, level, byte),
                         bf16);
            ASSERT_FALSE(HasFatalFailure()) << tensor << ' ' << byte << ' ' << code;
          }
        }
        expect_equal_hashes(point, stimulus);
        ASSERT_FALSE(HasFatalFailure()) << "tensor scale " << tensor;
        values += stimulus.input.count * p.lanes;
      }
    }
  }
  std::cout << values << " values at ties and beside them in RTL\n";
}

TEST(Fp4Dequant, TwoCyclesAndOneBeatPerCycle) {
  const auto& info = kernels::unit("fp4_dequant");
  for (const auto& point : info.points) {
    for (const unsigned percent : {0U, 30U, 70U}) {
      const auto stimulus = info.random(point, {quant::parse_format("razer"), 200, 3, {5, percent, percent}, true});
      const auto expected = elastic_cycles(stimulus, 2);
      const auto trace = sim::run_rtl(kernels::unit("fp4_dequant"), point, stimulus);
      ASSERT_EQ(trace.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(trace.cycle(i), expected[i]) << i << ' ' << percent;
      if (percent == 0) {
        EXPECT_EQ(trace.cycles(), stimulus.config.size() + 200 + 2);
      }
    }
  }
}

// The special code of razer, 8, loses its top bit, which is wrong from the first beat with code 0 on (or with code
// 8, which no longer is special).
TEST(Fp4Dequant, ALostBitOfTheSpecialCodeIsFoundAtItsBeat) {
  const auto& info = kernels::unit("fp4_dequant");
  const auto point = kernels::resolve(info, {{"lanes", 2}, {"tensor_scale", 0}});
  const auto stimulus = info.random(point, {quant::parse_format("razer"), 60, 3, {}, false});
  std::uint64_t expected = 0;
  const auto affected = [&](std::size_t i) {
    const auto beat = input_beat(stimulus, i);
    const unsigned lanes = static_cast<unsigned>(beat[0]) & 0xFF;
    const bool positive = kernels::get_bits(beat, 8, 7) > 0;  // under a scale of zero only signs differ
    return positive && ((lanes & 15) == 0 || lanes >> 4 == 0);
  };
  while (!affected(expected)) ++expected;
  ASSERT_GT(expected, 0U);
  const BrokenRtl folder("fp4_dequant.sv", "(code == control_q[6:3])", "({1'b1, code[2:0]} == control_q[6:3])");
  const auto verdict = compare_broken("fp4_dequant", point, stimulus, folder);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, expected);
}

}  // namespace
}  // namespace subbyte
