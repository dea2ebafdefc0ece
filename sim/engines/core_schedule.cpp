#include "sim/engines/core_schedule.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "kernels/core/core_cuts.hpp"

namespace subbyte::sim {
namespace {

/// Sizes of blocks of which there are `all` pieces: 2^k, 3 * 2^k, and even splits into at most four.
std::vector<std::size_t> block_sizes(std::size_t all) {
  std::set<std::size_t> sizes;
  for (std::size_t size = 1; size < all; size *= 2) {
    sizes.insert(size);
    if (3 * size < all) sizes.insert(3 * size);
  }
  for (std::size_t blocks = 1; blocks <= 4; ++blocks) sizes.insert((all + blocks - 1) / blocks);
  return {sizes.begin(), sizes.end()};
}

/// Throws where the buffers do not hold the smallest block.
void require_room(const std::string& design, const CoreLayerPlan& plan) {
  if (const std::string lacks = core_room_lacks(plan); !lacks.empty())
    throw LayerRefused(fmt::format("design '{}' cannot run {} x {} weights: {}", design, plan.shape.outputs,
                                   plan.shape.inputs, lacks));
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
  const kernels::CoreShape* shape = nullptr;
  kernels::CoreBlocks blocks;
};

/// The blocks of a shape and what they cost at least, from few numbers: there are many choices.
class Blocks {
 public:
  Blocks(const CoreLayerPlan& plan, const kernels::CoreShape& shape)
      : plan_(plan),
        shape_(shape),
        output_tiles_(kernels::quotient_up(shape.outputs, plan.core.cols())),
        token_tiles_(kernels::quotient_up(shape.tokens, plan.core.rows())) {
    kernels::CoreLayer layer;
    layer.channel = shape.channel;
    layer.code_bits = shape.code_bits;
    layer.scale_bits = shape.scale_bits;
    layer.selector_bits = shape.selector_bits;
    layer.zero_bits = shape.zero_bits;
    const std::size_t lanes = plan.core.tile.lanes, last = shape.inputs - (shape.groups() - 1) * shape.group;
    layer.chunks = static_cast<std::uint32_t>(kernels::quotient_up(shape.group, lanes));
    layer.chunks_last = static_cast<std::uint32_t>(kernels::quotient_up(last, lanes));
    work_ = output_tiles_ * token_tiles_ * ((shape.groups() - 1) * layer.chunks + layer.chunks_last) * plan.beats;
    // A step fills and drains the tiles at least as long as one that has a group of one tile.
    const auto least = models::core_step_cycles(plan.core, layer, plan.beats, kernels::CoreStep{});
    ends_ = least.fill + least.drain;
  }

  /// Calls see(CoreBlocks, least cycles) for every choice that the buffers hold.
  template <typename See>
  void visit(See see) {
    for (const std::size_t groups : block_sizes(shape_.groups())) {
      set_groups(groups);
      for (const std::size_t n : block_sizes(output_tiles_))
        for (const std::size_t t : block_sizes(token_tiles_))
          if (fit(n, t))
            for (const bool outer : {true, false}) see(kernels::CoreBlocks{outer, n, t, groups}, least(outer, n, t));
    }
  }
  std::uint64_t least(const kernels::CoreBlocks& blocks) {
    set_groups(blocks.groups);
    return least(blocks.weights_outer, blocks.output_tiles, blocks.token_tiles);
  }

 private:
  void set_groups(std::size_t groups) {
    k_blocks_ = kernels::quotient_up(shape_.groups(), groups);
    words_ = kernels::core_words(plan_.core, kernels::core_slice(shape_, 0, groups));
    const std::size_t before = (k_blocks_ - 1) * groups;
    last_words_ = kernels::core_words(plan_.core, kernels::core_slice(shape_, before, shape_.groups() - before));
  }
  bool fit(std::size_t n, std::size_t t) const {
    const kernels::CoreParams& core = plan_.core;
    return n * words_.weight_tile <= core.weight_words() && t * words_.activation_row <= core.activation_words() &&
           n * t * core.rows() <= core.output_rows();
  }
  std::uint64_t bus(std::uint64_t words) const { return words * plan_.channel.word_ticks / plan_.channel.cycle_ticks; }

  std::uint64_t least(bool weights_outer, std::size_t n, std::size_t t) const {
    kernels::CoreLayer layer;
    layer.weights_outer = weights_outer;
    layer.n_blocks = static_cast<std::uint32_t>(kernels::quotient_up(output_tiles_, n));
    layer.t_blocks = static_cast<std::uint32_t>(kernels::quotient_up(token_tiles_, t));
    layer.k_blocks = static_cast<std::uint32_t>(k_blocks_);
    const std::uint64_t pairs = std::uint64_t{layer.n_blocks} * layer.t_blocks, steps = pairs * k_blocks_;
    const std::uint64_t weights = output_tiles_ * ((k_blocks_ - 1) * words_.weight_tile + last_words_.weight_tile);
    const std::uint64_t tokens = shape_.tokens * ((k_blocks_ - 1) * words_.activation_row + last_words_.activation_row);
    const std::uint64_t results = shape_.tokens * kernels::quotient_up(shape_.outputs * 4, plan_.core.bus_bytes);
    const std::uint64_t words = weights * layer.weight_reads() + tokens * layer.activation_reads() + results;
    // Every step asks for something when the words before have come. The last word that a pair writes is taken when the
    // bus comes to it, and passes while the next step asks.
    const std::uint64_t moving = bus(words - pairs) + steps * plan_.channel.latency;
    return std::max(moving, plan_.channel.latency + work_ + steps * ends_);
  }

  const CoreLayerPlan& plan_;
  const kernels::CoreShape& shape_;
  std::uint64_t output_tiles_, token_tiles_;
  std::uint64_t work_ = 0, ends_ = 0;
  // Of the blocks of inputs.
  std::uint64_t k_blocks_ = 1;
  kernels::CoreWords words_, last_words_;
};

/// Returns the choices, those of the least cost first.
std::vector<Choice> choices_of(const CoreLayerPlan& plan, const std::vector<kernels::CoreShape>& shapes) {
  std::vector<Choice> choices;
  for (const kernels::CoreShape& shape : shapes)
    Blocks(plan, shape).visit([&](const kernels::CoreBlocks& blocks, std::uint64_t least) {
      choices.push_back({least, &shape, blocks});
    });
  std::ranges::stable_sort(choices, {}, &Choice::least);
  return choices;
}

}  // namespace

CoreTraffic& CoreTraffic::operator+=(const CoreTraffic& other) {
  weights += other.weights;
  activations += other.activations;
  outputs += other.outputs;
  return *this;
}

CoreTraffic& CoreTraffic::operator*=(std::uint64_t times) {
  weights *= times;
  activations *= times;
  outputs *= times;
  return *this;
}

std::uint64_t CoreSchedule::cycles() const { return kernels::core_total(counts); }

std::uint64_t core_least_cycles(const CoreLayerPlan& plan, const kernels::CoreShape& shape,
                                const kernels::CoreBlocks& blocks) {
  return Blocks(plan, shape).least(blocks);
}

CoreSchedule schedule_core(const std::string& design, const CoreLayerPlan& plan) {
  require_room(design, plan);
  const std::vector<kernels::CoreShape> shapes = kernels::core_cuts(plan.core, plan.shape, plan.longest_group);
  std::optional<CoreSchedule> best;
  std::string why;  // a choice is not in the registers
  for (const Choice& choice : choices_of(plan, shapes)) {
    if (best && choice.least > best->cycles()) break;
    try {
      CoreSchedule tried =
          schedule_of(plan, *choice.shape, kernels::core_layer(plan.core, *choice.shape, choice.blocks));
      const auto cost = [](const CoreSchedule& s) { return std::tuple(s.cycles(), s.traffic.total()); };
      if (!best || cost(tried) < cost(*best)) best = std::move(tried);
    } catch (const std::invalid_argument& error) {
      why = error.what();
    }
  }
  if (!best)
    throw LayerRefused(fmt::format("design '{}' cannot run {} tokens through {} x {} weights: {}", design,
                                   plan.shape.tokens, plan.shape.outputs, plan.shape.inputs, why));
  return *best;
}

}  // namespace subbyte::sim
