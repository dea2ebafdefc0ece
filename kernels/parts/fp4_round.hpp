// Rounds into a small binary floating-point format: to nearest even, with gradual underflow, and saturating.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace subbyte::kernels {

struct SmallFloat {
  int precision;          ///< bits of a normal significand
  int lowest;             ///< exponent of the lowest bit of a subnormal
  std::uint32_t largest;  ///< pattern of the largest finite number
  std::uint32_t nan;
};
inline constexpr SmallFloat kFp16Float{11, -24, 0x7BFF, 0x7E00};
inline constexpr SmallFloat kBf16Float{8, -133, 0x7F7F, 0x7FC0};
inline constexpr SmallFloat kUe4m3Float{4, -9, 0x7E, 0x7F};

/// Returns the pattern, without a sign, of magnitude * 2^exponent.
inline std::uint32_t round_to(const SmallFloat& to, std::uint64_t magnitude, int exponent) {
  if (magnitude == 0) return 0;
  const int length = static_cast<int>(std::bit_width(magnitude));
  const int lowest = std::max(exponent + length - to.precision, to.lowest);
  const int shift = lowest - exponent;
  std::uint64_t kept = 0;
  if (shift <= 0) {
    kept = magnitude << -shift;  // it has fewer than `precision` bits and keeps them all
  } else if (shift <= length) {
    const std::uint64_t rest = magnitude & ((std::uint64_t{1} << shift) - 1);
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    kept = magnitude >> shift;
    if (rest > half || (rest == half && (kept & 1) != 0)) ++kept;
  }
  // A carry out of the rounding moves into the exponent field by itself.
  const std::uint64_t bits = kept + (static_cast<std::uint64_t>(lowest - to.lowest) << (to.precision - 1));
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(bits, to.largest));
}

}  // namespace subbyte::kernels
