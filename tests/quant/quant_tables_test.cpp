// Tests the formats of formats_table.cpp against their rules written a second time.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "quant/rules/quantize.hpp"
#include "tests/support/quant/quant_cases.hpp"
#include "tests/support/quant/quant_reference.hpp"

namespace subbyte::quant {
namespace {

using reference::exact;
using reference::Rational;

std::vector<double> levels_of(const Alphabet& alphabet, unsigned selector = 0) {
  std::vector<double> levels;
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (alphabet.emitted(code)) levels.push_back(alphabet.level(code, selector));
  }
  std::ranges::sort(levels);
  return levels;
}

std::vector<double> mirrored(std::vector<double> magnitudes) {
  std::vector<double> levels = magnitudes;
  for (const double magnitude : magnitudes) {
    if (magnitude != 0) levels.push_back(-magnitude);
  }
  std::ranges::sort(levels);
  return levels;
}

TEST(Tables, LevelsAreThePublishedOnes) {
  EXPECT_EQ(levels_of(parse_format("pot4").alphabet), mirrored({0, 1, 2, 4, 8, 16, 32, 64}));
  EXPECT_EQ(levels_of(parse_format("apot4").alphabet), mirrored({0, 1, 2, 3, 4, 6, 8, 10}));
  EXPECT_EQ(levels_of(parse_format("flint4").alphabet), mirrored({0, 1, 2, 3, 4, 6, 8, 16}));
  EXPECT_EQ(levels_of(parse_format("ant4").alphabet, 0), mirrored({0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(levels_of(parse_format("ant4").alphabet, 1), mirrored({0, 1, 2, 3, 4, 6, 8, 16}));
  EXPECT_EQ(levels_of(parse_format("ant3").alphabet, 0), mirrored({0, 1, 2, 3}));
  EXPECT_EQ(levels_of(parse_format("ant3").alphabet, 1), mirrored({0, 1, 2, 4}));
  EXPECT_EQ(levels_of(parse_format("bitmod-mx3").alphabet), mirrored({0, 0.5, 1, 2}));
}

TEST(Tables, BitsPerWeight) {
  EXPECT_DOUBLE_EQ(parse_format("ant4").nominal_bits_per_weight(), 4 + 17.0 / 128);
  EXPECT_DOUBLE_EQ(parse_format("bitmod-mx4").nominal_bits_per_weight(), 4.25);
  EXPECT_DOUBLE_EQ(parse_format("bcq3").nominal_bits_per_weight(), 3 + 24.0 / 128);
  EXPECT_DOUBLE_EQ(parse_format("nf4").nominal_bits_per_weight(), 4.5);
  EXPECT_DOUBLE_EQ(parse_format("nf4:absmax=fp16").nominal_bits_per_weight(), 4.25);
}

TEST(Ant, EitherTypeWinsWhereItsLevelsAre) {
  const std::vector<float> integers{7, -5, 5, 7, 3, -7, 5, 1};
  const std::vector<float> floats{16, -8, 4, 1, 6, -16, 2, 3};
  for (const std::string keys : {"", ":arith=fp16"}) {
    const auto format = parse_format("ant4:g8" + keys);
    const auto first = quantize({integers, 1, 8}, format);
    const auto second = quantize({floats, 1, 8}, format);
    EXPECT_EQ(first.selector(0, 0), 0U);
    EXPECT_EQ(second.selector(0, 0), 1U);
    std::vector<float> decoded(8);
    first.decode_row(0, decoded);
    EXPECT_EQ(decoded, integers);
    second.decode_row(0, decoded);
    EXPECT_EQ(decoded, floats);
  }
}

/// Returns q of dq = q / (qmax / 2) * 2^e: the largest level with all lower midpoints strictly below w / 2^e * (qmax /
/// 2).
Rational mx_level(float weight, int exponent, const std::vector<int>& grid) {
  const Rational unit = exact(std::ldexp(1.0, exponent));
  const Rational ratio = exact(weight) / unit * Rational(grid.back(), 2);
  int level = grid.front();
  for (std::size_t i = 1; i < grid.size(); ++i) {
    if (ratio > Rational(grid[i - 1] + grid[i], 2)) level = grid[i];
  }
  return level * unit * Rational(2, grid.back());
}

void expect_mx(const cases::Case& weights, const std::string& id, const std::vector<int>& grid) {
  const auto format = parse_format(id);
  const auto tensor = quantize(weights.view(), format);
  std::vector<float> decoded(weights.cols);
  for (std::size_t row = 0; row < weights.rows; ++row) {
    tensor.decode_row(row, decoded);
    for (std::size_t col = 0; col < weights.cols; ++col) {
      const std::size_t group = col / format.scaling.group;
      float largest = 0;
      const std::size_t end = std::min(weights.cols, (group + 1) * format.scaling.group);
      for (std::size_t i = group * format.scaling.group; i < end; ++i) {
        largest = std::max(largest, std::abs(weights.weights[row * weights.cols + i]));
      }
      const int exponent = largest == 0 ? -127 : std::clamp(std::ilogb(largest), -127, 126);
      EXPECT_EQ(tensor.scale_bits(row, group), static_cast<unsigned>(exponent + 127));
      const float weight = weights.weights[row * weights.cols + col];
      EXPECT_EQ(decoded[col], reference::to_float(mx_level(weight, exponent, grid)))
          << id << ", " << weights.name << ", column " << col << ", weight " << weight;
    }
  }
}

TEST(BitmodMx, AgreesWithTheRuleInRationals) {
  const std::vector<int> fp4{-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12};
  const std::vector<int> fp3{-4, -2, -1, 0, 1, 2, 4};
  for (const std::string group : {":g32", ":g7"}) {
    for (const auto& weights : cases::corners(3, 3e38F)) {
      expect_mx(weights, "bitmod-mx4" + group, fp4);
      expect_mx(weights, "bitmod-mx3" + group, fp3);
    }
  }
  // These are every midpoint, exact or the two floats around it, below a weight that makes e = 0.
  cases::Case ties{"midpoints", 1, 0, {1}};
  for (std::size_t i = 1; i < fp4.size(); ++i) {
    const float midpoint = static_cast<float>(fp4[i - 1] + fp4[i]) / 12.0F;
    for (const float w : {midpoint, std::nextafter(midpoint, -9.0F), std::nextafter(midpoint, 9.0F)})
      ties.weights.push_back(w);
  }
  ties.cols = ties.weights.size();
  expect_mx(ties, "bitmod-mx4:g64", fp4);
}

TEST(BitmodMx, HalvesRefuseWhatTheReferenceMakesInfinite) {
  const auto format = parse_format("bitmod-mx4:arith=fp16");
  EXPECT_NO_THROW(quantize({std::vector<float>{50000.0F}, 1, 1}, format));
  EXPECT_THROW(quantize({std::vector<float>{65000.0F}, 1, 1}, format), std::invalid_argument);
  EXPECT_THROW(quantize({std::vector<float>{70000.0F}, 1, 1}, format), std::invalid_argument);
}

double error_of(std::span<const float> weights, const std::vector<double>& scales) {
  double error = 0;
  for (const float weight : weights) {
    double least = 1e300;
    for (unsigned code = 0; code < 1U << scales.size(); ++code) {
      double level = 0;
      for (unsigned i = 0; i < scales.size(); ++i) level += (code >> i & 1) != 0 ? scales[i] : -scales[i];
      least = std::min(least, std::pow(weight - level, 2));
    }
    error += least;
  }
  return error;
}

/// Returns the least error of all scales 2^e in reach.
double least_error(std::span<const float> weights, std::vector<double> scales, unsigned planes) {
  if (scales.size() == planes) return error_of(weights, scales);
  double least = 1e300;
  for (int exponent = -12; exponent <= -2; ++exponent) {
    if (!scales.empty() && std::ldexp(1.0, exponent) < scales.back()) continue;
    auto more = scales;
    more.push_back(std::ldexp(1.0, exponent));
    least = std::min(least, least_error(weights, more, planes));
  }
  return least;
}

TEST(BinaryCoding, CodesAreTheNearestSumsAndScalesNearlyTheBest) {
  const auto weights = cases::make_case("gaussian", 8, 64, [random = std::mt19937_64(9)](std::size_t) mutable {
    return 0.02F * std::normal_distribution<float>()(random);
  });
  for (const unsigned planes : {1U, 2U, 3U}) {
    const auto format = parse_format("bcq" + std::to_string(planes) + ":g64");
    const auto tensor = quantize(weights.view(), format);
    validate(tensor);
    double total = 0;
    double best = 0;
    for (std::size_t row = 0; row < weights.rows; ++row) {
      const auto group = std::span(weights.weights).subspan(row * 64, 64);
      std::vector<double> scales;
      for (unsigned i = 0; i < planes; ++i) scales.push_back(tensor.multiplier(row, 0, i));
      EXPECT_TRUE(std::ranges::is_sorted(scales));
      std::vector<float> decoded(64);
      tensor.decode_row(row, decoded);
      double error = 0;
      for (std::size_t i = 0; i < 64; ++i) error += std::pow(static_cast<double>(group[i]) - decoded[i], 2);
      EXPECT_NEAR(error, error_of(group, scales), 1e-12);
      total += error;
      best += least_error(group, {}, planes);
    }
    EXPECT_LE(total, best * (planes == 1 ? 1.0 + 1e-9 : 1.12)) << planes;
    RecordProperty("excess_" + std::to_string(planes), std::to_string(total / best));
  }
}

TEST(BinaryCoding, SumsOfPowersOfTwoComeBack) {
  std::vector<float> weights;
  for (int i = 0; i < 8; ++i)
    weights.push_back((i & 1 ? 1 : -1) * 0.25F + (i & 2 ? 1 : -1) * 1.0F + (i & 4 ? 1 : -1) * 4.0F);
  const auto tensor = quantize({weights, 1, 8}, parse_format("bcq3:g8"));
  std::vector<float> decoded(8);
  tensor.decode_row(0, decoded);
  EXPECT_EQ(decoded, weights);
  EXPECT_EQ(tensor.scale_value(0, 0, 0), 0.25F);
  EXPECT_EQ(tensor.scale_value(0, 0, 2), 4.0F);
}

TEST(BinaryCoding, CornersStayFinite) {
  for (const unsigned planes : {1U, 2U, 3U, 4U}) {
    for (const auto& weights : cases::corners(4, 3e38F)) {
      const auto tensor = quantize(weights.view(), parse_format("bcq" + std::to_string(planes) + ":g16"));
      validate(tensor);
      std::vector<float> decoded(weights.cols);
      for (std::size_t row = 0; row < weights.rows; ++row) {
        tensor.decode_row(row, decoded);
        for (const float value : decoded) EXPECT_TRUE(std::isfinite(value)) << weights.name;
      }
    }
  }
}

TEST(NormalFloat, ConstantsAreQloras) {
  const auto alphabet = parse_format("nf4").alphabet;
  const std::vector<float> published{-1.0F,
                                     -0.6961928009986877F,
                                     -0.5250730514526367F,
                                     -0.39491748809814453F,
                                     -0.28444138169288635F,
                                     -0.18477343022823334F,
                                     -0.09105003625154495F,
                                     0.0F,
                                     0.07958029955625534F,
                                     0.16093020141124725F,
                                     0.24611230194568634F,
                                     0.33791524171829224F,
                                     0.44070982933044434F,
                                     0.5626170039176941F,
                                     0.7229568362236023F,
                                     1.0F};
  for (unsigned code = 0; code < 16; ++code) EXPECT_EQ(alphabet.level(code), published[code]);
}

TEST(NormalFloat, DecodesToTheFloatProductAndZeroStaysZero) {
  const auto weights = cases::make_case("gaussian", 2, 200, [random = std::mt19937_64(2)](std::size_t i) mutable {
    return i < 64 ? 0.0F : 0.02F * std::normal_distribution<float>()(random);
  });
  const auto tensor = quantize(weights.view(), parse_format("nf4"));
  std::vector<float> decoded(200);
  for (std::size_t row = 0; row < 2; ++row) {
    tensor.decode_row(row, decoded);
    for (std::size_t col = 0; col < 200; ++col) {
      const float level = static_cast<float>(tensor.format.alphabet.level(tensor.code(row, col)));
      EXPECT_EQ(decoded[col], level * tensor.scale_value(row, col / 64));
      const double ratio = weights.weights[row * 200 + col] / static_cast<double>(tensor.scale_value(row, col / 64));
      for (unsigned code = 0; code < 16 && !std::isnan(ratio); ++code) {
        EXPECT_LE(std::abs(ratio - level), std::abs(ratio - tensor.format.alphabet.level(code)) + 1e-12);
      }
    }
  }
  EXPECT_EQ(tensor.code(0, 0), 7U);
  EXPECT_EQ(tensor.scale_value(0, 0), 0.0F);
}

}  // namespace
}  // namespace subbyte::quant
