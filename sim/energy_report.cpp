#include "sim/energy_report.hpp"

#include <fmt/format.h>

#include "sim/synth_report.hpp"
#include "sim/verify.hpp"

namespace subbyte::sim {
namespace {

std::string source_of(const EnergyReport& report) {
  return "netlist in " + corner_text(report.technology.library) + ", transitions counted";
}

void add_metrics(const EnergyReport& report, std::vector<reports::Metric>& metrics) {
  const EnergyResult& r = report.result;
  const std::string source = source_of(report);
  const auto add = [&](const char* name, const char* quantity, const char* unit, double value) {
    metrics.push_back({name, quantity, unit, value, source});
  };
  add("gate_equivalents", "area", "GE", r.synthesis.gate_equivalents);
  if (r.timing.worst) add("critical_path_fo4", "time", "FO4", r.timing.worst->delay_ns / r.fo4.delay_ns);
  add("energy_per_cycle_fo4", "energy", "E_FO4", r.energy.pj_per_cycle / r.fo4.energy_pj);
  if (report.macs_per_beat > 0)
    add("energy_per_mac_fo4", "energy", "E_FO4", r.pj_per_input_beat() / report.macs_per_beat / r.fo4.energy_pj);
  add("area", "area", "um2", r.synthesis.area_um2);
  if (r.timing.worst) add("critical_path", "time", "ns", r.timing.worst->delay_ns);
  add("energy_per_cycle", "energy", "pJ", r.energy.pj_per_cycle);
  add("energy_per_cycle_half_width", "energy", "pJ", r.energy.half_width_pj);
  if (report.macs_per_beat > 0) add("energy_per_mac", "energy", "pJ", r.pj_per_input_beat() / report.macs_per_beat);
  add("energy_per_input_beat", "energy", "pJ", r.pj_per_input_beat());
  if (r.counts.output_beats > 0) add("energy_per_output_beat", "energy", "pJ", r.pj_per_output_beat());
  add("leakage", "power", "nW", r.energy.leakage_nw);
  add("leakage_per_cycle", "energy", "pJ", r.leakage_pj_per_cycle());
  add("switching_share", "energy", "", r.energy.switching_pj / r.energy.pj_per_cycle);
  add("fo4_delay", "time", "ns", r.fo4.delay_ns);
  add("fo4_energy", "energy", "pJ", r.fo4.energy_pj);
}

/// Rows by module; the last one is their sum.
reports::Table split_table(const EnergyReport& report) {
  reports::Table table;
  table.title = "Where the energy of a cycle goes";
  const std::string source = source_of(report);
  table.columns = {{"module", "", "", 4}};
  for (std::size_t use = 0; use < kEnergyUses; ++use)
    table.columns.push_back({energy_use_name(static_cast<EnergyUse>(use)), "pJ", source, 4});
  table.columns.push_back({"all", "pJ", source, 4});
  table.columns.push_back({"share", "%", "derived", 3});
  table.columns.push_back({"leakage", "nW", source, 4});
  const GateEnergy& energy = report.result.energy;
  const auto row = [&](const ModuleEnergy& module) {
    std::vector<nlohmann::json> cells{module.module};
    for (const double pj : module.pj_per_cycle) cells.emplace_back(pj);
    cells.emplace_back(module.total());
    cells.emplace_back(100 * module.total() / energy.pj_per_cycle);
    cells.emplace_back(module.leakage_nw);
    table.rows.push_back(std::move(cells));
  };
  ModuleEnergy all{"total", {}, energy.leakage_nw};
  for (const ModuleEnergy& module : energy.modules) {
    row(module);
    for (std::size_t use = 0; use < kEnergyUses; ++use) all.pj_per_cycle[use] += module.pj_per_cycle[use];
  }
  row(all);
  table.note = "clock: the clock net and the clock pins; register: what flip-flops drive; logic: what gates drive; input: nets of input ports";
  return table;
}

}  // namespace

reports::Record energy_record(const EnergyReport& report) {
  const EnergyResult& r = report.result;
  reports::Record record;
  record.title = fmt::format("{} ({}): {}", report.request.unit, parameters_text(report.request.parameters), report.stimulus);
  record.kind = "energy";
  record.provenance = {{"unit", report.request.unit},
                       {"parameters", report.request.parameters},
                       {"stimulus", report.stimulus},
                       {"library", corner_text(report.technology.library)},
                       {"library_hash", report.technology.library.hash},
                       {"voltage_v", report.technology.library.voltage_v},
                       {"remark", report.technology.remark},
                       {"clock_mhz", report.request.clock_mhz},
                       {"yosys", r.synthesis.tools.yosys},
                       {"abc_script", r.synthesis.tools.abc_script},
                       {"script_hash", r.synthesis.tools.script_hash},
                       {"conventions", r.synthesis.tools.conventions},
                       {"wires", r.wire_ff_per_sink > 0 ? fmt::format("{:.3g} fF per sink: {} cell pitches of {} fF/um", r.wire_ff_per_sink,
                                                                      kPitchesPerSink, report.request.wire_ff_per_um)
                                                        : std::string("none")},
                       {"glitches", "not simulated: zero delay"},
                       {"cells", r.cells},
                       {"lane_cycles", r.energy.lane_cycles},
                       {"discarded_cycles", report.request.windows.discarded_cycles},
                       {"confidence", "95 %, eight groups of 64 windows"},
                       {"accuracy", kEnergyAccuracy}};
  add_metrics(report, record.metrics);
  record.tables = {split_table(report)};
  return record;
}

}  // namespace subbyte::sim
