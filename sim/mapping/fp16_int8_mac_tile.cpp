#include <cstdint>

#include "sim/mapping/row_tile.hpp"

namespace subbyte::sim {
namespace {

MappedWeights map(const Design& design, const quant::PackedTensor& weights) {
  return row_tile_weights(design, weights, integer_elements(weights, INT8_MIN, INT8_MAX));
}

}  // namespace

TileMapping fp16_int8_mac_tile_mapping() { return {"fp16_int8_mac_tile", row_tile_loop, one_lane_cycle, map}; }

}  // namespace subbyte::sim
