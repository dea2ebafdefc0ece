// What kernels/ARITHMETIC.md 9 says of FP4, in doubles that are exact: scales, and 16-bit floating point by value.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace subbyte {

/// The formats are 0 for E8M0, 1 for UE4M3, and 2 and 3 for UE5M3.
inline double fp4_scale_reference(unsigned format, unsigned byte) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (format == 0) return byte == 255 ? nan : std::ldexp(1.0, static_cast<int>(byte) - 127);
  const unsigned bits = format == 1 ? byte % 128 : byte;
  if (bits == (format == 1 ? 127U : 255U)) return nan;
  const int e = static_cast<int>(bits / 8);
  const int f = static_cast<int>(bits % 8);
  const int subnormal_unit = format == 1 ? -9 : -17;
  return e == 0 ? std::ldexp(f, subnormal_unit) : std::ldexp(8 + f, e - 1 + subnormal_unit);
}

/// Returns a 16-bit pattern as a number.
inline double value16(std::uint16_t pattern, bool bf16) {
  const int fraction_bits = bf16 ? 7 : 10;
  const int field = pattern >> fraction_bits & (bf16 ? 255 : 31);
  const int fraction = pattern & ((1 << fraction_bits) - 1);
  const int unit = (bf16 ? -133 : -24) + std::max(field, 1) - 1;
  const double magnitude = std::ldexp(fraction + (field != 0 ? 1 << fraction_bits : 0), unit);
  return (pattern & 0x8000) != 0 ? -magnitude : magnitude;
}

/// Returns the 16-bit floating-point number nearest to an exact value, with ties to even, saturating; -0 is kept.
inline double nearest16(double value, bool bf16) {
  const double largest = bf16 ? std::ldexp(255, 120) : 65504;
  const int lowest = bf16 ? -133 : -24;
  const int precision = bf16 ? 8 : 11;
  const int step = value == 0 ? lowest : std::max(std::ilogb(value) - precision + 1, lowest);
  const double units = std::nearbyint(std::ldexp(std::abs(value), -step));
  return std::copysign(std::min(std::ldexp(units, step), largest), value);
}

}  // namespace subbyte
