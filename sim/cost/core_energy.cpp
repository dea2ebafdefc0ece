#include "sim/cost/core_energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/cost/clock.hpp"
#include "sim/cost/core_report.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

/// One of the two memories of a window, which hold the even and the odd words of both halves (rtl/core/core_window.sv).
std::uint64_t window_bytes(const kernels::CoreParams& core, std::uint64_t words_of_a_half, unsigned width) {
  const std::uint64_t pair = 2 * width / core.bus_bits();
  return 2 * kernels::quotient_up(words_of_a_half, pair) * width / 8;
}

double as_double(std::uint64_t count) { return static_cast<double>(count); }

void add_buffers(const Design& design, const CoreWork& work, std::vector<EnergyPart>& parts) {
  const std::vector<CoreBuffer> buffers = core_buffers(design);
  const CoreActions& actions = work.actions;
  const std::uint64_t rows = kernels::CoreParams::of(design.core->parameters).rows();
  const double cycles = as_double(kernels::core_total(work.counts));
  BufferParts weights(design, buffers[0], parts);
  weights.writes(actions.weight_words, buffers[0].of_bus);
  weights.reads("", 2 * (actions.fields - actions.held_codes));
  weights.leakage(cycles, design.clock_mhz);
  BufferParts activations(design, buffers[1], parts);
  activations.writes(actions.activation_words, buffers[1].of_bus);
  activations.reads("", 2 * rows * (actions.fields - actions.later_planes));
  activations.leakage(cycles, design.clock_mhz);
  BufferParts outputs(design, buffers[2], parts);
  outputs.writes(actions.results, buffers[2].of_word);
  outputs.reads(", added to", actions.added);
  outputs.reads(" beside first results", actions.results - actions.added);
  outputs.reads(" for the memory", actions.write_back);
  outputs.leakage(cycles, design.clock_mhz);
}

/// Cycles of one tile, summed over all of them. The cycles with a chunk are shared out by the chunks, for all tiles
/// take each one in lock-step.
void add_tiles(const Design& design, const CoreWork& work, const CorePower& power, LayerEnergy& energy) {
  const kernels::CoreParams core = kernels::CoreParams::of(design.core->parameters);
  const double tiles = core.tile_rows * core.tile_cols;
  const CoreActions& actions = work.actions;
  const double of_a_chunk = tiles * as_double(work.counts[kernels::kWork]) / as_double(actions.all_tile_chunks());
  energy.parts.push_back(work_part(kWork, of_a_chunk * as_double(actions.tile_chunks), power.tile));
  if (actions.tile_chunks_without_token > 0)
    energy.parts.push_back(work_part(kWorkWithoutTokens, of_a_chunk * as_double(actions.tile_chunks_without_token),
                                     power.without_tokens.value()));
  if (power.tile.glitch_factor) {
    energy.unit_work_zero_delay_j = energy.parts[0].energy_j / *power.tile.glitch_factor;
    if (energy.parts.size() > 1)
      *energy.unit_work_zero_delay_j += energy.parts[1].energy_j / power.without_tokens->glitch_factor.value();
  }
  if (actions.tile_chunks_without_output > 0)
    energy.parts.push_back(clock_part("cycles of tiles without an output, clock alone",
                                      of_a_chunk * as_double(actions.tile_chunks_without_output), power.tile));
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
    if (cause != kernels::kWork && work.counts[cause] > 0)
      energy.parts.push_back(clock_part(fmt::format("cycles of {}, clock alone", kernels::kCoreCauses[cause]),
                                        tiles * as_double(work.counts[cause]), power.tile));
  energy.parts.push_back(
      leakage_part(tiles * as_double(kernels::core_total(work.counts)), design.clock_mhz, power.tile));
}

}  // namespace

std::vector<CoreBuffer> core_buffers(const Design& design) {
  const kernels::CoreParams core = kernels::CoreParams::of(design.core->parameters);
  const unsigned weight_width = 8 * core.cols() * std::max(4U, core.tile.lanes);
  const unsigned activation_width = std::max(core.bus_bits(), core.tile.lanes * core.tile.activation_bits);
  const unsigned output_banks = core.tile.ports() * core.tile_rows;
  const std::uint64_t output_bytes = core.output_rows() / output_banks * 4 * core.cols();
  return {core_buffer(design, "weight buffer", 2, weight_width, window_bytes(core, core.weight_words(), weight_width)),
          core_buffer(design, "activation buffer", std::uint64_t{2} * core.rows(), activation_width,
                      window_bytes(core, core.activation_words(), activation_width)),
          core_buffer(design, "output buffer", std::uint64_t{2} * output_banks, 32 * core.cols(), output_bytes)};
}

CoreBuffer row_buffer(const Design& design) {
  const kernels::VectorParams& unit = design.core->vector.value().params;
  return core_buffer(design, "row buffer", 1, 32 * unit.lanes, std::uint64_t{4} * unit.lanes * unit.row_words);
}

void check_core_memories(const Design& design) {
  core_buffers(design);
  if (design.core->vector) row_buffer(design);
}

LayerEnergy core_energy(const Design& design, const CoreWork& work, const CorePower& power) {
  LayerEnergy energy;
  energy.tokens = work.tokens;
  energy.macs = work.macs;
  energy.seconds = as_double(kernels::core_total(work.counts)) / (design.clock_mhz * 1e6);
  add_tiles(design, work, power, energy);
  add_buffers(design, work, energy.parts);
  add_dram(energy.parts, {work.traffic.weights, work.traffic.activations, work.traffic.outputs, 0}, design.memory.dram,
           design.memory.dram_file);
  return energy;
}

CoreWork core_work(const CoreResult& result) {
  const kernels::CoreShape& shape = result.plan.shape;
  return {shape.tokens, as_double(shape.tokens) * as_double(shape.outputs) * as_double(shape.inputs),
          result.counts.value(), core_actions(result.plan, result.schedule), result.schedule.traffic};
}

CorePower core_power(const Design& design, const LayerInputs& inputs, const UnitNetlist& netlist, bool zero_delay,
                     bool without_tokens) {
  const auto under = [&](std::span<const std::uint16_t> activations) {
    const ActivationView view{activations, inputs.activations.tokens, inputs.activations.cols};
    return unit_power(map_layer(design, inputs.weights, view).stimulus, netlist, zero_delay);
  };
  CorePower power{under(inputs.activations.bits)};
  if (without_tokens) power.without_tokens = under(std::vector<std::uint16_t>(inputs.activations.bits.size()));
  return power;
}

CoreEnergy measure_core_energy(const Design& design, const CoreWork& work, const LayerInputs& inputs,
                               const OpenTechnology& technology, const CoreEnergyOptions& options) {
  const UnitNetlist netlist = design_netlist(design, technology.flow);
  const ClockCheck clock = clock_met(netlist.synthesis(), design.clock_mhz);
  if (!options.clock_unchecked) require_met(design, clock);
  const CorePower power =
      core_power(design, inputs, netlist, options.zero_delay, work.actions.tile_chunks_without_token > 0);
  return {core_energy(design, work, power), core_energy_conditions(design, power, technology.technology), clock};
}

void note_tile_clock(reports::Record& record, const ClockCheck& tile) {
  if (!tile.met) mark_clock("and missed by the tile", record.metrics);
  note_clock("the tile: " + tile.text + "; the rest of the core is not checked, which `subbyte synth --design` does",
             tile.met ? std::nullopt : std::optional(false), record.provenance);
}

void add_core_energy(reports::Record& record, const CoreEnergy& energy, const std::string& technology) {
  std::vector<reports::Metric> metrics = energy_metrics(energy.energy);
  mark_clock(kClockNotChecked, metrics);
  for (reports::Metric& metric : metrics) record.metrics.push_back(std::move(metric));
  note_tile_clock(record, energy.clock);
  record.provenance["technology"] = technology;
  record.provenance["energy"] = energy.conditions;
  add_energy(record, energy.energy, energy.conditions);
}

}  // namespace subbyte::sim
