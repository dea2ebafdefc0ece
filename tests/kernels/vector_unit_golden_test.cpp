// Tests the golden vector unit against double, against the quantizer of quant/, and at special values.
#include <gtest/gtest.h>

#include <iostream>
#include <numeric>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/arithmetic/fp32_functions.hpp"
#include "quant/base/float16.hpp"
#include "tests/support/vector_cases.hpp"

namespace subbyte::kernels {
namespace {

using enum VectorOperation;

constexpr double kUnit = 0x1p-24;  // the largest relative error of one rounding
constexpr std::uint32_t kMinusInfinity = kFp32Infinity | kFp32Sign;

VectorCommand command_of(VectorOperation operation, double scale = 1, double eps = 0) {
  VectorCommand command;
  command.operation = operation;
  command.scale = pattern32(scale);
  command.eps = pattern32(eps);
  return command;
}

VectorParams lanes_of(unsigned lanes) { return {lanes, 4, 64}; }

VectorPatterns softmax(const VectorPatterns& x, double scale = 1, unsigned lanes = 8) {
  return golden_row(lanes_of(lanes), {command_of(kSoftmax, scale), {x}}).values;
}

TEST(VectorUnit, SoftmaxIsNearAndSumsToOne) {
  Random random(1);
  double worst = 0, worst_sum = 0;
  for (unsigned i = 0; i < 300; ++i) {
    const unsigned lanes = 1U << random.below(7);
    const auto x = gaussians(random, 1 + random.below(64 * std::min(lanes, 8U)), 4);
    const double words = std::ceil(static_cast<double>(x.size()) / lanes);
    const VectorPatterns y = softmax(patterns_of(x), 0.125, lanes);
    const double top = *std::ranges::max_element(x) * 0.125;
    double all = 0, sum = 0;
    for (const double value : x) all += std::exp(value * 0.125 - top);
    for (std::size_t k = 0; k < x.size(); ++k) {
      sum += value32(y[k]);
      const double exact = std::exp(x[k] * 0.125 - top) / all;
      worst = std::max(worst, std::abs(value32(y[k]) - exact) / exact / (words + 16));
    }
    worst_sum = std::max(worst_sum, std::abs(sum - 1) / (words + 16));
  }
  std::cout << "relative error " << worst / kUnit << ", of the sum " << worst_sum / kUnit
            << " times (words + 16) / 2^24\n";
  EXPECT_LE(worst, kUnit);
  EXPECT_LE(worst_sum, kUnit);
}

TEST(VectorUnit, SoftmaxOfSpecialRows) {
  EXPECT_EQ(softmax({pattern32(-3)}), VectorPatterns{kFp32One});
  EXPECT_EQ(softmax({kMinusInfinity, pattern32(5), kMinusInfinity}), (VectorPatterns{0, kFp32One, 0}));
  EXPECT_EQ(softmax({0, kFp32Sign}), patterns_of({0.5, 0.5}));
  EXPECT_EQ(softmax(VectorPatterns(5, kMinusInfinity)), VectorPatterns(5, kFp32Nan));
  EXPECT_EQ(softmax({0, kFp32Infinity, 0}), VectorPatterns(3, kFp32Nan));
  EXPECT_EQ(softmax({0, 0x7F800001, 0}), VectorPatterns(3, kFp32Nan));
  EXPECT_EQ(softmax({pattern32(0), pattern32(-200)}), patterns_of({1, 0}));
}

/// Puts element i of the row at `places[i]`.
VectorPatterns placed(const VectorPatterns& x, const std::vector<std::size_t>& places) {
  VectorPatterns moved(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) moved[places[i]] = x[i];
  return moved;
}

// Neighbouring lanes may change places, because each adds words in order and the tree adds neighbours. The number of
// lanes may not change, nor may elements change words.
TEST(VectorUnit, TheOrderOfASumIsTheStatedOne) {
  Random random(2);
  unsigned other_words = 0, other_lanes = 0;
  for (unsigned i = 0; i < 60; ++i) {
    const VectorPatterns x = patterns_of(gaussians(random, 48, 3));
    std::vector<std::size_t> neighbours(48), words(48);
    for (std::size_t k = 0; k < 48; ++k) {
      neighbours[k] = k ^ 1;
      words[k] = (k + 13) % 48;
    }
    const VectorPatterns y = softmax(x);
    ASSERT_EQ(softmax(placed(x, neighbours)), placed(y, neighbours));
    other_words += softmax(placed(x, words)) != placed(y, words) ? 1 : 0;
    other_lanes += softmax(x, 1, 16) != y ? 1 : 0;
  }
  EXPECT_GT(other_words, 10U);
  EXPECT_GT(other_lanes, 10U);
}

// Lane l adds elements l, l + 4, ..., and then (0 + 1) + (2 + 3): written out.
TEST(VectorUnit, TheSumWrittenOut) {
  Random random(3);
  const VectorPatterns x = patterns_of(gaussians(random, 10));
  std::array<std::uint32_t, 4> sums{};
  for (std::size_t k = 0; k < x.size(); ++k) sums[k % 4] = fp32_add(sums[k % 4], fp32_multiply(x[k], x[k]));
  const std::uint32_t sum = fp32_add(fp32_add(sums[0], sums[1]), fp32_add(sums[2], sums[3]));
  const VectorCommand command = command_of(kRmsNorm, 0.1, 1e-6);
  const std::uint32_t r = fp32_reciprocal_sqrt(fp32_add(fp32_multiply(sum, pattern32(0.1)), pattern32(1e-6)));
  const auto got = golden_row(lanes_of(4), {command, {x, VectorPatterns(10, pattern32(3))}});
  for (std::size_t k = 0; k < x.size(); ++k)
    ASSERT_EQ(got.values[k], fp32_multiply(fp32_multiply(x[k], r), pattern32(3))) << k;
}

TEST(VectorUnit, NormsAreNearTheirsInDouble) {
  Random random(4);
  double worst_rms = 0, worst_layer = 0;
  for (unsigned i = 0; i < 300; ++i) {
    const unsigned lanes = 1 + random.below(64);
    const std::size_t n = 2 + random.below(600);
    const double size = std::exp2(random.gaussian() * 4), shift = size * random.gaussian();
    auto x = gaussians(random, n, size);
    for (double& value : x) value = static_cast<float>(value + shift);
    const auto weight = gaussians(random, n), bias = gaussians(random, n);
    const double squares = std::transform_reduce(x.begin(), x.end(), x.begin(), 0.0);
    const double mean = std::reduce(x.begin(), x.end()) / static_cast<double>(n);
    double variance = 0;
    for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(n);
    const VectorParams params{lanes, 4, 1024};
    const double over_n = 1.0 / static_cast<double>(n);
    const auto rms = golden_row(params, {command_of(kRmsNorm, over_n, 1e-5), {patterns_of(x), patterns_of(weight)}});
    const auto layer = golden_row(
        params, {command_of(kLayerNorm, over_n, 1e-5), {patterns_of(x), patterns_of(weight), patterns_of(bias)}});
    const double rms_root = std::sqrt(squares / static_cast<double>(n) + 1e-5), root = std::sqrt(variance + 1e-5);
    for (std::size_t k = 0; k < n; ++k) {
      worst_rms = std::max(worst_rms, std::abs(value32(rms.values[k]) - x[k] / rms_root * weight[k]) /
                                          (std::abs(x[k] / rms_root * weight[k]) + 1e-30));
      worst_layer =
          std::max(worst_layer, std::abs(value32(layer.values[k]) - (x[k] - mean) / root * weight[k] - bias[k]) /
                                    ((1 + std::abs(mean) / root) * (1 + std::abs(weight[k]))));
    }
  }
  std::cout << "RMSNorm: relative error " << worst_rms << ", LayerNorm: " << worst_layer << "\n";
  EXPECT_LE(worst_rms, 0x1p-20);
  EXPECT_LE(worst_layer, 0x1p-19);
}

TEST(VectorUnit, NormsOfSpecialRows) {
  const VectorPatterns ones(3, kFp32One);
  const auto rms = [&](const VectorPatterns& x) {
    return golden_row(lanes_of(2), {command_of(kRmsNorm, 1.0 / 3, 1e-5), {x, ones}}).values;
  };
  EXPECT_EQ(rms({0, kFp32Sign, 0}), (VectorPatterns{0, kFp32Sign, 0}));
  EXPECT_EQ(rms({kFp32One, kFp32Infinity, kFp32One}), (VectorPatterns{0, kFp32Nan, 0}));
  EXPECT_EQ(rms({kFp32One, 0x7F800001, kFp32One}), VectorPatterns(3, kFp32Nan));
  const auto layer = golden_row(
      lanes_of(2), {command_of(kLayerNorm, 1.0 / 3, 1e-5), {patterns_of({7, 7, 7}), ones, patterns_of({1, 2, 3})}});
  EXPECT_EQ(layer.values, patterns_of({1, 2, 3}));
}

TEST(VectorUnit, ActivationsAreNearTheirsInDouble) {
  Random random(5);
  std::vector<double> x = gaussians(random, 4000, 4);
  for (int k = 0; k < 1150; ++k) x.push_back(-85 + 0.1 * k);
  const auto activated = [&](VectorActivation activation) {
    VectorCommand command = command_of(kActivate);
    command.activation = activation;
    return golden_row(lanes_of(8), {command, {patterns_of(x)}}).values;
  };
  const VectorPatterns silu = activated(VectorActivation::kSilu), gelu = activated(VectorActivation::kGelu);
  const VectorPatterns relu = activated(VectorActivation::kRelu), squared = activated(VectorActivation::kSquaredRelu);
  double worst_silu = 0, worst_gelu = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double v = value32(pattern32(x[k]));
    worst_silu = std::max(worst_silu, ulps(silu[k], v / (1 + std::exp(-v))));
    const double exact = 0.5 * v * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v)));
    worst_gelu = std::max(worst_gelu, std::abs(value32(gelu[k]) - exact) / std::max(std::abs(v), 1e-30));
    ASSERT_EQ(value32(relu[k]), std::max(v, 0.0));
    ASSERT_EQ(squared[k], pattern32(std::max(v, 0.0) * std::max(v, 0.0)));
  }
  std::cout << "SiLU: " << worst_silu << " ulp, GELU: " << worst_gelu << " of |x|\n";
  EXPECT_LE(worst_silu, 2);
  EXPECT_LE(worst_gelu, 0x1p-22);
}

TEST(VectorUnit, ActivationsOfSpecialValues) {
  const VectorPatterns x{0, kFp32Sign, kFp32Infinity, kMinusInfinity, 0x7FC00001, 1, pattern32(-200), pattern32(1e30)};
  const auto of = [&](VectorActivation activation) {
    VectorCommand command = command_of(kActivate);
    command.activation = activation;
    return golden_row(lanes_of(3), {command, {x}}).values;
  };
  const std::uint32_t big = pattern32(1e30);
  EXPECT_EQ(of(VectorActivation::kSilu),
            (VectorPatterns{0, kFp32Sign, kFp32Infinity, kFp32Nan, kFp32Nan, 0, kFp32Sign, big}));
  EXPECT_EQ(of(VectorActivation::kGelu),
            (VectorPatterns{0, kFp32Sign, kFp32Infinity, kFp32Nan, kFp32Nan, 0, kFp32Sign, big}));
  EXPECT_EQ(of(VectorActivation::kRelu), (VectorPatterns{0, 0, kFp32Infinity, 0, kFp32Nan, 1, 0, big}));
  EXPECT_EQ(of(VectorActivation::kSquaredRelu),
            (VectorPatterns{0, 0, kFp32Infinity, 0, kFp32Nan, 0, 0, kFp32Infinity}));
}

// A rotation turns pairs: lengths stay, and the angles add.
TEST(VectorUnit, RotationsAreThoseOfRoPE) {
  Random random(6);
  const auto low = gaussians(random, 32), high = gaussians(random, 32);
  std::vector<double> cosines, sines;
  for (unsigned k = 0; k < 32; ++k) {
    const double angle = 77 * std::pow(10000.0, -2.0 * k / 64);
    cosines.push_back(std::cos(angle));
    sines.push_back(std::sin(angle));
  }
  const auto got = golden_row(
      lanes_of(8),
      {command_of(kRotate), {patterns_of(low), patterns_of(high), patterns_of(cosines), patterns_of(sines)}});
  ASSERT_EQ(got.values.size(), 32U);
  ASSERT_EQ(got.second.size(), 32U);
  for (unsigned k = 0; k < 32; ++k) {
    EXPECT_NEAR(value32(got.values[k]), low[k] * cosines[k] - high[k] * sines[k], 1e-6);
    EXPECT_NEAR(value32(got.second[k]), high[k] * cosines[k] + low[k] * sines[k], 1e-6);
  }
}

// Elements beyond the count are no part of the row, whatever they hold. A count that is no number of lanes is all of
// them.
TEST(VectorUnit, TheCountOfTheLastWord) {
  const VectorParams params = lanes_of(4);
  const VectorLayout layout(4);
  for (const auto& [count, elements] : {std::pair{1U, 1U}, {3U, 3U}, {4U, 4U}, {0U, 4U}, {5U, 4U}, {127U, 4U}}) {
    VectorPatterns word(4, kFp32Nan);
    std::fill_n(word.begin(), elements, pattern32(-7));
    Beats beats(layout.in.words());
    layout.set(beats.append(), command_of(kSoftmax), word, count, true);
    const auto trace = vector_unit_golden(parameters_of(params), {{}, source_of(std::move(beats)), {}, 1}, {});
    ASSERT_EQ(trace.size(), 1U);
    EXPECT_EQ(get_bits(trace.beat(0), layout.out.offset("count"), 7), elements);
    for (unsigned l = 0; l < 4; ++l)
      EXPECT_EQ(get_bits(trace.beat(0), 32 * l, 32), l < elements ? fp32_reciprocal(pattern32(elements)) : 0) << count;
  }
}

TEST(VectorUnit, SumsGatesAndFp16AtThePorts) {
  Random random(7);
  VectorPatterns x, y, halves;
  for (unsigned k = 0; k < 50; ++k) {
    halves.push_back(quant::half_from_double(random.gaussian()));
    x.push_back(pattern32(random.gaussian()));
    y.push_back(pattern32(random.gaussian()));
  }
  const auto add = golden_row(lanes_of(8), {command_of(kAdd, 0.75), {x, y}}).values;
  const auto gate = golden_row(lanes_of(8), {command_of(kGate), {x, y}}).values;
  const auto silu = golden_row(lanes_of(8), {command_of(kActivate), {x}}).values;
  VectorCommand narrow = command_of(kCopy), widen = command_of(kCopy);
  narrow.half_out = widen.half_in = true;
  const auto narrowed = golden_row(lanes_of(8), {narrow, {x}}).values;
  const auto scaled = golden_row(lanes_of(8), {command_of(kCopy, 0.75), {x}}).values;
  const auto widened = golden_row(lanes_of(8), {widen, {halves}}).values;
  for (unsigned k = 0; k < 50; ++k) {
    ASSERT_EQ(add[k], fp32_add(x[k], fp32_multiply(pattern32(0.75), y[k])));
    ASSERT_EQ(scaled[k], fp32_multiply(pattern32(0.75), x[k]));
    ASSERT_EQ(gate[k], fp32_multiply(silu[k], y[k]));
    ASSERT_EQ(narrowed[k], quant::half_from_double(value32(x[k])));
    ASSERT_EQ(widened[k], pattern32(double{quant::half_to_float(static_cast<std::uint16_t>(halves[k]))}));
  }
  EXPECT_EQ(golden_row(lanes_of(8), {narrow, {{pattern32(65520), 0x7F800001, kMinusInfinity, pattern32(1e-9)}}}).values,
            (VectorPatterns{0x7C00, 0x7E00, 0xFC00, 0}));
}

}  // namespace
}  // namespace subbyte::kernels
