// Says how one group becomes scale, selector and codes, which is what a ScaleRule is made of.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "quant/rules/codebook.hpp"
#include "quant/rules/group_kernels.hpp"

namespace subbyte::quant {

/// One group of a row and where it stands, for error texts. It is never empty, and every weight is finite.
struct GroupView {
  std::span<const float> weights;
  std::size_t row = 0;
  std::size_t group = 0;
  float magnitude = 0;                ///< max |w|
  std::span<const float> importance;  ///< one positive number per weight, or empty
};

/// What is derived once per tensor.
struct TensorContext {
  const Format& format;
  const Codebook& book;
  const GroupKernels& kernels;
  float tensor_scale = 1;
};

/// The decisions before codes. Scales are stored patterns.
struct GroupChoice {
  std::array<std::uint32_t, 8> scales{};  ///< one per plane
  std::uint8_t selector = 0;

  std::uint32_t scale() const { return scales[0]; }
};

struct GroupRule {
  /// Chooses scale and selector. With ScaleFormat::kU8BelowChannel the scale is FP16 here and becomes u8 after the row
  /// is known. Throws std::invalid_argument with row and group where no stored scale can hold the weights.
  GroupChoice (*choose)(const GroupView&, const TensorContext&) = nullptr;
  /// Writes raw codes under the multiplier that the decoder will use (its exact value; of plane 0), and the zero point.
  /// Null stands for the nearest level (encode_nearest).
  unsigned (*encode)(const GroupView&, const TensorContext&, const GroupChoice&, double multiplier,
                     std::span<std::uint8_t> codes) = nullptr;
  /// Returns the tensor scale from max |w| of the tensor; null where the format has none.
  float (*tensor_scale)(float magnitude, const Format&) = nullptr;
};
const GroupRule& group_rule(ScaleRule rule);

/// Takes the nearest level of the chosen selector's grid, the integer range or the minifloat; returns the zero point.
unsigned encode_nearest(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                        double multiplier, std::span<std::uint8_t> codes);

}  // namespace subbyte::quant
