#include "sim/engines/core_schedule.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "kernels/core/core_cuts.hpp"

namespace subbyte::sim {
namespace {

/// 1, 2, 4, ... below `all`, and `all`.
std::vector<std::size_t> block_sizes(std::size_t all) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 1; size < all; size *= 2) sizes.push_back(size);
  sizes.push_back(all);
  return sizes;
}

/// Throws where the buffers do not hold the smallest block, one tile over one group, and says what would.
void require_room(const std::string& design, const CoreLayerPlan& plan) {
  const kernels::CoreParams& core = plan.core;
  const kernels::CoreShape group = kernels::core_slice(kernels::core_cuts(core, plan.shape).back(), 0, 1);
  const auto [tile_words, row_words] = kernels::core_words(core, group);
  std::vector<std::string> larger;
  const auto need = [&](const char* key, std::uint64_t half_bytes, std::uint64_t kib) {
    const std::uint64_t least = (2 * half_bytes + 1023) / 1024;
    if (least > kib) larger.push_back(fmt::format("{} is {}, expected at least {}", key, kib, least));
  };
  need("memory.weight_buffer_kib", tile_words * core.bus_bytes, core.weight_kib);
  need("memory.activation_buffer_kib", row_words * core.bus_bytes * core.rows(), core.activation_kib);
  need("core.output_buffer_kib", std::uint64_t{4} * core.cols() * core.rows(), core.output_kib);
  if (larger.empty()) return;
  throw LayerRefused(
      fmt::format("design '{}' cannot run {} x {} weights: half of a buffer holds one tile over a group of {} inputs; "
                  "{}",
                  design, plan.shape.outputs, plan.shape.inputs, group.inputs, fmt::join(larger, "; ")));
}

CoreTraffic traffic_of(const CoreLayerPlan& plan, const kernels::CoreLayer& layer) {
  CoreTraffic words;
  for (std::uint32_t j = 0; j < layer.steps(); ++j) {
    const kernels::CoreStep step = kernels::core_step(plan.core, layer, j);
    words.activations += plan.channel.occupied(step.activations);
    words.weights += plan.channel.occupied(step.weights);
    kernels::CoreTransfer row = step.first_row;
    for (std::uint32_t token = 0; step.last_inputs && token < step.tokens;
         ++token, row.address += layer.output_row_words)
      words.outputs += plan.channel.occupied(row);
  }
  const std::uint64_t bytes = plan.core.bus_bytes;
  return {words.weights * bytes, words.activations * bytes, words.outputs * bytes};
}

CoreSchedule schedule_of(const CoreLayerPlan& plan, const kernels::CoreShape& shape, const kernels::CoreLayer& layer) {
  models::ChannelTimes memory(plan.channel);
  return {shape, layer, models::core_cycles(plan.core, layer, plan.beats, 0, memory), traffic_of(plan, layer)};
}

/// A choice of blocks that the buffers hold.
struct Choice {
  std::uint64_t least = 0;  ///< cycles
  kernels::CoreShape shape;
  kernels::CoreLayer layer;
};

std::size_t tiles_of(std::size_t all, unsigned of_a_tile) { return (all + of_a_tile - 1) / of_a_tile; }

std::vector<Choice> choices_of(const CoreLayerPlan& plan) {
  std::vector<Choice> choices;
  const auto add = [&](const kernels::CoreShape& shape, const kernels::CoreBlocks& blocks) {
    try {
      const kernels::CoreLayer layer = kernels::core_layer(plan.core, shape, blocks);
      choices.push_back({core_least_cycles(plan, shape, layer), shape, layer});
    } catch (const std::invalid_argument&) {  // blocks that the buffers or the registers do not hold
    }
  };
  for (const kernels::CoreShape& shape : kernels::core_cuts(plan.core, plan.shape))
    for (const bool weights_outer : {true, false})
      for (const std::size_t n : block_sizes(tiles_of(shape.outputs, plan.core.cols())))
        for (const std::size_t t : block_sizes(tiles_of(shape.tokens, plan.core.rows())))
          for (const std::size_t groups : block_sizes(shape.groups())) add(shape, {weights_outer, n, t, groups});
  std::ranges::stable_sort(choices, {}, &Choice::least);
  return choices;
}

/// How often the blocks of an operand are fetched, which change in every step of the other one's loop where `again`.
std::uint64_t fetches(std::uint64_t own_blocks, std::uint64_t other_blocks, bool again) {
  return own_blocks > 1 && again ? other_blocks : 1;
}

}  // namespace

std::uint64_t CoreSchedule::cycles() const { return kernels::core_total(counts); }

std::uint64_t core_least_cycles(const CoreLayerPlan& plan, const kernels::CoreShape& shape,
                                const kernels::CoreLayer& layer) {
  const bool split = layer.k_blocks > 1;
  const std::uint64_t weight_words = layer.output_base - layer.weight_base, activation_words = layer.weight_base;
  const std::uint64_t weight_reads =
      fetches(std::uint64_t{layer.n_blocks} * layer.k_blocks, layer.t_blocks, split || !layer.weights_outer);
  const std::uint64_t activation_reads =
      fetches(std::uint64_t{layer.t_blocks} * layer.k_blocks, layer.n_blocks, split || layer.weights_outer);
  const std::uint64_t row_words = tiles_of(shape.outputs * 4, plan.core.bus_bytes);
  const std::uint64_t words =
      weight_words * weight_reads + activation_words * activation_reads + shape.tokens * row_words;
  // Every step asks for something when the words before have come.
  const auto bus = [&](std::uint64_t moved) { return moved * plan.channel.word_ticks / plan.channel.cycle_ticks; };
  const std::uint64_t moving = bus(words) + std::uint64_t{layer.steps()} * plan.channel.latency;

  const kernels::CoreStep first = kernels::core_step(plan.core, layer, 0);
  const std::uint64_t before = plan.channel.latency + bus(first.activations.words + first.weights.words);
  const std::uint64_t chunks = (shape.groups() - 1) * layer.chunks + layer.chunks_last;
  const std::uint64_t tiles = tiles_of(shape.outputs, plan.core.cols()) * tiles_of(shape.tokens, plan.core.rows());
  // A step fills and drains the tiles at least as long as one that has a group of one tile.
  const models::CoreStepCycles least = models::core_step_cycles(plan.core, layer, plan.beats, kernels::CoreStep{});
  const std::uint64_t ends = std::uint64_t{layer.steps()} * (least.fill + least.drain);
  return std::max(moving, before + tiles * chunks * plan.beats + ends);
}

CoreSchedule schedule_core(const std::string& design, const CoreLayerPlan& plan) {
  require_room(design, plan);
  std::optional<CoreSchedule> best;
  for (const Choice& choice : choices_of(plan)) {
    if (best && choice.least > best->cycles()) break;
    CoreSchedule tried = schedule_of(plan, choice.shape, choice.layer);
    const auto cost = [](const CoreSchedule& s) { return std::tuple(s.cycles(), s.traffic.total()); };
    if (!best || cost(tried) < cost(*best)) best = std::move(tried);
  }
  if (!best)
    throw LayerRefused(fmt::format("design '{}' cannot run the layer: it is larger than the registers", design));
  return *best;
}

}  // namespace subbyte::sim
