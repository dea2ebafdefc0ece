// Block scales in a small float below one FP32 number per tensor: NVFP4 and its kin.
#pragma once

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// In FP32 operations one by one, as the published recipes have them; A = max|w| of the tensor, a of the
/// block, L the largest level, T the largest block scale the recipe uses. All ratios are w / m with m the
/// FP32 RNE of block scale times (kEncode: divided by) tensor scale; where m is 0, every code is a zero with
/// its weight's sign.

/// g = A / (L T), or for kEncode L T / A; 1 for a tensor of zeros, at least the least FP32 number, at most
/// the largest.
float tensor_block_scale(float magnitude, const Format& format);

/// Division (TensorRT Model-Optimizer): S = stored((a / L) / g), with kEncode stored((a / L) * g). Formats
/// without a tensor scale: stored(a / L), std::invalid_argument with row and group where that is beyond the
/// largest stored scale.
GroupChoice choose_tensor_block(const GroupView& group, const TensorContext& context);
/// The same with S in [2^-9, 448]: no block of a UE4M3 format vanishes for its scale alone.
GroupChoice choose_tensor_block_clamped(const GroupView& group, const TensorContext& context);
/// Reciprocals (vLLM, compressed-tensors): S = stored((a * (1 / L)) * g), with kDecode times 1 / g
/// (divided where that overflows).
GroupChoice choose_tensor_block_reciprocal(const GroupView& group, const TensorContext& context);
/// S6 by division and T = 256, S4 = stored(1.5 * what S6 is the rounding of); S4 where the squared error of
/// what the decoder gives is strictly less (arXiv 2512.02010).
GroupChoice choose_four_over_six(const GroupView& group, const TensorContext& context);
/// UE3M3 by division and T = 28, S in [2^-5, 28], L the largest level of each selector's grid; the selector
/// of least squared error of what the decoder gives, ties to the earlier (arXiv 2501.04052, weights).
GroupChoice choose_razer(const GroupView& group, const TensorContext& context);

/// FP32 RNE of w / m, then to the nearest level.
unsigned encode_tensor_block(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                             double multiplier, std::span<std::uint8_t> codes);
/// FP32 RNE of w times the FP32 reciprocal of m (divided where that overflows), then to the nearest level.
unsigned encode_tensor_block_reciprocal(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                                        double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
