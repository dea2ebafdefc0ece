#include "kernels/core/core_layer.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>
#include <string>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {
namespace {

/// The registers that hold one number each, in the order of their addresses from C1 on.
constexpr std::uint32_t CoreLayer::*kNumbers[] = {
    &CoreLayer::t_blocks,
    &CoreLayer::n_blocks,
    &CoreLayer::k_blocks,
    &CoreLayer::t_tiles,
    &CoreLayer::t_tiles_last,
    &CoreLayer::n_tiles,
    &CoreLayer::n_tiles_last,
    &CoreLayer::tokens_last,
    &CoreLayer::activation_row_words,
    &CoreLayer::activation_row_words_last,
    &CoreLayer::weight_tile_words,
    &CoreLayer::weight_tile_words_last,
    &CoreLayer::output_row_words,
    &CoreLayer::output_last_words,
    &CoreLayer::groups,
    &CoreLayer::groups_last,
    &CoreLayer::chunks,
    &CoreLayer::chunks_last,
};
constexpr std::uint8_t kTails = 0xD3, kGroup = 0xD4, kWords = 0xD8;
/// The registers from D5 on.
constexpr std::uint32_t CoreLayer::*kBases[] = {&CoreLayer::activation_base, &CoreLayer::weight_base,
                                                &CoreLayer::output_base};
/// The registers from D8 on, four each.
constexpr CoreBlockWords CoreLayer::*kBlockWords[] = {&CoreLayer::activation_words, &CoreLayer::weight_words};

std::uint32_t flags_of(const CoreLayer& layer) {
  return layer.code_bits | static_cast<std::uint32_t>(layer.weights_outer) << 5 |
         static_cast<std::uint32_t>(layer.sign_extend) << 6 | static_cast<std::uint32_t>(layer.channel) << 7 |
         layer.scale_bits / 8 << 8 | layer.selector_bits << 10 | layer.zero_bits << 12;
}

void set_flags(CoreLayer& layer, std::uint32_t data) {
  layer.code_bits = data & 31;
  layer.weights_outer = (data >> 5 & 1) != 0;
  layer.sign_extend = (data >> 6 & 1) != 0;
  layer.channel = (data >> 7 & 1) != 0;
  layer.scale_bits = 8 * (data >> 8 & 3);
  layer.selector_bits = data >> 10 & 3;
  layer.zero_bits = data >> 12 & 15;
}

void expect_power_of_two(const char* what, std::uint64_t value) {
  if (std::has_single_bit(value)) return;
  throw std::invalid_argument(std::string(what) + " are " + std::to_string(value) + ", expected a power of two");
}

/// A half must hold a word for every row of the array, or the results of a tile.
void expect_room(const char* buffer, std::uint64_t there, std::uint64_t least) {
  if (there >= least) return;
  throw std::invalid_argument(std::string(buffer) + " is too small for the array: half of it holds " +
                              std::to_string(there) + " of " + std::to_string(least) + " words or rows");
}

/// Returns the transfer of block (x, k) of an operand: blocks of inputs lie inside blocks of tokens or outputs.
CoreTransfer block_transfer(const CoreLayer& layer, std::uint32_t base, const CoreBlockWords& words, std::uint32_t x,
                            bool last_x, std::uint32_t k) {
  const std::uint32_t before = x * ((layer.k_blocks - 1) * words[0][0] + words[0][1]);
  return {base + before + k * words[last_x ? 1 : 0][0], words[last_x ? 1 : 0][k + 1 == layer.k_blocks ? 1 : 0]};
}

}  // namespace

CoreParams CoreParams::of(const Parameters& parameters) {
  CoreParams params;
  params.tile = CoreTile::of(parameters);
  params.tile_rows = static_cast<unsigned>(parameters.at("tile_rows"));
  params.tile_cols = static_cast<unsigned>(parameters.at("tile_cols"));
  params.bus_bytes = static_cast<unsigned>(parameters.at("bus_bytes"));
  params.weight_kib = static_cast<std::uint64_t>(parameters.at("weight_kib"));
  params.activation_kib = static_cast<std::uint64_t>(parameters.at("activation_kib"));
  params.output_kib = static_cast<std::uint64_t>(parameters.at("output_kib"));
  expect_power_of_two("lanes", params.tile.lanes);
  expect_power_of_two("columns of the array", params.cols());
  expect_power_of_two("bus_bytes", params.bus_bytes);
  if (params.bus_bytes > 4 * params.cols()) {
    throw std::invalid_argument("bus_bytes is " + std::to_string(params.bus_bytes) + ", expected at most " +
                                std::to_string(4 * params.cols()) + ", a row of the array's FP32 results");
  }
  expect_room("weight_kib", params.weight_words(), 1);
  expect_room("activation_kib", params.activation_words(), 1);
  expect_room("output_kib", params.output_rows(), params.rows());
  return params;
}

std::vector<ConfigWrite> CoreLayer::writes() const {
  std::vector<ConfigWrite> all{{kCoreRegisters, flags_of(*this)}};
  const auto add = [&](std::uint32_t data) {
    all.push_back({static_cast<std::uint8_t>(kCoreRegisters + all.size()), data});
  };
  for (const auto number : kNumbers) add(this->*number);
  add(tail_last | tail << 8);
  add(group);
  for (const auto base : kBases) add(this->*base);
  for (const auto operand : kBlockWords)
    for (const auto& words : this->*operand)
      for (const std::uint32_t count : words) add(count);
  add(1);
  return all;
}

void CoreLayer::configure(ConfigWrite write) {
  const unsigned at = write.address;
  if (at == kCoreRegisters) set_flags(*this, write.data);
  if (at > kCoreRegisters && at < kTails) this->*kNumbers[at - kCoreRegisters - 1] = write.data & 0xFFFFFF;
  if (at == kTails) {
    tail_last = write.data & 0xFF;
    tail = write.data >> 8 & 0xFF;
  }
  if (at == kGroup) group = write.data & 0xFFFFFF;
  if (at > kGroup && at < kWords) this->*kBases[at - kGroup - 1] = write.data;
  if (at >= kWords && at < kCoreStart)
    (this->*kBlockWords[(at - kWords) / 4])[(at - kWords) / 2 % 2][(at - kWords) % 2] = write.data & 0xFFFFFF;
}

CoreLayer CoreLayer::of(const std::vector<ConfigWrite>& writes) {
  CoreLayer layer;
  for (const ConfigWrite write : writes) layer.configure(write);
  return layer;
}

CoreStep core_step(const CoreParams& params, const CoreLayer& layer, std::uint32_t j) {
  CoreStep step;
  step.pair = j / layer.k_blocks;
  const std::uint32_t k = j % layer.k_blocks;
  step.first_inputs = k == 0;
  step.last_inputs = k + 1 == layer.k_blocks;
  step.groups = step.last_inputs ? layer.groups_last : layer.groups;
  step.row_words = step.last_inputs ? layer.activation_row_words_last : layer.activation_row_words;
  step.tile_words = step.last_inputs ? layer.weight_tile_words_last : layer.weight_tile_words;
  const std::uint32_t inner_count = layer.weights_outer ? layer.t_blocks : layer.n_blocks;
  const std::uint32_t outer = step.pair / inner_count, inner = step.pair % inner_count;
  const std::uint32_t n = layer.weights_outer ? outer : inner, t = layer.weights_outer ? inner : outer;
  const bool last_n = n + 1 == layer.n_blocks;
  step.last_tokens = t + 1 == layer.t_blocks;
  step.n_tiles = last_n ? layer.n_tiles_last : layer.n_tiles;
  step.t_tiles = step.last_tokens ? layer.t_tiles_last : layer.t_tiles;
  step.tokens =
      (step.t_tiles - (step.last_tokens ? 1 : 0)) * params.rows() + (step.last_tokens ? layer.tokens_last : 0);
  const bool changes = layer.k_blocks > 1 || j == 0;  // of both operands, whichever is the outer one
  const bool outer_changes = changes || inner == 0;
  if (layer.weights_outer ? changes || layer.t_blocks > 1 : outer_changes)
    step.activations = block_transfer(layer, layer.activation_base, layer.activation_words, t, step.last_tokens, k);
  if (layer.weights_outer ? outer_changes : changes || layer.n_blocks > 1)
    step.weights = block_transfer(layer, layer.weight_base, layer.weight_words, n, last_n, k);
  const std::uint32_t result_words = 4 * params.cols() / params.bus_bytes;
  step.first_row = {
      layer.output_base + t * layer.t_tiles * params.rows() * layer.output_row_words + n * layer.n_tiles * result_words,
      last_n ? layer.output_last_words : step.n_tiles * result_words};
  return step;
}

CoreFields::CoreFields(const CoreParams& params, const CoreLayer& layer, const CoreStep& step)
    : params_(params), layer_(layer), step_(step) {
  begin_tile();
}

unsigned CoreFields::bits() const {
  if (field_.kind == CoreFieldKind::kChannel) return 32 * params_.cols();
  if (field_.kind == CoreFieldKind::kMetadata) return layer_.metadata_bits(params_.cols());
  return layer_.chunk_bits(params_);
}

void CoreFields::begin_tile() {
  group_ = 0;
  field_.part = 0;
  next_bit_ = std::uint64_t{field_.n_tile} * step_.tile_words * params_.bus_bits();
  field_.kind = CoreFieldKind::kChannel;
  if (!layer_.channel) return begin_group();
  place();
}

/// The field is the next one of the image.
void CoreFields::place() {
  field_.bit = next_bit_;
  next_bit_ += bits();
}

void CoreFields::begin_group() {
  chunk_ = 0;
  field_.kind = CoreFieldKind::kMetadata;
  if (layer_.metadata_bits(1) == 0) return begin_chunk();
  place();
}

void CoreFields::begin_chunk() {
  const bool last_of_all = group_ + 1 == step_.groups && step_.last_inputs;
  last_chunk_ = chunk_ + 1 == (last_of_all ? layer_.chunks_last : layer_.chunks);
  field_.kind = CoreFieldKind::kChunk;
  if (field_.part == 0) place();
  if (field_.part == 0) codes_bit_ = field_.bit;
  field_.bit = codes_bit_;
  field_.activation_bit = std::uint64_t{field_.t_tile} * step_.row_words * params_.bus_bits() +
                          params_.tile.activation_bits *
                              (std::uint64_t{group_} * layer_.group + std::uint64_t{chunk_} * params_.tile.lanes);
  field_.inputs = !last_chunk_ ? params_.tile.lanes : last_of_all ? layer_.tail_last : layer_.tail;
  set_ends();
}

/// The first and the last field of a group or a tile.
void CoreFields::set_ends() {
  field_.group_first = chunk_ == 0 && field_.plane == 0;
  field_.group_last = last_chunk_ && last_plane();
  field_.tile_last = field_.group_last && group_ + 1 == step_.groups;
}

void CoreFields::next() {
  if (field_.kind == CoreFieldKind::kChannel) return begin_group();
  if (field_.kind == CoreFieldKind::kMetadata) return begin_chunk();
  if (!last_plane()) {
    ++field_.plane;
    place();
    return set_ends();
  }
  field_.plane = 0;
  ++chunk_;
  field_.part = (field_.part + 1) % params_.tile.parts(layer_.code_bits);
  if (!field_.group_last) return begin_chunk();
  ++group_;
  if (!field_.tile_last) return begin_group();
  next_tile();
}

void CoreFields::next_tile() {
  if (++field_.t_tile == step_.t_tiles) {
    field_.t_tile = 0;
    ++field_.n_tile;
  }
  done_ = field_.n_tile == step_.n_tiles;
  if (!done_) begin_tile();
}

std::uint64_t core_total(const CoreCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

CoreCommandLayout::CoreCommandLayout(const CoreParams& params)
    : shape({{"kind", 2},
             {"address", 32},
             {"words", 24},
             {"count", 32, 1, FieldKind::kCycles},
             {"data", params.bus_bits() < 64 ? params.bus_bits() : 64, std::max(1U, params.bus_bits() / 64)}}),
      address(shape.offset("address")),
      words(shape.offset("words")),
      count(shape.offset("count")),
      data(shape.offset("data")) {}

void CoreCommandLayout::set(std::span<std::uint64_t> beat, CoreCommand kind, const CoreTransfer& transfer) const {
  set_bits(beat, 0, 2, static_cast<std::uint64_t>(kind));
  set_bits(beat, address, 32, transfer.address);
  set_bits(beat, words, 24, transfer.words);
}

}  // namespace subbyte::kernels
