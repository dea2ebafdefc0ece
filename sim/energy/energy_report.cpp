#include "sim/energy/energy_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "sim/area/area.hpp"
#include "sim/energy/energy_windows.hpp"
#include "sim/engines/verify.hpp"

namespace subbyte::sim {
namespace {

using Metrics = std::vector<reports::Metric>;

reports::Basis basis_of(const EnergyReport& report) { return {.timed = report.result.glitches.has_value()}; }

std::string source_of(const EnergyReport& report) {
  return counted_source(netlist_source(report.technology.library), !report.result.glitches);
}

/// Returns a figure per piece of work, or 0 where the unit does no work of its kind.
struct PerWork {
  std::string name;
  double count;
};

std::vector<PerWork> per_work(const EnergyReport& report) {
  if (!report.work) return {};
  std::string piece = report.work->piece;
  std::ranges::replace(piece, ' ', '_');
  return {{"mac", report.work->macs}, {"term", report.work->terms}, {piece, report.work->weights}};
}

void add_free_of_technology(const EnergyReport& report, const std::string& source, Metrics& metrics) {
  const EnergyResult& r = report.result;
  metrics.push_back({"gate_equivalents", "area", "GE", r.synthesis.gate_equivalents, source});
  if (r.timing.worst)
    metrics.push_back({"critical_path_fo4", "time", "FO4", r.timing.worst->delay_ns / r.fo4.delay_ns, source});
  metrics.push_back({"energy_per_cycle_fo4", "energy", "E_FO4", r.energy.pj_per_cycle / r.fo4.energy_pj, source,
                     std::nullopt, basis_of(report)});
  for (const PerWork& work : per_work(report)) {
    if (work.count > 0)
      metrics.push_back({fmt::format("energy_per_{}_fo4", work.name), "energy", "E_FO4",
                         r.pj_per_input_beat() / work.count / r.fo4.energy_pj, source, std::nullopt, basis_of(report)});
  }
  if (r.glitches) {
    metrics.push_back({"glitch_factor", "energy", "", r.glitches->factor(), source + ", over zero delay",
                       r.glitches->factor_half_width, basis_of(report)});
  }
  metrics.push_back({"switching_share", "energy", "", r.energy.switching_pj / r.energy.pj_per_cycle, source});
}

/// Tells what another node has in proportion: area, delays and the energies of transitions.
void add_of_library(const EnergyReport& report, const std::string& source, Metrics& metrics) {
  const EnergyResult& r = report.result;
  const auto add = [&](const std::string& name, const char* quantity, const char* unit, double value) {
    const bool energy = std::string_view(unit) == "pJ";
    metrics.push_back(
        {name, quantity, unit, value, source, std::nullopt, energy ? basis_of(report) : reports::Basis{}});
  };
  add("area", "area", "um2", r.synthesis.area_um2);
  if (r.timing.worst) add("critical_path", "time", "ns", r.timing.worst->delay_ns);
  add("energy_per_cycle", "energy", "pJ", r.energy.pj_per_cycle);
  metrics.back().half_width = r.half_width_pj();
  for (const PerWork& work : per_work(report))
    if (work.count > 0)
      add(fmt::format("energy_per_{}", work.name), "energy", "pJ", r.pj_per_input_beat() / work.count);
  add("energy_per_input_beat", "energy", "pJ", r.pj_per_input_beat());
  if (r.counts.output_beats > 0) add("energy_per_output_beat", "energy", "pJ", r.pj_per_output_beat());
  if (r.glitches) {
    metrics.push_back({"energy_per_cycle_zero_delay", "energy", "pJ", r.zero_delay.pj_per_cycle,
                       counted_source(netlist_source(report.technology.library), true)});
  }
}

/// Tells leakage, which does not scale by the equations of another node, and the library's own units.
void add_unscalable(const EnergyReport& report, const std::string& source, Metrics& metrics) {
  const EnergyResult& r = report.result;
  metrics.push_back({"leakage", "power", "nW", r.energy.leakage_nw, source});
  metrics.push_back({"leakage_per_cycle", "energy", "pJ", r.leakage_pj_per_cycle(), source});
  metrics.push_back({"fo4_delay", "time", "ns", r.fo4.delay_ns, source});
  metrics.push_back({"fo4_energy", "energy", "pJ", r.fo4.energy_pj, source});
}

std::optional<double> factor_of(const Scaling& scaling, const std::string& unit) {
  if (unit == "um2") return scaling.area;
  return unit == "ns" ? scaling.delay : std::optional(scaling.energy);
}

/// Tells absolute figures of another node, made from those of the library. The interval is not told again.
void add_scaled(const Scaling& scaling, const Metrics& of_library, Metrics& metrics) {
  for (const reports::Metric& own : of_library) {
    if (const auto by = factor_of(scaling, own.unit))
      metrics.push_back({own.name + "_scaled",
                         own.quantity,
                         own.unit,
                         own.value * *by,
                         scaling.source,
                         std::nullopt,
                         {.timed = own.basis.timed, .scaled = true}});
  }
}

/// Makes rows by module; the last one is their sum.
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
  ModuleEnergy all{"total", {}, 0};
  for (const ModuleEnergy& module : energy.modules) {
    row(module);
    for (std::size_t use = 0; use < kEnergyUses; ++use) all.pj_per_cycle[use] += module.pj_per_cycle[use];
    all.leakage_nw += module.leakage_nw;
  }
  row(all);
  table.note =
      "\nclock: the clock net and the clock pins; register: what flip-flops drive; logic: what gates drive; "
      "input: nets of input ports";
  if (report.result.glitches)
    table.note += "; glitches stand where the sample of cycles with delays had them";
  else
    table.note += "; zero delay";
  return table;
}

/// Makes rows by module with all its instances; the last one is their sum.
reports::Table area_table(const EnergyReport& report) {
  const SynthesisResult& synthesis = report.result.synthesis;
  const std::string source = synthesis.tools.yosys + ", " + report.technology.library.name;
  reports::Table table;
  table.title = "Where the area goes";
  table.columns = {{"module", "", "rtl", 4},      {"instances", "", "rtl", 4},  {"cells", "", source, 4},
                   {"flip-flops", "", source, 4}, {"area", "GE", "derived", 4}, {"area", "um2", source, 5},
                   {"share", "%", "derived", 3}};
  std::size_t cells = 0, flip_flops = 0;
  double equivalents = 0, area = 0;
  for (const SynthesizedModule& module : synthesis.modules) {
    const auto n = static_cast<double>(module.instances);
    table.rows.push_back({module.name, module.instances, module.cells * module.instances,
                          module.flip_flops * module.instances, module.gate_equivalents * n, module.area_um2 * n,
                          100 * module.area_um2 * n / synthesis.area_um2});
    cells += module.cells * module.instances;
    flip_flops += module.flip_flops * module.instances;
    equivalents += module.gate_equivalents * n;
    area += module.area_um2 * n;
  }
  table.rows.push_back({"total", nullptr, cells, flip_flops, equivalents, area, 100 * area / synthesis.area_um2});
  return table;
}

nlohmann::json provenance_of(const EnergyReport& report) {
  const EnergyResult& r = report.result;
  const SynthesisTools& tools = r.synthesis.tools;
  const StreamWindows& windows = report.request.windows;
  const double independent = independent_windows(r.beats_per_window(), r.stimulus_beats);
  return {{"unit", report.request.unit->name},
          {"parameters", report.request.parameters},
          {"stimulus", report.stimulus},
          {"library", corner_text(report.technology.library)},
          {"library_hash", report.technology.library.hash},
          {"voltage_v", report.technology.library.voltage_v},
          {"remark", report.technology.remark},
          {"clock_mhz", r.synthesis.clock_mhz},
          {"yosys", tools.yosys},
          {"abc_script", tools.abc_script},
          {"script_hash", tools.script_hash},
          {"conventions", tools.conventions},
          {"wires", wire_text(r, report.request.wire_ff_per_um, report.wire_source)},
          {"glitches", glitch_text(r)},
          {"work", report.work ? work_text(*report.work) : "none told"},
          {"cells", r.cells},
          {"lane_cycles", r.energy.lane_cycles},
          {"windows", fmt::format("512 of {} cycles after {}", windows.counted_cycles, windows.discarded_cycles)},
          {"counted_cycles", windows.counted_cycles},
          {"discarded_cycles", windows.discarded_cycles},
          {"independent_windows", independent},
          {"confidence", r.half_width_pj()
                             ? fmt::format("95 %, eight groups of 64 windows; {:.0f} windows without a common beat{}",
                                           independent, independent < kGateLanes ? ", widened for that" : "")
                             : "none: the stimulus is shorter than two windows"},
          {"accuracy", kEnergyAccuracy}};
}

}  // namespace

std::string netlist_source(const CellLibrary& library) { return "netlist in " + corner_text(library); }

std::string counted_source(const std::string& netlist_source, bool zero_delay) {
  return netlist_source +
         (zero_delay ? ", transitions counted at zero delay (no glitches)" : ", transitions counted with glitches");
}

std::string wire_text(const EnergyResult& result, double wire_ff_per_um, const std::string& source) {
  if (!(result.wire_ff_per_sink > 0)) return "none";
  return fmt::format(
      "{:.3g} fF per sink: {} cell pitches (place and route of two units in osu018; of a core filled to {}, "
      "assumed) of {} fF/um{}",
      result.wire_ff_per_sink, kPitchesPerSink, kUtilisation, wire_ff_per_um,
      source.empty() ? "" : " (" + source + ")");
}

std::string glitch_text(const EnergyResult& result) {
  if (!result.glitches) return "not in it (--zero-delay): energy is too low by what they add";
  const auto half = result.glitches->factor_half_width;
  return fmt::format("in it: zero delay times {:.3f}{}, of {} cycles in as many windows with inertial delays",
                     result.glitches->factor(),
                     half ? fmt::format(" +- {:.2g} (95 %)", *half) : " (without an interval: the stimulus is short)",
                     result.glitches->cycles);
}

reports::Record energy_record(const EnergyReport& report) {
  reports::Record record;
  record.title =
      fmt::format("{}: {} ({}){}", report.request.unit->name, report.stimulus,
                  kernels::parameters_text(report.request.parameters), report.result.glitches ? "" : ", zero delay");
  record.kind = "energy";
  record.provenance = provenance_of(report);
  const std::string source = source_of(report);
  add_free_of_technology(report, source, record.metrics);
  Metrics of_library;
  add_of_library(report, source, of_library);
  record.metrics.insert(record.metrics.end(), of_library.begin(), of_library.end());
  add_unscalable(report, source, record.metrics);
  if (report.scaling) {
    add_scaled(*report.scaling, of_library, record.metrics);
    record.provenance["scaled"] = report.scaling->source;
  }
  record.tables = {split_table(report), area_table(report)};
  record.bars.push_back({"Energy of a cycle by module and use", 0, 0, {1, 2, 3, 4}, true, false});
  record.treemaps.push_back({"Area by module", 1, 0, 5, reports::kNoColumn});
  return record;
}

}  // namespace subbyte::sim
