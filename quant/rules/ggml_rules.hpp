// The quantizers of ggml's Q4_0 and Q8_0 (ggml-quants.c, quantize_row_q4_0_ref and quantize_row_q8_0_ref), FP32
// operation by operation, so that other programs make the same blocks from the same weights. Codes are chosen with the
// scale *before* it is rounded to FP16, and the scale has no lower limit, as there.
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// ScaleRule::kGgmlQ4: d is w / -8 of the first weight of largest magnitude, stored with its sign.
GroupChoice choose_ggml_q4(const GroupView& group, const TensorContext& context);
/// The code is min(15, trunc(w (1 / d) + 8.5)).
unsigned encode_ggml_q4(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                        double multiplier, std::span<std::uint8_t> codes);

/// ScaleRule::kGgmlQ8: d is max |w| / 127.
GroupChoice choose_ggml_q8(const GroupView& group, const TensorContext& context);
/// The code is w (1 / d) rounded to nearest, halves away from zero.
unsigned encode_ggml_q8(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                        double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
