// Computes Y of a layer on the tiles that are not bit-serial apart from the project's kernels: from decoded or integer
// weights, in the host's IEEE arithmetic or exact integers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "quant/base/float16.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/mapping/mapping.hpp"
#include "tests/support/mapping/mapping_reference.hpp"

namespace subbyte::test {

/// Returns the FP32 RNE of sum + a w, one product after the other; the product of two FP16 numbers is exact in FP32.
/// `weights` are FP16 numbers [out][in].
inline std::vector<float> mac_layer(const std::vector<float>& weights, std::size_t out, const sim::ActivationView& x) {
  std::vector<float> y;
  for (std::size_t token = 0; token < x.tokens; ++token) {
    for (std::size_t o = 0; o < out; ++o) {
      float sum = 0;
      for (std::size_t k = 0; k < x.in; ++k) {
        const float product = quant::half_to_float(x.values[token * x.in + k]) * weights[o * x.in + k];
        sum = sum + product;
      }
      y.push_back(sum);
    }
  }
  return y;
}

/// A token as integers below 128. They are FP16 numbers too, which the exact reference takes.
struct TokenIntegers {
  std::vector<std::uint16_t> halves;  ///< [tokens][in]
  std::vector<float> scales;          ///< [tokens]
};

inline TokenIntegers token_integers(const sim::ActivationView& x) {
  TokenIntegers tokens;
  for (std::size_t token = 0; token < x.tokens; ++token) {
    const auto bits = x.values.subspan(token * x.in, x.in);
    double largest = 0;
    for (const std::uint16_t half : bits)
      largest = std::max(largest, std::fabs(static_cast<double>(quant::half_to_float(half))));
    tokens.scales.push_back(static_cast<float>(largest / 127));
    for (const std::uint16_t half : bits) {
      // The values are rounded by comparison with the half-way points, in exact arithmetic.
      const double scale = static_cast<double>(tokens.scales.back());
      const double value = std::fabs(static_cast<double>(quant::half_to_float(half)));
      int integer = 0;
      while (integer < 127 && scale > 0) {
        const double middle = (integer + 0.5) * scale;  // 32 significant bits at most
        if (value < middle || (value == middle && integer % 2 == 0)) break;
        ++integer;
      }
      tokens.halves.push_back(quant::half_from_double((half & 0x8000) != 0 ? -static_cast<double>(integer) : integer));
    }
  }
  return tokens;
}

/// Computes exact group sums, then ARITHMETIC.md sections 3 and 4, and then the token's scale.
inline std::vector<float> int8_layer(const quant::PackedTensor& weights, const sim::ActivationView& x) {
  const TokenIntegers tokens = token_integers(x);
  const std::vector<std::uint32_t> sums = exact_layer(weights, {tokens.halves, x.tokens, x.in});
  std::vector<float> y;
  for (std::size_t i = 0; i < sums.size(); ++i)
    y.push_back(
        std::bit_cast<float>(multiply_fp32(sums[i], std::bit_cast<std::uint32_t>(tokens.scales[i / weights.rows]))));
  return y;
}

/// Returns how far a tile may be from the exact product, per output, when it has the widths of every verified point of
/// at least align_bits 6, acc_width 20 and guard_bits 1. An activation is cut 16 bits below the largest of its beat,
/// and a sum 2^-19 below the largest that its weights' width allows; `growth` is that width
/// (kernels/parts/row_tile.hpp).
inline double rounded_bound(const quant::PackedTensor& weights, std::size_t output, const sim::ActivationView& x,
                            std::size_t token, unsigned lanes, unsigned growth) {
  double scale = 0;
  for (std::size_t group = 0; group < weights.groups(); ++group)
    scale = std::max(scale, std::fabs(weights.multiplier(output, group)));
  double sum = 0;
  for (std::size_t k = 0; k < x.in; ++k)
    sum += std::fabs(static_cast<double>(quant::half_to_float(x.values[token * x.in + k])));
  const double unit = std::ldexp(scale, weights.format.alphabet.unit_exponent);
  return std::ldexp(unit * sum * lanes, static_cast<int>(growth) - 15);
}

}  // namespace subbyte::test
