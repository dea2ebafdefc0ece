// Binary coding with power-of-two scales: w is the sum of ±2^e_i, with one plane of signs per scale (ShiftAddLLM, arXiv
// 2406.05981).
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// ScaleRule::kBinaryCoding: finds the E8M0 scales of a group, which rise with the plane. It starts greedily (with the
/// mean magnitude of what is left). Then at most 15 rounds of nearest codes and least squares follow, in which the
/// largest scale is rounded to a power of two first and the others are solved again below it. Then single scales are
/// doubled or halved as long as that helps. The least error counts (in double and in one order, so it is the same on
/// every machine). A scale is at least 2^-127 and at most 2^124: there is no zero, so a group of zeros becomes the
/// level of least magnitude.
GroupChoice choose_binary_coding(const GroupView& group, const TensorContext& context);
/// Takes the nearest sum, at a tie the lower one, and of two codes with one sum the lower code. `multiplier` is not
/// used.
unsigned encode_binary_coding(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                              double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
