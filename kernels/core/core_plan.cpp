#include "kernels/core/core_plan.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <stdexcept>
#include <string>

#include "kernels/core/core_check.hpp"

namespace subbyte::kernels {
namespace {

std::uint32_t count(const char* what, std::uint64_t value, std::uint64_t most = 0xFFFFFF) {
  if (value <= most) return static_cast<std::uint32_t>(value);
  throw std::invalid_argument("core: " + std::string(what) + " are " + std::to_string(value) + ", expected at most " +
                              std::to_string(most));
}

std::size_t in_last(std::size_t inputs, unsigned lanes) { return (inputs - 1) % lanes + 1; }

std::size_t last_group(const CoreShape& shape) { return shape.inputs - (shape.groups() - 1) * shape.group; }

void set_blocks(CoreLayer& layer, const CoreParams& params, const CoreShape& shape, const CoreBlocks& blocks) {
  const std::uint64_t token_tiles = quotient_up(shape.tokens, params.rows());
  const std::uint64_t output_tiles = quotient_up(shape.outputs, params.cols());
  const std::uint64_t groups = blocks.groups == 0 ? shape.groups() : std::min(blocks.groups, shape.groups());
  layer.weights_outer = blocks.weights_outer;
  layer.groups = count("groups of a block", groups);
  layer.k_blocks = count("blocks of inputs", quotient_up(shape.groups(), groups));
  layer.groups_last = count("groups", shape.groups() - (layer.k_blocks - 1) * groups);
  layer.t_tiles = count("token tiles of a block", blocks.token_tiles);
  layer.n_tiles = count("output tiles of a block", blocks.output_tiles);
  layer.t_blocks = count("blocks of tokens", quotient_up(token_tiles, blocks.token_tiles));
  layer.n_blocks = count("blocks of outputs", quotient_up(output_tiles, blocks.output_tiles));
  layer.t_tiles_last = count("token tiles", token_tiles - (layer.t_blocks - 1) * blocks.token_tiles);
  layer.n_tiles_last = count("output tiles", output_tiles - (layer.n_blocks - 1) * blocks.output_tiles);
}

void set_block_words(CoreLayer& layer, const CoreParams& params, const CoreShape& shape) {
  const CoreWords all = core_words(params, core_slice(shape, 0, layer.groups));
  const CoreWords last = core_words(params, core_slice(shape, shape.groups() - layer.groups_last, layer.groups_last));
  layer.activation_row_words = count("words of a token", all.activation_row);
  layer.activation_row_words_last = count("words of a token", last.activation_row);
  layer.weight_tile_words = count("words of an output tile", all.weight_tile);
  layer.weight_tile_words_last = count("words of an output tile", last.weight_tile);
  const std::uint64_t block = std::uint64_t{layer.t_tiles} * params.rows();
  const std::uint64_t tokens[] = {std::min<std::uint64_t>(block, shape.tokens),
                                  shape.tokens - (layer.t_blocks - 1) * block};
  const std::uint64_t tiles[] = {layer.n_tiles, layer.n_tiles_last};
  for (unsigned x = 0; x < 2; ++x) {
    layer.activation_words[x] = {count("words of a block of tokens", tokens[x] * all.activation_row),
                                 count("words of a block of tokens", tokens[x] * last.activation_row)};
    layer.weight_words[x] = {count("words of a block of outputs", tiles[x] * all.weight_tile),
                             count("words of a block of outputs", tiles[x] * last.weight_tile)};
  }
}

/// Words of an operand: `rows` of them, each in its blocks of inputs.
std::uint64_t operand_words(const CoreLayer& layer, std::uint64_t rows, std::uint64_t words, std::uint64_t last) {
  return rows * ((layer.k_blocks - 1) * words + last);
}

/// The bits of an output tile's image, without the padding of its last word.
std::uint64_t tile_bits(const CoreParams& params, const CoreShape& shape) {
  const std::uint64_t cols = params.cols(), lanes = params.tile.lanes;
  const std::uint64_t metadata = shape.scale_bits + shape.selector_bits + shape.zero_bits;
  const std::uint64_t chunks =
      (shape.groups() - 1) * quotient_up(shape.group, lanes) + quotient_up(last_group(shape), lanes);
  const std::uint64_t codes =
      quotient_up(chunks, params.tile.parts(shape.code_bits)) * params.tile.codes() * shape.code_bits;
  return cols * ((shape.channel ? 32 : 0) + shape.groups() * metadata + codes);
}

}  // namespace

CoreWords core_words(const CoreParams& params, const CoreShape& shape) {
  return {quotient_up(tile_bits(params, shape), params.bus_bits()),
          quotient_up(shape.inputs * params.tile.activation_bits, params.bus_bits())};
}

CoreLayer core_layer(const CoreParams& params, const CoreShape& shape, const CoreBlocks& blocks) {
  CoreLayer layer;
  layer.sign_extend = shape.sign_extend;
  layer.channel = shape.channel;
  layer.scale_bits = shape.scale_bits;
  layer.code_bits = shape.code_bits;
  layer.selector_bits = shape.selector_bits;
  layer.zero_bits = shape.zero_bits;
  const unsigned lanes = params.tile.lanes;
  set_blocks(layer, params, shape, blocks);
  layer.tokens_last = count("tokens", in_last(shape.tokens, params.rows()));
  const std::uint64_t tile_words = 4 * params.cols() / params.bus_bytes;
  layer.output_row_words = count("words of a row of Y", quotient_up(shape.outputs, params.cols()) * tile_words);
  layer.output_last_words =
      count("words",
            quotient_up((shape.outputs - std::uint64_t{layer.n_blocks - 1} * blocks.output_tiles * params.cols()) * 4,
                        params.bus_bytes));
  layer.group = count("inputs of a group", shape.group);
  layer.chunks = count("chunks", quotient_up(shape.group, lanes));
  layer.chunks_last = count("chunks", quotient_up(last_group(shape), lanes));
  layer.tail = static_cast<unsigned>(in_last(shape.group, lanes));
  layer.tail_last = static_cast<unsigned>(in_last(last_group(shape), lanes));
  set_block_words(layer, params, shape);
  layer.weight_base = count(
      "words of activations",
      operand_words(layer, shape.tokens, layer.activation_row_words, layer.activation_row_words_last), 0xFFFFFFFF);
  layer.output_base = count("words of activations and weights",
                            layer.weight_base + operand_words(layer, quotient_up(shape.outputs, params.cols()),
                                                              layer.weight_tile_words, layer.weight_tile_words_last),
                            0xFFFFFFFF);
  count("words of activations, weights and Y", layer.output_base + shape.tokens * layer.output_row_words, 0xFFFFFFFF);
  check_core_layer(params, layer);
  return layer;
}

CoreShape core_slice(const CoreShape& shape, std::size_t first_group, std::size_t groups) {
  CoreShape slice = shape;
  slice.inputs = std::min(shape.inputs, (first_group + groups) * shape.group) - first_group * shape.group;
  slice.group = std::min(shape.group, slice.inputs);
  return slice;
}

BeatSource core_reads(const CoreParams& params, const CoreLayer& layer, std::vector<std::uint64_t> memory) {
  struct Reads {
    std::vector<std::uint64_t> memory;
    std::vector<CoreTransfer> transfers;
    std::vector<std::uint64_t> first;  ///< per transfer: the number of words before it
  };
  auto reads = std::make_shared<Reads>();
  reads->memory = std::move(memory);
  std::uint64_t total = 0;
  for (std::uint32_t j = 0; j < layer.steps(); ++j) {
    const CoreStep step = core_step(params, layer, j);
    for (const CoreTransfer& transfer : {step.activations, step.weights}) {
      if (transfer.words == 0) continue;
      reads->transfers.push_back(transfer);
      reads->first.push_back(total);
      total += transfer.words;
    }
  }
  const std::size_t stride = params.words_per_beat();
  return {total, stride, [reads, stride](std::size_t i, std::span<std::uint64_t> beat) {
            const auto after = std::ranges::upper_bound(reads->first, i);
            const auto k = static_cast<std::size_t>(after - reads->first.begin()) - 1;
            const std::size_t word = reads->transfers[k].address + (i - reads->first[k]);
            std::copy_n(reads->memory.begin() + static_cast<std::ptrdiff_t>(word * stride), stride, beat.begin());
          }};
}

std::uint64_t core_commands(const CoreParams& params, const CoreLayer& layer) {
  std::uint64_t beats = kCoreCauseCount;
  for (std::uint32_t j = 0; j < layer.steps(); ++j) {
    const CoreStep step = core_step(params, layer, j);
    beats += (step.activations.words > 0) + (step.weights.words > 0);
    if (step.last_inputs) beats += std::uint64_t{step.tokens} * (1 + step.first_row.words);
  }
  return beats;
}

CoreOutputs::CoreOutputs(const CoreParams& params, const CoreShape& shape, const CoreLayer& layer)
    : params_(params), shape_(shape), layer_(layer), commands_(params), y_(shape.tokens * shape.outputs) {}

void CoreOutputs::take(std::span<const std::uint64_t> command) {
  const auto kind = static_cast<CoreCommand>(get_bits(command, 0, 2));
  if (kind == CoreCommand::kWrite)
    next_ = static_cast<std::uint32_t>(get_bits(command, commands_.address, 32)) - layer_.output_base;
  if (kind != CoreCommand::kData) return;
  const std::size_t token = next_ / layer_.output_row_words,
                    first = next_ % layer_.output_row_words * params_.bus_bytes / 4;
  for (unsigned k = 0; k < params_.bus_bytes / 4 && first + k < shape_.outputs; ++k)
    y_[token * shape_.outputs + first + k] =
        std::bit_cast<float>(static_cast<std::uint32_t>(get_bits(command, commands_.data + 32 * k, 32)));
  ++next_;
}

}  // namespace subbyte::kernels
