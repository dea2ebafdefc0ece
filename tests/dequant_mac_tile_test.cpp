// Tests dequant_mac_tile: golden against exact decoding and the machine's IEEE arithmetic, against decoded tensors and
// against RTL, cycles of tiles back to back, and RTL broken on purpose.
#include "kernels/dequant_mac_tile.hpp"

#include <random>

#include "kernels/catalogue.hpp"
#include "quant/base/float16.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/fp4_dequant_cases.hpp"
#include "tests/support/mac_tile_cases.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte {
namespace {

constexpr const char* kUnit = "dequant_mac_tile";
using Weight = kernels::DequantMacBeat::Weight;

TEST(DequantMacTile, RtlEqualsGolden) { expect_rtl_equals_golden(kUnit, 40); }

/// Returns what the writes leave, read as kernels/TIMING.md has it.
struct Registers {
  explicit Registers(const std::vector<kernels::ConfigWrite>& writes) {
    for (const auto& write : writes) {
      if (write.address < 6) words[write.address] = write.data;
    }
  }
  std::uint32_t words[6] = {1, 0, 0, 0, 0, 0};
  unsigned format() const { return words[0] & 3; }

  double level(const Weight& weight) const {
    const bool in_scale = (words[0] >> 7 & 1) != 0 && format() == 1;
    const bool remapped = (words[0] >> 2 & 1) != 0 && weight.code == (words[0] >> 3 & 15);
    if (!remapped) return fp4_level_reference(weight.code);
    const std::uint32_t special = words[2 + (in_scale ? weight.scale >> 7 : weight.selector)];
    return ((special & 32) != 0 ? -0.5 : 0.5) * (special & 31);
  }
  double value(const Weight& weight) const {
    return expected_value(kernels::mac_tile_dequant(), format(), 0x3F800000, level(weight), weight.scale);
  }
};

/// Weights are exact FP16 numbers, products are exact in double and float, and each sum is one correctly rounded float
/// addition.
std::vector<std::uint32_t> expected_values(const kernels::MacTileParams& p, const kernels::Stimulus& stimulus) {
  const kernels::DequantMacBeat in(p);
  const Registers registers(stimulus.config);
  std::vector<float> sums(p.units(), 0.0F);
  std::vector<std::uint32_t> values;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    const auto beat = input_beat(stimulus, i);
    for (unsigned r = 0; r < p.rows; ++r) {
      const double activation = fp16_number(in.activation(beat, r));
      for (unsigned c = 0; c < p.cols; ++c) {
        sums[r * p.cols + c] += static_cast<float>(activation * registers.value(in.weight(beat, c)));
      }
    }
    if (!in.last(beat)) continue;
    for (float& sum : sums) values.push_back(canonical(std::exchange(sum, 0.0F)));
  }
  return values;
}

TEST(DequantMacTile, GoldenIsExactDecodingAndIeeeArithmetic) {
  const auto& info = kernels::unit(kUnit);
  std::size_t compared = 0;
  std::size_t finite = 0;
  for (const auto& point : info.points) {
    const auto p = kernels::MacTileParams::of(point);
    for (const char* format : {"mxfp4", "nvfp4", "fp4-ue5m3", "razer"}) {
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const auto stimulus = info.random(point, {quant::parse_format(format), 12, seed, {}, seed % 2 == 0});
        const auto golden = info.golden(point, stimulus, {});
        const auto expected = expected_values(p, stimulus);
        ASSERT_EQ(golden.size() * p.cols, expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
          const auto value = kernels::get_bits(golden.beat(i / p.cols), static_cast<unsigned>(32 * (i % p.cols)), 32);
          ASSERT_EQ(value, expected[i]) << format << " seed " << seed << " value " << i;
          finite += (expected[i] & 0x7F800000U) != 0x7F800000U ? 1 : 0;
        }
        compared += expected.size();
      }
    }
  }
  EXPECT_GT(compared, 20'000U);
  EXPECT_GT(finite, compared / 2);
}

/// Runs one unit with one tile per beat, which is activation 1.0 times a weight.
kernels::Stimulus ones_times(const std::vector<Weight>& weights, std::vector<kernels::ConfigWrite> config) {
  const kernels::DequantMacBeat in({1, 1});
  kernels::Beats beats(in.shape().words());
  for (const Weight& weight : weights) {
    const auto beat = beats.append();
    in.set_activation(beat, 0, 0x3C00);
    in.set_weight(beat, 0, weight);
    in.set_last(beat, true);
  }
  return {std::move(config), kernels::source_of(std::move(beats)), {}, weights.size()};
}

const kernels::Parameters kOneUnit{{"rows", 1}, {"cols", 1}};

/// Where no tensor scale is involved, the unit's weights are the decoded ones rounded to FP16.
TEST(DequantMacTile, WeightsAreTheDecodedOnes) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 0.02F);
  for (const char* id : {"mxfp4", "mxfp4:mode=ceil", "fp4-ue5m3", "fp4-ue5m3:codebook=ieee"}) {
    const auto format = quant::parse_format(id);
    std::vector<float> values(4 * 96);
    for (float& value : values) value = normal(random);
    const auto tensor = quant::quantize({values, 4, 96}, format);
    const auto program = kernels::fp4_program(format);
    std::vector<Weight> weights;
    std::vector<std::uint32_t> expected;
    std::vector<float> row(96);
    for (std::size_t r = 0; r < 4; ++r) {
      tensor.decode_row(r, row);
      for (std::size_t c = 0; c < row.size(); ++c) {
        const std::size_t group = c / format.scaling.group;
        weights.push_back({tensor.code(r, c), program.scale_byte(tensor.scale_bits(r, group)), 0});
        expected.push_back(canonical(quant::half_to_float(quant::half_from_float(row[c])) + 0.0F));
      }
    }
    const auto golden = kernels::unit(kUnit).golden(kOneUnit, ones_times(weights, program.writes()), {});
    ASSERT_EQ(golden.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(golden.beat(i)[0], expected[i]) << id << " weight " << i;
  }
}

/// RaZeR's four special values are chosen by the selector, and then by bit 7 of the scale byte.
TEST(DequantMacTile, SpecialValuesGoThroughTheRegisters) {
  const auto& info = kernels::unit(kUnit);
  auto writes = kernels::fp4_program(quant::parse_format("razer")).writes();
  constexpr unsigned kScaleOne = 0x38, kTop = 0x80, kNan = 0x7F;
  const std::vector<Weight> weights = {{8, kScaleOne, 0},        {8, kScaleOne, 1}, {8, kScaleOne, 2},
                                       {8, kScaleOne, 3},        {7, kScaleOne, 3}, {9, kScaleOne, 1},
                                       {8, kScaleOne | kTop, 3}, {7, kNan, 0}};
  const std::vector<float> by_selector = {5, -5, 8, -8, 6, -0.5F, -8};
  const std::vector<float> by_scale = {5, 5, 5, 5, 6, -0.5F, -5};
  for (const bool in_scale : {false, true}) {
    if (in_scale) writes.push_back({0, writes[0].data | 0x80});
    const auto stimulus = ones_times(weights, writes);
    const auto golden = info.golden(kOneUnit, stimulus, {});
    const auto rtl = sim::run_rtl(kernels::unit(kUnit), kOneUnit, stimulus);
    const auto systemc = models::run_systemc(kernels::unit(kUnit), kOneUnit, stimulus);
    ASSERT_EQ(golden.size(), weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const auto expected = i + 1 == weights.size() ? 0x7FC00000U : canonical((in_scale ? by_scale : by_selector)[i]);
      EXPECT_EQ(golden.beat(i)[0], expected) << "beat " << i;
      EXPECT_EQ(rtl.beat(i)[0], expected) << "beat " << i;
      EXPECT_EQ(systemc.beat(i)[0], expected) << "beat " << i;
    }
  }
}

TEST(DequantMacTile, CyclesOfTilesBackToBack) { expect_mac_tile_cycles(kUnit, 2); }

TEST(DequantMacTile, RunsTheFormatsThatItsDequantizerDecodes) {
  const auto& info = kernels::unit(kUnit);
  const auto why = [&](const char* id) { return text_of(info.unsupported(info.points[0], quant::parse_format(id))); };
  for (const char* id : {"mxfp4", "nvfp4", "four-over-six", "razer", "fp4-ue5m3:codebook=ieee"})
    EXPECT_EQ(why(id), "") << id;
  EXPECT_EQ(why("bitmod-fp4"), "group scales in fp16, fp4_dequant reads e8m0, ue4m3 and ue5m3");
  EXPECT_EQ(why("mxfp6-e2m3"), "codes of 6 bits, fp4_dequant reads E2M1 codes of 4");
}

/// Makes tiles of two rows, three columns and two beats of ones; column 2 has a selector of its own in tile 3.
kernels::Stimulus three_columns() {
  const kernels::DequantMacBeat in({2, 3});
  kernels::Beats beats(in.shape().words());
  for (unsigned i = 0; i < 10; ++i) {
    const auto beat = beats.append();
    // Powers of two that differ from beat to beat.
    for (unsigned r = 0; r < 2; ++r) in.set_activation(beat, r, static_cast<std::uint16_t>((10 + i) << 10));
    for (unsigned c = 0; c < 3; ++c) in.set_weight(beat, c, {8, 0x38, c == 2 && i / 2 == 3 ? 1U : 0U});
    in.set_last(beat, i % 2 == 1);
  }
  return {kernels::fp4_program(quant::parse_format("razer")).writes(), kernels::source_of(std::move(beats)), {}, 5};
}

TEST(DequantMacTile, AColumnThatTakesAnothersSelectorIsFoundAtItsTile) {
  const BrokenRtl folder("dequant_mac_tile.sv", "in_data_i[SelectorBase+2*c +: 2]", "in_data_i[SelectorBase +: 2]");
  const auto verdict = compare_broken(kUnit, {{"rows", 2}, {"cols", 3}}, three_columns(), folder);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, 6U);
  EXPECT_EQ(verdict.bit_mismatches, 2U);
}

TEST(DequantMacTile, ActivationsAStageEarlyAreFoundAtOnce) {
  const BrokenRtl folder("dequant_mac_tile.sv", "weights, side1_q[Rows*16-1:0]}", "weights, side0_q[Rows*16-1:0]}");
  const auto verdict = compare_broken(kUnit, {{"rows", 2}, {"cols", 3}}, three_columns(), folder);
  EXPECT_EQ(verdict.first_bit_mismatch, 0U);
  EXPECT_EQ(verdict.cycle_mismatches, 0U);
}

}  // namespace
}  // namespace subbyte
