// Computes the exact dot product by integers of any length; exact_linear is compared with it.
#pragma once

#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <span>

namespace subbyte::kernels {

using Integer = boost::multiprecision::cpp_int;

/// The integers are in units of 2^-149.
inline Integer integer(float value) {
  int exponent = 0;
  const float fraction = std::frexp(value, &exponent);
  const auto significand = static_cast<std::int64_t>(std::ldexp(fraction, 24));
  const int shift = exponent - 24 + 149;
  return shift >= 0 ? Integer(significand) << shift : Integer(significand / (std::int64_t{1} << -shift));
}

/// Returns the FP32 RNE of sum * 2^-298 by bisection over the patterns of magnitudes; the pattern of Inf stands for
/// 2^128.
inline float rounded(const Integer& sum) {
  if (sum == 0) return 0;
  const Integer magnitude = abs(sum);
  const auto value = [](std::uint32_t bits) {
    return bits == 0x7F800000 ? Integer(1) << (128 + 298) : integer(std::bit_cast<float>(bits)) << 149;
  };
  std::uint32_t low = 0;
  std::uint32_t high = 0x7F800000;
  while (high - low > 1) {
    const std::uint32_t middle = (low + high) / 2;
    (value(middle) <= magnitude ? low : high) = middle;
  }
  const Integer twice = magnitude * 2 - value(low) - value(high);
  const std::uint32_t bits = twice > 0 || (twice == 0 && low % 2 == 1) ? high : low;
  return std::bit_cast<float>(bits | (sum < 0 ? 0x80000000U : 0U));
}

inline float reference(std::span<const float> x, std::span<const float> w) {
  Integer sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += integer(x[i]) * integer(w[i]);
  return rounded(sum);
}

}  // namespace subbyte::kernels
