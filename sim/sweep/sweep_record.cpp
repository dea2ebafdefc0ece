// What a sweep leaves behind.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/cost/layer_energy.hpp"
#include "sim/sweep/front.hpp"
#include "sim/sweep/sweep.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kAreaTime = "area × cycles per token";
constexpr const char* kEnergy = "energy per token";

const char* basis_of(const SweepPlan& plan) { return plan.zero_delay ? "zero delay (no glitches)" : "with glitches"; }

void add_energy_columns(const SweepPlan& plan, reports::Table& table) {
  const std::string basis = basis_of(plan);
  table.columns.push_back({kEnergy, "µJ", "unit from its netlist, buffers and DRAM from tables; " + basis, 4});
  for (const std::string& place : energy_units())
    table.columns.push_back({"of it " + place, "µJ", place == "unit" ? basis : "", 4});
  table.columns.push_back({"average power", "mW", "derived; " + basis, 4});
  table.columns.push_back(
      {"energy × delay", "nJ·s", "derived: energy times time of the whole run, all tokens; " + basis, 4});
}

reports::Table empty_table(const SweepPlan& plan) {
  reports::Table table{"Points of the sweep",
                       {{"format", "", "", 4},
                        {"variant", "", "", 4},
                        {"on the front", "", "derived", 4},
                        {"SQNR of the output", "dB", "golden kernel against W x in double", 4},
                        {"SQNR of the weights", "dB", "derived", 4},
                        {"bits per weight", "bit", "packed bytes", 5},
                        {"cycles per token", "cycles", fmt::format("{}", fmt::join(plan.engines, ", ")), 5},
                        {"area", "µm²", "synthesis", 5},
                        {kAreaTime, "mm²·cycles", "derived", 4},
                        {"critical path", "ns", "synthesis", 4},
                        {"meets the clock", "", "synthesis", 4},
                        {"dominated within tolerance by", "", "derived", 4}},
                       {},
                       ""};
  if (plan.energy) add_energy_columns(plan, table);
  table.columns.push_back({"technology", "", "", 4});
  return table;
}

void add_energy(const nlohmann::json& point, std::vector<nlohmann::json>& row) {
  const auto scaled = [](const nlohmann::json& from, const std::string& key, double factor) {
    return from.contains(key) ? nlohmann::json(from[key].get<double>() * factor) : nlohmann::json();
  };
  row.push_back(scaled(point, "energy_per_token_uj", 1));
  for (const std::string& place : energy_units())
    row.push_back(scaled(point.value("energy_parts_uj", nlohmann::json::object()), place, 1));
  row.push_back(scaled(point, "average_power_w", 1e3));
  row.push_back(scaled(point, "energy_delay_js", 1e9));
}

double objective(const nlohmann::json& point, const std::string& name) {
  const auto it = point.find(name);
  return it != point.end() && it->is_number() ? it->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

/// Whether a point can be on the front: its clock must not be known to be missed.
bool may_be_chosen(const nlohmann::json& point) { return point.value("clock_met", true); }

/// The difference in a metric that does not count: the plan's share or decibels, or what the measurement leaves open
/// where that is more.
double tolerance_of(const SweepPlan& plan, const nlohmann::json& point, const std::string& name) {
  const double value = std::abs(objective(point, name));
  const double asked = plan.tolerance.at(name);
  const double open = point.value(name + "_half_width", 0.0);
  return std::max(is_decibel(name) ? asked : asked * value, open);
}

std::vector<FrontPlace> front_of(const SweepPlan& plan, const std::vector<nlohmann::json>& points) {
  std::vector<Judged> judged;
  for (const auto& point : points) {
    judged.emplace_back();
    for (const auto* names : {&plan.objectives.maximize, &plan.objectives.minimize}) {
      for (const auto& name : *names) {
        const double value = objective(point, name);
        const double signed_value = names == &plan.objectives.maximize ? value : -value;
        judged.back().values.push_back(may_be_chosen(point) ? signed_value : std::numeric_limits<double>::quiet_NaN());
        judged.back().tolerances.push_back(tolerance_of(plan, point, name));
      }
    }
  }
  return pareto_front(judged);
}

/// Returns the values of a key over the points, each once, in their order.
std::vector<std::string> different(const std::vector<nlohmann::json>& points, const char* key) {
  std::vector<std::string> values;
  for (const auto& point : points) {
    const std::string value = point.value(key, "");
    if (!value.empty() && std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  return values;
}

/// ", where differences of 0.05 dB in sqnr_db, 1 % in area_um2 do not count".
std::string tolerance_text(const SweepPlan& plan) {
  std::string text;
  for (const auto* names : {&plan.objectives.maximize, &plan.objectives.minimize}) {
    for (const std::string& name : *names) {
      const double tolerance = plan.tolerance.at(name);
      if (tolerance == 0) continue;
      text += fmt::format("{}{:g} {} in {}", text.empty() ? "" : ", ", is_decibel(name) ? tolerance : 100 * tolerance,
                          is_decibel(name) ? "dB" : "%", name);
    }
  }
  return text.empty() ? ""
                      : ", where differences of " + text + " and less than what a measurement leaves open do not count";
}

std::string note_of(const SweepPlan& plan, const std::vector<nlohmann::json>& points) {
  const auto areas = different(points, "area_source");
  std::string note = fmt::format("Front: best in {} (large) and {} (small){}. Area: {}.",
                                 fmt::join(plan.objectives.maximize, ", "), fmt::join(plan.objectives.minimize, ", "),
                                 tolerance_text(plan), areas.empty() ? "-" : fmt::format("{}", fmt::join(areas, "; ")));
  if (different(points, "technology").size() > 1)
    note += " The points are of several technologies: area, clock and energy do not compare across them.";
  if (!plan.energy) return note;
  const auto energies = different(points, "energy_source");
  if (energies.empty()) return note;
  note += fmt::format(" Energy: {}; {}, no wires.", fmt::join(energies, "; "), basis_of(plan));
  std::vector<std::string> missing, beside;
  for (const auto& point : points) {
    const auto conditions = point.value("energy_conditions", nlohmann::json::object());
    for (const auto& [key, list] : {std::pair{"not_counted", &missing}, std::pair{"buffer_technology", &beside}}) {
      const std::string text = conditions.value(key, "");
      if (!text.empty() && std::ranges::find(*list, text) == list->end()) list->push_back(text);
    }
  }
  if (!missing.empty()) note += fmt::format(" Not counted: {}.", fmt::join(missing, " | "));
  if (!beside.empty()) note += fmt::format(" Buffers: {}.", fmt::join(beside, " | "));
  return note;
}

/// Shows the points as rows, with those on the front marked.
reports::Table table_of(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                        const std::vector<nlohmann::json>& points) {
  const std::vector<FrontPlace> front = front_of(plan, points);
  const auto label = [&](std::size_t i) {
    return plan.format_labels[order[i].format] + " " + plan.variants[order[i].variant];
  };
  reports::Table table = empty_table(plan);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto cell = [&](const char* key) { return points[i].value(key, nlohmann::json()); };
    table.rows.push_back(
        {plan.format_labels[order[i].format], plan.variants[order[i].variant], front[i].on_front, cell("sqnr_db"),
         cell("weight_sqnr_db"), cell("bits_per_weight"), cell("cycles_per_token"), cell("area_um2"), cell("area_time"),
         cell("critical_path_ns"), cell("clock_met"),
         front[i].within_tolerance_of ? nlohmann::json(label(*front[i].within_tolerance_of)) : nullptr});
    if (plan.energy) add_energy(points[i], table.rows.back());
    table.rows.back().push_back(cell("technology"));
    if (points[i].contains("unsupported")) table.note += points[i]["unsupported"].get<std::string>() + " ";
  }
  table.note += note_of(plan, points);
  return table;
}

/// Plots accuracy of the output against the column `against`, with a colour per format and the front marked.
reports::Scatter accuracy_against(const reports::Table& table, const char* title, const char* against, bool log) {
  reports::Scatter scatter{title, 0, column(table, against), column(table, "SQNR of the output")};
  scatter.series = scatter.label = column(table, "format");
  scatter.mark = column(table, "on the front");
  scatter.log_x = log;
  return scatter;
}

}  // namespace

reports::Record sweep_record(const SweepPlan& plan, const SweepInputs& inputs, const std::vector<SweepPoint>& order,
                             const std::vector<nlohmann::json>& points) {
  reports::Record record;
  record.title = fmt::format("Sweep {}: {} formats x {} variants on {}", plan.name, plan.formats.size(),
                             plan.variants.size(), plan.workload.layer);
  record.kind = "sweep";
  record.provenance = {{"sweep", plan.resolved}, {"hash", plan.hash}, {"activations", inputs.activation_source}};
  for (std::size_t i = 0; i < plan.designs.size(); ++i)
    record.provenance["clock_mhz"][plan.variants[i]] = plan.designs[i].clock_mhz;
  for (std::size_t i = 0; i < plan.silicon.size(); ++i)
    record.provenance["silicon"][plan.variants[i]] = {
        {"technology", plan.silicon[i].technology}, {"key", plan.silicon[i].key}, {"remark", plan.silicon[i].remark}};
  for (std::size_t i = 0; i < points.size(); ++i)
    if (points[i].contains("energy_conditions"))
      record.provenance["energy"][plan.variants[order[i].variant]] = points[i]["energy_conditions"];
  const reports::Table table = table_of(plan, order, points);
  record.scatters = {accuracy_against(table, "Accuracy against area x time", kAreaTime, true),
                     accuracy_against(table, "Accuracy against bits per weight", "bits per weight", false)};
  if (plan.energy)
    record.scatters.push_back(accuracy_against(
        table, plan.zero_delay ? "Accuracy against energy per token, zero delay" : "Accuracy against energy per token",
        kEnergy, true));
  record.tables = {table};
  return record;
}

}  // namespace subbyte::sim
