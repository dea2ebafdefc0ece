// Rounds activations to INT8, symmetrically, with one scale per token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace subbyte::quant {

struct Int8Token {
  float scale = 0;  ///< FP32 RNE of max|x| / 127; 0 for a token of zeros, and where the quotient underflows
  /// x / scale to the nearest integer, with ties to even, in -127..127; all are 0 without a scale.
  std::vector<std::int8_t> values;

  float value(std::size_t i) const { return static_cast<float>(values[i]) * scale; }  ///< FP32 RNE
};

/// Throws std::invalid_argument with the place of an infinity or a NaN.
Int8Token int8_token(std::span<const float> x);

}  // namespace subbyte::quant
