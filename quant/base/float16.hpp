// IEEE 754 binary16 bit patterns, in integer operations: no hardware support, no rounding mode, is assumed.
#pragma once

#include <cstdint>

namespace subbyte::quant {

inline constexpr std::uint16_t kHalfInfinity = 0x7C00;
inline constexpr float kHalfMax = 65504.0F;

/// The FP16 nearest to `value`, ties to even; one rounding, subnormals kept, overflow to infinity, NaN to
/// 0x7E00.
std::uint16_t half_from_double(double value);
/// The same; a float is a double exactly.
inline std::uint16_t half_from_float(float value) { return half_from_double(value); }
/// Exact.
float half_to_float(std::uint16_t bits);
/// half_to_float(half_from_double(value)): one FP16 operation whose exact result is `value`. Infinite on
/// overflow.
float round_to_half(double value);

inline bool half_is_finite(std::uint16_t bits) { return (bits & kHalfInfinity) != kHalfInfinity; }

}  // namespace subbyte::quant
