// Maps a layer y = W x onto a tile. Packed weights and FP16 activations become a stimulus, and output beats become Y
// again.
//
// Every tile is one case; the loop nest is in sim/mapping/loop.hpp. What is padded (kernels/ARITHMETIC.md, section 5)
// has activations of +0 and weights of 0; scale, selector and zero point of padded columns are 0 too. Activations cross
// with the first beat of their chunk.
//
// A tile with INT8 activations gets each token rounded to integers (quant/rules/int8_tokens.hpp); Y is then the tile's
// value times the token's scale in FP32 RNE, behind the tile. A tensor scale that the tile does not know is applied
// there too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/config/design.hpp"
#include "sim/config/design_file.hpp"
#include "sim/mapping/loop.hpp"

namespace subbyte::sim {

/// Thrown for a layer that a design cannot run because of its format, or because of what its scales and codes happen to
/// be. The text names the design, the format, the reason (with row and group) and the alternative.
struct LayerRefused : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Activations as FP16 bit patterns, row-major [tokens][in], which are not owned.
struct ActivationView {
  std::span<const std::uint16_t> values;
  std::size_t tokens = 0;
  std::size_t in = 0;
};

/// Returns the units that take whole layers, in the order of the catalogue.
std::vector<std::string> layer_units();

/// Throws std::invalid_argument for a unit that takes no layers (it names those that do), an empty layer, or no tokens.
TileLoop tile_loop(const Design& design, const quant::PackedTensor& weights, std::size_t tokens);

/// Returns a quantized layer before its weights are made: what layer_unsupported() and designs_that_run() look at.
quant::PackedTensor layer_without_weights(const quant::Format& format, std::size_t rows, std::size_t cols);

/// Returns nothing when the design's unit can run the layer's format, or else why it cannot (UnitInfo::unsupported; a
/// group is at most as long as the row). Scales and codes that do not fit are found by map_layer().
std::optional<kernels::Refusal> layer_unsupported(const Design& design, const quant::PackedTensor& weights);

/// For the text of a refusal: "int8-8x8 and plane-8x8 run it", or that no design of configs/designs does, of those
/// without a core. Only the weights' format and their number of columns are looked at.
std::string designs_that_run(const quant::PackedTensor& weights);

/// The same for the designs of a kind, by whether one runs it.
std::string designs_that_run(DesignKind kind, const std::function<bool(const Design&)>& runs);

/// Returns what the tile's activations are: "fp16", or "int8 per token".
std::string activation_format(const Design& design);

/// Returns the lane-cycles that one weight takes on the design's tile: its terms, its planes, or 1.
double lane_cycles_per_weight(const Design& design, const quant::PackedTensor& weights);

/// A layer ready to run, with what becomes of its outputs.
struct MappedLayer {
  TileLoop loop = {};
  kernels::Stimulus stimulus = {};
  std::optional<OutputScale> output_scale = {};
  std::vector<float> token_scales = {};  ///< [tokens], of INT8 activations; empty for others

  /// Returns Y [tokens][out] of a trace that keeps every beat. Throws std::runtime_error when the number of beats is
  /// not the layer's.
  std::vector<float> gather(const kernels::Trace& trace) const;
};

/// The stimulus owns what it needs, and its beats are made on demand. Scales cross as the unit's mapping says, without
/// rounding (kernels/parts/scale_lowering.hpp). Throws std::invalid_argument for shapes that do not match, and
/// LayerRefused for a format that the unit cannot run (UnitInfo::unsupported) and for weights, scales or activations
/// that do not fit its ports.
MappedLayer map_layer(const Design& design, const quant::PackedTensor& weights, const ActivationView& activations,
                      const kernels::StallPlan& stalls = {});

}  // namespace subbyte::sim
