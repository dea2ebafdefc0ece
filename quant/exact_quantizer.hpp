// The default quantizer: FP32 weights, exact comparisons. The rules are in quant/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "quant/codebook.hpp"
#include "quant/group_kernels.hpp"

namespace subbyte::quant {

inline constexpr std::uint16_t kMinScaleBits = 0x00A8;  ///< fp16(1e-5) = 1.00136e-5

/// One group of a row and where it stands, for error texts. Never empty; every weight finite.
struct GroupView {
  std::span<const float> weights;
  std::size_t row = 0;
  std::size_t group = 0;
};

/// First-level decisions: the FP16 scale and the selector.
struct GroupChoice {
  std::uint16_t scale_bits = 0;
  std::uint8_t selector = 0;
};

/// Throws std::invalid_argument with row and group where the scale overflows FP16.
GroupChoice choose_exact(const GroupView& group, const Codebook& book, bool zero_point,
                         const GroupKernels& kernels);

/// clamp(RNE(-min / scale), 0, high), the ratio exact. `scale` has at most 32 significant bits.
unsigned zero_point_exact(std::span<const float> weights, const IntegerRange& range, double scale,
                          const GroupKernels& kernels);

/// FP16 RNE of the exact (max - min) / span, before the lower limit. Infinity on overflow.
std::uint16_t range_scale(Extremes extremes, double span);

}  // namespace subbyte::quant
