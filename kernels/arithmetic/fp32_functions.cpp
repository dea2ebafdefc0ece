#include "kernels/arithmetic/fp32_functions.hpp"

#include <bit>

#include "kernels/arithmetic/fp32.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::uint32_t pattern(float value) { return std::bit_cast<std::uint32_t>(value); }

/// A number other than 0 and infinity as significand * 2^exponent, with 24 bits of significand.
struct Normalized {
  std::uint32_t significand;
  int exponent;
};

Normalized normalized(std::uint32_t x) {
  const std::uint32_t field = x >> 23 & 0xFF;
  const std::uint32_t fraction = x & 0x7FFFFF;
  if (field != 0) return {fraction | 0x800000, static_cast<int>(field) - 150};
  const int shift = std::countl_zero(fraction) - 8;
  return {fraction << shift, -149 - shift};
}

/// Returns 1 - a * b, with both roundings.
std::uint32_t residual(std::uint32_t a, std::uint32_t b) {
  return fp32_add(kFp32One, fp32_negate(fp32_multiply(a, b)));
}

}  // namespace

std::uint32_t fp32_max(std::uint32_t x, std::uint32_t y) {
  if (fp32_is_nan(x) || fp32_is_nan(y)) return kFp32Nan;
  // Patterns of one sign are ordered as integers, and in the other direction below zero.
  const auto key = [](std::uint32_t z) { return (z & kFp32Sign) != 0 ? ~z : z | kFp32Sign; };
  return key(x) < key(y) ? y : x;
}

std::uint32_t fp32_scale(std::uint32_t x, int power) {
  if (fp32_is_nan(x)) return kFp32Nan;
  if (!fp32_is_finite(x) || (x & ~kFp32Sign) == 0) return x;
  const Normalized number = normalized(x);
  return fp32_round((x & kFp32Sign) != 0, number.significand, number.exponent + power);
}

std::uint32_t fp32_divide(std::uint32_t x, std::uint32_t y) {
  if (fp32_is_nan(x) || fp32_is_nan(y)) return kFp32Nan;
  const std::uint32_t sign = (x ^ y) & kFp32Sign;
  const bool zero = (x & ~kFp32Sign) == 0;
  const bool by_zero = (y & ~kFp32Sign) == 0;
  if ((zero && by_zero) || (!fp32_is_finite(x) && !fp32_is_finite(y))) return kFp32Nan;
  if (zero || !fp32_is_finite(y)) return sign;
  if (by_zero || !fp32_is_finite(x)) return sign | kFp32Infinity;
  const Normalized a = normalized(x);
  const Normalized b = normalized(y);
  // The quotient has 32 bits at least, so that the last one can stand for all that follow.
  const std::uint64_t dividend = std::uint64_t{a.significand} << 32;
  const std::uint64_t quotient = dividend / b.significand | (dividend % b.significand != 0 ? 1 : 0);
  return fp32_round(sign != 0, quotient, a.exponent - b.exponent - 32);
}

std::uint32_t fp32_exp(std::uint32_t x) {
  // Beyond these numbers the result is 0 or infinity.
  constexpr std::uint32_t kLowest = pattern(-104.0F), kHighest = pattern(89.0F);
  // Adding this number rounds to an integer, which then stands in the lowest bits.
  constexpr std::uint32_t kRounder = pattern(0x1.8p23F);
  constexpr std::uint32_t kLog2OfE = pattern(0x1.715476p0F);
  // ln 2 in two parts, of which the first has so few bits that its product with n is exact.
  constexpr std::uint32_t kLn2High = pattern(0.693359375F), kLn2Low = pattern(-2.12194440e-4F);
  // (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2: the coefficients of expf in Moshier's Cephes library.
  constexpr std::uint32_t kFirst = pattern(1.9875691500e-4F);
  constexpr std::uint32_t kOthers[] = {pattern(1.3981999507e-3F), pattern(8.3334519073e-3F), pattern(4.1665795894e-2F),
                                       pattern(1.6666665459e-1F), pattern(5.0000001201e-1F)};
  if (fp32_is_nan(x)) return kFp32Nan;
  x = fp32_max(x, kLowest);
  if (fp32_max(x, kHighest) == x) x = kHighest;
  const std::uint32_t rounded = fp32_add(fp32_multiply(x, kLog2OfE), kRounder);
  const std::uint32_t n = fp32_add(rounded, fp32_negate(kRounder));
  std::uint32_t r = fp32_add(x, fp32_negate(fp32_multiply(n, kLn2High)));
  r = fp32_add(r, fp32_negate(fp32_multiply(n, kLn2Low)));
  std::uint32_t q = kFirst;
  for (const std::uint32_t coefficient : kOthers) q = fp32_add(fp32_multiply(q, r), coefficient);
  const std::uint32_t tail = fp32_add(fp32_multiply(fp32_multiply(r, r), q), r);
  return fp32_scale(fp32_add(kFp32One, tail), static_cast<int>(rounded) - static_cast<int>(kRounder));
}

std::uint32_t fp32_reciprocal(std::uint32_t x) {
  if (fp32_is_nan(x)) return kFp32Nan;
  const std::uint32_t sign = x & kFp32Sign;
  if (!fp32_is_finite(x)) return sign;
  if ((x & ~kFp32Sign) == 0) return sign | kFp32Infinity;
  const Normalized number = normalized(x);
  // d is the significand in 1/2 .. 1, and the line is nearest to 1 / d there, within 1/17 of it.
  const std::uint32_t d = pattern(0.5F) | (number.significand & 0x7FFFFF);
  std::uint32_t y = fp32_add(pattern(48.0F / 17.0F), fp32_multiply(pattern(-32.0F / 17.0F), d));
  for (int step = 0; step < 3; ++step) y = fp32_add(y, fp32_multiply(y, residual(d, y)));
  return sign | fp32_scale(y, -24 - number.exponent);
}

std::uint32_t fp32_reciprocal_sqrt(std::uint32_t x) {
  if (fp32_is_nan(x)) return kFp32Nan;
  if ((x & ~kFp32Sign) == 0) return kFp32Infinity;
  if ((x & kFp32Sign) != 0) return kFp32Nan;
  if (!fp32_is_finite(x)) return 0;
  const Normalized number = normalized(x);
  // x is m * 2^power with m in 1 .. 4 and an even power.
  const int exponent = number.exponent + 23;
  const int power = exponent & ~1;
  const std::uint32_t m = static_cast<std::uint32_t>(127 + (exponent & 1)) << 23 | (number.significand & 0x7FFFFF);
  std::uint32_t y = 0x5F375A86U - (m >> 1);
  for (int step = 0; step < 3; ++step) {
    const std::uint32_t error = residual(fp32_multiply(m, y), y);
    y = fp32_add(y, fp32_multiply(fp32_multiply(pattern(0.5F), y), error));
  }
  return fp32_scale(y, -power / 2);
}

}  // namespace subbyte::kernels
