// Mapping: a layer y = W x onto a tile. Packed weights and FP16 activations become a stimulus, output beats
// become Y again.
//
// Every tile is one case; the loop nest is in sim/mapping/loop.hpp. What is padded (kernels/ARITHMETIC.md, section 5)
// has activations of +0 and weights of 0; scale, selector and zero point of padded columns are 0 too. Activations cross
// with the first beat of their chunk.
//
// A tile with INT8 activations gets each token rounded to integers (quant/rules/int8_tokens.hpp); Y is then the
// tile's value times the token's scale in FP32 RNE, behind the tile. A tensor scale that the tile does not
// know is applied there too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/config/design.hpp"
#include "sim/mapping/loop.hpp"

namespace subbyte::sim {

/// A layer that a design cannot run: its format, or what its scales and codes happen to be. The text names
/// the design, the format, the reason (with row and group) and the alternative.
struct LayerRefused : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// FP16 bit patterns, row-major [tokens][in]; not owned.
struct ActivationView {
  std::span<const std::uint16_t> values;
  std::size_t tokens = 0;
  std::size_t in = 0;
};

/// Units that take whole layers, in the order of the catalogue.
std::vector<std::string> layer_units();

/// Throws std::invalid_argument for a unit that takes no layers (naming those that do), an empty layer, or no
/// tokens.
TileLoop tile_loop(const Design& design, const quant::PackedTensor& weights, std::size_t tokens);

/// Nothing when the design's unit can run the layer's format, else why not (UnitInfo::unsupported; a group is as long
/// as the row at most). Scales and codes that do not fit are found by map_layer().
std::optional<kernels::Refusal> layer_unsupported(const Design& design, const quant::PackedTensor& weights);

/// What the tile's activations are: "fp16", or "int8 per token".
std::string activation_format(const Design& design);

/// Lane-cycles that one weight takes on the design's tile: its terms, its planes, or 1.
double lane_cycles_per_weight(const Design& design, const quant::PackedTensor& weights);

/// A layer ready to run, and what becomes of its outputs.
struct MappedLayer {
  TileLoop loop = {};
  kernels::Stimulus stimulus = {};
  std::optional<OutputScale> output_scale = {};
  std::vector<float> token_scales = {};  ///< [tokens], of INT8 activations; else empty

  /// Y [tokens][out] of a trace that keeps every beat. Throws std::runtime_error when the number of beats is
  /// not the layer's.
  std::vector<float> gather(const kernels::Trace& trace) const;
};

/// The stimulus owns what it needs, and its beats are made on demand. Scales cross as the unit's mapping says
/// (kernels/parts/scale_lowering.hpp: without rounding). Throws std::invalid_argument for shapes that do not match,
/// LayerRefused for a format that the unit cannot run (UnitInfo::unsupported) and for weights, scales or
/// activations that do not fit its ports.
MappedLayer map_layer(const Design& design, const quant::PackedTensor& weights, const ActivationView& activations,
                      const kernels::StallPlan& stalls = {});

}  // namespace subbyte::sim
