// The default rules: FP32 weights, exact comparisons. They are in quant/README.md.
#pragma once

#include <cstdint>
#include <span>

#include "quant/group_rule.hpp"

namespace subbyte::quant {

inline constexpr std::uint16_t kMinScaleBits = 0x00A8;  ///< fp16(1e-5) = 1.00136e-5

/// ScaleRule::kAbsMax: stored(max|w| / divisor), FP16 not below kMinScaleBits; with several selectors the one of least
/// exact squared error.
GroupChoice choose_abs_max(const GroupView& group, const TensorContext& context);
/// ScaleRule::kMinMax.
GroupChoice choose_min_max(const GroupView& group, const TensorContext& context);

/// clamp(RNE(-min / scale), 0, high), the ratio exact. `scale` has at most 32 significant bits.
unsigned zero_point_exact(std::span<const float> weights, const IntegerRange& range, double scale,
                          const GroupKernels& kernels);

/// FP16 RNE of the exact (max - min) / span, before the lower limit. Infinity on overflow.
std::uint16_t range_scale(Extremes extremes, double span);

}  // namespace subbyte::quant
