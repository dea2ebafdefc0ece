#include <algorithm>
#include <span>
#include <vector>

#include "kernels/core/core_plan.hpp"
#include "quant/formats/layout.hpp"

namespace subbyte::kernels {
namespace {

/// Writes a string of bits into words of the bus, each of which stands in whole 64-bit words.
class BitString {
 public:
  BitString(std::vector<std::uint64_t>& words, unsigned bus_bits, std::uint64_t first_word)
      : words_(words), bus_bits_(bus_bits), stride_((bus_bits + 63) / 64), bit_(first_word * bus_bits) {}
  void add(std::uint64_t value, unsigned bits) {
    for (unsigned i = 0; i < bits; ++i, ++bit_)
      if ((value >> i & 1) != 0)
        words_[bit_ / bus_bits_ * stride_ + bit_ % bus_bits_ / 64] |= std::uint64_t{1} << bit_ % bus_bits_ % 64;
  }

 private:
  std::vector<std::uint64_t>& words_;
  unsigned bus_bits_, stride_;
  std::uint64_t bit_;
};

constexpr std::size_t kTrits = 5;      ///< of a byte
constexpr std::uint8_t kZeroTrit = 1;  ///< the codes 0 1 2 are -1 0 +1

/// Writes the image of one output tile in a block of inputs.
class TileImage {
 public:
  TileImage(const CoreParams& params, const CoreShape& shape, const CoreWeights& weights, std::size_t first_output)
      : shape_(shape), weights_(weights), tile_(params.tile), cols_(params.cols()), first_(first_output) {}

  void write(BitString& bits, std::size_t first_group, std::size_t groups) const {
    const std::size_t parts = tile_.parts(shape_.code_bits);
    std::vector<Chunk> chunks;
    for (std::size_t g = first_group; g < first_group + groups; ++g) {
      const std::size_t end = std::min(shape_.inputs, (g + 1) * shape_.group);
      for (std::size_t input = g * shape_.group; input < end; input += tile_.lanes) chunks.push_back({g, input, end});
    }
    if (shape_.channel) columns(bits, 32, [&](std::size_t output) { return weights_.channels[output]; });
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (i == 0 || chunks[i].group != chunks[i - 1].group) metadata(bits, chunks[i].group);
      if (parts == 1) chunk(bits, chunks[i]);
      if (parts > 1 && i % parts == 0) bytes(bits, std::span(chunks).subspan(i, std::min(parts, chunks.size() - i)));
    }
  }

 private:
  struct Chunk {
    std::size_t group, first, end;  ///< inputs; `end` is that of its group
  };

  void metadata(BitString& bits, std::size_t group) const {
    const auto at = [&](std::size_t output) { return output * shape_.stored_groups() + group / shape_.parts; };
    columns(bits, shape_.scale_bits, [&](std::size_t output) { return weights_.scales[at(output)]; });
    columns(bits, shape_.selector_bits, [&](std::size_t output) { return weights_.selectors[at(output)]; });
    columns(bits, shape_.zero_bits, [&](std::size_t output) { return weights_.zeros[at(output)]; });
  }

  template <typename Value>
  void columns(BitString& bits, unsigned width, Value value) const {
    for (std::size_t c = 0; c < cols_; ++c)
      bits.add(first_ + c < shape_.outputs && width > 0 ? value(first_ + c) : 0, width);
  }

  /// Writes the codes of a chunk whole, or plane after plane, the most significant one first.
  void chunk(BitString& bits, const Chunk& chunk) const {
    const unsigned width = tile_.bits_in_field(shape_.code_bits);
    for (unsigned plane = 0; plane < tile_.fields(shape_.code_bits); ++plane)
      for (std::size_t output = first_; output < first_ + cols_; ++output)
        for (std::size_t input = chunk.first; input < chunk.first + tile_.lanes; input += tile_.lanes_per_code)
          bits.add(output < shape_.outputs && input < chunk.end
                       ? code(output, input) >> (shape_.code_bits - (plane + 1) * width)
                       : 0,
                   width);
  }
  /// Writes the trits of five chunks or fewer as bytes of five; those of no weight are 0.
  void bytes(BitString& bits, std::span<const Chunk> chunks) const {
    for (std::size_t output = first_; output < first_ + cols_; ++output) {
      std::vector<std::uint8_t> trits(tile_.parts(shape_.code_bits) * tile_.lanes, kZeroTrit);
      for (std::size_t k = 0; k < chunks.size() && output < shape_.outputs; ++k)
        for (std::size_t l = 0; l < tile_.lanes && chunks[k].first + l < chunks[k].end; ++l)
          trits[k * tile_.lanes + l] = static_cast<std::uint8_t>(code(output, chunks[k].first + l));
      for (std::size_t i = 0; i < trits.size(); i += kTrits)
        bits.add(quant::pack_five_in_byte(std::span(trits).subspan(i).first<kTrits>()), 8);
    }
  }
  std::uint16_t code(std::size_t output, std::size_t input) const {
    const std::size_t step = tile_.lanes_per_code;
    return weights_.codes[output * quotient_up(shape_.inputs, step) + input / step];
  }

  const CoreShape& shape_;
  const CoreWeights& weights_;
  const CoreTile& tile_;
  std::size_t cols_, first_;
};

/// Calls for each block of inputs inside each block of tokens, or of output tiles, which have `all` in blocks of
/// `block`: with the first one and how many there are, and the block of inputs.
template <typename Visit>
void for_blocks(const CoreLayer& layer, std::size_t all, std::size_t block, Visit visit) {
  for (std::size_t first = 0; first < all; first += block)
    for (std::uint32_t k = 0; k < layer.k_blocks; ++k) visit(first, std::min(block, all - first), k);
}

}  // namespace

std::vector<std::uint64_t> core_memory(const CoreParams& params, const CoreShape& shape, const CoreLayer& layer,
                                       const CoreWeights& weights, std::span<const std::uint16_t> tokens) {
  std::vector<std::uint64_t> memory(std::size_t{layer.output_base} * params.words_per_beat());
  std::uint64_t word = layer.activation_base;
  const auto is_last = [&](std::uint32_t k) { return k + 1 == layer.k_blocks; };
  for_blocks(layer, shape.tokens, layer.t_tiles * params.rows(), [&](std::size_t first, std::size_t count, auto k) {
    const std::size_t begin = k * std::size_t{layer.groups} * shape.group;
    const std::size_t end = is_last(k) ? shape.inputs : begin + std::size_t{layer.groups} * shape.group;
    for (std::size_t t = first; t < first + count; ++t) {
      BitString row(memory, params.bus_bits(), word);
      for (const std::uint16_t value : tokens.subspan(t * shape.inputs + begin, end - begin))
        row.add(value, params.tile.activation_bits);
      word += is_last(k) ? layer.activation_row_words_last : layer.activation_row_words;
    }
  });
  const std::size_t tiles = quotient_up(shape.outputs, params.cols());
  for_blocks(layer, tiles, layer.n_tiles, [&](std::size_t first, std::size_t count, auto k) {
    for (std::size_t n = first; n < first + count; ++n) {
      BitString image(memory, params.bus_bits(), word);
      TileImage(params, shape, weights, n * params.cols())
          .write(image, k * std::size_t{layer.groups}, is_last(k) ? layer.groups_last : layer.groups);
      word += is_last(k) ? layer.weight_tile_words_last : layer.weight_tile_words;
    }
  });
  return memory;
}

}  // namespace subbyte::kernels
