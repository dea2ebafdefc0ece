// Makes the scales of a layer as the tiles with group sums take them (bitserial_tile and those with integers inside).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "quant/formats/packed_tensor.hpp"

namespace subbyte::sim {

struct LayerScales {
  bool u8 = false;
  std::size_t groups = 0;
  std::vector<std::uint16_t> fields;    ///< [out][groups], FP16 patterns or u8
  std::vector<std::uint32_t> channels;  ///< [out], FP32 bits

  std::uint16_t field(std::size_t output, std::size_t group) const { return fields[output * groups + group]; }
};

/// Whether rows of this format can need a channel scale other than 1: one that the format stores, a tensor scale, an
/// alphabet's unit, or group scales that FP16 does not hold.
bool needs_channel_scale(const quant::Format& format);

/// Lowers the scales of every row by kernels::lower_scales(), and throws as that does.
LayerScales layer_scales(const quant::PackedTensor& weights);

}  // namespace subbyte::sim
