// The inner loops of single rules (bipolar, ternary, one zero in four), beside those of group_kernels.hpp.
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_kernels.hpp"

namespace subbyte::quant {

/// Sums are in double, in any order: a sum of n magnitudes has a relative error below n 2^-52. The ternary codes 0 1 2
/// are -1 0 +1. Weights are finite.
struct RuleKernels {
  /// Writes the odd v = 2 q - 255 nearest to 2 w / scale, with ties to the even q, where 0 <= q <= 255. `scale` has at
  /// most 32 significant bits.
  void (*encode_bipolar)(std::span<const float> weights, double scale, std::span<std::uint8_t> codes);
  double (*magnitude_sum)(std::span<const float> weights);
  /// Writes sign(w) where |w| > threshold, and 0 elsewhere.
  void (*encode_ternary)(std::span<const float> weights, float threshold, std::span<std::uint8_t> codes);
  /// Returns the sum of the magnitudes that encode_sparse() keeps.
  double (*kept_sum)(std::span<const float> weights);
  /// Writes signs, but the smallest magnitude of each four neighbours becomes 0 (at a tie the first), where sign(0) is
  /// +. Weights that are missing from the last four count as 0.
  void (*encode_sparse)(std::span<const float> weights, std::span<std::uint8_t> codes);
  /// Writes clamp(trunc(w * inverse + 8.5), 0, 15), with each operation rounded to FP32.
  void (*encode_ggml_q4)(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes);
  /// Writes w * inverse in FP32, rounded to nearest, halves away from zero, as two's complement in 8 bits.
  /// It holds that |w * inverse| < 127.5.
  void (*encode_ggml_q8)(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes);
};

const RuleKernels& scalar_rule_kernels();
/// Dispatches at run time over the instruction sets; the codes are the same.
const RuleKernels& simd_rule_kernels();

/// Returns the vectorised ones beside simd_kernels(), and otherwise the plain ones.
const RuleKernels& rule_kernels(const GroupKernels& kernels);

}  // namespace subbyte::quant
