#include "sim/energy/energy.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "sim/base/cache.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/paths.hpp"
#include "sim/energy/energy_cache.hpp"
#include "sim/energy/energy_windows.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {
namespace {

constexpr unsigned kFanout = 4;
constexpr unsigned kSettled = 50;  ///< the inverters of a chain until its slope repeats

std::string whole_netlist(const SynthesisResult& result) {
  std::string text;
  for (const SynthesizedModule& module : result.modules) text += module.verilog;
  return text;
}

const PinTables& only_pin(const CellTables& cell, bool input) {
  for (const PinTables& pin : cell.pins) {
    if (pin.input == input) return pin;
  }
  throw std::invalid_argument("cell " + cell.name + " has no " + (input ? "input" : "output"));
}

void check_power(const CellLibrary& library) {
  if (library.tables().has_power) return;
  throw InputError(library.path.string(), "library '" + library.name + "'",
                   "has no internal_power tables, expected them: energy needs what happens inside cells");
}

/// A netlist with its timing. It is what a simulation needs, and it is made when something must be simulated.
struct Gates {
  GateNetlist netlist;
  StaticTiming timing;
  double wire_ff_per_sink = 0;
};

Gates read_gates(const SynthesisResult& synthesis, const EnergyRequest& request, const SynthesisFlow& flow) {
  const CellLibrary& library = flow.library;
  Gates gates;
  check_power(library);
  gates.netlist = flatten_netlist(whole_netlist(synthesis), synthesis.modules.front().name, library);
  const std::size_t cells = gates.netlist.instances.size();
  if (flow.progress) flow.progress(fmt::format("timing and simulating {} cells", cells));
  TimingOptions options;
  options.driving_cell = smallest_buffer(library).name;
  options.output_load_ff = output_load_ff(library);
  const double pitch_um = std::sqrt(synthesis.area_um2 / kUtilisation / static_cast<double>(cells));
  options.wire_ff_per_sink = gates.wire_ff_per_sink = kPitchesPerSink * pitch_um * request.wire_ff_per_um;
  gates.timing = static_timing(gates.netlist, library.tables(), options);
  return gates;
}

/// Returns everything of a result but its synthesis and its glitches.
void simulate_gates(EnergyResult& result, const Gates& gates, const EnergyRequest& request,
                    const CellLibrary& library) {
  result.fo4 = fanout_of_four(library);
  result.cells = gates.netlist.instances.size();
  result.wire_ff_per_sink = gates.wire_ff_per_sink;
  GateSimulator simulator(gates.netlist);
  result.counts = run_stream(*request.unit, gates.netlist, simulator, request.stimulus, request.windows);
  result.energy = gate_energy({gates.netlist, library.tables(), gates.timing, library.voltage_v}, simulator,
                              result.counts.lane_cycles);
  result.timing.worst = gates.timing.worst;
  result.timing.registers = gates.timing.registers;
  result.timing.worst_path = gates.timing.worst_path;
  result.timing.ends_in_module = gates.timing.ends_in_module;
}

GlitchEnergy timed_run(const Gates& gates, const EnergyRequest& request, const SynthesisFlow& flow,
                       const GlitchOptions& options) {
  const CellLibrary& library = flow.library;
  if (flow.progress) flow.progress(fmt::format("glitches: {} cells with delays", gates.netlist.instances.size()));
  return glitch_energy(*request.unit, {gates.netlist, library.tables(), gates.timing, library.voltage_v},
                       request.stimulus, options);
}

}  // namespace

FanoutOfFour fanout_of_four(const CellLibrary& library) {
  const CellTables* cell = library.tables().find(smallest_inverter(library).name);
  const PinTables& input = only_pin(*cell, true);
  const PinTables& output = only_pin(*cell, false);
  if (output.timing.empty()) throw std::invalid_argument("cell " + cell->name + " has no timing");
  const TimingArc& arc = output.timing.front();
  const PerEdge<double> load{kFanout * input.edge_capacitance_ff[0], kFanout * input.edge_capacitance_ff[1]};
  PerEdge<double> slew{}, delay{};
  for (unsigned i = 0; i < kSettled; ++i) {  // in an inverter a rise comes from a fall
    delay = {arc.delay[0].at(slew[1], load[0]), arc.delay[1].at(slew[0], load[1])};
    slew = {arc.transition[0].at(slew[1], load[0]), arc.transition[1].at(slew[0], load[1])};
  }
  FanoutOfFour fo4{0.5 * (delay[0] + delay[1]), 0};
  fo4.energy_pj = 0.25 * (load[0] + load[1]) * library.voltage_v * library.voltage_v * 1e-3;
  for (const PowerArc& power : output.power)
    fo4.energy_pj += 0.5 * (power.energy_pj[0].at(slew[1], load[0]) + power.energy_pj[1].at(slew[0], load[1]));
  return fo4;
}

EnergyResult unit_energy(const EnergyRequest& request, const CellLibrary& library, const SynthesisOptions& options) {
  return unit_energy(request, open_flow(library, options));
}

EnergyResult unit_energy(const EnergyRequest& request, const SynthesisFlow& flow) {
  const CellLibrary& library = flow.library;
  EnergyResult result;
  result.synthesis = synthesize(flow, *request.unit, request.parameters);
  result.stimulus_beats = request.stimulus.input.count;
  const JsonCache cache(cache_folder("synth"), energy_engine());
  std::optional<Gates> made;
  const auto gates = [&]() -> const Gates& {
    if (!made) made = read_gates(result.synthesis, request, flow);
    return *made;
  };
  if (request.windows.collected_lanes > 0 || request.windows.settled) {
    simulate_gates(result, gates(), request, library);
  } else {
    const auto compute = [&] {
      EnergyResult fresh;
      simulate_gates(fresh, gates(), request, library);
      return energy_figures(fresh);
    };
    set_energy_figures(result, cache.get(energy_key(request, result.synthesis, library), compute));
  }
  if (request.glitches && result.synthesis.cells <= request.glitch_cells) {
    const GlitchOptions options;
    result.glitches = read_glitch_figures(cache.get(glitch_key(request, result.synthesis, library, options), [&] {
      return glitch_figures(timed_run(gates(), request, flow, options));
    }));
  }
  return result;
}

}  // namespace subbyte::sim
