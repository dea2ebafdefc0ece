// The loop nest of one layer on one tile, which all tile units share.
//
// Its loops are, from the outermost: output tiles (cols outputs each), token tiles (rows tokens each), groups, chunks
// of `lanes` inputs, and steps (the beats of a chunk). So the weights of an output tile stay on chip while the tokens
// pass. A group never shares a beat with another: a group of n inputs takes ceil(n / lanes) chunks, of which the last
// is padded. A tile without group sums has one group, which is the row.
#pragma once

#include <cstddef>

namespace subbyte::sim {

/// What every value of a tile is multiplied or divided by behind it, in FP32 RNE.
struct OutputScale {
  float factor = 1;
  bool divides = false;
  float of(float value) const { return divides ? value / factor : value * factor; }
};

/// Where an output beat's element belongs.
struct OutputPlace {
  std::size_t tile = 0;  ///< running number of the tile, in loop order
  std::size_t token = 0;
  std::size_t output = 0;
  bool padding = false;  ///< token or output lies outside the layer
};

/// Where an input beat stands in its tile.
struct Chunk {
  std::size_t group = 0;
  std::size_t first = 0;    ///< input of lane 0
  std::size_t count = 0;    ///< lanes that carry an input; the others are padding
  std::size_t step = 0;     ///< beat of the chunk
  bool group_last = false;  ///< the last beat of its group
  bool tile_last = false;
};

struct TileLoop {
  std::size_t tokens = 0, in = 0, out = 0;
  std::size_t rows = 0, cols = 0, lanes = 0, ports = 0;
  std::size_t group = 0;
  std::size_t steps = 1;  ///< beats per chunk
  bool int8_activations = false;

  std::size_t token_tiles() const { return (tokens + rows - 1) / rows; }
  std::size_t output_tiles() const { return (out + cols - 1) / cols; }
  std::size_t tiles() const { return token_tiles() * output_tiles(); }
  std::size_t groups() const { return (in + group - 1) / group; }
  std::size_t chunks(std::size_t group_index) const;
  std::size_t input_beats_per_tile() const { return ((groups() - 1) * chunks(0) + chunks(groups() - 1)) * steps; }
  std::size_t output_beats_per_tile() const { return rows / ports; }
  std::size_t output_beats() const { return tiles() * output_beats_per_tile(); }
  std::size_t first_token(std::size_t tile) const { return tile % token_tiles() * rows; }
  std::size_t first_output(std::size_t tile) const { return tile / token_tiles() * cols; }
  /// Returns where beat `beat` of a tile stands.
  Chunk chunk(std::size_t beat) const;
  /// Returns where element p * cols + c of output beat `beat` belongs.
  OutputPlace place(std::size_t beat, std::size_t element) const;
};

}  // namespace subbyte::sim
