// IEEE 754 binary32 on bit patterns: round to nearest even, gradual underflow, overflow to infinity; every NaN result
// is 0x7FC00000. It is written in integers so that the bits depend on no compiler flag and no host. The numbers are in
// kernels/ARITHMETIC.md, section 4.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/int128.hpp"

namespace subbyte::kernels {

inline constexpr std::uint32_t kFp32Nan = 0x7FC00000U;

/// Returns magnitude * 2^exponent with the given sign; a magnitude that rounds to zero, or is zero, keeps the sign.
std::uint32_t fp32_round(bool negative, UInt128 magnitude, int exponent);
/// Returns a dequantized group sum, which is worth product * 2^(exponent-50). A product of 0 gives +0, and nonfinite
/// gives NaN.
std::uint32_t fp32_round_product(Int128 product, int exponent, bool nonfinite);
/// Returns x + y; the exact sum of x and -x is +0.
std::uint32_t fp32_add(std::uint32_t x, std::uint32_t y);
std::uint32_t fp32_multiply(std::uint32_t x, std::uint32_t y);

}  // namespace subbyte::kernels
