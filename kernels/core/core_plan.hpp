// Makes a layer ready for the core: its registers for a choice of blocks, what lies in memory, and the words in the
// order in which they are read (kernels/CORE.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/core_layer.hpp"

namespace subbyte::kernels {

/// Returns a / b, rounded up.
inline std::uint64_t quotient_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// What a layer is, apart from its numbers.
struct CoreShape {
  std::size_t tokens = 1, outputs = 1, inputs = 1;
  std::size_t group = 1;  ///< inputs of a group in the image, at most `inputs`
  std::size_t parts = 1;  ///< groups in the image of one that the weights have, each with the same metadata
  unsigned code_bits = 4, scale_bits = 16, selector_bits = 0, zero_bits = 0;
  bool channel = false;      ///< whether channel scales are stored
  bool sign_extend = false;  ///< whether codes are two's complement

  std::size_t groups() const { return (inputs + group - 1) / group; }
  std::size_t stored_groups() const { return (groups() + parts - 1) / parts; }  ///< of the weights
};

/// In which blocks the core walks through a layer.
struct CoreBlocks {
  bool weights_outer = true;
  std::size_t output_tiles = 1;  ///< of a block
  std::size_t token_tiles = 1;
  std::size_t groups = 0;  ///< of a block of inputs; 0 stands for all of them
};

/// Weights in the terms of the core's image.
struct CoreWeights {
  std::vector<std::uint16_t> codes;     ///< [outputs][inputs / lanes_per_code, rounded up], as the image has them
  std::vector<std::uint16_t> scales;    ///< [outputs][stored groups]
  std::vector<std::uint8_t> selectors;  ///< the same
  std::vector<std::uint8_t> zeros;      ///< the same
  std::vector<std::uint32_t> channels;  ///< [outputs]
};

/// Returns the registers. Activations lie at address 0, weights behind them, and Y behind these. Throws
/// std::invalid_argument where a block does not fit the buffers (check_core_layer()), or numbers do not fit the
/// registers.
CoreLayer core_layer(const CoreParams& params, const CoreShape& shape, const CoreBlocks& blocks);

/// Words of the bus that an output tile's image and a token's activations take, each padded to whole words, where the
/// shape is a layer or a block of its inputs.
struct CoreWords {
  std::uint64_t weight_tile = 0;
  std::uint64_t activation_row = 0;
};
CoreWords core_words(const CoreParams& params, const CoreShape& shape);

/// Returns a block of so many groups, from its first one on, as a shape of its own.
CoreShape core_slice(const CoreShape& shape, std::size_t first_group, std::size_t groups);

/// Returns memory from address 0 to the end of the weights, as words of the bus, each in whole 64-bit words, in the
/// blocks of the layer. `tokens` are activations [tokens][inputs], FP16 patterns or
/// bytes.
std::vector<std::uint64_t> core_memory(const CoreParams& params, const CoreShape& shape, const CoreLayer& layer,
                                       const CoreWeights& weights, std::span<const std::uint16_t> tokens);

/// Returns the words that the layer reads, in the order of its requests. The copies of the source share `memory`.
BeatSource core_reads(const CoreParams& params, const CoreLayer& layer, std::vector<std::uint64_t> memory);

/// Returns the number of beats on the command channel, the report included.
std::uint64_t core_commands(const CoreParams& params, const CoreLayer& layer);

/// Returns Y [tokens][outputs] of what a run wrote, from all beats of its commands in order.
class CoreOutputs {
 public:
  CoreOutputs(const CoreParams& params, const CoreShape& shape, const CoreLayer& layer);
  void take(std::span<const std::uint64_t> command);
  const std::vector<float>& y() const { return y_; }

 private:
  CoreParams params_;
  CoreShape shape_;
  CoreLayer layer_;
  CoreCommandLayout commands_;
  std::uint32_t next_ = 0;  ///< address of the word that comes next
  std::vector<float> y_;
};

}  // namespace subbyte::kernels
