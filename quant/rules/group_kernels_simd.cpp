// The inner loops of the exact quantizer for every instruction set that Highway finds; one is chosen at run time.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "quant/base/simd_targets.hpp"
#include "quant/rules/group_kernels.hpp"
#include "quant/rules/minifloat_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quant/rules/group_kernels_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef SUBBYTE_QUANT_STEP_TABLE
#define SUBBYTE_QUANT_STEP_TABLE
namespace subbyte::quant {

/// A step function of an FP32 weight: first + the sum of rises[i] over the borders strictly below the weight.
template <typename Value>
struct StepTable {
  std::size_t size = 0;
  Value first{};
  std::array<float, 255> borders;
  std::array<Value, 255> rises;
};

/// Returns whether borders under `scale` are the borders under 1 times it: this holds for powers of two that keep a cut
/// normal.
inline bool scales_borders(const Grid& grid, double scale) {
  constexpr std::uint64_t kFraction = (1ULL << 52) - 1;
  const bool power = (std::bit_cast<std::uint64_t>(scale) & kFraction) == 0;
  return power && scale >= 0x1p-60 && scale <= 0x1p60 && grid.unit_borders.size() == grid.cuts.size();
}

template <typename Value, typename Values>
void fill_steps(const Grid& grid, double scale, const Values& values, StepTable<Value>& table) {
  table.size = grid.cuts.size();
  table.first = static_cast<Value>(values[0]);
  const auto factor = static_cast<float>(scale);
  const bool scaled = scales_borders(grid, scale);
  for (std::size_t i = 0; i < table.size; ++i) {
    table.borders[i] =
        scaled ? grid.unit_borders[i] * factor : float_border(grid.cuts[i].midpoint * scale, grid.cuts[i].closed);
    table.rises[i] = static_cast<Value>(values[i + 1]) - static_cast<Value>(values[i]);
  }
}

}  // namespace subbyte::quant
#endif

HWY_BEFORE_NAMESPACE();
namespace subbyte::quant::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Ints = hn::RebindToSigned<Floats>;

// A weight that is not finite has the largest magnitude bits of all, NaN included, whatever the order is.
float MaxMagnitude(std::span<const float> weights) {
  const Floats d;
  const Ints di;
  const std::size_t lanes = hn::Lanes(d);
  const auto mask = hn::Set(di, 0x7FFFFFFF);
  auto largest = hn::Zero(di);
  std::size_t i = 0;
  for (; i + lanes <= weights.size(); i += lanes) {
    largest = hn::Max(largest, hn::And(hn::BitCast(di, hn::LoadU(d, weights.data() + i)), mask));
  }
  std::int32_t bits = hn::GetLane(hn::MaxOfLanes(di, largest));
  for (; i < weights.size(); ++i) bits = std::max(bits, std::bit_cast<std::int32_t>(weights[i]) & 0x7FFFFFFF);
  return bits >= 0x7F800000 ? std::numeric_limits<float>::infinity() : std::bit_cast<float>(bits);
}

Extremes MinAndMax(std::span<const float> weights) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  if (weights.size() < lanes) return scalar_kernels().extremes(weights);
  auto low = hn::LoadU(d, weights.data());
  auto high = low;
  std::size_t i = lanes;
  for (; i + lanes <= weights.size(); i += lanes) {
    const auto w = hn::LoadU(d, weights.data() + i);
    low = hn::Min(low, w);
    high = hn::Max(high, w);
  }
  Extremes found{hn::GetLane(hn::MinOfLanes(d, low)), hn::GetLane(hn::MaxOfLanes(d, high))};
  for (; i < weights.size(); ++i) {
    found.min = std::min(found.min, weights[i]);
    found.max = std::max(found.max, weights[i]);
  }
  return found;
}

/// Takes four vectors of weights at a time: the additions of one step function form a chain, and four of them hide its
/// latency.
template <class V>
struct Four {
  V a, b, c, d;
};

HWY_INLINE Four<hn::Vec<Floats>> LoadFour(const float* weights) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  return {hn::LoadU(d, weights), hn::LoadU(d, weights + lanes), hn::LoadU(d, weights + 2 * lanes),
          hn::LoadU(d, weights + 3 * lanes)};
}

template <class DV, typename Value>
HWY_INLINE Four<hn::Vec<DV>> StepFour(DV dv, const Four<hn::Vec<Floats>>& w, const StepTable<Value>& table) {
  const Floats d;
  const auto first = hn::Set(dv, table.first);
  Four<hn::Vec<DV>> value{first, first, first, first};
  for (std::size_t i = 0; i < table.size; ++i) {
    const auto border = hn::Set(d, table.borders[i]);
    const auto rise = hn::Set(dv, table.rises[i]);
    const auto risen = [&](auto sum, auto weight) HWY_ATTR {
      return hn::Add(sum, hn::IfThenElseZero(hn::RebindMask(dv, hn::Gt(weight, border)), rise));
    };
    value = {risen(value.a, w.a), risen(value.b, w.b), risen(value.c, w.c), risen(value.d, w.d)};
  }
  return value;
}

template <class DV, typename Value>
HWY_INLINE hn::Vec<DV> Step(DV dv, hn::Vec<Floats> w, const StepTable<Value>& table) {
  auto value = hn::Set(dv, table.first);
  for (std::size_t i = 0; i < table.size; ++i) {
    const auto above = hn::RebindMask(dv, hn::Gt(w, hn::Set(Floats(), table.borders[i])));
    value = hn::Add(value, hn::IfThenElseZero(above, hn::Set(dv, table.rises[i])));
  }
  return value;
}

void EncodeGrid(std::span<const float> weights, const Grid& grid, double scale, std::span<std::uint8_t> codes) {
  const hn::Rebind<std::uint8_t, Floats> d8;
  const std::size_t lanes = hn::Lanes(d8);
  StepTable<std::int32_t> table;
  fill_steps(grid, scale, grid.codes, table);
  std::size_t i = 0;
  for (; i + 4 * lanes <= weights.size(); i += 4 * lanes) {
    const auto code = StepFour(Ints(), LoadFour(weights.data() + i), table);
    hn::StoreU(hn::DemoteTo(d8, code.a), d8, codes.data() + i);
    hn::StoreU(hn::DemoteTo(d8, code.b), d8, codes.data() + i + lanes);
    hn::StoreU(hn::DemoteTo(d8, code.c), d8, codes.data() + i + 2 * lanes);
    hn::StoreU(hn::DemoteTo(d8, code.d), d8, codes.data() + i + 3 * lanes);
  }
  // Groups of 16 and 32 are shorter than four wide vectors.
  for (; i + lanes <= weights.size(); i += lanes) {
    const auto code = Step(Ints(), hn::LoadU(Floats(), weights.data() + i), table);
    hn::StoreU(hn::DemoteTo(d8, code), d8, codes.data() + i);
  }
  scalar_kernels().encode_grid(weights.subspan(i), grid, scale, codes.subspan(i));
}

void EncodeIntegers(std::span<const float> weights, const IntegerRange& range, double scale, int zero,
                    std::span<std::uint8_t> codes) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> df;
  const hn::Rebind<std::int32_t, decltype(d)> di;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  const auto divisor = hn::Set(d, scale);
  const auto offset = hn::Set(d, zero);
  const auto low = hn::Set(d, range.low);
  const auto high = hn::Set(d, range.high);
  std::size_t i = 0;
  for (; i + lanes <= weights.size(); i += lanes) {
    const auto w = hn::PromoteTo(d, hn::LoadU(df, weights.data() + i));
    const auto rounded = hn::Add(hn::Round(hn::Div(w, divisor)), offset);
    const auto code = hn::DemoteTo(di, hn::Clamp(rounded, low, high));
    hn::StoreU(hn::DemoteTo(d8, hn::And(code, hn::Set(di, 0xFF))), d8, codes.data() + i);
  }
  scalar_kernels().encode_integers(weights.subspan(i), range, scale, zero, codes.subspan(i));
}

/// Returns the FP32 sum of squared errors of whole vectors.
HWY_INLINE float BlockError(const float* weights, std::size_t size, const StepTable<float>& table, float scale) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  auto sum = hn::Zero(d);
  const auto add_square = [&](auto level, auto weight) HWY_ATTR {
    const auto difference = hn::NegMulAdd(level, factor, weight);
    sum = hn::MulAdd(difference, difference, sum);
  };
  std::size_t i = 0;
  for (; i + 4 * lanes <= size; i += 4 * lanes) {
    const auto w = LoadFour(weights + i);
    const auto level = StepFour(d, w, table);
    add_square(level.a, w.a);
    add_square(level.b, w.b);
    add_square(level.c, w.c);
    add_square(level.d, w.d);
  }
  for (; i < size; i += lanes) {
    const auto w = hn::LoadU(d, weights + i);
    add_square(Step(d, w, table), w);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// level * scale is exact in FP32 (11 bits by at most 8), so a difference carries one rounding, its square two more and
// a block of 256 at most 263 additions. That is less than 270 * 2^-24 < 2^-15 of a sum of squares, plus what may
// underflow.
BoundedSum SquaredError(std::span<const float> weights, const Grid& grid, double scale) {
  constexpr std::size_t kBlock = 256;
  const Floats d;
  const std::size_t step = hn::Lanes(d);
  const std::size_t vectors = weights.size() / step * step;
  StepTable<float> table;
  fill_steps(grid, scale, grid.levels, table);
  double sum = 0;
  for (std::size_t i = 0; i < vectors; i += kBlock) {
    sum += BlockError(weights.data() + i, std::min(kBlock, vectors - i), table, static_cast<float>(scale));
  }
  const auto tail = scalar_kernels().squared_error(weights.subspan(vectors), grid, scale);
  const double underflow = static_cast<double>(vectors) * 0x1p-124;
  return {sum + tail.value, sum * 0x1p-15 + underflow + tail.error};
}

}  // namespace subbyte::quant::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace subbyte::quant {
namespace {

HWY_EXPORT(MaxMagnitude);
HWY_EXPORT(MinAndMax);
HWY_EXPORT(EncodeGrid);
HWY_EXPORT(EncodeIntegers);
HWY_EXPORT(SquaredError);

float max_magnitude(std::span<const float> weights) { return HWY_DYNAMIC_DISPATCH(MaxMagnitude)(weights); }

Extremes extremes(std::span<const float> weights) { return HWY_DYNAMIC_DISPATCH(MinAndMax)(weights); }

void encode_grid(std::span<const float> weights, const Grid& grid, double scale, std::span<std::uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(EncodeGrid)(weights, grid, scale, codes);
}

void encode_integers(std::span<const float> weights, const IntegerRange& range, double scale, int zero,
                     std::span<std::uint8_t> codes) {
  HWY_DYNAMIC_DISPATCH(EncodeIntegers)(weights, range, scale, zero, codes);
}

BoundedSum squared_error(std::span<const float> weights, const Grid& grid, double scale) {
  return HWY_DYNAMIC_DISPATCH(SquaredError)(weights, grid, scale);
}

}  // namespace

const GroupKernels& simd_kernels() {
  static const GroupKernels kernels{max_magnitude,         extremes,      encode_grid,        encode_integers,
                                    encode_minifloat_simd, squared_error, precise_error_simd, special_errors_simd,
                                    encode_fp32_simd};
  return kernels;
}

}  // namespace subbyte::quant
#endif
