#include "sim/energy/energy_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/base/hash.hpp"
#include "sim/synthesis/kept_json.hpp"

namespace subbyte::sim {

// What is kept of a value, with its members by their names.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ModuleEnergy, module, pj_per_cycle, leakage_nw)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(GateEnergy, modules, switching_pj, internal_pj, pj_per_cycle, half_width_pj,
                                   leakage_nw, lane_cycles)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StreamCounts, lane_cycles, input_beats, output_beats)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StaticTiming, worst, registers, worst_path, ends_in_module)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FanoutOfFour, delay_ns, energy_pj)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(EnergyResult, zero_delay, counts, timing, fo4, cells, wire_ff_per_sink)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(GlitchEnergy, timed_pj_per_cycle, zero_delay_pj_per_cycle, cycles, timed_transitions,
                                   zero_delay_transitions, factor_half_width, added_shares, added_switching_share)

namespace {

using Json = nlohmann::json;

std::string netlist_hash(const SynthesisResult& synthesis) {
  ContentHash hash;
  for (const SynthesizedModule& module : synthesis.modules) hash.add(module.verilog);
  return hash.text();
}

/// Hashes every beat or, of a stimulus longer than that, those that a window can reach: one beat per cycle from its
/// start.
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

Json common_key(const char* step, const EnergyRequest& request, const SynthesisResult& synthesis,
                const CellLibrary& library) {
  const StreamWindows& windows = request.windows;
  return {{"step", step},
          {"unit", request.unit->name},
          {"library", library.hash},
          {"netlist", netlist_hash(synthesis)},
          {"area_um2", synthesis.area_um2},  // needed by the wire model
          {"stimulus", stimulus_hash(request.stimulus, windows)},
          {"beats", request.stimulus.input.count},
          {"windows", {windows.stagger_cycles, windows.discarded_cycles, windows.counted_cycles, windows.sample_every}},
          {"wire_ff_per_um", request.wire_ff_per_um},
          {"clock_mhz", synthesis.clock_mhz}};
}

}  // namespace

std::string energy_key(const EnergyRequest& request, const SynthesisResult& synthesis, const CellLibrary& library) {
  return common_key("energy", request, synthesis, library).dump();
}

std::string glitch_key(const EnergyRequest& request, const SynthesisResult& synthesis, const CellLibrary& library,
                       const GlitchOptions& options) {
  Json key = common_key("glitches", request, synthesis, library);
  key["lanes"] = options.lanes;
  key["half_width"] = options.half_width;
  return key.dump();
}

Json glitch_figures(const GlitchEnergy& glitches) { return glitches; }

GlitchEnergy read_glitch_figures(const Json& figures) { return figures; }

Json energy_figures(const EnergyResult& result) { return result; }

void set_energy_figures(EnergyResult& result, const Json& figures) { figures.get_to(result); }

}  // namespace subbyte::sim
