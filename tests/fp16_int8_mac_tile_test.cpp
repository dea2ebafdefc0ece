// Tests fp16_int8_mac_tile: golden against the specification in 128-bit integers, its error against exact sums, golden
// against RTL, cycles, and the RTL broken on purpose.
#include "kernels/fp16_int8_mac_tile.hpp"

#include <cstdio>

#include "kernels/catalogue.hpp"
#include "kernels/parts/integer_weights.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/fp16_sum_reference.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte {
namespace {

using kernels::Int128;

std::vector<int> bytes(const std::vector<unsigned>& elements) {
  std::vector<int> integers;
  for (const unsigned element : elements) integers.push_back(static_cast<int>(element) - (element < 128 ? 0 : 256));
  return integers;
}

GroupReference specified(const kernels::RowTileParams& params) { return Fp16SumReference(params, 7, bytes); }

TEST(Fp16Int8MacTile, GoldenIsTheSpecification) {
  expect_golden_equals_reference("fp16_int8_mac_tile", kernels::fp16_int8_mac_tile_kind, specified, 40);
}

TEST(Fp16Int8MacTile, RtlEqualsGolden) { expect_rtl_equals_golden("fp16_int8_mac_tile", 8); }

TEST(Fp16Int8MacTile, AGroupTakesTheLongerOfBeatsAndScaleBits) {
  expect_cycles_of_the_manual("fp16_int8_mac_tile", kernels::unit("fp16_int8_mac_tile").points[1]);
}

TEST(Fp16Int8MacTile, ModelAndRtlKeepTheSameCyclesUnderStalls) {
  for (const std::size_t point : {1U, 2U, 3U})
    expect_cycles_under_stalls("fp16_int8_mac_tile", kernels::unit("fp16_int8_mac_tile").points[point], "int4:g8");
}

// Activations lose their low bits without a trace. RTL and a reference that forgets them agree, and both leave the
// golden answer at the same beat.
TEST(Fp16Int8MacTile, LostBitsAreFoundAtTheirBeat) {
  const auto& info = kernels::unit("fp16_int8_mac_tile");
  const auto& point = info.points[1];
  const auto params = kernels::RowTileParams::of(point, kernels::fp16_int8_mac_tile_kind);
  const auto stimulus = info.random(point, {quant::parse_format("int8:g16"), 60, 4, {}, true});
  sim::RtlOptions options;
  const BrokenRtl broken("parts/row_align.sv", ".AmountWidth(5)", ".AmountWidth(5), .Truncate(1)");
  options.rtl_dir = broken.directory();
  const auto rtl = sim::run_rtl(kernels::unit("fp16_int8_mac_tile"), point, stimulus, {}, options);
  const auto forgetful = tile_reference(params, stimulus, Fp16SumReference(params, 7, bytes, false));
  EXPECT_EQ(first_difference(rtl, forgetful), forgetful.size());
  const auto golden = info.golden(point, stimulus, {});
  const auto verdict = compare(golden, rtl);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, first_difference(golden, forgetful));
}

// A row that forgets nonfinite activations of earlier beats gives numbers where NaN is due, and nothing else changes.
TEST(Fp16Int8MacTile, AForgottenInfinityIsFound) {
  const auto& info = kernels::unit("fp16_int8_mac_tile");
  const auto& point = info.points[1];
  const auto stimulus = info.random(point, {quant::parse_format("int8:g16"), 200, 5, {}, true});
  sim::RtlOptions options;
  const BrokenRtl broken("parts/row_operands.sv", "group_nonfinite_q || nonfinite1_q", "nonfinite1_q");
  options.rtl_dir = broken.directory();
  const auto rtl = sim::run_rtl(kernels::unit("fp16_int8_mac_tile"), point, stimulus, {}, options);
  const auto golden = info.golden(point, stimulus, {});
  std::size_t found = 0;
  for (std::size_t i = 0; i < golden.size(); ++i) {
    for (unsigned c = 0; c < 2; ++c) {
      const auto expected = static_cast<std::uint32_t>(kernels::get_bits(golden.beat(i), 32 * c, 32));
      const auto actual = static_cast<std::uint32_t>(kernels::get_bits(rtl.beat(i), 32 * c, 32));
      if (expected == actual) continue;
      EXPECT_TRUE(is_nan(expected) && !is_nan(actual)) << i;
      ++found;
    }
  }
  EXPECT_GT(found, 0U);
}

TEST(Fp16Int8MacTile, SaysWhyAFormatDoesNotRun) {
  const auto& info = kernels::unit("fp16_int8_mac_tile");
  const auto why = [&](const char* format) {
    return text_of(info.unsupported(resolve(info, {}), quant::parse_format(format)));
  };
  for (const char* runs : {"int8", "int2", "int4-asym", "bitmod-fp3", "bitmod-fp4", "int8:gchannel"})
    EXPECT_EQ(why(runs), "") << runs;
  EXPECT_NE(why("int8-asym").find("the weights hold -128..127"), std::string::npos) << why("int8-asym");
  EXPECT_THROW(info.input_shape(resolve(info, {{"rows", 9}})), std::invalid_argument);
}

// ---- error of a group sum relative to the L2 norm of its products, as accuracy_test has it for the bit-serial PE ----

constexpr std::size_t kGroups = 1500;
constexpr std::size_t kGroup = 128;

double worst_error(const char* format_name, kernels::ActivationKind kind) {
  const auto format = quant::parse_format(format_name);
  const auto params =
      kernels::RowTileParams::of(resolve(kernels::unit("fp16_int8_mac_tile"), {}), kernels::fp16_int8_mac_tile_kind);
  kernels::Random random(2026);
  std::vector<float> values(kGroups * kGroup);
  for (float& value : values) value = static_cast<float>(0.02 * random.gaussian());
  const auto weights = quant::quantize({values, kGroups, kGroup}, format);
  double worst = 0;
  std::vector<std::int32_t> integers(params.lanes);
  std::vector<std::int8_t> column(params.lanes);
  for (std::size_t row = 0; row < kGroups; ++row) {
    const auto activations = draw_activations(random, kind, kGroup, false);
    kernels::PeState state;
    Int128 exact = 0;
    double squares = 0;
    for (std::size_t k = 0; k < kGroup; ++k) {
      const unsigned lane = k % params.lanes;
      const auto level = kernels::integer_weight(format, weights.code(row, k),
                                                 format.selector_bits() != 0 ? weights.selector(row, 0) : 0,
                                                 format.scaling.zero_point ? weights.zero(row, 0) : 0);
      column[lane] = static_cast<std::int8_t>(level);
      const auto units = static_cast<std::int64_t>(std::ldexp(quant::half_to_float(activations[k]), 24));
      exact += static_cast<Int128>(units) * level;
      squares += std::pow(static_cast<double>(units) * static_cast<double>(level), 2);
      if (lane + 1 != params.lanes) continue;
      const auto beat = std::span(activations).subspan(k - lane, params.lanes);
      const kernels::RowExponent e = kernels::row_align(params, beat, integers);
      accumulate(params.pe, state, {kernels::row_dot(integers, column), e.exponent, e.nonfinite});
    }
    // The sums are in units of 2^-60, where both are integers.
    const Int128 difference = (static_cast<Int128>(state.mantissa) << (state.exponent + 35)) - (exact << 36);
    worst = std::max(worst, std::ldexp(std::abs(static_cast<double>(difference)), -36) / std::sqrt(squares));
  }
  return worst;
}

TEST(Fp16Int8MacTile, ErrorAgainstExactSums) {
  std::printf("worst of %zu groups of %zu   gaussian   same-sign   2^N(0,4)\n", kGroups, kGroup);
  for (const char* format : {"int8", "int4", "int4-asym", "bitmod-fp3"}) {
    const double gaussian = worst_error(format, kernels::ActivationKind::kGaussian);
    const double same_sign = worst_error(format, kernels::ActivationKind::kSameSign);
    const double wide = worst_error(format, kernels::ActivationKind::kWideRange);
    std::printf("%-26s  %.2e   %.2e    %.2e\n", format, gaussian, same_sign, wide);
    EXPECT_GT(gaussian, 0) << format;
    EXPECT_LE(gaussian, 5e-4) << format;
    EXPECT_LE(same_sign, 5e-4) << format;
    // Activations are aligned before they meet their weights, so small ones beside a large one of weight 0 lose what
    // they are.
    EXPECT_LE(wide, 1e-2) << format;
  }
}

}  // namespace
}  // namespace subbyte
