// Ternary rules choose scales and codes of -1 0 +1, free or with exactly one zero in four neighbours. Stored scales are
// FP16.
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_rule.hpp"

namespace subbyte::quant {

/// ScaleRule::kAbsMean (BitNet b1.58, arXiv 2402.17764): the scale is the FP16 RNE of the exact mean |w|.
GroupChoice choose_abs_mean(const GroupView& group, const TensorContext& context);
/// ScaleRule::kTernaryBest: of all FP16 scales s (not below the smallest one stored), takes the one of least exact sum
/// of min(w^2, (|w| - s)^2), with ties to the larger.
GroupChoice choose_ternary_best(const GroupView& group, const TensorContext& context);
/// The codes of both rules: the nearest of -s, 0 and s under the stored s, where a tie goes to 0.
unsigned encode_ternary_group(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                              double multiplier, std::span<std::uint8_t> codes);

/// ScaleRule::kSparseAbsMean (Sherry, arXiv 2601.07892): the scale is the FP16 RNE of the exact mean of the kept
/// magnitudes.
GroupChoice choose_sparse_mean(const GroupView& group, const TensorContext& context);
/// Each four weights get a zero at the smallest magnitude (the first one at a tie) and the signs of the others, where
/// the sign of 0 is +.
unsigned encode_sparse_group(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                             double multiplier, std::span<std::uint8_t> codes);

/// ScaleRule::kSparseWeighted: errors are weighed by importance_j sqrt(2 mean(x^2) + x_j^2) (all importances are 1
/// where none are given). The zero of least weighted error and the weighted mean of the kept magnitudes are found in
/// turn, three times.
GroupChoice choose_sparse_weighted(const GroupView& group, const TensorContext& context);
/// Takes the zero of least weighted error under the stored scale, with ties to the first.
unsigned encode_sparse_weighted(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                                double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
