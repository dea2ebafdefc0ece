// What FP4 weights are on dequant_mac_tile beside their codes, alone and in a core.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/parts/fp4_program.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/mapping/loop.hpp"

namespace subbyte::sim {

/// Returns the scale bytes of a layer [out][groups], as the tile's dequantizers take them.
std::vector<std::uint8_t> fp4_scale_bytes(const kernels::Fp4Program& program, const quant::PackedTensor& weights);

/// Throws std::invalid_argument, with row and column, for a weight that is beyond FP16 before the tensor scale: the
/// dequantizer saturates (kernels/ARITHMETIC.md, section 9), and what software would call infinite is refused.
void check_fp4_range(const kernels::Fp4Program& program, const quant::PackedTensor& weights);

/// Returns what Y is multiplied or divided by behind the tile: what the unit's weights still lack, the tensor scale and
/// a power of two, together one FP32 number; nothing where that is 1. Throws std::invalid_argument where FP32 does not
/// hold it.
std::optional<OutputScale> fp4_output_scale(const kernels::Fp4Program& program, const quant::PackedTensor& weights);

}  // namespace subbyte::sim
