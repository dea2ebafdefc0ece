#include "sim/mapping/scales.hpp"

#include <bit>

#include "kernels/parts/scale_lowering.hpp"

namespace subbyte::sim {

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
