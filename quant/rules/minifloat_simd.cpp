// The loops over small groups for every instruction set that Highway finds; one is chosen at run time.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "quant/base/simd_targets.hpp"
#include "quant/rules/minifloat_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/rules/minifloat_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef SUBBYTE_QUANT_MINIFLOAT_STEPS
#define SUBBYTE_QUANT_MINIFLOAT_STEPS
namespace subbyte::quant {

/// A minifloat as the FP32 loop needs it.
struct MinifloatSteps {
  int dropped = 0;          ///< FP32 fraction bits below the mantissa
  std::int32_t offset = 0;  ///< FP32 bits >> dropped minus the code, of normal numbers
  float largest = 0;
  float least_normal = 0;
  float to_units = 0;  ///< the number whose last bit is the unit of subnormals
  int to_sign = 0;     ///< right shift from FP32's sign bit
};

inline float power_of_two(int exponent) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(exponent + 127) << 23);
}

inline MinifloatSteps steps_of(const Minifloat& minifloat) {
  MinifloatSteps steps;
  steps.dropped = 23 - static_cast<int>(minifloat.mantissa_bits);
  steps.offset = (127 - minifloat.bias) * (1 << minifloat.mantissa_bits);
  steps.largest = static_cast<float>(minifloat.largest());
  steps.least_normal = power_of_two(1 - minifloat.bias);
  steps.to_units = power_of_two(23 + minifloat.unit_exponent());
  steps.to_sign = 32 - static_cast<int>(minifloat.bits());
  return steps;
}

/// Returns whether all of the above are normal FP32 numbers.
inline bool fits_fp32(const Minifloat& minifloat) {
  return minifloat.exponent_bits > 0 && minifloat.is_signed && minifloat.unit_exponent() >= -100 &&
         minifloat.unit_exponent() <= 100 && minifloat.largest() <= 0x1p100;
}

/// A border of codes times the scale is then an FP32 number, or the quotient of another weight would be further from
/// the border than FP32 division can move it. So the quotient may be FP32.
inline bool short_scale(double scale) {
  constexpr std::uint64_t kBelow15Bits = (1ULL << (52 - 14)) - 1;
  return (std::bit_cast<std::uint64_t>(scale) & kBelow15Bits) == 0 && scale >= 0x1p-100 && scale <= 0x1p120;
}

}  // namespace subbyte::quant
#endif

HWY_BEFORE_NAMESPACE();
namespace subbyte::quant::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Ints = hn::RebindToSigned<Floats>;
using FloatVector = hn::Vec<Floats>;
using IntVector = hn::Vec<Ints>;

HWY_INLINE IntVector MinifloatCode(FloatVector ratio, const MinifloatSteps& steps) {
  const Floats d;
  const Ints di;
  const auto magnitude = hn::Min(hn::Abs(ratio), hn::Set(d, steps.largest));
  const auto bits = hn::BitCast(di, magnitude);
  const auto offset = hn::Set(di, steps.offset);
  // A carry out of the rounding runs into the exponent and is right there.
  const auto odd = hn::And(hn::Sub(hn::ShiftRightSame(bits, steps.dropped), offset), hn::Set(di, 1));
  const auto half_less_one = hn::Set(di, (1 << (steps.dropped - 1)) - 1);
  const auto normal = hn::Sub(hn::ShiftRightSame(hn::Add(bits, hn::Add(half_less_one, odd)), steps.dropped), offset);
  const auto to_units = hn::Set(d, steps.to_units);
  const auto subnormal = hn::Sub(hn::BitCast(di, hn::Add(magnitude, to_units)), hn::BitCast(di, to_units));
  const auto is_normal = hn::RebindMask(di, hn::Ge(magnitude, hn::Set(d, steps.least_normal)));
  const hn::RebindToUnsigned<Floats> du;
  const auto sign_bit = hn::And(hn::BitCast(du, ratio), hn::Set(du, 0x80000000U));
  const auto sign = hn::BitCast(di, hn::ShiftRightSame(sign_bit, steps.to_sign));
  return hn::Or(hn::IfThenElse(is_normal, normal, subnormal), sign);
}

/// Returns the FP32 RNE of w / scale, or of w times a reciprocal.
struct Ratio {
  float scale;
  bool multiply;
  HWY_INLINE FloatVector operator()(FloatVector weight) const {
    const auto factor = hn::Set(Floats(), scale);
    return multiply ? hn::Mul(weight, factor) : hn::Div(weight, factor);
  }
};

inline Ratio RatioOf(const Fp32Divisor& divisor) {
  const float reciprocal = 1.0F / divisor.scale;
  if (divisor.reciprocal && std::isfinite(reciprocal)) return {reciprocal, true};
  return {divisor.scale, false};
}

/// Writes the codes of whole vectors; returns how many weights they were.
template <class Code>
HWY_INLINE std::size_t StoreCodes(std::span<const float> weights, std::span<std::uint8_t> codes, const Code& code) {
  const Floats d;
  const hn::Rebind<std::uint8_t, Floats> d8;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= weights.size(); i += lanes) {
    hn::StoreU(hn::DemoteTo(d8, code(hn::LoadU(d, weights.data() + i))), d8, codes.data() + i);
  }
  return i;
}

std::size_t EncodeMinifloats(std::span<const float> weights, const Minifloat& minifloat, const Fp32Divisor& divisor,
                             std::span<std::uint8_t> codes) {
  const MinifloatSteps steps = steps_of(minifloat);
  const Ratio ratio = RatioOf(divisor);
  return StoreCodes(weights, codes, [&](FloatVector w) HWY_ATTR { return MinifloatCode(ratio(w), steps); });
}

std::size_t EncodeLevels(std::span<const float> weights, const IntegerRange& range, const Fp32Divisor& divisor,
                         std::span<std::uint8_t> codes) {
  const Floats d;
  const Ints di;
  const Ratio ratio = RatioOf(divisor);
  const auto low = hn::Set(d, static_cast<float>(range.low));
  const auto high = hn::Set(d, static_cast<float>(range.high));
  const auto per_unit = hn::Set(d, static_cast<float>(1 / range.unit));
  return StoreCodes(weights, codes, [&](FloatVector w) HWY_ATTR {
    const auto level = hn::Clamp(hn::Round(hn::Mul(ratio(w), per_unit)), low, high);
    return hn::And(hn::ConvertTo(di, level), hn::Set(di, 0xFF));
  });
}

// Borders and levels times the scale are exact in double, and so are the sums of rises. The bound is that of the plain
// loop.
BoundedSum PreciseError(std::span<const float> weights, const Grid& grid, double scale) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> df;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t cuts = grid.cuts.size();
  std::array<double, 255> borders;
  std::array<double, 255> rises;
  for (std::size_t i = 0; i < cuts; ++i) {
    borders[i] = grid.cuts[i].midpoint * scale;
    rises[i] = (grid.levels[i + 1] - grid.levels[i]) * scale;
  }
  const auto first = hn::Set(d, grid.levels[0] * scale);
  auto sum = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 2 * lanes <= weights.size(); i += 2 * lanes) {
    const auto w = hn::PromoteTo(d, hn::LoadU(df, weights.data() + i));
    const auto v = hn::PromoteTo(d, hn::LoadU(df, weights.data() + i + lanes));
    auto level = first;
    auto other = first;
    for (std::size_t c = 0; c < cuts; ++c) {
      const auto border = hn::Set(d, borders[c]);
      const auto rise = hn::Set(d, rises[c]);
      level = hn::Add(level, hn::IfThenElseZero(hn::Gt(w, border), rise));
      other = hn::Add(other, hn::IfThenElseZero(hn::Gt(v, border), rise));
    }
    level = hn::Sub(w, level);
    other = hn::Sub(v, other);
    sum = hn::MulAdd(other, other, hn::MulAdd(level, level, sum));
  }
  const auto tail = scalar_kernels().precise_error(weights.subspan(i), grid, scale);
  const double total = hn::GetLane(hn::SumOfLanes(d, sum)) + tail.value;
  return {total, total * static_cast<double>(weights.size() + 3) * 0x1p-52};
}

/// Returns the nearest level of each absolute value, where a tie goes to the lower one.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V NearestLevel(D d, V magnitude, std::span<const double> magnitudes, double scale) {
  auto nearest = hn::Zero(d);
  for (std::size_t m = 1; m < magnitudes.size(); ++m) {
    const auto border = hn::Set(d, (magnitudes[m - 1] + magnitudes[m]) * 0.5 * scale);
    nearest = hn::IfThenElse(hn::Gt(magnitude, border), hn::Set(d, magnitudes[m] * scale), nearest);
  }
  return nearest;
}

/// Adds what vectors cannot take, plainly, to the sums over vectors.
SpecialErrors WithRest(SpecialErrors rest, double total, double positive, double negative, std::size_t count) {
  rest.positive.value += total - positive;
  rest.negative.value += total - negative;
  // The plain sum of the rest has no more than its own bound, and the squares of both parts together have this one.
  const double bound = total * static_cast<double>(count + 8) * 0x1p-52;
  rest.positive.error = 2 * rest.positive.error + bound;
  rest.negative.error = 2 * rest.negative.error + bound;
  return rest;
}

/// Works as the plain loop does, two vectors at a time.
SpecialErrors FindSpecialErrors(std::span<const float> weights, std::span<const double> magnitudes, double special,
                                double scale) {
  const hn::ScalableTag<double> d;
  using V = hn::Vec<decltype(d)>;
  const hn::Rebind<float, decltype(d)> df;
  const std::size_t lanes = hn::Lanes(d);
  const auto value = hn::Set(d, special * scale);
  const auto almost_one = hn::Set(d, kUsedBelow);
  auto sum = hn::Zero(d);
  auto positive = hn::Zero(d);
  auto negative = hn::Zero(d);
  auto used = hn::MaskFromVec(hn::Zero(d));
  const auto add = [&](V weight, V magnitude, V level) HWY_ATTR {
    const auto difference = hn::Sub(magnitude, level);
    const auto to_special = hn::Sub(magnitude, value);
    const auto square = hn::Mul(difference, difference);
    const auto other = hn::Mul(to_special, to_special);
    const auto gain = hn::Max(hn::Zero(d), hn::Sub(square, other));
    const auto below = hn::Lt(weight, hn::Zero(d));
    sum = hn::Add(sum, square);
    negative = hn::Add(negative, hn::IfThenElseZero(below, gain));
    positive = hn::Add(positive, hn::IfThenZeroElse(below, gain));
    used = hn::Or(used, hn::Le(other, hn::Mul(square, almost_one)));
  };
  std::size_t i = 0;
  for (; i + 2 * lanes <= weights.size(); i += 2 * lanes) {
    const auto w = hn::PromoteTo(d, hn::LoadU(df, weights.data() + i));
    const auto v = hn::PromoteTo(d, hn::LoadU(df, weights.data() + i + lanes));
    add(w, hn::Abs(w), NearestLevel(d, hn::Abs(w), magnitudes, scale));
    add(v, hn::Abs(v), NearestLevel(d, hn::Abs(v), magnitudes, scale));
  }
  const auto rest = scalar_kernels().special_errors(weights.subspan(i), magnitudes, special, scale);
  const auto sum_of = [&](V lanes_of) HWY_ATTR { return hn::GetLane(hn::SumOfLanes(d, lanes_of)); };
  auto errors = WithRest(rest, sum_of(sum), sum_of(positive), sum_of(negative), weights.size());
  errors.used = errors.used || !hn::AllFalse(d, used);
  return errors;
}

}  // namespace subbyte::quant::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace subbyte::quant {

HWY_EXPORT(EncodeMinifloats);
HWY_EXPORT(EncodeLevels);
HWY_EXPORT(PreciseError);
HWY_EXPORT(FindSpecialErrors);

void encode_minifloat_simd(std::span<const float> weights, const Minifloat& minifloat, double scale,
                           std::span<std::uint8_t> codes) {
  std::size_t done = 0;
  if (short_scale(scale) && fits_fp32(minifloat)) {
    done = HWY_DYNAMIC_DISPATCH(EncodeMinifloats)(weights, minifloat, {static_cast<float>(scale), false}, codes);
  }
  if (done == weights.size()) return;
  scalar_kernels().encode_minifloat(weights.subspan(done), minifloat, scale, codes.subspan(done));
}

void encode_fp32_simd(std::span<const float> weights, const Codebook& book, const Fp32Divisor& divisor,
                      std::span<std::uint8_t> codes) {
  std::size_t done = 0;
  if (divisor.scale != 0 && book.minifloat && fits_fp32(*book.minifloat)) {
    done = HWY_DYNAMIC_DISPATCH(EncodeMinifloats)(weights, *book.minifloat, divisor, codes);
  } else if (divisor.scale != 0 && !book.minifloat) {
    done = HWY_DYNAMIC_DISPATCH(EncodeLevels)(weights, book.integers, divisor, codes);
  }
  if (done == weights.size()) return;
  scalar_kernels().encode_fp32(weights.subspan(done), book, divisor, codes.subspan(done));
}

SpecialErrors special_errors_simd(std::span<const float> weights, std::span<const double> magnitudes, double special,
                                  double scale) {
  return HWY_DYNAMIC_DISPATCH(FindSpecialErrors)(weights, magnitudes, special, scale);
}

BoundedSum precise_error_simd(std::span<const float> weights, const Grid& grid, double scale) {
  return HWY_DYNAMIC_DISPATCH(PreciseError)(weights, grid, scale);
}

}  // namespace subbyte::quant
#endif
