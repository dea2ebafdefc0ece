// Tests ternary rules against slow definitions, at ties, and their quality on Gaussian weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <random>

#include "quant/base/float16.hpp"
#include "quant/rules/group_kernels.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/quant/quant_cases.hpp"
#include "tests/support/quant/quant_reference.hpp"

namespace subbyte::quant {
namespace {

using reference::exact;
using reference::Rational;

std::vector<float> gaussian(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (auto& value : values) value = normal(random);
  return values;
}

double sqnr(const std::string& id, const std::vector<float>& weights, std::size_t cols) {
  const auto tensor = quantize({weights, weights.size() / cols, cols}, parse_format(id));
  std::vector<float> row(cols);
  double signal = 0;
  double noise = 0;
  for (std::size_t r = 0; r < tensor.rows; ++r) {
    tensor.decode_row(r, row);
    for (std::size_t col = 0; col < cols; ++col) {
      const double weight = weights[r * cols + col];
      signal += weight * weight;
      noise += (row[col] - weight) * (row[col] - weight);
    }
  }
  return 10 * std::log10(signal / noise);
}

/// These are expected of independent Gaussian weights: 5.5, 5.8 and 7.28 dB.
TEST(Ternary, QualityOnGaussianWeights) {
  const auto weights = gaussian(std::size_t{4096} * 256, 7);
  EXPECT_NEAR(sqnr("sherry:g128", weights, 4096), 5.5, 0.05);
  EXPECT_NEAR(sqnr("ternary:g128", weights, 4096), 5.83, 0.05);
  EXPECT_NEAR(sqnr("ternary:g128:rule=mse", weights, 4096), 7.28, 0.05);
  EXPECT_EQ(sqnr("ternary-5in8:g128", weights, 4096), sqnr("ternary:g128", weights, 4096));
  EXPECT_GT(sqnr("sherry:g128:rule=weighted", weights, 4096), 4);
}

TEST(Ternary, BitsPerWeight) {
  EXPECT_DOUBLE_EQ(parse_format("ternary:gchannel").nominal_bits_per_weight(), 2);
  EXPECT_DOUBLE_EQ(parse_format("ternary-5in8:gchannel").nominal_bits_per_weight(), 1.6);
  EXPECT_DOUBLE_EQ(parse_format("sherry:gchannel").nominal_bits_per_weight(), 1.25);
  EXPECT_DOUBLE_EQ(parse_format("sherry:g128").nominal_bits_per_weight(), 1.375);
  EXPECT_DOUBLE_EQ(parse_format("sherry:gchannel").bits_per_weight(1, 4096), 1.25 + 16.0 / 4096);
}

unsigned stored_mean(const std::vector<float>& magnitudes) {
  Rational sum = 0;
  for (const float magnitude : magnitudes) sum += abs(exact(magnitude));
  return magnitudes.empty() ? 0xA8 : std::max(0xA8U, reference::half_bits(sum / magnitudes.size()));
}

TEST(AbsMean, ScaleIsTheExactMeanAndCodesTheNearest) {
  for (const auto& weights : cases::corners(9, 6e4F)) {
    const auto tensor = quantize(weights.view(), parse_format("ternary:g16"));
    for (std::size_t row = 0; row < weights.rows; ++row) {
      for (std::size_t col = 0; col < weights.cols; ++col) {
        const std::size_t first = row * weights.cols + col / 16 * 16;
        const std::size_t last = std::min(first + 16, (row + 1) * weights.cols);
        const auto begin = weights.weights.begin();
        const std::vector<float> group(begin + static_cast<std::ptrdiff_t>(first),
                                       begin + static_cast<std::ptrdiff_t>(last));
        ASSERT_EQ(tensor.scale_bits(row, col / 16), stored_mean(group)) << weights.name;
        const double border = tensor.multiplier(row, col / 16) / 2;
        const double weight = weights.weights[row * weights.cols + col];
        ASSERT_EQ(tensor.code(row, col), weight > border ? 2U : weight < -border ? 0U : 1U) << weights.name;
      }
    }
  }
}

/// Takes means on the border of two FP16 values, and one ulp of a weight beside it.
TEST(AbsMean, MeansOnABorderOfFp16) {
  for (int k = 0; k < 40; ++k) {
    const float border = 1.0F + (static_cast<float>(k) + 0.5F) * 0x1p-10F;
    for (const float shift : {-0x1p-22F, 0.0F, 0x1p-22F}) {
      std::vector<float> weights = {border - 0.25F, -(border + 0.25F), border, border + shift};
      const auto tensor = quantize({weights, 1, 4}, parse_format("ternary:g4"));
      EXPECT_EQ(tensor.scale_bits(0, 0), stored_mean(weights)) << k << ' ' << shift;
    }
  }
}

TEST(AbsMean, TiesGoToZero) {
  const std::vector<float> weights = {1, -1, 0.5F, -0.5F, std::nextafter(0.5F, 1.0F), 1.5F, 1.5F, 1.5F};
  const auto tensor = quantize({weights, 1, 8}, parse_format("ternary:g8"));
  ASSERT_EQ(tensor.scale_value(0, 0), 1);
  EXPECT_EQ(tensor.code(0, 2), 1U);
  EXPECT_EQ(tensor.code(0, 3), 1U);
  EXPECT_EQ(tensor.code(0, 4), 2U);
}

/// Every FP16 scale from the smallest stored one on is tried, in rationals.
unsigned best_scale(std::span<const float> weights) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  unsigned best = 0xA8;
  Rational least;
  for (unsigned bits = 0xA8; bits == 0xA8 || half_to_float(static_cast<std::uint16_t>(bits)) <= 1.01F * largest;
       ++bits) {
    const Rational scale = reference::half_value(bits);
    Rational error = 0;
    for (const float weight : weights) {
      const Rational kept = 2 * abs(exact(weight)) - scale;
      if (kept > 0) error -= scale * kept;
    }
    if (bits == 0xA8 || error <= least) {
      least = error;
      best = bits;
    }
  }
  return best;
}

TEST(TernaryBest, IsTheBestOfAllStoredScales) {
  std::mt19937_64 random(12);
  for (int i = 0; i < 6; ++i) {
    // Few significant bits make ties; narrow magnitudes keep the number of scales to try small.
    std::vector<float> weights = gaussian(i < 3 ? 7 : 12, random());
    for (auto& weight : weights) weight = i % 2 == 0 ? std::round(4 * weight) / 4096 : weight / 1024;
    const auto tensor = quantize({weights, 1, weights.size()}, parse_format("ternary:g16:rule=mse"));
    EXPECT_EQ(tensor.scale_bits(0, 0), best_scale(weights)) << i;
  }
}

/// Each four have one zero, at the first smallest magnitude, and sign(0) is +.
TEST(Sherry, ZeroIsTheFirstSmallest) {
  const std::vector<float> weights = {3, -1, 1, -2, 0, -0.0F, 0, 0, -4, 4, -4, 4, -5, 2};
  const auto tensor = quantize({weights, 1, weights.size()}, parse_format("sherry:g16"));
  std::vector<unsigned> codes;
  for (std::size_t col = 0; col < weights.size(); ++col) codes.push_back(tensor.code(0, col));
  EXPECT_EQ(codes, (std::vector<unsigned>{2, 1, 2, 0, 1, 2, 2, 2, 1, 2, 0, 2, 0, 2}));
  EXPECT_EQ(tensor.scale_bits(0, 0), stored_mean({3, 1, 2, 0, 0, 0, 4, 4, 4, 5, 2}));
}

TEST(Sherry, RaggedTailsAndExactlyOneZero) {
  for (std::size_t cols = 1; cols < 80; ++cols) {
    const auto weights = gaussian(2 * cols, cols);
    for (const std::string id : {"sherry:g16", "sherry:g16:rule=weighted", "sherry:gchannel"}) {
      const auto tensor = quantize({weights, 2, cols}, parse_format(id));
      validate(tensor);
      for (std::size_t first = 0; first < cols; first += 4) {
        std::size_t zeros = 0;
        for (std::size_t col = first; col < std::min(cols, first + 4); ++col) zeros += tensor.code(1, col) == 1 ? 1 : 0;
        if (first + 4 <= cols) {
          EXPECT_EQ(zeros, 1U);
        } else {
          EXPECT_LE(zeros, 1U);
        }
      }
    }
  }
}

/// The weighted error of the weighted rule is below that of the plain one under the same weights.
TEST(Sherry, ImportanceLowersTheWeightedError) {
  const std::size_t cols = 1024;
  const auto weights = gaussian(cols, 31);
  std::vector<float> importance = gaussian(cols, 32);
  for (auto& value : importance) value = std::exp(2 * value);
  QuantizeOptions options;
  options.importance = importance;
  double squares = 0;
  for (const double weight : weights) squares += weight * weight / static_cast<double>(cols);
  const auto error = [&](const std::string& id) {
    const auto tensor = quantize({weights, 1, cols}, parse_format(id), options);
    std::vector<float> row(cols);
    tensor.decode_row(0, row);
    double sum = 0;
    for (std::size_t col = 0; col < cols; ++col) {
      const double weight = weights[col];
      sum += importance[col] * std::sqrt(2 * squares + weight * weight) * (row[col] - weight) * (row[col] - weight);
    }
    return sum;
  };
  EXPECT_LT(error("sherry:g1024:rule=weighted"), 0.97 * error("sherry:g1024"));
}

TEST(Sherry, GroupIsAMultipleOfFour) {
  const std::vector<float> weights(20, 0.5F);
  try {
    quantize({weights, 1, 20}, parse_format("sherry:g10"));
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()),
              "format 'sherry:g10': a group of 10, expected a multiple of 4: one zero in four neighbours of "
              "one group");
  }
}

TEST(Ternary, ScaleOverflowIsRefused) {
  const std::vector<float> weights(4, 1e30F);
  for (const std::string id : {"ternary", "ternary:rule=mse", "sherry", "sherry:rule=weighted"}) {
    EXPECT_THROW(quantize({weights, 1, 4}, parse_format(id)), std::invalid_argument) << id;
  }
}

}  // namespace
}  // namespace subbyte::quant
