// IEEE 754 binary16 bit patterns in integer operations. Neither hardware support nor a rounding mode is assumed.
#pragma once

#include <cstdint>

namespace subbyte::quant {

inline constexpr std::uint16_t kHalfInfinity = 0x7C00;
inline constexpr float kHalfMax = 65504.0F;

/// Returns the FP16 nearest to `value`, with ties to even and one rounding. Subnormals are kept, overflow gives
/// infinity, and NaN gives 0x7E00.
std::uint16_t half_from_double(double value);
/// Does the same for a float, which a double holds exactly.
inline std::uint16_t half_from_float(float value) { return half_from_double(value); }
/// Returns the value of a pattern, which a float holds exactly.
float half_to_float(std::uint16_t bits);
/// Returns half_to_float(half_from_double(value)), which is one FP16 operation whose exact result is `value`. It is
/// infinite on overflow.
float round_to_half(double value);

inline bool half_is_finite(std::uint16_t bits) { return (bits & kHalfInfinity) != kHalfInfinity; }

}  // namespace subbyte::quant
