#include "kernels/core/core_buffers.hpp"

#include <algorithm>
#include <array>

#include "kernels/arithmetic/fp32.hpp"
#include "quant/formats/layout.hpp"

namespace subbyte::kernels {
namespace {

constexpr std::uint32_t kOne = 0x3F800000;

/// Reads up to 64 bits anywhere, and zeros behind the end.
std::uint64_t bits_at(std::span<const std::uint64_t> words, std::uint64_t bit, unsigned count) {
  const std::size_t word = bit / 64;
  const unsigned shift = bit % 64;
  std::uint64_t value = word < words.size() ? words[word] >> shift : 0;
  if (shift + count > 64 && word + 1 < words.size()) value |= words[word + 1] << (64 - shift);
  return count < 64 ? value & ((std::uint64_t{1} << count) - 1) : value;
}

/// Writes a word of the bus at a bit, and makes room for it.
void place_word(const CoreParams& params, std::uint64_t bit, std::span<const std::uint64_t> word,
                std::vector<std::uint64_t>& half) {
  const unsigned bits = std::min(params.bus_bits(), 64U);
  half.resize(std::max<std::size_t>(half.size(), (bit + params.bus_bits() + 63) / 64));
  for (const std::uint64_t part : word) {
    set_bits(std::span(half).subspan(bit / 64), bit % 64, bits, part);
    bit += bits;
  }
}

}  // namespace

CoreUnpack::CoreUnpack(const CoreParams& params, const CoreLayer& layer)
    : params_(params), layer_(layer), beat_(params.tile) {}

CoreColumns CoreUnpack::reset_columns() const {
  const unsigned cols = params_.cols();
  return {std::vector<std::uint32_t>(cols, kOne), std::vector<std::uint16_t>(cols), std::vector<std::uint8_t>(cols),
          std::vector<std::uint8_t>(cols)};
}

void CoreUnpack::read(const CoreField& field, const CoreOperands& operands, CoreColumns& columns) const {
  std::uint64_t bit = field.bit;
  const auto take = [&](unsigned bits) {
    const std::uint64_t value = bits_at(operands.weights, bit, bits);
    bit += bits;
    return value;
  };
  if (field.kind == CoreFieldKind::kChannel) {
    for (std::uint32_t& scale : columns.channel_scales) scale = static_cast<std::uint32_t>(take(32));
    return;
  }
  for (std::uint16_t& scale : columns.scales) scale = static_cast<std::uint16_t>(take(layer_.scale_bits));
  for (std::uint8_t& selector : columns.selectors) selector = static_cast<std::uint8_t>(take(layer_.selector_bits));
  for (std::uint8_t& zero : columns.zeros) zero = static_cast<std::uint8_t>(take(layer_.zero_bits));
}

/// What the tile takes for a code.
unsigned CoreUnpack::field(unsigned raw, unsigned zero) const {
  const unsigned sign = 1U << (layer_.code_bits - 1);
  const unsigned value = layer_.sign_extend ? (raw ^ sign) - sign : raw;
  return (params_.tile.subtracts() ? value - zero : value) & ((1U << params_.tile.field_bits) - 1);
}

/// Code `index` of a column in a chunk, or its bit in a plane, or its trit in bytes of five.
unsigned CoreUnpack::raw_code(const CoreField& chunk, std::span<const std::uint64_t> weights, unsigned column,
                              unsigned index) const {
  const CoreTile& tile = params_.tile;
  const unsigned bits = tile.bits_in_field(layer_.code_bits);
  const std::uint64_t first = chunk.bit + std::uint64_t{column} * tile.codes() * bits;
  if (!tile.fives(layer_.code_bits)) return static_cast<unsigned>(bits_at(weights, first + index * bits, bits));
  const unsigned trit = chunk.part * tile.codes() + index;
  std::array<std::uint8_t, 5> codes{};
  quant::unpack_five_in_byte(static_cast<std::uint8_t>(bits_at(weights, first + trit / 5 * 8, 8)), codes);
  return codes.at(trit % 5) - 1U;
}

void CoreUnpack::fill(const CoreField& chunk, const CoreOperands& operands, const CoreColumns& columns, unsigned tokens,
                      unsigned tile_row, unsigned tile_col, std::span<std::uint64_t> beat) const {
  std::ranges::fill(beat, 0);
  const CoreTile& tile = params_.tile;
  for (unsigned c = 0; c < tile.cols; ++c) {
    const unsigned column = tile_col * tile.cols + c;
    for (unsigned k = 0; k < tile.codes(); ++k)
      beat_.set_code(beat, c, k, field(raw_code(chunk, operands.weights, column, k), columns.zeros[column]));
    beat_.set_column(
        beat, c,
        {columns.selectors[column], columns.zeros[column], columns.scales[column], columns.channel_scales[column]});
  }
  beat_.set_flags(beat, layer_.scale_bits == 8, chunk.group_last, chunk.tile_last);
  for (unsigned r = 0; r < tile.rows; ++r) {
    const unsigned row = tile_row * tile.rows + r;
    std::uint64_t bit = chunk.activation_bit;
    for (unsigned l = 0; row < tokens && l < chunk.inputs; ++l, bit += tile.activation_bits)
      beat_.set_activation(beat, r, l,
                           static_cast<std::uint16_t>(bits_at(operands.activations[row], bit, tile.activation_bits)));
  }
}

unsigned core_tokens(const CoreParams& params, const CoreLayer& layer, const CoreStep& step, std::uint32_t t_tile) {
  return step.last_tokens && t_tile + 1 == step.t_tiles ? layer.tokens_last : params.rows();
}

void place_weights(const CoreParams& params, std::uint64_t index, std::span<const std::uint64_t> word,
                   CoreWeightHalf& half) {
  place_word(params, index * params.bus_bits(), word, half);
}

void place_activations(const CoreParams& params, const CoreStep& step, std::uint64_t index,
                       std::span<const std::uint64_t> word, CoreActivationHalf& half) {
  half.resize(params.rows());
  const std::uint64_t row = index / step.row_words;
  const std::uint64_t at = row / params.rows() * step.row_words + index % step.row_words;
  place_word(params, at * params.bus_bits(), word, half[row % params.rows()]);
}

void CoreResults::begin(const CoreStep& step) {
  std::vector<Tile>& tiles = halves_[step.pair % 2];
  if (step.first_inputs) tiles.assign(params_.tile_rows * params_.tile_cols, {});
  for (Tile& tile : tiles) tile.next = 0;
}

void CoreResults::store(const CoreStep& step, unsigned tile_row, unsigned tile_col,
                        std::span<const std::uint64_t> beat) {
  Tile& tile = halves_[step.pair % 2][tile_row * params_.tile_cols + tile_col];
  for (unsigned k = 0; k < params_.tile.ports() * params_.tile.cols; ++k, ++tile.next) {
    const auto value = static_cast<std::uint32_t>(get_bits(beat, 32 * k, 32));
    if (step.first_inputs)
      tile.values.push_back(value);
    else
      tile.values[tile.next] = fp32_add(tile.values[tile.next], value);
  }
}

std::uint32_t CoreResults::value(const CoreStep& step, std::uint32_t token, std::uint32_t output) const {
  const CoreTile& tile = params_.tile;
  const unsigned row = token % params_.rows(), column = output % params_.cols();
  const std::size_t job = std::size_t{output / params_.cols()} * step.t_tiles + token / params_.rows();
  const unsigned in_tile = row % tile.rows;
  const std::size_t beat = job * tile.rows_per_port() + in_tile % tile.rows_per_port();
  const std::size_t element = in_tile / tile.rows_per_port() * tile.cols + column % tile.cols;
  const auto& values = halves_[step.pair % 2][row / tile.rows * params_.tile_cols + column / tile.cols].values;
  return values[beat * tile.ports() * tile.cols + element];
}

void CoreResults::word(const CoreStep& step, std::uint32_t token, std::uint32_t word, std::span<std::uint64_t> beat,
                       unsigned offset) const {
  const unsigned count = params_.bus_bytes / 4;
  for (unsigned k = 0; k < count; ++k) set_bits(beat, offset + 32 * k, 32, value(step, token, word * count + k));
}

}  // namespace subbyte::kernels
