// The default rules, which take FP32 weights and compare exactly. They are stated in quant/rules/RULES.md.
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

inline constexpr std::uint16_t kMinScaleBits = 0x00A8;  ///< fp16(1e-5) = 1.00136e-5

/// Returns the stored FP16 scale, which is at least kMinScaleBits. Throws std::invalid_argument with row and group when
/// it is infinite.
std::uint16_t checked_half_scale(const GroupView& group, std::uint16_t scale_bits);

/// ScaleRule::kAbsMax: the scale is stored(max|w| / divisor), as FP16 not below kMinScaleBits. With several selectors
/// the one of least exact squared error is taken.
GroupChoice choose_abs_max(const GroupView& group, const TensorContext& context);
/// ScaleRule::kMinMax: scale and zero point come from the least and the largest weight.
GroupChoice choose_min_max(const GroupView& group, const TensorContext& context);

/// A grid under one of the scales that compete for a group.
struct ScaledGrid {
  const Grid* grid = nullptr;
  double scale = 0;  ///< at most 32 significant bits
};

/// Returns the index of the candidate whose nearest levels have the least squared error, compared as if exact, with
/// ties to the earlier. `sum` is the estimate that fits the scales: GroupKernels::squared_error or precise_error.
std::size_t least_squares(std::span<const float> weights, std::span<const ScaledGrid> candidates,
                          const GroupKernels& kernels,
                          BoundedSum (*sum)(std::span<const float> weights, const Grid& grid, double scale));

/// Returns whether `candidate` has the smaller exact squared error of two lists of decoded values. Equal lists give
/// false.
bool less_squared_error(std::span<const float> weights, std::span<const double> candidate,
                        std::span<const double> best);

/// Does the same for the nearest levels under each scale. It is slow.
bool strictly_better(std::span<const float> weights, const ScaledGrid& candidate, const ScaledGrid& best,
                     const GroupKernels& kernels);

/// Returns clamp(RNE(-min / scale), 0, high), with the ratio exact. `scale` has at most 32 significant bits.
unsigned zero_point_exact(std::span<const float> weights, const IntegerRange& range, double scale,
                          const GroupKernels& kernels);

/// Returns the FP16 RNE of the exact (max - min) / span, before the lower limit. It is infinite on overflow.
std::uint16_t range_scale(Extremes extremes, double span);

}  // namespace subbyte::quant
