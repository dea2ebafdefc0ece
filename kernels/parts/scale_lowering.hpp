// Lowers scales of packed weights to what the ports of bitserial_tile take: an FP16 pattern (or u8) per group and one
// FP32 number per output row. E8M0, UE4M3, UE5M3, BF16, tensor scales and the alphabet's unit are folded into them
// without rounding, or refused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/contract/refusal.hpp"
#include "quant/formats/packed_tensor.hpp"

namespace subbyte::kernels {

/// One row: its levels (integers) are multiplied by groups[g] * factor * 2^unit_exponent.
struct ScaleRow {
  std::span<const double> groups;  ///< at least 0; NaN for a group that is not finite
  double factor = 1;               ///< channel scale and tensor scale
  int unit_exponent = 0;           ///< unit exponent of the alphabet
};

/// The same at the tile's ports: value(groups[g]) * channel, where the value of a u8 is itself.
struct FoldedScales {
  std::vector<std::uint16_t> groups;  ///< scale fields of a beat
  float channel = 1;
};

/// Returns groups[g] = value * 2^p in FP16 (subnormals are as good) and channel = factor * 2^(unit_exponent + p),
/// exactly, with the p nearest to 0 that both formats hold; so FP16 scales cross unchanged. Where a scale has more than
/// eleven significant bits, a row whose scales are all equal has 1.0 per group and its scale in the channel. NaN
/// becomes FP16 NaN: the unit's sum of that group is not finite (kernels/ARITHMETIC.md, section 2). A power of two at
/// the scale changes no rounding of the tile, because group products stay between 2^-48 and 2^96, far within FP32.
/// Throws std::invalid_argument that names the groups, their scales and the range that a row may have.
/// row may have.
FoldedScales fold_scales(const ScaleRow& row);
/// Lets u8 scales (1..255, whole numbers) cross as they are; factor and unit go into the channel.
FoldedScales fold_u8_scales(const ScaleRow& row);

/// Lowers a row of a packed tensor: group scale * channel scale * tensor scale, as numbers. With a tensor scale that
/// multiplies, PackedTensor::multiplier() rounds that product to FP32 per group, as software decoders do; the tile,
/// like hardware that applies the tensor scale behind its sums, does not, and its weights differ from the decoded ones
/// by up to 2^-24 of themselves. A tensor scale that divides has its FP32 quotients as group scales, which seldom fit.
/// Throws std::invalid_argument that names row and group, also for formats that scales_unsupported() refuses.
FoldedScales lower_scales(const quant::PackedTensor& weights, std::size_t row);

/// Returns nothing when the scales of the format can cross the ports (with the values they happen to have), or else why
/// not: there is one scale per plane, or scales are negative.
std::optional<Refusal> scales_unsupported(const quant::Format& format);

}  // namespace subbyte::kernels
