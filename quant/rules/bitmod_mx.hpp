// The MX rule of the BitMoD artifact (quant_mx), which is not OCP's. The grid is stretched so that its largest level is
// 2 * 2^floor(log2 max|w|); nothing saturates, and the step of FP4 is 2^e / 6.
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// ScaleRule::kBitmodMx: the E8M0 scale is 2^floor(log2 max|w|), at most 2^126, so that the largest level stays finite
/// in FP32. A group of zeros has code 0. Under Arithmetic::kFp16 weights are rounded to FP16 first.
GroupChoice choose_bitmod_mx(const GroupView& group, const TensorContext& context);
/// Takes the nearest level. Under Arithmetic::kFp16 it gives the codes of the reference, whose FP32 operations round
/// nothing away on FP16 weights. Throws std::invalid_argument with row and group or column where a weight or a decoded
/// value overflows FP16.
unsigned encode_bitmod_mx(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                          double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
