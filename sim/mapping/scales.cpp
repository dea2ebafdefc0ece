#include "sim/mapping/scales.hpp"

#include <bit>

#include "kernels/parts/scale_lowering.hpp"

namespace subbyte::sim {

bool needs_channel_scale(const quant::Format& format) {
  const quant::Scaling& scaling = format.scaling;
  if (scaling.tensor_scale == quant::TensorScale::kDecode || format.alphabet.unit_exponent != 0) return true;
  switch (scaling.stored) {
    case quant::ScaleFormat::kU8BelowChannel:
    case quant::ScaleFormat::kFp32:
    case quant::ScaleFormat::kBf16:
    case quant::ScaleFormat::kE8m0:
    case quant::ScaleFormat::kUe5m3:
      return true;
    case quant::ScaleFormat::kFp16:
    case quant::ScaleFormat::kUe4m3:
    case quant::ScaleFormat::kUe5m3Ieee:
    case quant::ScaleFormat::kUe3m3:
      return false;
  }
  return false;
}

LayerScales layer_scales(const quant::PackedTensor& weights) {
  LayerScales scales;
  scales.u8 = weights.format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
  scales.groups = weights.groups();
  for (std::size_t row = 0; row < weights.rows; ++row) {
    const kernels::FoldedScales folded = kernels::lower_scales(weights, row);
    scales.fields.insert(scales.fields.end(), folded.groups.begin(), folded.groups.end());
    scales.channels.push_back(std::bit_cast<std::uint32_t>(folded.channel));
  }
  return scales;
}

}  // namespace subbyte::sim
