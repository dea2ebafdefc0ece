#include "kernels/arithmetic/fp32.hpp"

#include <bit>
#include <utility>

namespace subbyte::kernels {
namespace {

constexpr std::uint32_t kInfinity = 0x7F800000U;
constexpr std::uint32_t kSign = 0x80000000U;
constexpr int kMinExponent = -149;  // exponent of the lowest bit of a subnormal
constexpr int kMaxExponent = 104;   // exponent of the lowest bit of the largest normal number

bool is_nan(std::uint32_t x) { return (x & ~kSign) > kInfinity; }
bool is_infinite(std::uint32_t x) { return (x & ~kSign) == kInfinity; }

struct Magnitude {
  std::uint32_t significand;
  int exponent;
};

Magnitude magnitude_of(std::uint32_t x) {
  const std::uint32_t field = (x >> 23) & 0xFF;
  const std::uint32_t fraction = x & 0x7FFFFF;
  if (field == 0) return {fraction, kMinExponent};
  return {fraction | 0x800000, static_cast<int>(field) + kMinExponent - 1};
}

int bit_length(UInt128 x) {
  const auto high = static_cast<std::uint64_t>(x >> 64);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(x));
}

UInt128 round_to_even(UInt128 x, int shift) {
  if (shift <= 0) return x << -shift;
  if (shift > 127) return 0;
  const UInt128 kept = x >> shift;
  const UInt128 rest = x & ((UInt128{1} << shift) - 1);
  const UInt128 half = UInt128{1} << (shift - 1);
  return kept + (rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0);
}

}  // namespace

std::uint32_t fp32_round(bool negative, UInt128 magnitude, int exponent) {
  const std::uint32_t sign = negative ? kSign : 0;
  if (magnitude == 0) return sign;
  // The exponent of the result's lowest bit: it leaves 24 significant bits, or is that of the grid of the subnormals.
  int lowest = exponent + bit_length(magnitude) - 24;
  if (lowest < kMinExponent) lowest = kMinExponent;
  if (lowest > kMaxExponent) return sign | kInfinity;
  const auto significand = static_cast<std::uint32_t>(round_to_even(magnitude, lowest - exponent));
  // A carry out of the rounding moves into the exponent field by itself, up to infinity.
  return sign | (significand + (static_cast<std::uint32_t>(lowest - kMinExponent) << 23));
}

std::uint32_t fp32_round_product(Int128 product, int exponent, bool nonfinite) {
  if (nonfinite) return kFp32Nan;
  if (product == 0) return 0;
  const bool negative = product < 0;
  const UInt128 magnitude = negative ? -static_cast<UInt128>(product) : static_cast<UInt128>(product);
  return fp32_round(negative, magnitude, exponent - 50);
}

std::uint32_t fp32_add(std::uint32_t x, std::uint32_t y) {
  if (is_nan(x) || is_nan(y)) return kFp32Nan;
  if (is_infinite(x)) return is_infinite(y) && x != y ? kFp32Nan : x;
  if (is_infinite(y)) return y;
  if ((x & ~kSign) < (y & ~kSign)) std::swap(x, y);
  const Magnitude large = magnitude_of(x);
  const Magnitude small = magnitude_of(y);
  // There are 64 guard bits below the larger operand; what the smaller loses below them can only act as a sticky bit.
  UInt128 total = static_cast<UInt128>(large.significand) << 64;
  UInt128 other = static_cast<UInt128>(small.significand) << 64;
  const int distance = large.exponent - small.exponent;
  if (distance > 87) {
    other = small.significand != 0 ? 1 : 0;
  } else {
    const UInt128 shifted = other >> distance;
    other = shifted | ((shifted << distance) != other ? 1 : 0);
  }
  const bool negative = (x & kSign) != 0;
  const bool opposite = ((x ^ y) & kSign) != 0;
  total = opposite ? total - other : total + other;
  if (total == 0) return opposite ? 0 : x & kSign;
  return fp32_round(negative, total, large.exponent - 64);
}

std::uint32_t fp32_multiply(std::uint32_t x, std::uint32_t y) {
  if (is_nan(x) || is_nan(y)) return kFp32Nan;
  const std::uint32_t sign = (x ^ y) & kSign;
  const Magnitude a = magnitude_of(x & ~kSign);
  const Magnitude b = magnitude_of(y & ~kSign);
  if (is_infinite(x) || is_infinite(y)) {
    const bool zero = (x & ~kSign) == 0 || (y & ~kSign) == 0;
    return zero ? kFp32Nan : sign | kInfinity;
  }
  const auto product = static_cast<std::uint64_t>(a.significand) * b.significand;
  return fp32_round(sign != 0, product, a.exponent + b.exponent);
}

}  // namespace subbyte::kernels
