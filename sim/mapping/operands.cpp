#include "sim/mapping/operands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include "quant/base/float16.hpp"
#include "quant/rules/int8_tokens.hpp"

namespace subbyte::sim {

std::uint16_t half_weight(float value, std::size_t row, std::size_t col) {
  const std::uint16_t half = quant::half_from_float(value);
  if (std::isfinite(value) && !quant::half_is_finite(half)) {
    throw std::invalid_argument(
        fmt::format("row {}, column {}: weight {} overflows FP16, expected at most {} in magnitude", row, col, value,
                    quant::kHalfMax));
  }
  return half;
}

std::vector<float> round_to_int8(std::vector<std::uint16_t>& activations, std::size_t inputs) {
  std::vector<float> scales;
  std::vector<float> x(inputs);
  for (std::size_t token = 0; token < activations.size() / inputs; ++token) {
    const auto bits = std::span(activations).subspan(token * inputs, inputs);
    std::ranges::transform(bits, x.begin(), quant::half_to_float);
    try {
      const quant::Int8Token rounded = quant::int8_token(x);
      scales.push_back(rounded.scale);
      std::ranges::transform(rounded.values, bits.begin(), [](std::int8_t v) { return static_cast<std::uint8_t>(v); });
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("token {} in INT8: {}", token, error.what()));
    }
  }
  return scales;
}

}  // namespace subbyte::sim
