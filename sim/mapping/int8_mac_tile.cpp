#include <cstdint>

#include "sim/mapping/row_tile.hpp"

namespace subbyte::sim {
namespace {

TileLoop shape(const kernels::Parameters& parameters, const quant::Format& format) {
  TileLoop loop = row_tile_loop(parameters, format);
  loop.int8_activations = true;
  return loop;
}

MappedWeights map(const Design& design, const quant::PackedTensor& weights) {
  return row_tile_weights(design, weights, integer_elements(weights, INT8_MIN, INT8_MAX));
}

}  // namespace

TileMapping int8_mac_tile_mapping() { return {"int8_mac_tile", shape, one_lane_cycle, map}; }

}  // namespace subbyte::sim
