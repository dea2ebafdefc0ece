#include "quant/rules/rule_kernels.hpp"

#include <algorithm>
#include <cmath>

namespace subbyte::quant {
namespace {

// The quotient that is not an integer stays off every integer in reach (group_kernels.cpp), so that floor and the tie
// are those of the exact one.
void encode_bipolar(std::span<const float> weights, double scale, std::span<std::uint8_t> codes) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double ratio = weights[i] / scale;
    const double below = std::floor(ratio);
    const bool odd_tie = ratio == below && std::floor(below / 2) != below / 2;
    codes[i] = static_cast<std::uint8_t>(std::clamp(below + (odd_tie ? 127 : 128), 0.0, 255.0));
  }
}

double magnitude_sum(std::span<const float> weights) {
  double sum = 0;
  for (const float weight : weights) sum += std::abs(weight);
  return sum;
}

void encode_ternary(std::span<const float> weights, float threshold, std::span<std::uint8_t> codes) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    codes[i] = static_cast<std::uint8_t>(1 + (weights[i] > threshold ? 1 : 0) - (weights[i] < -threshold ? 1 : 0));
  }
}

/// Returns the place of the zero among the next four, or the size of a shorter block when a missing weight takes it.
std::size_t zero_place(std::span<const float> block) {
  std::size_t place = 0;
  for (std::size_t i = 1; i < block.size(); ++i) {
    if (std::abs(block[i]) < std::abs(block[place])) place = i;
  }
  return block.size() < 4 && block[place] != 0 ? block.size() : place;
}

template <typename Visit>
void for_each_four(std::span<const float> weights, Visit visit) {
  for (std::size_t first = 0; first < weights.size(); first += 4) {
    const auto block = weights.subspan(first, std::min<std::size_t>(4, weights.size() - first));
    visit(first, block, zero_place(block));
  }
}

double kept_sum(std::span<const float> weights) {
  double sum = 0;
  for_each_four(weights, [&](std::size_t, std::span<const float> block, std::size_t zero) {
    for (std::size_t i = 0; i < block.size(); ++i) sum += i == zero ? 0.0F : std::abs(block[i]);
  });
  return sum;
}

void encode_sparse(std::span<const float> weights, std::span<std::uint8_t> codes) {
  for_each_four(weights, [&](std::size_t first, std::span<const float> block, std::size_t zero) {
    for (std::size_t i = 0; i < block.size(); ++i) codes[first + i] = i == zero ? 1 : block[i] < 0 ? 0 : 2;
  });
}

// Sums are in double: see rule_kernels_simd.cpp.
void encode_ggml_q4(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double product = weights[i] * inverse;
    const auto sum = static_cast<float>(product + 8.5);
    codes[i] = static_cast<std::uint8_t>(std::clamp(static_cast<int>(sum), 0, 15));
  }
}

void encode_ggml_q8(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    codes[i] = static_cast<std::uint8_t>(static_cast<int>(std::round(weights[i] * inverse)));
  }
}

}  // namespace

const RuleKernels& scalar_rule_kernels() {
  static constexpr RuleKernels kernels{encode_bipolar, magnitude_sum,  encode_ternary, kept_sum,
                                       encode_sparse,  encode_ggml_q4, encode_ggml_q8};
  return kernels;
}

const RuleKernels& rule_kernels(const GroupKernels& kernels) {
  return &kernels == &simd_kernels() ? simd_rule_kernels() : scalar_rule_kernels();
}

}  // namespace subbyte::quant
