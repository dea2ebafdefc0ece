// What the mappings of the tiles with integers inside (kernels/parts/row_tile.hpp) share: fields of small integers
// under group scales.
#pragma once

#include <cstdint>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/mapping/tile.hpp"

namespace subbyte::sim {

/// A layer's weights as the elements of a beat's weight field; each fits a byte.
struct RowTileElements {
  unsigned lanes = 1;                ///< weights per element; chunks begin at multiples of it
  unsigned steps = 1;                ///< beats over which an element's bits come, the most significant first
  std::size_t per_row = 0;           ///< elements of an output
  std::vector<std::uint8_t> fields;  ///< [out][per_row]
};

/// Returns the integers of the codes (kernels/parts/integer_weights.hpp) in two's complement, with steps and lanes of
/// 1. Throws std::invalid_argument, with row and column, for a code that is no integer of least .. largest.
RowTileElements integer_elements(const quant::PackedTensor& weights, std::int64_t least, std::int64_t largest);

/// Returns a loop nest in which rows, cols, lanes, ports and group are set.
TileLoop row_tile_loop(const kernels::Parameters& parameters, const quant::Format& format);

/// Returns the weights of a tile: these elements, and the scales of the layer.
MappedWeights row_tile_weights(const Design& design, const quant::PackedTensor& weights, RowTileElements elements);

}  // namespace subbyte::sim
