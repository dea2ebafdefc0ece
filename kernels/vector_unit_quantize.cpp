#include "kernels/vector_unit_quantize.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "kernels/arithmetic/fp32_functions.hpp"
#include "kernels/arithmetic/int128.hpp"
#include "quant/base/float16.hpp"
#include "quant/rules/exact_quantizer.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::uint16_t kHalfNan = 0x7E00;

/// A magnitude worth significand * 2^exponent.
struct Magnitude {
  std::uint64_t significand;
  int exponent;
};

Magnitude magnitude_of(std::uint32_t x) {
  const std::uint32_t field = x >> 23 & 0xFF;
  return {(x & 0x7FFFFF) | (field != 0 ? 0x800000U : 0U), static_cast<int>(std::max(field, 1U)) - 150};
}

/// Returns the magnitude of x + y in at most 50 bits, of which the lowest stands for what was cut off.
Magnitude sum_of(std::uint32_t x, std::uint32_t y) {
  Magnitude large = magnitude_of(x), small = magnitude_of(y);
  const bool opposite = ((x ^ y) & kFp32Sign) != 0;
  if ((x & ~kFp32Sign) < (y & ~kFp32Sign)) std::swap(large, small);
  const int distance = large.exponent - small.exponent;
  if (distance > 25) {
    const std::uint64_t sum = large.significand << 26;
    const std::uint64_t rest = small.significand != 0 ? 1 : 0;
    return {opposite ? sum - rest : sum + rest, large.exponent - 26};
  }
  const std::uint64_t sum = large.significand << distance;
  return {opposite ? sum - small.significand : sum + small.significand, small.exponent};
}

/// Returns the FP16 number nearest to magnitude / divisor, at least the smallest scale of a group.
GroupScale stored_scale(Magnitude magnitude, unsigned divisor) {
  const UInt128 dividend = UInt128{magnitude.significand} << 32;
  // A tie between two FP16 numbers times a divisor has less than 20 bits, so that a lowest bit may stand for the rest.
  auto quotient = static_cast<UInt128>(dividend / divisor | (dividend % divisor != 0 ? 1 : 0));
  int exponent = magnitude.exponent - 32;
  while (quotient >> 50 != 0) {
    quotient = quotient >> 1 | (quotient & 1);
    ++exponent;
  }
  const double value = std::ldexp(static_cast<double>(static_cast<std::uint64_t>(quotient)), exponent);
  return {std::max(quant::half_from_double(value), quant::kMinScaleBits)};
}

}  // namespace

GroupScale symmetric_scale(std::uint32_t magnitude, unsigned bits) {
  if (!fp32_is_finite(magnitude)) return {kHalfNan};
  return stored_scale(magnitude_of(magnitude), (1U << (bits - 1)) - 1);
}

GroupScale range_scale(std::uint32_t largest, std::uint32_t negated_least, unsigned bits) {
  if (!fp32_is_finite(largest) || !fp32_is_finite(negated_least)) return {kHalfNan};
  return stored_scale(sum_of(largest, negated_least), (1U << bits) - 1);
}

int rounded_quotient(std::uint32_t x, std::uint32_t scale, int limit) {
  const Magnitude a = magnitude_of(x), b = magnitude_of(scale);
  const int sign = (x & kFp32Sign) != 0 ? -1 : 1;
  const int distance = a.exponent - b.exponent;
  // Significands have at most 24 bits: further apart than this, one of them is all that counts.
  if (a.significand == 0 || distance < -26) return 0;
  if (distance > 34) return sign * limit;
  const std::uint64_t dividend = a.significand << std::max(distance, 0);
  const std::uint64_t divisor = b.significand << std::max(-distance, 0);
  std::uint64_t quotient = dividend / divisor;
  const std::uint64_t rest = 2 * (dividend % divisor);
  if (rest > divisor || (rest == divisor && (quotient & 1) != 0)) ++quotient;
  return sign * static_cast<int>(std::min<std::uint64_t>(quotient, static_cast<std::uint64_t>(limit)));
}

}  // namespace subbyte::kernels
