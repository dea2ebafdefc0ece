// The fields of the core's buffers as the tiles take them: what the unpacking hardware computes (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/core_layer.hpp"

namespace subbyte::kernels {

/// What stands in registers beside the chunks: of every column of the array.
struct CoreColumns {
  std::vector<std::uint32_t> channel_scales;  ///< 1.0 where the layer has none
  std::vector<std::uint16_t> scales;
  std::vector<std::uint8_t> selectors, zeros;
};

/// A half of the weight buffer: bits of the image, lowest first.
using CoreWeightHalf = std::vector<std::uint64_t>;
/// A half of the activation buffers: per row of the array, a token tile after the other.
using CoreActivationHalf = std::vector<std::vector<std::uint64_t>>;

/// The halves that a step reads.
struct CoreOperands {
  std::span<const std::uint64_t> weights;
  std::span<const std::vector<std::uint64_t>> activations;
};

class CoreUnpack {
 public:
  CoreUnpack(const CoreParams& params, const CoreLayer& layer);
  /// Reads a channel or metadata field.
  void read(const CoreField& field, const CoreOperands& operands, CoreColumns& columns) const;
  /// Writes the beat of tile (tile_row, tile_col) for a chunk; its words are overwritten. `tokens` are the valid rows
  /// of the array for its token tile.
  void fill(const CoreField& chunk, const CoreOperands& operands, const CoreColumns& columns, unsigned tokens,
            unsigned tile_row, unsigned tile_col, std::span<std::uint64_t> beat) const;
  const CoreBeat& beat() const { return beat_; }
  CoreColumns reset_columns() const;

 private:
  const CoreParams& params_;
  unsigned field(unsigned raw, unsigned zero) const;
  unsigned raw_code(const CoreField& chunk, std::span<const std::uint64_t> weights, unsigned column,
                    unsigned index) const;

  const CoreLayer& layer_;
  CoreBeat beat_;
};

/// Returns the valid rows of the array for a token tile of a step.
unsigned core_tokens(const CoreParams& params, const CoreLayer& layer, const CoreStep& step, std::uint32_t t_tile);

/// Writes word `index` of a transfer, as a beat of the read channel has it, into a half.
void place_weights(const CoreParams& params, std::uint64_t index, std::span<const std::uint64_t> word,
                   CoreWeightHalf& half);
void place_activations(const CoreParams& params, const CoreStep& step, std::uint64_t index,
                       std::span<const std::uint64_t> word, CoreActivationHalf& half);

/// The output buffer: results of two pairs of blocks, pair p in half p mod 2, to which each step of the pair adds.
class CoreResults {
 public:
  explicit CoreResults(const CoreParams& params) : params_(params) {}
  void begin(const CoreStep& step);
  /// Takes the next output beat of a tile in a step.
  void store(const CoreStep& step, unsigned tile_row, unsigned tile_col, std::span<const std::uint64_t> beat);
  /// Writes word `word` of a token's row in the part of Y that a pair makes into a beat, from bit `offset` on.
  void word(const CoreStep& step, std::uint32_t token, std::uint32_t word, std::span<std::uint64_t> beat,
            unsigned offset) const;

 private:
  /// The results of a tile: [beat][port, column].
  struct Tile {
    std::vector<std::uint32_t> values;
    std::size_t next = 0;  ///< that the next beat of the step gives
  };
  std::uint32_t value(const CoreStep& step, std::uint32_t token, std::uint32_t output) const;

  const CoreParams& params_;
  std::vector<Tile> halves_[2];
};

}  // namespace subbyte::kernels
