// Tests fp16_mac_tile: golden against the machine's IEEE arithmetic and against RTL, cycles of tiles back to back, and
// RTL broken on purpose.
#include "kernels/fp16_mac_tile.hpp"

#include <bit>
#include <cmath>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/catalogue.hpp"
#include "models/catalogue.hpp"
#include "quant/formats/user_format.hpp"
#include "tests/support/mac_tile_cases.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte {
namespace {

constexpr const char* kUnit = "fp16_mac_tile";

TEST(Fp16MacTile, RtlEqualsGolden) { expect_rtl_equals_golden(kUnit, 40); }

std::uint32_t expected_product(std::uint16_t a, std::uint16_t b) {
  return canonical(static_cast<float>(fp16_number(a) * fp16_number(b)));
}

TEST(Fp16MacTile, EveryActivationTimesWeightsOfEveryExponent) {
  std::vector<std::uint16_t> weights = {0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x7BFF,
                                        0xFBFF, 0x7C00, 0xFC00, 0x7C01, 0xFE00};
  for (unsigned field = 0; field < 32; ++field)
    weights.push_back(static_cast<std::uint16_t>(field << 10 | (field * 0x235 & 0x3FF)));
  for (unsigned a = 0; a < 0x10000; ++a) {
    for (const std::uint16_t w : weights) {
      const auto activation = static_cast<std::uint16_t>(a);
      ASSERT_EQ(kernels::fp16_product(activation, w), expected_product(activation, w)) << a << " times " << w;
    }
  }
}

/// Adds in the machine's float, which is a correctly rounded operation of the same two numbers.
std::vector<std::uint32_t> expected_values(const kernels::Parameters& point, const kernels::Stimulus& stimulus) {
  const auto rows = static_cast<unsigned>(point.at("rows"));
  const auto cols = static_cast<unsigned>(point.at("cols"));
  std::vector<float> sums(rows * cols, 0.0F);
  std::vector<std::uint32_t> values;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    const auto beat = input_beat(stimulus, i);
    const auto number = [&](unsigned k) {
      return fp16_number(static_cast<std::uint16_t>(kernels::get_bits(beat, 16 * k, 16)));
    };
    for (unsigned r = 0; r < rows; ++r) {
      for (unsigned c = 0; c < cols; ++c) sums[r * cols + c] += static_cast<float>(number(r) * number(rows + c));
    }
    if (kernels::get_bits(beat, 16 * (rows + cols), 1) == 0) continue;
    for (float& sum : sums) values.push_back(canonical(std::exchange(sum, 0.0F)));
  }
  return values;
}

TEST(Fp16MacTile, GoldenIsIeeeArithmetic) {
  const auto& info = kernels::unit(kUnit);
  std::size_t compared = 0;
  for (const auto& point : info.points) {
    for (const char* format : {"int8", "bitmod-fp4", "mxfp4", "mxfp8-e5m2", "nf4", "bcq2"}) {
      for (const bool illegal : {false, true}) {
        const auto stimulus = info.random(point, {quant::parse_format(format), 60, compared, {}, illegal});
        const auto golden = info.golden(point, stimulus, {});
        const auto expected = expected_values(point, stimulus);
        ASSERT_EQ(golden.size() * static_cast<std::size_t>(point.at("cols")), expected.size());
        std::size_t finite = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
          const auto cols = static_cast<std::size_t>(point.at("cols"));
          const auto value = kernels::get_bits(golden.beat(i / cols), static_cast<unsigned>(32 * (i % cols)), 32);
          ASSERT_EQ(value, expected[i]) << format << " value " << i;
          finite += (expected[i] & 0x7F800000U) != 0x7F800000U ? 1 : 0;
        }
        // A unit that always answered NaN would pass a test of NaNs.
        EXPECT_GT(finite, expected.size() / (illegal ? 3 : 1) * 9 / 10);
        compared += expected.size();
      }
    }
  }
  EXPECT_GT(compared, 50'000U);
}

/// Runs one unit with one tile per list of {activation, weight}.
using Pairs = std::vector<std::pair<std::uint16_t, std::uint16_t>>;
kernels::Stimulus tiles_of(const std::vector<Pairs>& tiles) {
  kernels::Beats beats(1);
  for (const Pairs& tile : tiles) {
    for (std::size_t k = 0; k < tile.size(); ++k) {
      const auto beat = beats.append();
      kernels::set_bits(beat, 0, 16, tile[k].first);
      kernels::set_bits(beat, 16, 16, tile[k].second);
      kernels::set_bits(beat, 32, 1, k + 1 == tile.size() ? 1 : 0);
    }
  }
  return {{}, kernels::source_of(std::move(beats)), {}, tiles.size()};
}

constexpr std::uint16_t kOne = 0x3C00, kMinusOne = 0xBC00, kTiny = 0x0001, kMax = 0x7BFF, kInfinity = 0x7C00;
const std::vector<Pairs> kSpecialTiles = {{{0x8000, kOne}},                        // -0: +0 + -0 is +0
                                          {{kTiny, kTiny}},                        // 2^-48, a normal FP32 number
                                          {{kOne, kOne}, {kOne, kMinusOne}},       // x - x is +0
                                          {{kMax, kMax}, {kTiny, kTiny}},          // the sum keeps its 24 bits
                                          {{0x6C00, 0x6800}, {kOne, kOne}},        // 2^23 + 1
                                          {{0x6C00, 0x6C00}, {kOne, kOne}},        // 2^24 + 1: tie to even
                                          {{0x6C00, 0x6C00}, {0x4200, kOne}},      // 2^24 + 3: tie to even, upwards
                                          {{kInfinity, kMinusOne}, {kOne, kOne}},  // -Inf stays
                                          {{kInfinity, kOne}, {kOne, 0xFC00}, {kOne, kOne}},  // Inf - Inf
                                          {{0x0000, 0xFC00}},                                 // 0 times Inf
                                          {{0x7C01, kOne}, {kOne, kOne}},                     // a signalling NaN
                                          {{kOne, kOne}}};                                    // nothing of it is left
const std::vector<std::uint32_t> kSpecialSums = {0x00000000, 0x27800000, 0x00000000, 0x4F7FC004,
                                                 0x4B000001, 0x4B800000, 0x4B800002, 0xFF800000,
                                                 0x7FC00000, 0x7FC00000, 0x7FC00000, 0x3F800000};

TEST(Fp16MacTile, SpecialValues) {
  const kernels::Parameters one{{"rows", 1}, {"cols", 1}};
  const auto stimulus = tiles_of(kSpecialTiles);
  const auto golden = kernels::unit(kUnit).golden(one, stimulus, {});
  const auto rtl = sim::run_rtl(kernels::unit(kUnit), one, stimulus);
  const auto systemc = models::run_systemc(kernels::unit(kUnit), one, stimulus);
  ASSERT_EQ(golden.size(), kSpecialSums.size());
  for (std::size_t i = 0; i < kSpecialSums.size(); ++i) {
    EXPECT_EQ(golden.beat(i)[0], kSpecialSums[i]) << "tile " << i;
    EXPECT_EQ(rtl.beat(i)[0], kSpecialSums[i]) << "tile " << i;
    EXPECT_EQ(systemc.beat(i)[0], kSpecialSums[i]) << "tile " << i;
  }
}

TEST(Fp16MacTile, CyclesOfTilesBackToBack) { expect_mac_tile_cycles(kUnit, 0); }

TEST(Fp16MacTile, FormatsWhoseWeightsNoScaleBringsIntoFp16AreRefused) {
  const auto& info = kernels::unit(kUnit);
  for (const auto& row : quant::format_table())
    EXPECT_EQ(text_of(info.unsupported(info.points[0], row.format)), "") << row.name;
  quant::UserFormat user;
  user.name = "far";
  user.alphabet.levels = {0, 0x1p45, -0x1p44, 0x1p43};
  const quant::Format far = quant::user_format(user);
  EXPECT_EQ(text_of(info.unsupported(info.points[0], far)),
            "its largest level is 2^45, and under the smallest fp16 scale its weights are no finite FP16 numbers");
  user.alphabet.levels = {0, 0x1p39, -0x1p38, 0x1p37};
  EXPECT_EQ(text_of(info.unsupported(info.points[0], quant::user_format(user))), "");
}

// A sum does not restart at +0, which is right in the first tile and wrong from the first row of the second on.
TEST(Fp16MacTile, AnUnclearedArrayIsFoundInTheSecondTile) {
  const auto& info = kernels::unit(kUnit);
  const kernels::Parameters point{{"rows", 2}, {"cols", 3}};
  const auto stimulus = info.random(point, {quant::parse_format("int8"), 5, 3, {}, false});
  const BrokenRtl folder("fp16_mac_tile.sv", "assign sums[Rows*Cols*32 +: Cols*32] = '0;",
                         "assign sums[Rows*Cols*32 +: Cols*32] = {Cols{32'h7F800000}};");
  const auto verdict = compare_broken(kUnit, point, stimulus, folder);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, 2U);
  EXPECT_EQ(verdict.bit_mismatches, 8U);
}

TEST(Fp16MacTile, ZeroTimesInfinityIsFoundAtItsTile) {
  const BrokenRtl folder("parts/fp16_mac.sv", "(weight_i[18] && !activation_i[10] && !activation_i[18])", "1'b0");
  const auto verdict = compare_broken(kUnit, {{"rows", 1}, {"cols", 1}}, tiles_of(kSpecialTiles), folder);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, 9U);
  EXPECT_EQ(verdict.bit_mismatches, 1U);
}

TEST(Fp16MacTile, ALostCycleIsFoundAtItsRow) {
  // A tile of one beat is followed by one of two, whose second operands enter a cycle late.
  const Pairs one{{kOne, kOne}};
  const auto stimulus = tiles_of({one, {{kOne, kOne}, {kOne, kOne}}});
  const kernels::Parameters point{{"rows", 1}, {"cols", 1}};
  sim::RtlOptions options;
  const BrokenRtl broken("fp16_mac_tile.sv", "in_ready_o = !valid0_q || move0", "in_ready_o = !valid0_q");
  options.rtl_dir = broken.directory();
  const auto late = sim::run_rtl(kernels::unit(kUnit), point, stimulus, {}, options);
  const auto verdict = kernels::compare(models::run_systemc(kernels::unit(kUnit), point, stimulus), late);
  EXPECT_EQ(verdict.bit_mismatches, 0U);
  EXPECT_EQ(verdict.first_cycle_mismatch, 1U);
}

}  // namespace
}  // namespace subbyte
