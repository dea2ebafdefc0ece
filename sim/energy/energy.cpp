#include "sim/energy/energy.hpp"

#include <fmt/format.h>

#include <cmath>
#include <mutex>
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

Gates read_gates(const SynthesisResult& synthesis, double wire_ff_per_um, const SynthesisFlow& flow) {
  const CellLibrary& library = flow.library;
  Gates gates;
  check_power(library);
  gates.netlist = flatten_netlist(whole_netlist(synthesis), synthesis.modules.front().name, library);
  const std::size_t cells = gates.netlist.instances.size();
  const Step step = flow.step(fmt::format("timing {} cells", cells));
  TimingOptions options;
  options.driving_cell = smallest_buffer(library).name;
  options.output_load_ff = output_load_ff(library);
  const double pitch_um = std::sqrt(synthesis.area_um2 / kUtilisation / static_cast<double>(cells));
  options.wire_ff_per_sink = gates.wire_ff_per_sink = kPitchesPerSink * pitch_um * wire_ff_per_um;
  gates.timing = static_timing(gates.netlist, library.tables(), options);
  return gates;
}

/// Returns everything of a result but its synthesis, without delays, and on request what glitches add.
EnergyResult simulate_gates(const Gates& gates, const GateSimulator& before_run, const EnergyRequest& request,
                            const SynthesisFlow& flow, const std::optional<GlitchOptions>& options) {
  const CellLibrary& library = flow.library;
  EnergyResult result;
  result.fo4 = fanout_of_four(library);
  result.cells = gates.netlist.instances.size();
  result.wire_ff_per_sink = gates.wire_ff_per_sink;
  const Step step = flow.step(fmt::format("simulating {} cells", result.cells));
  GateSimulator simulator = before_run;
  SampledEdges edges(simulator, gates.netlist.nets, request.windows.counted_cycles);
  StreamWindows windows = request.windows;
  windows.settled = [&](bool counted) {
    if (options) edges.settled(counted);
    if (request.windows.settled) request.windows.settled(counted);
  };
  result.counts = run_stream(*request.unit, gates.netlist, simulator, request.stimulus, windows);
  const EnergyInputs inputs{gates.netlist, library.tables(), gates.timing, library.voltage_v};
  result.zero_delay = gate_energy(inputs, simulator, result.counts.lane_cycles);
  if (options) {
    const Step glitches = flow.step(fmt::format("simulating {} cells with delays, for glitches", result.cells));
    result.glitches = glitch_energy(inputs, simulator, edges, request.stimulus.input.count, *options);
  }
  result.timing.worst = gates.timing.worst;
  result.timing.registers = gates.timing.registers;
  result.timing.worst_path = gates.timing.worst_path;
  result.timing.ends_in_module = gates.timing.ends_in_module;
  return result;
}

/// Output beats and what hears of cycles are no part of what is kept.
bool may_be_kept(const EnergyRequest& request) {
  return request.windows.collected_lanes == 0 && !request.windows.settled;
}

std::optional<GlitchOptions> glitch_options(const EnergyRequest& request) {
  return request.zero_delay ? std::nullopt : std::optional(GlitchOptions{});
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

struct UnitNetlist::Inside {
  SynthesisFlow flow;
  SynthesisResult synthesis;
  double wire_ff_per_um = 0;
  std::once_flag once = {};
  Gates made = {};
  std::optional<GateSimulator> before_run = {};  ///< every run copies it

  EnergyResult simulated(const EnergyRequest& request, const std::optional<GlitchOptions>& options) {
    std::call_once(once, [this] {
      made = read_gates(synthesis, wire_ff_per_um, flow);
      before_run.emplace(made.netlist);  // it refers to the netlist, which stays where it is
    });
    return simulate_gates(made, *before_run, request, flow, options);
  }
  /// The request with the netlist's unit, parameters and wires.
  EnergyRequest own(EnergyRequest request) const {
    request.unit = synthesis.unit;
    request.parameters = synthesis.parameters;
    request.wire_ff_per_um = wire_ff_per_um;
    return request;
  }
  /// The result from the cache, or from one run for what is not there; but for the synthesis.
  EnergyResult known_or_simulated(const EnergyRequest& request, const std::optional<GlitchOptions>& options);
};

EnergyResult UnitNetlist::Inside::known_or_simulated(const EnergyRequest& request,
                                                     const std::optional<GlitchOptions>& options) {
  std::optional<EnergyResult> result_of_run;
  const auto fresh = [&]() -> const EnergyResult& {
    if (!result_of_run) result_of_run = simulated(request, options);
    return *result_of_run;
  };
  if (!may_be_kept(request)) return fresh();
  const JsonCache cache(cache_folder("synth"), energy_engine());
  EnergyResult result;
  set_energy_figures(result,
                     cache.get(energy_key(request, synthesis, flow.library), [&] { return energy_figures(fresh()); }));
  if (options) {
    result.glitches = read_glitch_figures(cache.get(glitch_key(request, synthesis, flow.library, *options),
                                                    [&] { return glitch_figures(*fresh().glitches); }));
  }
  return result;
}

UnitNetlist::UnitNetlist(SynthesisFlow flow, const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                         double wire_ff_per_um)
    : inside_(new Inside{flow, synthesize(flow, unit, parameters), wire_ff_per_um}) {}

UnitNetlist::~UnitNetlist() = default;
UnitNetlist::UnitNetlist(UnitNetlist&&) noexcept = default;

const SynthesisFlow& UnitNetlist::flow() const { return inside_->flow; }

const SynthesisResult& UnitNetlist::synthesis() const { return inside_->synthesis; }

EnergyResult unit_energy(const EnergyRequest& request, const UnitNetlist& netlist) {
  UnitNetlist::Inside& inside = *netlist.inside_;
  EnergyResult result = inside.known_or_simulated(inside.own(request), glitch_options(request));
  result.synthesis = inside.synthesis;
  result.stimulus_beats = request.stimulus.input.count;
  result.energy = result.glitches ? with_glitches(result.zero_delay, *result.glitches) : result.zero_delay;
  return result;
}

bool energy_is_kept(const EnergyRequest& request, const UnitNetlist& netlist) try {
  if (!may_be_kept(request)) return false;
  const UnitNetlist::Inside& inside = *netlist.inside_;
  const EnergyRequest own = inside.own(request);
  const JsonCache cache = JsonCache(cache_folder("synth"), energy_engine()).kept_alone();
  cache.get(energy_key(own, inside.synthesis, inside.flow.library), {});
  if (const auto options = glitch_options(request))
    cache.get(glitch_key(own, inside.synthesis, inside.flow.library, *options), {});
  return true;
} catch (const NotKept&) {
  return false;
}

EnergyResult unit_energy(const EnergyRequest& request, const CellLibrary& library, const SynthesisOptions& options) {
  return unit_energy(request, open_flow(library, options));
}

EnergyResult unit_energy(const EnergyRequest& request, const SynthesisFlow& flow) {
  return unit_energy(request, UnitNetlist(flow, *request.unit, request.parameters, request.wire_ff_per_um));
}

}  // namespace subbyte::sim
