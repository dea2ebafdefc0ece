// Binary coding with power-of-two scales: w = sum of ±2^e_i, one plane of signs per scale (ShiftAddLLM, arXiv
// 2406.05981).
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// ScaleRule::kBinaryCoding: the E8M0 scales of a group, rising with the plane. Greedy start (mean magnitude of what is
/// left), then at most 15 rounds of nearest codes and least squares, the largest scale rounded to a power of two first
/// and the others solved again below it; then single scales are doubled or halved as long as that helps. The least
/// error counts (in double, in one order: the same on every machine). A scale is at least 2^-127 and at most 2^124:
/// there is no zero, so that a group of zeros becomes the level of least magnitude.
GroupChoice choose_binary_coding(const GroupView& group, const TensorContext& context);
/// The nearest sum, a tie to the lower one; of two codes with one sum the lower. `multiplier` is not used.
unsigned encode_binary_coding(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                              double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
