// Says what the mapping must know of a tile unit. It is one row of the table in mapping.cpp, whose functions are in
// sim/mapping/<unit>.cpp. Activations, padding, the flags' places and Y are the same for all tiles and are not here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/config/design.hpp"
#include "sim/mapping/loop.hpp"

namespace subbyte::sim {

/// A layer's weights in the terms of a unit's input beat. It is a pure value: beats are made in any order.
class TileWeights {
 public:
  virtual ~TileWeights() = default;
  /// Writes everything of one column of a beat whose words were zeroed.
  virtual void set_column(std::span<std::uint64_t> words, unsigned column, std::size_t output,
                          const Chunk& chunk) const = 0;
  virtual void set_flags(std::span<std::uint64_t> words, const Chunk& chunk) const = 0;
};

/// What a layer's weights become on a tile.
struct MappedWeights {
  std::shared_ptr<const TileWeights> weights;
  std::vector<kernels::ConfigWrite> config = {};
  std::optional<OutputScale> output_scale = {};
};

struct TileMapping {
  std::string_view unit;
  /// Sets rows, cols, lanes, ports, group, steps and int8_activations of the design for this format; the caller fills
  /// in the layer's own numbers. A group of the format is at most as long as a row.
  TileLoop (*shape)(const kernels::Parameters& parameters, const quant::Format& format);
  /// The lane-cycles that one weight takes: its terms, its planes, or 1.
  double (*lane_cycles)(const quant::Format& format);
  /// Is called for formats that the unit at these parameters runs. Throws std::invalid_argument, with row and column or
  /// group, for weights that it cannot run.
  MappedWeights (*map)(const Design& design, const quant::PackedTensor& weights);
};

// The rows stand in the order of the catalogue.
TileMapping bitserial_tile_mapping();
TileMapping fp16_mac_tile_mapping();
TileMapping dequant_mac_tile_mapping();
TileMapping int8_mac_tile_mapping();
TileMapping fp16_int8_mac_tile_mapping();
TileMapping ternary_tile_mapping();
TileMapping plane_tile_mapping();

/// Is the `shape` of a tile without groups, with one product per unit and beat.
TileLoop one_product_loop(const kernels::Parameters& parameters);
/// Is the `lane_cycles` of a tile that takes a weight as a whole.
inline double one_lane_cycle(const quant::Format& /*format*/) { return 1; }

}  // namespace subbyte::sim
