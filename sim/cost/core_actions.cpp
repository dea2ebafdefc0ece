#include "sim/cost/core_actions.hpp"

namespace subbyte::sim {
namespace {

constexpr std::uint64_t CoreActions::*kCounts[] = {
    &CoreActions::tile_chunks,
    &CoreActions::tile_chunks_without_token,
    &CoreActions::tile_chunks_without_output,
    &CoreActions::fields,
    &CoreActions::later_planes,
    &CoreActions::held_codes,
    &CoreActions::weight_words,
    &CoreActions::activation_words,
    &CoreActions::results,
    &CoreActions::added,
    &CoreActions::write_back,
};

/// Chunks of an output tile whose codes stand in a field that an earlier chunk of its block of inputs has read.
std::uint64_t held_codes_of(const kernels::CoreParams& core, const kernels::CoreLayer& layer) {
  const unsigned parts = core.tile.parts(layer.code_bits);
  const auto held = [&](std::uint64_t chunks) { return chunks - kernels::quotient_up(chunks, parts); };
  const std::uint64_t last = std::uint64_t{layer.groups_last - 1} * layer.chunks + layer.chunks_last;
  return (layer.k_blocks - 1) * held(std::uint64_t{layer.groups} * layer.chunks) + held(last);
}

/// A row of Y in a block of outputs is read word after word, and once more with its announcement; the last of these
/// words does not count where the row ends in it.
std::uint64_t write_back_of(const kernels::CoreParams& core, const kernels::CoreLayer& layer, std::uint64_t tokens) {
  const unsigned banks = core.tile.ports() * core.tile_rows;
  const std::uint64_t bus_words = 4 * core.cols() / core.bus_bytes;  // of a row of the array's results
  const std::uint64_t row =
      (layer.n_blocks - 1) * (std::uint64_t{1} + layer.n_tiles) + 1 + layer.output_last_words / bus_words;
  return tokens * row * banks;
}

}  // namespace

CoreActions& CoreActions::operator+=(const CoreActions& other) {
  for (const auto count : kCounts) this->*count += other.*count;
  return *this;
}

CoreActions& CoreActions::operator*=(std::uint64_t times) {
  for (const auto count : kCounts) this->*count *= times;
  return *this;
}

CoreActions core_actions(const CoreLayerPlan& plan, const CoreSchedule& schedule) {
  const kernels::CoreParams& core = plan.core;
  const kernels::CoreLayer& layer = schedule.layer;
  const kernels::CoreShape& shape = schedule.shape;
  const std::uint64_t groups = std::uint64_t{layer.k_blocks - 1} * layer.groups + layer.groups_last;
  const std::uint64_t chunks = (groups - 1) * layer.chunks + layer.chunks_last;
  const std::uint64_t t_tiles = kernels::quotient_up(shape.tokens, core.rows()),
                      n_tiles = kernels::quotient_up(shape.outputs, core.cols());
  const std::uint64_t jobs = t_tiles * n_tiles;
  const std::uint64_t with_token = kernels::quotient_up(shape.tokens, core.tile.rows),
                      with_output = kernels::quotient_up(shape.outputs, core.tile.cols);

  CoreActions actions;
  actions.tile_chunks = with_token * with_output * chunks;
  actions.tile_chunks_without_token = (t_tiles * core.tile_rows - with_token) * with_output * chunks;
  actions.tile_chunks_without_output = t_tiles * core.tile_rows * (n_tiles * core.tile_cols - with_output) * chunks;
  actions.held_codes = jobs * held_codes_of(core, layer);
  actions.later_planes = jobs * chunks * (core.tile.fields(layer.code_bits) - 1);
  actions.fields = actions.later_planes +
                   jobs * (chunks + (layer.metadata_bits(1) > 0 ? groups : 0) + (layer.channel ? layer.k_blocks : 0));
  actions.weight_words = std::uint64_t{layer.output_base - layer.weight_base} * layer.weight_reads();
  actions.activation_words = std::uint64_t{layer.weight_base - layer.activation_base} * layer.activation_reads();
  actions.results = jobs * layer.k_blocks * core.rows();
  actions.added = jobs * (layer.k_blocks - 1) * core.rows();
  actions.write_back = write_back_of(core, layer, shape.tokens);
  return actions;
}

}  // namespace subbyte::sim
