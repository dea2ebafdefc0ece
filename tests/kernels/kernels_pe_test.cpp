// Tests the PE's steps: properties of jam and round-to-even that hold whatever the code looks like, and the special
// values.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "kernels/bitserial_pe.hpp"
#include "kernels/group_dequant.hpp"
#include "kernels/parts/random_values.hpp"
#include "quant/base/float16.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kNonzero = 8;  // at shift_width 3: {negative, nonzero, shift}
constexpr unsigned kNegative = 16;

struct Lanes {
  std::array<std::uint16_t, 4> activations{};
  std::array<TermBits, 4> terms{};
};

Lanes draw(Random& random) {
  Lanes lanes;
  for (unsigned l = 0; l < 4; ++l) {
    lanes.activations[l] = draw_activations(random, draw_kind(random, false), 1, true)[0];
    lanes.terms[l] = static_cast<TermBits>(random.below(32));
  }
  return lanes;
}

double term_value(TermBits term) {
  if ((term & kNonzero) == 0) return 0;
  return ((term & kNegative) != 0 ? -1.0 : 1.0) * static_cast<double>(1U << (term & 7));
}

double exact_sum(const Lanes& lanes) {  // at most 2^18 * 2^24 units: exact in a double
  double sum = 0;
  for (unsigned l = 0; l < 4; ++l) sum += quant::half_to_float(lanes.activations[l]) * term_value(lanes.terms[l]);
  return sum;
}

double value(const PeAlign& beat) { return std::ldexp(static_cast<double>(beat.sum), beat.exponent - 25); }
double value(const PeState& state) { return std::ldexp(static_cast<double>(state.mantissa), state.exponent - 25); }

TEST(Align, IsWithinOneUnitPerLaneAndExactWhenNothingIsShiftedOut) {
  Random random(1);
  const PeParams params;
  PeParams wide;
  wide.align_bits = 16;
  unsigned inexact = 0;
  for (int i = 0; i < 300000; ++i) {
    const Lanes lanes = draw(random);
    const PeAlign beat = align(params, lanes.activations, lanes.terms);
    const double error = std::abs(value(beat) - exact_sum(lanes));
    ASSERT_LT(error, 4 * std::ldexp(1.0, beat.exponent - 25));
    ASSERT_LT(std::abs(static_cast<double>(beat.sum)), std::ldexp(1.0, static_cast<int>(params.sum_bits())));
    inexact += error != 0;
    PeParams exact = params;
    exact.exact = true;
    ASSERT_EQ(value(align(exact, lanes.activations, lanes.terms)), exact_sum(lanes));
    // Within 16 binades of the largest product nothing is lost.
    const PeAlign wide_beat = align(wide, lanes.activations, lanes.terms);
    if (wide_beat.exponent <= 1) {
      ASSERT_EQ(value(wide_beat), exact_sum(lanes));
    }
  }
  EXPECT_GT(inexact, 1000U);
}

TEST(Align, SignsAndLaneOrderDoNotMatter) {
  Random random(2);
  for (const bool truncate : {false, true}) {
    PeParams params;
    params.truncate = truncate;
    for (int i = 0; i < 100000; ++i) {
      Lanes lanes = draw(random);
      const PeAlign beat = align(params, lanes.activations, lanes.terms);
      for (TermBits& term : lanes.terms) term ^= kNegative;
      ASSERT_EQ(align(params, lanes.activations, lanes.terms).sum, -beat.sum);
      for (std::uint16_t& activation : lanes.activations) activation ^= 0x8000;
      std::swap(lanes.activations[0], lanes.activations[3]);
      std::swap(lanes.terms[0], lanes.terms[3]);
      const PeAlign swapped = align(params, lanes.activations, lanes.terms);
      ASSERT_EQ(swapped.sum, beat.sum);
      ASSERT_EQ(swapped.exponent, beat.exponent);
    }
  }
}

TEST(Align, JamLeavesASignOfWhatWasShiftedOut) {
  const PeParams params;  // align_bits 6
  // 2^15 stands beside the smallest subnormal, which is 39 binades apart.
  const std::array<std::uint16_t, 4> activations = {0x7800, 0x0001, 0, 0};
  const std::array<TermBits, 4> terms = {kNonzero, kNonzero, 0, 0};
  EXPECT_EQ(align(params, activations, terms).sum, (0x400 << 6) + 1);
  const std::array<TermBits, 4> opposite = {kNonzero, kNonzero | kNegative, 0, 0};
  EXPECT_EQ(align(params, activations, opposite).sum, (0x400 << 6) - 1);
  PeParams truncating = params;
  truncating.truncate = true;
  EXPECT_EQ(align(truncating, activations, terms).sum, 0x400 << 6);
}

TEST(Align, ZerosOfEitherSignAreDeadAndNonfiniteIsNoticedWhateverItsTerm) {
  const PeParams params;
  const std::array<std::uint16_t, 4> zeros = {0x0000, 0x8000, 0x0000, 0x8000};
  const std::array<TermBits, 4> terms = {15, 31, 8, 24};
  EXPECT_EQ(align(params, zeros, terms).sum, 0);
  EXPECT_EQ(align(params, zeros, terms).exponent, 0);
  for (const std::uint16_t special : {0x7C00, 0xFC00, 0x7E00, 0x7C01}) {
    const std::array<std::uint16_t, 4> activations = {special, 0x3C00, 0, 0};
    const std::array<TermBits, 4> dead = {0, kNonzero, 0, 0};
    const PeAlign beat = align(params, activations, dead);
    EXPECT_TRUE(beat.nonfinite);
    EXPECT_EQ(value(beat), 1.0);
  }
}

/// Returns half a unit in the last place of a `width`-bit magnitude that holds `x`.
double half_ulp(double x, unsigned width) {
  return x == 0 ? 0 : std::ldexp(1.0, std::ilogb(x) - static_cast<int>(width));
}

TEST(Accumulate, FirstBeatIsRoundedToNearestEvenOrTruncated) {
  Random random(3);
  PeParams params;
  params.acc_width = 8;
  PeParams truncating = params;
  truncating.truncate = true;
  unsigned ties = 0;
  for (int i = 0; i < 300000; ++i) {
    // The sums have the full 19 bits (smaller ones lose bits to the fixed top of step 2), and ties are among them.
    const std::int64_t noise = random.percent(50) ? 0 : random.below(1U << 10);
    const std::int64_t magnitude = (std::int64_t{256 + random.below(256)} << 10) + noise;
    const PeAlign beat{random.below(2) != 0 ? magnitude : -magnitude, static_cast<int>(random.below(40)) - 10, false};
    PeState nearest, toward_zero;
    accumulate(params, nearest, beat);
    accumulate(truncating, toward_zero, beat);
    const double error = value(nearest) - value(beat);
    ASSERT_LE(std::abs(error), half_ulp(value(beat), 8));
    if (error != 0 && std::abs(error) == half_ulp(value(beat), 8)) {
      ++ties;
      const std::int64_t kept = nearest.mantissa;
      ASSERT_TRUE(kept % 2 == 0 || std::abs(kept) == 128) << kept;
    }
    ASSERT_LE(std::abs(value(toward_zero)), std::abs(value(beat)));
    ASSERT_LT(std::abs(value(toward_zero) - value(beat)), 2 * half_ulp(value(beat), 8));
    ASSERT_LT(std::abs(nearest.mantissa), 256);
  }
  EXPECT_GT(ties, 1000U);
}

TEST(Accumulate, EveryStepIsWithinHalfAUnitPlusTheGuardBits) {
  Random random(4);
  for (const unsigned guard : {1U, 3U, 8U}) {
    PeParams params;
    params.guard_bits = guard;
    PeState state, mirrored;
    for (int i = 0; i < 200000; ++i) {
      const Lanes lanes = draw(random);
      PeAlign beat = align(params, lanes.activations, lanes.terms);
      const double exact = value(state) + value(beat);
      const double larger = std::max(std::abs(value(state)), std::abs(value(beat)));
      const int top =
          std::max(state.mantissa != 0 ? state.exponent + 20 : -99, beat.sum != 0 ? beat.exponent + 19 : -99);
      accumulate(params, state, beat);
      beat.sum = -beat.sum;
      accumulate(params, mirrored, beat);
      ASSERT_EQ(mirrored.mantissa, -state.mantissa);
      ASSERT_EQ(mirrored.exponent, state.exponent);
      const double unit = std::ldexp(1.0, top - 20 - static_cast<int>(guard) - 25);
      ASSERT_LE(std::abs(value(state) - exact), half_ulp(std::max(std::abs(exact), larger), 19) + unit);
      ASSERT_GE(state.exponent, -128);
      ASSERT_LE(state.exponent, 127);
      if (random.percent(3)) state = mirrored = {};
    }
  }
}

TEST(Accumulate, DeadBeatsKeepTheValueAndAnEmptyGroupIsZero) {
  const PeParams params;
  PeState state;
  accumulate(params, state, {});
  EXPECT_EQ(state, PeState{});
  accumulate(params, state, {5, 3, false});
  const double before = value(state);
  for (int i = 0; i < 20; ++i) accumulate(params, state, {});
  EXPECT_EQ(value(state), before);
  EXPECT_EQ(state.mantissa, 5 << 17);  // renormalised to 20 bits, and no further
  accumulate(params, state, {-5, 3, false});
  EXPECT_EQ(state, PeState{});
}

TEST(Accumulate, ANonfiniteGroupHasNoNumber) {
  PeParams params;
  PeState state;
  accumulate(params, state, {5, 3, true});
  accumulate(params, state, {5, 3, false});
  EXPECT_EQ(finished(params, state), (PeState{0, 0, true}));
  params.exact = true;
  EXPECT_EQ(finished(params, state), (PeState{0, 1, true}));
}

TEST(Dequantize, IsTheExactProduct) {
  Random random(5);
  for (int i = 0; i < 100000; ++i) {
    const auto scale = static_cast<std::uint16_t>(random.next());
    const PeState group{static_cast<std::int64_t>(random.next()) >> random.below(64),
                        static_cast<int>(random.below(60)) - 20, random.percent(5)};
    const DequantResult u8 = dequantize(group, scale, true);
    const DequantResult half = dequantize(group, scale, false);
    ASSERT_EQ(u8.nonfinite, group.nonfinite);
    ASSERT_EQ(half.nonfinite, group.nonfinite || (scale & 0x7C00) == 0x7C00);
    if (group.nonfinite) continue;
    ASSERT_TRUE(u8.product == static_cast<Int128>(group.mantissa) * (scale & 0xFF));
    ASSERT_EQ(u8.exponent, group.exponent + 25);
    if (half.nonfinite) continue;
    const long double product = static_cast<long double>(half.product);
    const long double exact = static_cast<long double>(group.mantissa) * std::abs(quant::half_to_float(scale));
    ASSERT_EQ(std::ldexp(product, half.exponent - 50), std::ldexp(exact, group.exponent - 25));
  }
}

}  // namespace
}  // namespace subbyte::kernels
