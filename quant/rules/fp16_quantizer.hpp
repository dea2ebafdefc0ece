// Computes the reference's FP16 operations one by one (BitMoD artifact, quantizer; HPCA'25). It is a named
// compatibility mode.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// ScaleRule::kReferenceFp16: weights are rounded to FP16 first. A BitMoD group whose FP16 squared error is 1000 or
/// more under every selector is left at zero, as the reference leaves it (selector 0). Throws std::invalid_argument
/// with row and group, or column, where a weight, max - min or a decoded integer overflows FP16, because the reference
/// goes on with infinities there.
GroupChoice choose_fp16(const GroupView& group, const TensorContext& context);
/// Writes the codes that go with choose_fp16's scale, whatever the second level made of it; returns the zero point.
unsigned encode_fp16_group(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                           double multiplier, std::span<std::uint8_t> codes);

/// Returns the group's weights in FP16. Throws std::invalid_argument with row and column where one overflows.
std::vector<float> rounded_to_half(const GroupView& group, const Format& format);

}  // namespace subbyte::quant
