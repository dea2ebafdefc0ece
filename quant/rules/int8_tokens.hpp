// INT8 activations: symmetric, one scale per token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace subbyte::quant {

struct Int8Token {
  float scale = 0;  ///< FP32 RNE of max|x| / 127; 0 for a token of zeros, and where the quotient underflows
  std::vector<std::int8_t> values;  ///< x / scale to the nearest integer, ties to even, -127..127; 0 without scale

  float value(std::size_t i) const { return static_cast<float>(values[i]) * scale; }  ///< FP32 RNE
};

/// Throws std::invalid_argument with the place of an infinity or a NaN.
Int8Token int8_token(std::span<const float> x);

}  // namespace subbyte::quant
