#include "sim/energy/energy_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/base/hash.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

std::string netlist_hash(const SynthesisResult& synthesis) {
  ContentHash hash;
  for (const SynthesizedModule& module : synthesis.modules) hash.add(module.verilog);
  return hash.text();
}

/// Every beat, or, of a stimulus longer than that, those that a window can reach: one beat per cycle from its start.
std::string stimulus_hash(const kernels::Stimulus& stimulus, const StreamWindows& windows) {
  ContentHash hash;
  for (const kernels::ConfigWrite& write : stimulus.config) {
    const std::uint32_t pair[2] = {write.address, write.data};
    hash.add(std::as_bytes(std::span(pair)));
  }
  const kernels::BeatSource& beats = stimulus.input;
  const std::size_t reach = std::size_t{windows.stagger_cycles} + windows.discarded_cycles + windows.counted_cycles + 2;
  std::vector<std::uint64_t> beat(beats.words);
  const auto add = [&](std::size_t index) {
    beats.fill(index, beat);
    hash.add(std::as_bytes(std::span(beat)));
  };
  if (beats.count <= reach * kGateLanes) {
    for (std::size_t i = 0; i < beats.count; ++i) add(i);
    return hash.text();
  }
  for (std::size_t lane = 0; lane < kGateLanes; ++lane) {
    const std::size_t first = first_beat(lane, beats.count);
    for (std::size_t i = 0; i < reach; ++i) add((first + i) % beats.count);
  }
  return hash.text();
}

Json endpoint_json(const std::optional<TimingEndpoint>& end) {
  return end ? Json{{"delay_ns", end->delay_ns}, {"from", end->from}, {"to", end->to}} : Json(nullptr);
}

std::optional<TimingEndpoint> endpoint_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return TimingEndpoint{json.at("delay_ns"), json.at("from"), json.at("to")};
}

Json module_json(const ModuleEnergy& module) {
  return {{"module", module.module}, {"pj_per_cycle", module.pj_per_cycle}, {"leakage_nw", module.leakage_nw}};
}

Json gates_json(const GateEnergy& energy) {
  Json modules = Json::array();
  for (const ModuleEnergy& module : energy.modules) modules.push_back(module_json(module));
  return {{"modules", modules},
          {"switching_pj", energy.switching_pj},
          {"internal_pj", energy.internal_pj},
          {"pj_per_cycle", energy.pj_per_cycle},
          {"half_width_pj", energy.half_width_pj},
          {"leakage_nw", energy.leakage_nw},
          {"lane_cycles", energy.lane_cycles}};
}

GateEnergy gates_of(const Json& json) {
  GateEnergy energy;
  for (const Json& module : json.at("modules")) {
    energy.modules.push_back({module.at("module"), module.at("pj_per_cycle").get<std::array<double, kEnergyUses>>(),
                              module.at("leakage_nw")});
  }
  energy.switching_pj = json.at("switching_pj");
  energy.internal_pj = json.at("internal_pj");
  energy.pj_per_cycle = json.at("pj_per_cycle");
  energy.half_width_pj = json.at("half_width_pj");
  energy.leakage_nw = json.at("leakage_nw");
  energy.lane_cycles = json.at("lane_cycles");
  return energy;
}

Json common_key(const char* step, const EnergyRequest& request, const SynthesisResult& synthesis,
                const CellLibrary& library, const StreamWindows& windows) {
  return {{"step", step},
          {"engine", energy_engine()},
          {"unit", request.unit->name},
          {"library", library.hash},
          {"netlist", netlist_hash(synthesis)},
          {"area_um2", synthesis.area_um2},  // the wire model's
          {"stimulus", stimulus_hash(request.stimulus, windows)},
          {"beats", request.stimulus.input.count},
          {"wire_ff_per_um", request.wire_ff_per_um},
          {"clock_mhz", request.clock_mhz}};
}

}  // namespace

std::string energy_key(const EnergyRequest& request, const SynthesisResult& synthesis, const CellLibrary& library) {
  Json key = common_key("energy", request, synthesis, library, request.windows);
  const StreamWindows& windows = request.windows;
  key["windows"] = {windows.stagger_cycles, windows.discarded_cycles, windows.counted_cycles, windows.sample_every};
  return key.dump();
}

std::string glitch_key(const EnergyRequest& request, const SynthesisResult& synthesis, const CellLibrary& library,
                       const GlitchOptions& options) {
  StreamWindows reached;
  reached.stagger_cycles = kStagger;
  reached.discarded_cycles = options.discarded_cycles;
  reached.counted_cycles = options.counted_cycles;
  Json key = common_key("glitches", request, synthesis, library, reached);
  key["windows"] = {options.windows, options.discarded_cycles, options.counted_cycles};
  return key.dump();
}

Json glitch_figures(const GlitchEnergy& glitches) {
  return {{"timed_pj_per_cycle", glitches.timed_pj_per_cycle},
          {"zero_delay_pj_per_cycle", glitches.zero_delay_pj_per_cycle},
          {"cycles", glitches.cycles},
          {"timed_transitions", glitches.timed_transitions},
          {"zero_delay_transitions", glitches.zero_delay_transitions},
          {"factor_half_width", glitches.factor_half_width ? Json(*glitches.factor_half_width) : Json(nullptr)}};
}

GlitchEnergy read_glitch_figures(const Json& figures) {
  GlitchEnergy glitches;
  glitches.timed_pj_per_cycle = figures.at("timed_pj_per_cycle");
  glitches.zero_delay_pj_per_cycle = figures.at("zero_delay_pj_per_cycle");
  glitches.cycles = figures.at("cycles");
  glitches.timed_transitions = figures.at("timed_transitions");
  glitches.zero_delay_transitions = figures.at("zero_delay_transitions");
  if (const Json& half = figures.at("factor_half_width"); !half.is_null())
    glitches.factor_half_width = half.get<double>();
  return glitches;
}

Json energy_figures(const EnergyResult& result) {
  Json ends = Json::array();
  for (const auto& end : result.timing.ends_in_module) ends.push_back(endpoint_json(end));
  return {{"energy", gates_json(result.energy)},
          {"counts",
           {{"lane_cycles", result.counts.lane_cycles},
            {"input_beats", result.counts.input_beats},
            {"output_beats", result.counts.output_beats}}},
          {"worst", endpoint_json(result.timing.worst)},
          {"registers", endpoint_json(result.timing.registers)},
          {"worst_path", result.timing.worst_path ? Json(*result.timing.worst_path) : Json(nullptr)},
          {"ends_in_module", ends},
          {"fo4_delay_ns", result.fo4.delay_ns},
          {"fo4_energy_pj", result.fo4.energy_pj},
          {"cells", result.cells},
          {"wire_ff_per_sink", result.wire_ff_per_sink}};
}

void set_energy_figures(EnergyResult& result, const Json& figures) {
  result.energy = gates_of(figures.at("energy"));
  const Json& counts = figures.at("counts");
  result.counts.lane_cycles = counts.at("lane_cycles");
  result.counts.input_beats = counts.at("input_beats");
  result.counts.output_beats = counts.at("output_beats");
  result.timing.worst = endpoint_of(figures.at("worst"));
  result.timing.registers = endpoint_of(figures.at("registers"));
  if (!figures.at("worst_path").is_null()) result.timing.worst_path = figures.at("worst_path").get<std::string>();
  for (const Json& end : figures.at("ends_in_module")) result.timing.ends_in_module.push_back(endpoint_of(end));
  result.fo4 = {figures.at("fo4_delay_ns"), figures.at("fo4_energy_pj")};
  result.cells = figures.at("cells");
  result.wire_ff_per_sink = figures.at("wire_ff_per_sink");
}

}  // namespace subbyte::sim
