// What the configuration registers of the core say of a layer, and the loop nest that follows (kernels/CORE.md).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/core/core_tile.hpp"

namespace subbyte::kernels {

struct CoreParams {
  CoreTile tile;
  unsigned tile_rows = 1;
  unsigned tile_cols = 1;
  unsigned bus_bytes = 16;
  std::uint64_t weight_kib = 4;  ///< of both halves, as the others
  std::uint64_t activation_kib = 4;
  std::uint64_t output_kib = 4;

  /// Reads parameters that resolve() completed. Throws std::invalid_argument for lanes or columns that are no power of
  /// two, and for a bus that is no power of two or wider than a row of the array's results.
  static CoreParams of(const Parameters& parameters);
  unsigned rows() const { return tile.rows * tile_rows; }
  unsigned cols() const { return tile.cols * tile_cols; }
  unsigned lanes() const { return rows() * cols() * tile.lanes; }  ///< of the whole array
  unsigned bus_bits() const { return 8 * bus_bytes; }
  unsigned words_per_beat() const { return (bus_bits() + 63) / 64; }  ///< 64-bit words of a bus word in a beat
  /// The halves of the buffers hold so many words of the bus: of the weight image, of one row of the array's
  /// activations, and rows of C results.
  std::uint64_t weight_words() const { return weight_kib * 512 / bus_bytes; }
  std::uint64_t activation_words() const { return activation_kib * 512 / bus_bytes / rows(); }
  std::uint64_t output_rows() const { return output_kib * 512 / (4 * cols()); }
};

/// The register that starts a layer.
inline constexpr std::uint8_t kCoreStart = 0xE0;
/// Steps are counted in 24 bits, with two more at the end.
inline constexpr std::uint64_t kMostCoreSteps = (1U << 24) - 2;

/// Words of a block of an operand: [last block of tokens or of outputs][last block of inputs].
using CoreBlockWords = std::array<std::array<std::uint32_t, 2>, 2>;

struct CoreLayer {
  bool weights_outer = false;
  bool sign_extend = false;  ///< codes are two's complement
  bool channel = false;      ///< output tiles begin with a channel scale per column
  unsigned code_bits = 4, scale_bits = 16, selector_bits = 0, zero_bits = 0;
  std::uint32_t t_blocks = 1, n_blocks = 1, k_blocks = 1;
  std::uint32_t t_tiles = 1, t_tiles_last = 1, n_tiles = 1, n_tiles_last = 1;
  std::uint32_t tokens_last = 1;  ///< of the last token tile
  /// Words of a token and of an output tile in a block of inputs, and in the last one.
  std::uint32_t activation_row_words = 1, activation_row_words_last = 1, weight_tile_words = 1,
                weight_tile_words_last = 1;
  std::uint32_t output_row_words = 1, output_last_words = 1;
  std::uint32_t groups = 1, groups_last = 1;  ///< of a block of inputs, and of the last one
  std::uint32_t chunks = 1, chunks_last = 1;  ///< of a group, and of the layer's last one
  unsigned tail_last = 1, tail = 1;           ///< inputs in the last chunk of the last group, and of every other one
  std::uint32_t group = 1;
  std::uint32_t activation_base = 0, weight_base = 0, output_base = 0;
  CoreBlockWords activation_words{{{1, 1}, {1, 1}}}, weight_words{{{1, 1}, {1, 1}}};

  /// Returns the writes of all registers, and the one that starts the layer at the end.
  std::vector<ConfigWrite> writes() const;
  /// Makes one write through the configuration port; other addresses are ignored.
  void configure(ConfigWrite write);
  /// Returns what the writes leave.
  static CoreLayer of(const std::vector<ConfigWrite>& writes);

  std::uint32_t steps() const { return t_blocks * n_blocks * k_blocks; }
  /// How often the words of an operand are read from memory.
  std::uint32_t weight_reads() const {
    return (k_blocks > 1 || !weights_outer) && n_blocks * k_blocks > 1 ? t_blocks : 1;
  }
  std::uint32_t activation_reads() const {
    return (k_blocks > 1 || weights_outer) && t_blocks * k_blocks > 1 ? n_blocks : 1;
  }
  unsigned metadata_bits(unsigned cols) const { return cols * (scale_bits + selector_bits + zero_bits); }
  /// Bits of a chunk's field: of all of its codes, of a plane of them, or of the bytes that five chunks share.
  unsigned chunk_bits(const CoreParams& params) const {
    return params.cols() * params.tile.codes() * params.tile.bits_in_field(code_bits);
  }
};

/// Words of the bus in the order of their addresses.
struct CoreTransfer {
  std::uint32_t address = 0;
  std::uint32_t words = 0;  ///< 0: there is nothing to move
};

/// A block of outputs and a block of tokens, over a block of inputs.
struct CoreStep {
  std::uint32_t pair = 0;        ///< number of the pair of outputs and tokens, whose steps follow one another
  bool first_inputs = true;      ///< whether the results are the pair's first ones, to which later ones are added
  bool last_inputs = true;       ///< whether the pair is complete with this step
  std::uint32_t groups = 1;      ///< of the block of inputs
  std::uint32_t row_words = 1;   ///< of a token in the block
  std::uint32_t tile_words = 1;  ///< of an output tile in the block
  std::uint32_t n_tiles = 1, t_tiles = 1;
  std::uint32_t tokens = 1;  ///< of the block
  bool last_tokens = false;  ///< whether its last token tile is the layer's
  CoreTransfer activations;  ///< what is fetched for it
  CoreTransfer weights;
  CoreTransfer first_row;  ///< of its part of Y; rows are output_row_words apart
};

/// Returns step j, 0 <= j < layer.steps().
CoreStep core_step(const CoreParams& params, const CoreLayer& layer, std::uint32_t j);

enum class CoreFieldKind : std::uint8_t { kChannel, kMetadata, kChunk };

/// A field that is read from the weight buffer, and for a chunk from the activation buffers.
struct CoreField {
  CoreFieldKind kind = CoreFieldKind::kChunk;
  std::uint32_t n_tile = 0, t_tile = 0;  ///< in the step
  std::uint64_t bit = 0;                 ///< where it begins in the half of the weight buffer
  std::uint64_t activation_bit = 0;      ///< the same of lane 0's input in the half of every row's activations
  unsigned inputs = 0;                   ///< lanes that carry an input
  unsigned plane = 0;                    ///< of the chunk, the most significant first; 0 where it is one field
  unsigned part = 0;                     ///< of the field that chunks share, which is read with part 0
  bool group_first = false, group_last = false, tile_last = false;
};

/// The fields of a step in their order.
class CoreFields {
 public:
  CoreFields(const CoreParams& params, const CoreLayer& layer, const CoreStep& step);
  bool done() const { return done_; }
  const CoreField& field() const { return field_; }
  void next();

 private:
  void begin_tile();
  void begin_group();
  void begin_chunk();
  void place();
  void set_ends();
  bool last_plane() const { return field_.plane + 1 >= params_.tile.fields(layer_.code_bits); }
  void next_tile();
  unsigned bits() const;

  const CoreParams& params_;
  const CoreLayer& layer_;
  CoreStep step_;
  CoreField field_;
  std::uint32_t group_ = 0, chunk_ = 0;
  bool last_chunk_ = false;      ///< of its group
  std::uint64_t next_bit_ = 0;   ///< of the image, where the field begins that is read next
  std::uint64_t codes_bit_ = 0;  ///< where the field begins that chunks share
  bool done_ = false;
};

/// The kinds of beats on the command channel.
enum class CoreCommand : std::uint8_t { kRead, kWrite, kData, kReport };

/// Fields of a beat of the command channel.
struct CoreCommandLayout {
  explicit CoreCommandLayout(const CoreParams& params);
  BeatShape shape;
  unsigned address, words, count, data;  ///< the kind is at bit 0
  void set(std::span<std::uint64_t> beat, CoreCommand kind, const CoreTransfer& transfer) const;
};

/// The causes to which the cycles of a layer are booked, in the order of the report, and their names.
enum CoreCause : unsigned { kActivations, kWeights, kOutputs, kControl, kFill, kWork, kGap, kDrain, kWriteBack };
inline constexpr const char* kCoreCauses[] = {"activations", "weights", "outputs", "control",   "fill",
                                              "work",        "gap",     "drain",   "write_back"};
inline constexpr unsigned kCoreCauseCount = 9;
using CoreCounts = std::array<std::uint64_t, kCoreCauseCount>;
/// Returns the cycles of a layer, whose causes sum to them.
std::uint64_t core_total(const CoreCounts& counts);

}  // namespace subbyte::kernels
