// Functions of FP32 patterns, each a stated sequence of FP32 operations, so that the bits depend on no library and no
// host. The sequences are in kernels/VECTOR.md. Every NaN that comes out is 0x7FC00000.
#pragma once

#include <cstdint>

namespace subbyte::kernels {

inline constexpr std::uint32_t kFp32Sign = 0x80000000U;
inline constexpr std::uint32_t kFp32Infinity = 0x7F800000U;
inline constexpr std::uint32_t kFp32One = 0x3F800000U;

constexpr bool fp32_is_nan(std::uint32_t x) { return (x & ~kFp32Sign) > kFp32Infinity; }
constexpr bool fp32_is_finite(std::uint32_t x) { return (x & ~kFp32Sign) < kFp32Infinity; }
constexpr std::uint32_t fp32_negate(std::uint32_t x) { return x ^ kFp32Sign; }

/// Returns the larger number, where -0 is below +0; NaN where either is NaN.
std::uint32_t fp32_max(std::uint32_t x, std::uint32_t y);
/// Returns x * 2^power, rounded once.
std::uint32_t fp32_scale(std::uint32_t x, int power);
/// Returns x / y, correctly rounded as IEEE 754 does.
std::uint32_t fp32_divide(std::uint32_t x, std::uint32_t y);
/// Returns e^x within one unit in the last place (2^-149 below the normal numbers).
std::uint32_t fp32_exp(std::uint32_t x);
/// Returns 1 / x within 1.2 units in the last place. The reciprocal of ±0 is ±infinity, and that of ±infinity ±0.
std::uint32_t fp32_reciprocal(std::uint32_t x);
/// Returns 1 / sqrt(x) within 1.3 units in the last place: +infinity for ±0, +0 for +infinity, NaN below zero.
std::uint32_t fp32_reciprocal_sqrt(std::uint32_t x);

}  // namespace subbyte::kernels
