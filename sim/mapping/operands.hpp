// Operands as tiles take them: FP16 weights, and activations as signed bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace subbyte::sim {

/// Returns the FP16 pattern of a decoded weight; infinities and NaN of a format stay. Throws std::invalid_argument,
/// with the place, for a number that overflows FP16.
std::uint16_t half_weight(float value, std::size_t row, std::size_t col);

/// Puts signed bytes in place of FP16 patterns [tokens][inputs], and returns the tokens' scales. Throws
/// std::invalid_argument, with the token, for one that holds no number.
std::vector<float> round_to_int8(std::vector<std::uint16_t>& activations, std::size_t inputs);

}  // namespace subbyte::sim
