// Tests fp32.hpp against the host's IEEE arithmetic (SSE, round to nearest even) on random and edge operands.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {
namespace {

std::uint32_t canonical(float value) { return std::isnan(value) ? kFp32Nan : std::bit_cast<std::uint32_t>(value); }

const std::vector<std::uint32_t>& edges() {
  static const std::vector<std::uint32_t> values = [] {
    std::vector<std::uint32_t> all;
    for (const std::uint32_t x :
         {0x00000000U, 0x00000001U, 0x00000002U, 0x007FFFFFU, 0x00800000U, 0x00800001U, 0x00FFFFFFU,
          0x01000000U, 0x33800000U, 0x34000000U, 0x34000001U, 0x3F7FFFFFU, 0x3F800000U, 0x3F800001U,
          0x3FFFFFFFU, 0x4B7FFFFFU, 0x4B800000U, 0x5F000000U, 0x7F000000U, 0x7F7FFFFEU, 0x7F7FFFFFU,
          0x7F800000U, 0x7F800001U, 0x7FC00000U, 0x7FFFFFFFU, 0x1F800000U, 0x20000000U, 0x1FFFFFFFU}) {
      all.push_back(x);
      all.push_back(x | 0x80000000U);
    }
    return all;
  }();
  return values;
}

void check(std::uint32_t x, std::uint32_t y) {
  const auto a = std::bit_cast<float>(x);
  const auto b = std::bit_cast<float>(y);
  ASSERT_EQ(fp32_add(x, y), canonical(a + b)) << std::hex << x << " + " << y;
  ASSERT_EQ(fp32_multiply(x, y), canonical(a * b)) << std::hex << x << " * " << y;
}

TEST(Fp32, EdgesAgainstEdges) {
  for (const std::uint32_t x : edges()) {
    for (const std::uint32_t y : edges()) check(x, y);
  }
}

TEST(Fp32, EdgesAgainstRandom) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto y = static_cast<std::uint32_t>(random.next());
    for (const std::uint32_t x : edges()) {
      check(x, y);
      check(y, x);
    }
  }
}

TEST(Fp32, MillionsOfRandomPairs) {
  Random random(2);
  for (int i = 0; i < 3000000; ++i)
    check(static_cast<std::uint32_t>(random.next()), static_cast<std::uint32_t>(random.next()));
}

TEST(Fp32, PairsOfNearExponentsCancelAndCarry) {
  Random random(3);
  for (int i = 0; i < 3000000; ++i) {
    const auto x = static_cast<std::uint32_t>(random.next());
    const std::uint32_t field = ((x >> 23) & 0xFF) + random.below(56) - 28;
    // Fractions near 0 and near 1 make ties and carries common.
    const std::uint32_t fraction = random.percent(50) ? static_cast<std::uint32_t>(random.next())
                                                      : (random.below(2) != 0 ? 0U : ~0U) ^ (1U << random.below(23));
    check(x, (static_cast<std::uint32_t>(random.next()) & 0x80000000U) | (field & 0xFF) << 23 | (fraction & 0x7FFFFF));
    check(x, (x ^ 0x80000000U) + random.below(3) - 1);
  }
}

TEST(Fp32, RoundOfAProductIsOneRounding) {
  Random random(4);
  unsigned subnormal = 0;
  unsigned infinite = 0;
  for (int i = 0; i < 3000000; ++i) {
    UInt128 magnitude = (static_cast<UInt128>(random.next()) << 64 | random.next()) >> (53 + random.below(75));
    if (random.percent(30))
      magnitude = static_cast<UInt128>(random.next() >> 39 | 1) << random.below(40) | random.below(2);
    const int exponent = static_cast<int>(random.below(512)) - 256;
    const bool negative = random.below(2) != 0;
    const Int128 product = negative ? -static_cast<Int128>(magnitude) : static_cast<Int128>(magnitude);
    // 64 significant bits with a sticky bit round like all of them; the x87 cast rounds once, subnormals
    // included.
    UInt128 folded = magnitude;
    int lift = 0;
    while (folded >> 63 != 0) {
      folded = folded >> 1 | (folded & 1);
      ++lift;
    }
    const long double exact =
        std::ldexp(static_cast<long double>(static_cast<std::uint64_t>(folded)), exponent - 50 + lift);
    const auto expected = static_cast<float>(negative && magnitude != 0 ? -exact : exact);
    ASSERT_EQ(fp32_round_product(product, exponent, false), std::bit_cast<std::uint32_t>(expected)) << exponent;
    subnormal += std::fpclassify(expected) == FP_SUBNORMAL;
    infinite += std::isinf(expected);
  }
  EXPECT_GT(subnormal, 1000U);
  EXPECT_GT(infinite, 1000U);
  EXPECT_EQ(fp32_round_product(123, 0, true), kFp32Nan);
  EXPECT_EQ(fp32_round_product(0, 200, false), 0U);
  EXPECT_EQ(fp32_round_product(-1, -200, false), 0x80000000U);
}

}  // namespace
}  // namespace subbyte::kernels
