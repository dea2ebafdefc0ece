// Tests fp32_functions.hpp against the host's arithmetic in double: bounds in units in the last place, and special
// values.
#include "kernels/arithmetic/fp32_functions.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "kernels/arithmetic/fp32.hpp"
#include "quant/base/float16.hpp"
#include "tests/support/vector_cases.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::uint32_t kMinusInfinity = kFp32Infinity | kFp32Sign;

/// The largest error of a function over patterns from `first` to `last`, in steps.
struct Worst {
  double error = 0;
  std::uint32_t at = 0;
};
Worst worst_of(std::uint32_t (*function)(std::uint32_t), double (*exact)(double), std::uint32_t first,
               std::uint32_t last, std::uint32_t step) {
  Worst worst;
  for (std::uint32_t x = first; x < last; x += step) {
    const double error = ulps(function(x), exact(value32(x)));
    if (!(error <= worst.error)) worst = {error, x};
  }
  return worst;
}

double reciprocal(double x) { return 1 / x; }
double over_root(double x) { return 1 / std::sqrt(x); }
double exponential(double x) { return std::exp(x); }

void expect_within(const char* what, Worst worst, double bound) {
  std::cout << what << ": at most " << worst.error << " ulp, at " << value32(worst.at) << "\n";
  EXPECT_LE(worst.error, bound) << what << " at " << std::hex << worst.at;
}

// The significand of a reciprocal depends on that of its operand alone, and that of 1 / sqrt(x) besides on whether the
// exponent is odd. Every third of these is taken, and every FP16 number.
TEST(Fp32Functions, ReciprocalsHoldTheirBounds) {
  expect_within("1 / x", worst_of(fp32_reciprocal, reciprocal, pattern32(1), pattern32(2), 3), 1.2);
  expect_within("1 / sqrt(x)", worst_of(fp32_reciprocal_sqrt, over_root, pattern32(1), pattern32(4), 3), 1.3);
  for (std::uint32_t half = 1; half < 0x7C00; ++half) {
    const std::uint32_t x = pattern32(double{quant::half_to_float(static_cast<std::uint16_t>(half))});
    ASSERT_LE(ulps(fp32_reciprocal(x), 1 / value32(x)), 1.2) << half;
    ASSERT_LE(ulps(fp32_reciprocal(x | kFp32Sign), -1 / value32(x)), 1.2) << half;
    ASSERT_LE(ulps(fp32_reciprocal_sqrt(x), over_root(value32(x))), 1.3) << half;
  }
}

TEST(Fp32Functions, TheirScalesReachFromSubnormalsToTheLargest) {
  for (int power = -149; power < 128; ++power) {
    for (const double significand : {1.0, 1.25, 1.9999998807907104}) {
      const std::uint32_t x = pattern32(std::ldexp(significand, power));
      ASSERT_LE(ulps(fp32_reciprocal(x), 1 / value32(x)), 1.2) << power;
      ASSERT_LE(ulps(fp32_reciprocal_sqrt(x), over_root(value32(x))), 1.3) << power;
    }
    if (power >= -126 && power <= 126) {
      EXPECT_EQ(fp32_reciprocal(pattern32(std::ldexp(1.0, power))), pattern32(std::ldexp(1.0, -power))) << power;
    }
  }
}

TEST(Fp32Functions, ExpHoldsItsBound) {
  const std::uint32_t top = pattern32(104.5);
  expect_within("exp above 0", worst_of(fp32_exp, exponential, 0, top, 211), 1);
  expect_within("exp below 0", worst_of(fp32_exp, exponential, kFp32Sign, top | kFp32Sign, 211), 1);
  for (std::uint32_t half = 0; half < 0x10000; ++half) {
    if (!quant::half_is_finite(static_cast<std::uint16_t>(half))) continue;
    const std::uint32_t x = pattern32(double{quant::half_to_float(static_cast<std::uint16_t>(half))});
    ASSERT_LE(ulps(fp32_exp(x), std::exp(value32(x))), 1) << half;
  }
}

TEST(Fp32Functions, ExpOfSpecialValues) {
  EXPECT_EQ(fp32_exp(0), kFp32One);
  EXPECT_EQ(fp32_exp(kFp32Sign), kFp32One);
  EXPECT_EQ(fp32_exp(kFp32Infinity), kFp32Infinity);
  EXPECT_EQ(fp32_exp(kMinusInfinity), 0U);
  EXPECT_EQ(fp32_exp(0x7F7FFFFF), kFp32Infinity);
  EXPECT_EQ(fp32_exp(0xFF7FFFFF), 0U);
  EXPECT_EQ(fp32_exp(0xFF800001), kFp32Nan);
  EXPECT_EQ(fp32_exp(1), kFp32One);
  EXPECT_EQ(fp32_exp(pattern32(-103)), 1U);
  EXPECT_EQ(fp32_exp(pattern32(-104)), 0U);
}

TEST(Fp32Functions, ReciprocalsOfSpecialValues) {
  EXPECT_EQ(fp32_reciprocal(0), kFp32Infinity);
  EXPECT_EQ(fp32_reciprocal(kFp32Sign), kMinusInfinity);
  EXPECT_EQ(fp32_reciprocal(kFp32Infinity), 0U);
  EXPECT_EQ(fp32_reciprocal(kMinusInfinity), kFp32Sign);
  EXPECT_EQ(fp32_reciprocal(0x7F800001), kFp32Nan);
  EXPECT_EQ(fp32_reciprocal(1), kFp32Infinity);
  EXPECT_EQ(fp32_reciprocal_sqrt(0), kFp32Infinity);
  EXPECT_EQ(fp32_reciprocal_sqrt(kFp32Sign), kFp32Infinity);
  EXPECT_EQ(fp32_reciprocal_sqrt(kFp32Infinity), 0U);
  EXPECT_EQ(fp32_reciprocal_sqrt(kMinusInfinity), kFp32Nan);
  EXPECT_EQ(fp32_reciprocal_sqrt(pattern32(-1)), kFp32Nan);
  EXPECT_EQ(fp32_reciprocal_sqrt(0xFFC00000), kFp32Nan);
}

TEST(Fp32Functions, MaxOrdersZerosAndKeepsNan) {
  EXPECT_EQ(fp32_max(0, kFp32Sign), 0U);
  EXPECT_EQ(fp32_max(kFp32Sign, 0), 0U);
  EXPECT_EQ(fp32_max(kMinusInfinity, pattern32(-2)), pattern32(-2));
  EXPECT_EQ(fp32_max(pattern32(-3), pattern32(-2)), pattern32(-2));
  EXPECT_EQ(fp32_max(pattern32(3), kFp32Infinity), kFp32Infinity);
  EXPECT_EQ(fp32_max(kMinusInfinity, 0x7F800001), kFp32Nan);
  EXPECT_EQ(fp32_max(0xFFFFFFFF, 0), kFp32Nan);
}

TEST(Fp32Functions, DivideIsTheHosts) {
  Random random(3);
  const std::uint32_t edges[] = {0, 1, 0x007FFFFF, 0x00800000, 0x3F800000, 0x7F7FFFFF, 0x7F800000, 0x7FC00001};
  const auto check = [](std::uint32_t x, std::uint32_t y) {
    const float quotient = std::bit_cast<float>(x) / std::bit_cast<float>(y);
    const std::uint32_t expected = std::isnan(quotient) ? kFp32Nan : std::bit_cast<std::uint32_t>(quotient);
    ASSERT_EQ(fp32_divide(x, y), expected) << std::hex << x << " / " << y;
  };
  for (const std::uint32_t x : edges)
    for (const std::uint32_t y : edges)
      for (const std::uint32_t signs : {0U, 1U, 2U, 3U}) check(x | signs << 31, y | (signs & 2) << 30);
  for (int i = 0; i < 1000000; ++i)
    check(static_cast<std::uint32_t>(random.next()), static_cast<std::uint32_t>(random.next()));
}

}  // namespace
}  // namespace subbyte::kernels
