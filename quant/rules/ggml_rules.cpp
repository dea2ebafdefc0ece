#include "quant/rules/ggml_rules.hpp"

#include <algorithm>
#include <cmath>

#include "quant/base/float16.hpp"
#include "quant/rules/exact_quantizer.hpp"
#include "quant/rules/rule_kernels.hpp"

namespace subbyte::quant {
namespace {

float q4_scale(const GroupView& group) {
  for (const float weight : group.weights) {
    if (std::abs(weight) == group.magnitude) return (group.magnitude == 0 ? 0.0F : weight) / -8.0F;
  }
  return -0.0F;
}

/// Returns 1 / d. Where d is so small that it would be infinite, FP16 stores 0 and no code matters.
float reciprocal(float scale) {
  const float inverse = scale != 0 ? 1.0F / scale : 0.0F;
  return std::isfinite(inverse) ? inverse : 0.0F;
}

GroupChoice stored(const GroupView& group, float scale) {
  const auto bits = half_from_float(scale);
  checked_half_scale(group, bits & 0x7FFFU);
  return {{bits}, 0};
}

}  // namespace

GroupChoice choose_ggml_q4(const GroupView& group, const TensorContext& /*context*/) {
  return stored(group, q4_scale(group));
}

unsigned encode_ggml_q4(const GroupView& group, const TensorContext& context, const GroupChoice& /*choice*/,
                        double /*multiplier*/, std::span<std::uint8_t> codes) {
  rule_kernels(context.kernels).encode_ggml_q4(group.weights, reciprocal(q4_scale(group)), codes);
  return 0;
}

GroupChoice choose_ggml_q8(const GroupView& group, const TensorContext& /*context*/) {
  return stored(group, group.magnitude / 127.0F);
}

unsigned encode_ggml_q8(const GroupView& group, const TensorContext& context, const GroupChoice& /*choice*/,
                        double /*multiplier*/, std::span<std::uint8_t> codes) {
  rule_kernels(context.kernels).encode_ggml_q8(group.weights, reciprocal(group.magnitude / 127.0F), codes);
  return 0;
}

}  // namespace subbyte::quant
