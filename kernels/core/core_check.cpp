#include "kernels/core/core_check.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace subbyte::kernels {
namespace {

void fits(const char* what, std::uint64_t needed, std::uint64_t there, const char* parameter) {
  if (needed <= there) return;
  throw std::invalid_argument("core: a block's " + std::string(what) + " are " + std::to_string(needed) +
                              ", and half of the buffer holds " + std::to_string(there) +
                              ": expected smaller blocks or a larger " + parameter);
}

void expect(bool holds, const char* what) {
  if (!holds)
    throw std::invalid_argument("core: the registers of the layer say something impossible: " + std::string(what));
}

/// What the registers must say together.
void check_counts(const CoreParams& params, const CoreLayer& layer) {
  for (const std::uint32_t count :
       {layer.t_blocks, layer.n_blocks, layer.k_blocks, layer.t_tiles, layer.t_tiles_last, layer.n_tiles,
        layer.n_tiles_last, layer.tokens_last, layer.activation_row_words, layer.activation_row_words_last,
        layer.weight_tile_words, layer.weight_tile_words_last, layer.output_row_words, layer.output_last_words,
        layer.groups, layer.groups_last, layer.chunks, layer.chunks_last, layer.group})
    expect(count > 0, "a count of 0");
  expect(std::uint64_t{layer.t_blocks} * layer.n_blocks < kMostCoreSteps &&
             std::uint64_t{layer.t_blocks} * layer.n_blocks * layer.k_blocks < kMostCoreSteps,
         "2^24 steps or more");
  expect(layer.tokens_last <= params.rows(), "more tokens in a tile than rows");
  for (const unsigned tail : {layer.tail, layer.tail_last})
    expect(tail > 0 && tail <= params.tile.lanes, "other inputs in a last chunk than 1 .. lanes");
  const auto tokens = std::uint64_t{layer.t_tiles_last - 1} * params.rows() + layer.tokens_last;
  const std::uint64_t full = std::uint64_t{layer.t_tiles} * params.rows();
  for (const bool last_k : {false, true}) {
    if (!last_k && layer.k_blocks == 1) continue;
    const std::uint64_t row = last_k ? layer.activation_row_words_last : layer.activation_row_words;
    const std::uint64_t tile = last_k ? layer.weight_tile_words_last : layer.weight_tile_words;
    expect(layer.activation_words[1][last_k ? 1 : 0] == tokens * row &&
               (layer.t_blocks == 1 || layer.activation_words[0][last_k ? 1 : 0] == full * row),
           "other words of activations in a block than its tiles have");
    expect(layer.weight_words[1][last_k ? 1 : 0] == layer.n_tiles_last * tile &&
               (layer.n_blocks == 1 || layer.weight_words[0][last_k ? 1 : 0] == layer.n_tiles * tile),
           "other words of weights in a block than its tiles have");
  }
}

void expect_bits(const char* what, unsigned bits, unsigned least, unsigned most) {
  if (bits >= least && bits <= most) return;
  throw std::invalid_argument("core: " + std::string(what) + " is " + std::to_string(bits) + ", expected " +
                              std::to_string(least) + (most > least ? ".." + std::to_string(most) : ""));
}

/// The widths of fields that the tile takes.
void check_widths(const CoreTile& tile, const CoreLayer& layer) {
  const bool any_width = tile.field_bits == 8 || tile.planes();
  if (!tile.fives(layer.code_bits))
    expect_bits("code_bits", layer.code_bits, any_width ? 1 : tile.field_bits, any_width ? 8 : tile.field_bits);
  expect_bits("scale_bits", layer.scale_bits, tile.grouped() ? 8 : 0, tile.scales() ? 16 : tile.grouped() ? 8 : 0);
  expect_bits("selector_bits", layer.selector_bits, 0, tile.selects() ? 2 : 0);
  expect_bits("zero_bits", layer.zero_bits, 0, tile.encodes() || tile.subtracts() ? 8 : 0);
  expect(layer.selector_bits != 1, "selector_bits is 1, expected 0 or 2");
  expect(tile.scales() || !layer.channel, "channel scales for a tile that takes none");
}

}  // namespace

void check_core_layer(const CoreParams& params, const CoreLayer& layer) {
  check_widths(params.tile, layer);
  check_counts(params, layer);
  const std::uint64_t t_tiles = std::max(layer.t_tiles, layer.t_tiles_last);
  const std::uint64_t n_tiles = std::max(layer.n_tiles, layer.n_tiles_last);
  const auto larger = [&](std::uint64_t words, std::uint64_t last) {
    return layer.k_blocks > 1 ? std::max(words, last) : last;
  };
  fits("words of activations per row", t_tiles * larger(layer.activation_row_words, layer.activation_row_words_last),
       params.activation_words(), "activation_kib");
  fits("words of weights", n_tiles * larger(layer.weight_tile_words, layer.weight_tile_words_last),
       params.weight_words(), "weight_kib");
  fits("rows of results", n_tiles * t_tiles * params.rows(), params.output_rows(), "output_kib");
}

void check_core_start(const std::vector<ConfigWrite>& writes) {
  const auto starts = std::ranges::count(writes, kCoreStart, &ConfigWrite::address);
  if (starts == 1 && writes.back().address == kCoreStart) return;
  throw std::invalid_argument("core: the configuration has " + std::to_string(starts) +
                              " starts, expected one, as the last write");
}

}  // namespace subbyte::kernels
