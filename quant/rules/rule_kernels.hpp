// The inner loops of single rules (bipolar, ternary, one zero in four), beside those of group_kernels.hpp.
#pragma once

#include <cstdint>
#include <span>

#include "quant/rules/group_kernels.hpp"

namespace subbyte::quant {

/// Sums are in double, in any order: a sum of n magnitudes has a relative error below n 2^-52. Ternary codes
/// 0 1 2 are -1 0 +1. Weights are finite.
struct RuleKernels {
  /// Nearest odd v = 2 q - 255 to 2 w / scale, ties to the even q, 0 <= q <= 255. `scale` has at most 32
  /// significant bits.
  void (*encode_bipolar)(std::span<const float> weights, double scale, std::span<std::uint8_t> codes);
  double (*magnitude_sum)(std::span<const float> weights);
  /// sign(w) where |w| > threshold, else 0.
  void (*encode_ternary)(std::span<const float> weights, float threshold, std::span<std::uint8_t> codes);
  /// Sum of the magnitudes that encode_sparse() keeps.
  double (*kept_sum)(std::span<const float> weights);
  /// Signs, but the smallest magnitude of each four neighbours is 0 (ties: the first); sign(0) = +. Weights
  /// that are missing from the last four count as 0.
  void (*encode_sparse)(std::span<const float> weights, std::span<std::uint8_t> codes);
  /// clamp(trunc(w * inverse + 8.5), 0, 15), each operation rounded to FP32.
  void (*encode_ggml_q4)(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes);
  /// w * inverse in FP32, to nearest, halves away from zero, as two's complement in 8 bits; |w * inverse| <
  /// 127.5.
  void (*encode_ggml_q8)(std::span<const float> weights, float inverse, std::span<std::uint8_t> codes);
};

const RuleKernels& scalar_rule_kernels();
/// Run-time dispatch over the instruction sets; the same codes.
const RuleKernels& simd_rule_kernels();

/// The vectorised ones beside simd_kernels(), else the plain ones.
const RuleKernels& rule_kernels(const GroupKernels& kernels);

}  // namespace subbyte::quant
