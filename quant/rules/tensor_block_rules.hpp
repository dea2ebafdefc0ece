// Block scales in a small float below one FP32 number per tensor, as in NVFP4 and its kin.
#pragma once

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// The rules use FP32 operations one by one, as the published recipes have them. A is max|w| of the tensor and a that
/// of the block, L is the largest level, and T is the largest block scale that the recipe uses. Ratios are w / m (of
/// razer there are none: it compares w exactly with midpoint times m) with m the FP32 RNE of block scale times
/// (kEncode: divided by) tensor scale; where m is 0, every code is a zero with its weight's sign.

/// The tensor scale g is A / (L T), or for kEncode L T / A. It is 1 for a tensor of zeros, at least the least FP32
/// number, and at most the largest.
float tensor_block_scale(float magnitude, const Format& format);

/// By division (TensorRT Model-Optimizer), S = stored((a / L) / g), and with kEncode stored((a / L) * g). Formats
/// without a tensor scale have stored(a / L), and throw std::invalid_argument with row and group where that is beyond
/// the largest stored scale.
GroupChoice choose_tensor_block(const GroupView& group, const TensorContext& context);
/// The same with S in [2^-9, 448], so that no block of a UE4M3 format vanishes for its scale alone.
GroupChoice choose_tensor_block_clamped(const GroupView& group, const TensorContext& context);
/// By reciprocals (vLLM, compressed-tensors), S = stored((a * (1 / L)) * g), and with kDecode times 1 / g (divided
/// where that overflows).
GroupChoice choose_tensor_block_reciprocal(const GroupView& group, const TensorContext& context);
/// S6 comes by division with T = 256, and S4 = stored(1.5 * what S6 is the rounding of). S4 is taken where the squared
/// error of what the decoder gives is strictly less (arXiv 2512.02010).
GroupChoice choose_four_over_six(const GroupView& group, const TensorContext& context);
/// UE3M3 by division with T = 28, S in [2^-5, 28], and L the largest level of each selector's grid. The selector of
/// least squared error of what the decoder gives is taken, with ties to the earlier (arXiv 2501.04052, weights).
GroupChoice choose_razer(const GroupView& group, const TensorContext& context);

/// Takes the FP32 RNE of w / m, and then the nearest level.
unsigned encode_tensor_block(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                             double multiplier, std::span<std::uint8_t> codes);
/// Takes the FP32 RNE of w times the FP32 reciprocal of m (divided where that overflows), and then the nearest level.
unsigned encode_tensor_block_reciprocal(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                                        double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
