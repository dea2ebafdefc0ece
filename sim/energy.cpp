#include "sim/energy.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <stdexcept>

#include "sim/input_error.hpp"
#include "sim/synthesis_flow.hpp"

namespace subbyte::sim {
namespace {

constexpr unsigned kFanout = 4;
constexpr unsigned kSettled = 50;  ///< inverters of the chain until its slope repeats

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

void check_power(const Library& library, const TableLibrary& tables) {
  if (tables.has_power) return;
  throw InputError(library.path.string(), "library '" + library.name + "'",
                   "has no internal_power tables, expected them: energy needs what happens inside cells");
}

}  // namespace

FanoutOfFour fanout_of_four(const Library& library, const TableLibrary& tables) {
  const CellTables* cell = tables.find(smallest_inverter(library).name);
  const PinTables& input = only_pin(*cell, true);
  const PinTables& output = only_pin(*cell, false);
  if (output.timing.empty()) throw std::invalid_argument("cell " + cell->name + " has no timing");
  const TimingArc& arc = output.timing.front();
  const PerEdge<double> load{kFanout * input.edge_capacitance_ff[0], kFanout * input.edge_capacitance_ff[1]};
  PerEdge<double> slew{}, delay{};
  for (unsigned i = 0; i < kSettled; ++i) {  // an inverter: a rise comes from a fall
    delay = {arc.delay[0].at(slew[1], load[0]), arc.delay[1].at(slew[0], load[1])};
    slew = {arc.transition[0].at(slew[1], load[0]), arc.transition[1].at(slew[0], load[1])};
  }
  FanoutOfFour fo4{0.5 * (delay[0] + delay[1]), 0};
  fo4.energy_pj = 0.25 * (load[0] + load[1]) * library.voltage_v * library.voltage_v * 1e-3;
  for (const PowerArc& power : output.power)
    fo4.energy_pj += 0.5 * (power.energy_pj[0].at(slew[1], load[0]) + power.energy_pj[1].at(slew[0], load[1]));
  return fo4;
}

double EnergyResult::pj_per_input_beat() const {
  if (counts.input_beats == 0) throw std::invalid_argument("no beat was accepted in the counted cycles");
  return energy.pj_per_cycle * static_cast<double>(counts.lane_cycles) / static_cast<double>(counts.input_beats);
}

double EnergyResult::pj_per_output_beat() const {
  if (counts.output_beats == 0) return 0;
  return energy.pj_per_cycle * static_cast<double>(counts.lane_cycles) / static_cast<double>(counts.output_beats);
}

EnergyResult unit_energy(const EnergyRequest& request, const Library& library) {
  const TableLibrary tables = read_cell_tables(library.path);
  check_power(library, tables);
  const kernels::UnitInfo& unit = kernels::unit(request.unit);
  EnergyResult result;
  SynthesisOptions synthesis;
  synthesis.clock_mhz = request.clock_mhz;
  synthesis.progress = request.progress;
  result.synthesis = synthesize(request.unit, request.parameters, library, synthesis);
  result.fo4 = fanout_of_four(library, tables);
  const GateNetlist netlist = flatten_netlist(whole_netlist(result.synthesis), result.synthesis.modules.front().name, library);
  result.cells = netlist.instances.size();
  if (request.progress) request.progress(fmt::format("timing and simulating {} cells", result.cells));
  TimingOptions timing;
  timing.driving_cell = smallest_buffer(library).name;
  timing.output_load_ff = output_load_ff(library);
  const double pitch_um = std::sqrt(result.synthesis.area_um2 / static_cast<double>(result.cells));
  timing.wire_ff_per_sink = result.wire_ff_per_sink = kPitchesPerSink * pitch_um * request.wire_ff_per_um;
  result.timing = static_timing(netlist, tables, timing);
  const auto start = std::chrono::steady_clock::now();
  GateSimulator simulator(netlist);
  result.counts = run_stream(unit, netlist, simulator, request.stimulus, request.windows);
  result.simulated_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.energy = gate_energy({netlist, tables, result.timing, library.voltage_v}, simulator, result.counts.lane_cycles);
  return result;
}

}  // namespace subbyte::sim
