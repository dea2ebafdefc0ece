#include "quant/base/float16.hpp"

#include <algorithm>
#include <bit>

namespace subbyte::quant {

std::uint16_t half_from_double(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 48 & 0x8000U);
  const auto fraction = bits & 0xFFFFFFFFFFFFFULL;
  const int exponent = static_cast<int>(bits >> 52 & 0x7FFU) - 1023;
  if (exponent == 1024) return fraction != 0 ? 0x7E00 : sign | kHalfInfinity;
  if (exponent > 15) return sign | kHalfInfinity;
  if (exponent < -25) return sign;

  const std::uint64_t significand = fraction | 1ULL << 52;
  const int unit = std::max(exponent, -14);
  const int dropped = 42 + (unit - exponent);
  const std::uint64_t half = 1ULL << (dropped - 1);
  const std::uint64_t rest = significand & ((1ULL << dropped) - 1);
  std::uint64_t kept = significand >> dropped;
  if (rest > half || (rest == half && (kept & 1U) != 0)) ++kept;
  // The hidden bit of `kept` counts one up in the exponent field; a carry out of the significand does so too.
  const auto magnitude = (static_cast<std::uint64_t>(unit + 14) << 10) + kept;
  return static_cast<std::uint16_t>(sign | std::min<std::uint64_t>(magnitude, kHalfInfinity));
}

float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t magnitude = bits & 0x7FFFU;
  if (magnitude < 0x400U) {
    const float subnormal = static_cast<float>(magnitude) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(subnormal) | sign);
  }
  const std::uint32_t rebias = magnitude >= kHalfInfinity ? (255U - 31U) << 23 : (127U - 15U) << 23;
  return std::bit_cast<float>(sign | ((magnitude << 13) + rebias));
}

float round_to_half(double value) { return half_to_float(half_from_double(value)); }

}  // namespace subbyte::quant
