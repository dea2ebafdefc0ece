// Mapping: a layer y = W x onto a bit-serial tile. Packed weights and FP16 activations become a stimulus,
// output beats become Y again.
//
// Loop order, outermost first: output tiles (cols outputs each), token tiles (rows tokens each), groups,
// chunks of `lanes` inputs. So the weights of an output tile stay on chip while the tokens pass. Every tile
// is one case. A group never shares a beat with another: a group of n inputs takes ceil(n / lanes) beats, its
// last beat padded. Padding (kernels/ARITHMETIC.md, section 5): activations +0, codes 0; padded columns have
// scale, selector and zero 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "kernels/bitserial_tile.hpp"
#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"
#include "quant/packed_tensor.hpp"
#include "sim/design.hpp"

namespace subbyte::sim {

/// The encoder's term counter ends at five (kernels/ARITHMETIC.md, section 1); tables are bounded by
/// config_writes().
inline constexpr unsigned kMaxTerms = 5;

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

/// Where an output beat's element belongs.
struct OutputPlace {
  std::size_t tile = 0;  ///< running number of the tile, in loop order
  std::size_t token = 0;
  std::size_t output = 0;
  bool padding = false;  ///< token or output lies outside the layer
};

/// The loop nest of one layer on one tile shape.
struct TileLoop {
  std::size_t tokens = 0, in = 0, out = 0;
  std::size_t rows = 0, cols = 0, lanes = 0, ports = 0;
  std::size_t group = 0;

  std::size_t token_tiles() const { return (tokens + rows - 1) / rows; }
  std::size_t output_tiles() const { return (out + cols - 1) / cols; }
  std::size_t tiles() const { return token_tiles() * output_tiles(); }
  std::size_t groups() const { return (in + group - 1) / group; }
  std::size_t chunks(std::size_t group_index) const;
  std::size_t input_beats_per_tile() const { return (groups() - 1) * chunks(0) + chunks(groups() - 1); }
  std::size_t output_beats_per_tile() const { return rows / ports; }
  std::size_t output_beats() const { return tiles() * output_beats_per_tile(); }
  std::size_t first_token(std::size_t tile) const { return tile % token_tiles() * rows; }
  std::size_t first_output(std::size_t tile) const { return tile / token_tiles() * cols; }
  /// Element p * cols + c of output beat `beat`.
  OutputPlace place(std::size_t beat, std::size_t element) const;
};

/// Throws std::invalid_argument for a unit that takes no layers (naming one that does), an empty layer, or no
/// tokens.
TileLoop tile_loop(const Design& design, const quant::PackedTensor& weights, std::size_t tokens);

/// The stimulus of the whole layer. It owns what it needs (codes as one byte per weight, activations), and
/// its beats are made on demand. Scales cross as kernels/scale_lowering.hpp says, without rounding. Throws
/// std::invalid_argument for shapes that do not match, LayerRefused for a format that the unit cannot run
/// (UnitInfo::unsupported), scales that do not fit its ports, and codes that are infinite or NaN.
kernels::Stimulus map_layer(const Design& design, const quant::PackedTensor& weights,
                            const ActivationView& activations, const kernels::StallPlan& stalls = {});

/// Y [tokens][out] of a trace that keeps every beat. Throws std::runtime_error when the number of beats is
/// not the layer's.
std::vector<float> gather(const TileLoop& loop, const kernels::Trace& trace);

}  // namespace subbyte::sim
