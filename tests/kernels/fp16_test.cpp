// Tests the decoder of FP16 against the conversion to FP32, for every pattern.
#include "kernels/arithmetic/fp16.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "quant/base/float16.hpp"

namespace subbyte::kernels {
namespace {

TEST(Fp16, EveryPatternIsWorthWhatItsFp32Is) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const Fp16 number = fp16_of(static_cast<std::uint16_t>(bits));
    const float value = quant::half_to_float(static_cast<std::uint16_t>(bits));
    ASSERT_EQ(number.finite(), std::isfinite(value)) << bits;
    ASSERT_EQ(number.infinite(), std::isinf(value)) << bits;
    ASSERT_EQ(number.nan(), std::isnan(value)) << bits;
    ASSERT_EQ(number.negative, std::signbit(value)) << bits;
    ASSERT_LT(number.significand, 0x800U) << bits;
    if (!number.finite()) continue;
    ASSERT_EQ(std::ldexp(static_cast<double>(number.significand), number.exponent - 25), std::abs(value)) << bits;
    ASSERT_TRUE(number.significand >= 0x400 || number.exponent == 1) << bits;
  }
}

}  // namespace
}  // namespace subbyte::kernels
