// Tests FP16 conversions: every bit pattern, every tie, every boundary.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "quant/base/float16.hpp"
#include "tests/support/quant/quant_reference.hpp"

namespace subbyte::quant {
namespace {

TEST(Float16, EveryFinitePatternIsExactAndReadsBack) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    if (!half_is_finite(static_cast<std::uint16_t>(bits))) continue;
    const float value = half_to_float(static_cast<std::uint16_t>(bits));
    ASSERT_EQ(reference::exact(value), reference::half_value(bits)) << bits;
    ASSERT_EQ(std::signbit(value), bits >= 0x8000);
    ASSERT_EQ(half_from_float(value), bits);
  }
}

TEST(Float16, TiesGoToEvenAndNeighboursOfTiesDoNot) {
  for (unsigned bits = 0; bits < 0x7C00; ++bits) {
    const double low = half_to_float(static_cast<std::uint16_t>(bits));
    const double high = bits + 1 == 0x7C00 ? 65536 : half_to_float(static_cast<std::uint16_t>(bits + 1));
    const double tie = (low + high) / 2;
    ASSERT_EQ(half_from_double(tie), bits + (bits & 1)) << bits;
    // This is one unit in the last place of a double, which rounding through FP32 would lose.
    ASSERT_EQ(half_from_double(std::nextafter(tie, 0)), bits) << bits;
    ASSERT_EQ(half_from_double(std::nextafter(tie, 1e9)), bits + 1) << bits;
    ASSERT_EQ(half_from_double(-tie), 0x8000 + bits + (bits & 1)) << bits;
  }
}

TEST(Float16, ExtremesAndSpecials) {
  EXPECT_EQ(half_from_double(0x1p-25), 0);
  EXPECT_EQ(half_from_double(std::nextafter(0x1p-25, 1)), 1);
  EXPECT_EQ(half_from_double(1e-300), 0);
  EXPECT_EQ(half_from_double(-5e-324), 0x8000);
  EXPECT_EQ(half_from_double(65519.999), 0x7BFF);
  EXPECT_EQ(half_from_double(65520), 0x7C00);
  EXPECT_EQ(half_from_double(-1e300), 0xFC00);
  EXPECT_EQ(half_from_double(INFINITY), 0x7C00);
  EXPECT_EQ(half_from_double(NAN), 0x7E00);
  EXPECT_TRUE(std::isinf(half_to_float(0x7C00)));
  EXPECT_TRUE(std::isinf(half_to_float(0xFC00)));
  EXPECT_TRUE(std::isnan(half_to_float(0x7E01)));
  EXPECT_EQ(half_from_double(1e-5), 0x00A8);
}

TEST(Float16, RandomDoublesAreRoundedOnce) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> exponent(-28, 16);
  for (int i = 0; i < 3000; ++i) {
    const double value =
        std::ldexp(1 + std::ldexp(static_cast<double>(random() >> 12), -52), static_cast<int>(exponent(random)));
    ASSERT_EQ(half_from_double(value), reference::half_bits(reference::exact(value))) << value;
  }
}

}  // namespace
}  // namespace subbyte::quant
