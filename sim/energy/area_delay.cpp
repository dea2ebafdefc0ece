#include "sim/energy/area_delay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sim/area/area.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/energy/energy.hpp"

namespace subbyte::sim {
namespace {

constexpr double kRelaxedMhz = 1;
constexpr double kSteps[] = {0.8, 1.0, 1.2, 1.5, 2.0, 2.5};  ///< multiples of what relaxed netlists reach

class Curve {
 public:
  Curve(const CurveRequest& request, const CellLibrary& library)
      : request_(request), flow_(open_flow(library, with_composed_path(request.options))), scripts_(request.scripts) {
    if (!scripts_.empty()) return;
    for (const AbcScript& script : abc_scripts()) scripts_.emplace_back(script.name);
  }

  std::vector<CurvePoint> run() {
    std::vector<double> targets = request_.targets_mhz;
    if (targets.empty()) targets = automatic();
    std::ranges::sort(targets);
    if (!request_.targets_mhz.empty()) {
      Job job("mappings", static_cast<double>(targets.size() * scripts_.size()));
      for (const double target : targets) map_at(target, job);
    }
    std::vector<CurvePoint> points;
    for (const double target : targets) points.push_back(best(target));
    if (!request_.stimulus) return points;
    Job job("energies", static_cast<double>(points.size()));
    for (CurvePoint& point : points) {
      point.pj_per_cycle = energy(point.netlist);
      job.advance();
    }
    return points;
  }

 private:
  void map_at(double mhz, Job& job) {
    if (!(mhz > 0)) throw std::invalid_argument("a target of the curve must be above 0 MHz");
    std::vector<CurveNetlist> netlists(scripts_.size());
    parallel_each(scripts_.size(), all_cores(), [&](std::size_t i) {
      const std::string& script = scripts_[i];
      netlists[i] = {script, mhz, synthesize(flow_of(script, mhz), *request_.unit, request_.parameters), 0};
      netlists[i].path_ns = clock_met(netlists[i].result, mhz).path_ns;
      job.advance();
    });
    std::ranges::move(netlists, std::back_inserter(pool_));
  }

  /// The targets begin at what the smallest netlist meets and go on until two in a row are beyond the fastest netlist.
  std::vector<double> automatic() {
    Job job("mappings (at most)", static_cast<double>((1 + std::size(kSteps)) * scripts_.size()));
    map_at(kRelaxedMhz, job);
    const auto smallest = std::ranges::min_element(pool_, {}, [](const CurveNetlist& n) { return n.result.area_um2; });
    const double base = 1e3 / smallest->path_ns;
    std::vector<double> targets;
    unsigned missed = 0;
    for (const double step : kSteps) {
      const double target = rounded(base * step);
      targets.push_back(target);
      map_at(target, job);
      missed = best(target).met ? 0 : missed + 1;
      if (missed == 2) break;
    }
    return targets;
  }
  static double rounded(double mhz) { return std::stod(fmt::format("{:.3g}", mhz)); }

  CurvePoint best(double target) const {
    const CurveNetlist* found = nullptr;
    for (const CurveNetlist& netlist : pool_) {
      if (netlist.path_ns <= 1e3 / target && (found == nullptr || netlist.result.area_um2 < found->result.area_um2))
        found = &netlist;
    }
    if (found != nullptr) return {target, true, *found, std::nullopt};
    return {target, false, *std::ranges::min_element(pool_, {}, &CurveNetlist::path_ns), std::nullopt};
  }

  double energy(const CurveNetlist& netlist) const {
    EnergyRequest request;
    request.unit = request_.unit;
    request.parameters = netlist.result.parameters;
    request.stimulus = *request_.stimulus;
    request.zero_delay = request_.zero_delay;
    SynthesisFlow flow = flow_of(netlist.script, netlist.mapped_mhz);
    flow.composed_path = false;
    return unit_energy(request, flow).energy.pj_per_cycle;
  }

  static SynthesisOptions with_composed_path(SynthesisOptions options) {
    options.composed_path = true;
    return options;
  }
  SynthesisFlow flow_of(const std::string& script, double mhz) const {
    return with_script(at_clock(flow_, mhz), script);
  }

  const CurveRequest& request_;
  SynthesisFlow flow_;
  std::vector<std::string> scripts_;
  std::vector<CurveNetlist> pool_;
};

std::string script_note(std::span<const CurvePoint> points) {
  std::string text;
  for (const AbcScript& script : abc_scripts()) {
    const auto uses = [&](const CurvePoint& point) { return point.netlist.script == script.name; };
    if (std::ranges::any_of(points, uses)) text += fmt::format("\n  abc {}: {}", script.name, script.commands);
  }
  return text;
}

reports::Table curve_table(std::span<const CurvePoint> points, const CellLibrary& library, double fo4_ns,
                           const std::string& stimulus, bool zero_delay) {
  const SynthesisTools& tools = points.front().netlist.result.tools;
  const std::string area = fmt::format("{}, {}", tools.yosys, library.name), path(kPathSource);
  const SynthesisResult& first = points.front().netlist.result;
  const char* basis = zero_delay ? "at zero delay (no glitches)" : "with glitches";
  reports::Table table;
  table.title = fmt::format("{}: area over delay", first.unit->name);
  table.columns = {{"target", "MHz", "", 4}, {"met", "", ""},         {"path", "FO4", path, 4},
                   {"path", "ns", path, 4},  {"area", "GE", area, 5}, {"area", "um2", area, 6},
                   {"cells", "", area, 6}};
  if (!stimulus.empty())
    table.columns.push_back({zero_delay ? "energy per cycle, zero delay" : "energy per cycle", "pJ",
                             fmt::format("netlist simulation {}: {}", basis, stimulus), 4});
  table.columns.push_back({"abc script", "", "rtl"});
  table.columns.push_back({"mapped for", "MHz", "", 4});
  for (const CurvePoint& point : points) {
    const SynthesisResult& result = point.netlist.result;
    std::vector<nlohmann::json> row{
        point.target_mhz, point.met,   point.netlist.path_ns / fo4_ns, point.netlist.path_ns, result.gate_equivalents,
        result.area_um2,  result.cells};
    if (!stimulus.empty())
      row.emplace_back(point.pj_per_cycle ? nlohmann::json(*point.pj_per_cycle) : nlohmann::json(nullptr));
    row.emplace_back(point.netlist.script);
    row.emplace_back(point.netlist.mapped_mhz);
    table.rows.push_back(row);
  }
  table.note = fmt::format(
      "Per target the smallest netlist that meets it, of all scripts and targets; where none does, the fastest.{}\n"
      "FO4 = {:.4g} ns; GE = area over the smallest NAND2. {}.{}",
      stimulus.empty() ? "" : fmt::format(" Energy {}: {}.", basis, stimulus), fo4_ns, tools.conventions,
      script_note(points));
  return table;
}

}  // namespace

std::vector<CurvePoint> area_delay_curve(const CurveRequest& request, const CellLibrary& library) {
  return Curve(request, library).run();
}

reports::Record curve_record(const CurveRequest& request, std::span<const CurvePoint> points,
                             const CellLibrary& library, const std::string& stimulus) {
  const double fo4_ns = fanout_of_four(library).delay_ns;
  reports::Record record;
  record.title = fmt::format("Area over delay of {} in {}", request.unit->name, corner_text(library));
  record.kind = "synth";
  const SynthesisResult& first = points.front().netlist.result;
  record.provenance["library"] = library_json(library);
  record.provenance["parameters"] = first.parameters;
  record.provenance["tools"] = tools_json(first.tools);
  for (const AbcScript& script : abc_scripts())
    record.provenance["abc_scripts"][std::string(script.name)] = script.commands;
  record.tables.push_back(curve_table(points, library, fo4_ns, stimulus, request.zero_delay));
  const std::size_t script = record.tables[0].columns.size() - 2;
  reports::Scatter plot;
  plot.title = "Area over delay";
  plot.x = 3;
  plot.y = 5;
  plot.series = script;
  plot.mark = 1;
  plot.label = 0;
  plot.join = reports::Join::kMarked;
  record.scatters.push_back(plot);
  return record;
}

}  // namespace subbyte::sim
