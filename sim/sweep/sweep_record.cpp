#include "sim/sweep/sweep_record.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/config/format_file.hpp"
#include "sim/cost/layer_energy.hpp"
#include "sim/sweep/judge.hpp"
#include "sim/sweep/shape_sweep.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kAreaTime = "area × cycles per token";
constexpr const char* kEnergy = "energy per token";
constexpr const char* kHalfWidth = "energy per token half width";

const char* basis_of(const SweepPlan& plan) { return plan.zero_delay ? "zero delay (no glitches)" : "with glitches"; }

void add_energy_columns(const SweepPlan& plan, reports::Table& table) {
  const std::string basis = basis_of(plan);
  table.columns.push_back({kEnergy, "µJ", "unit from its netlist, buffers and DRAM from tables; " + basis, 4});
  table.columns.push_back(
      {kHalfWidth, "µJ", "95 % interval of the unit's windows and glitches; memories have none", 2});
  for (const std::string& place : energy_units())
    table.columns.push_back({place + " energy", "µJ", place == "unit" ? basis : "", 4});
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
                        {"cycles per token", "cycles", fmt::format("{}", fmt::join(names_of(plan.engines), ", ")), 5},
                        {"time per token", "µs", "derived: the longer of compute and memory", 4},
                        {"area", "µm²", "synthesis", 5},
                        {kAreaTime, "mm²·cycles", "derived", 4},
                        {"critical path", "ns", "synthesis", 4},
                        {"meets the clock", "", "synthesis", 4},
                        {"gives way to", "", "derived: a point on the front that is no worse, within tolerance", 4}},
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
  row.push_back(scaled(point, "energy_per_token_uj_half_width", 1));
  for (const std::string& place : energy_units())
    row.push_back(scaled(point.value("energy_parts_uj", nlohmann::json::object()), place, 1));
  row.push_back(scaled(point, "average_power_w", 1e3));
  row.push_back(scaled(point, "energy_delay_js", 1e9));
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

std::string note_of(const SweepPlan& plan, const std::vector<nlohmann::json>& points) {
  const auto areas = different(points, "area_source");
  std::string note = fmt::format("Front: best in {} (large) and {} (small).", fmt::join(plan.objectives.maximize, ", "),
                                 fmt::join(plan.objectives.minimize, ", "));
  if (different(points, "technology").size() > 1)
    note += " The points are of several technologies: area, clock and energy do not compare across them.";
  const auto energies = different(points, "energy_source");
  const bool energy = plan.energy && !energies.empty();
  if (energy) note += fmt::format(" Energy {}, no wires.", basis_of(plan));
  if (const std::string tolerance = tolerance_text(plan); !tolerance.empty()) note += "\n" + tolerance;
  note += fmt::format("\nArea: {}.", areas.empty() ? "-" : fmt::format("{}", fmt::join(areas, "; ")));
  if (!energy) return note;
  note += fmt::format("\nEnergy: {}.", fmt::join(energies, "; "));
  std::vector<std::string> missing, beside, outputs;
  for (const auto& point : points) {
    const auto conditions = point.value("energy_conditions", nlohmann::json::object());
    for (const auto& [key, list] :
         {std::pair{"not_counted", &missing}, {"buffer_technology", &beside}, {"outputs", &outputs}}) {
      const std::string text = conditions.value(key, "");
      if (!text.empty() && std::ranges::find(*list, text) == list->end()) list->push_back(text);
    }
  }
  if (!missing.empty()) note += fmt::format("\nNot counted: {}.", fmt::join(missing, " | "));
  if (!outputs.empty()) note += fmt::format("\nOutputs: {}.", fmt::join(outputs, " | "));
  if (!beside.empty()) note += fmt::format("\nBuffers: {}.", fmt::join(beside, " | "));
  return note;
}

/// Shows the points as rows, with those on the front marked.
reports::Table table_of(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                        const std::vector<nlohmann::json>& points) {
  const std::vector<reports::FrontPlace> front = front_of(plan, points);
  const auto label = [&](std::size_t i) {
    return plan.format_labels[order[i].format] + " " + plan.variants[order[i].variant];
  };
  reports::Table table = empty_table(plan);
  std::string unsupported;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto cell = [&](const char* key) { return points[i].value(key, nlohmann::json()); };
    table.rows.push_back(
        {plan.format_labels[order[i].format], plan.variants[order[i].variant], front[i].on_front, cell("sqnr_db"),
         cell("weight_sqnr_db"), cell("bits_per_weight"), cell("cycles_per_token"), cell("time_per_token_us"),
         cell("area_um2"), cell("area_time"), cell("critical_path_ns"), cell("clock_met"),
         front[i].within_tolerance_of ? nlohmann::json(label(*front[i].within_tolerance_of)) : nullptr});
    if (plan.energy) add_energy(points[i], table.rows.back());
    table.rows.back().push_back(cell("technology"));
    if (!points[i].contains("unsupported")) continue;
    ++refused;
    unsupported += "\n" + points[i]["unsupported"].get<std::string>();
  }
  if (refused > 0) table.note = fmt::format("{} points did not run: the design refuses their formats. ", refused);
  table.note += note_of(plan, points) + unsupported;
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
  if (plan.shapes) return shapes_record(plan, order, points);
  reports::Record record;
  record.title = fmt::format("Sweep {}: {} formats x {} variants on {}{}", plan.name, plan.formats.size(),
                             plan.variants.size(), plan.workload.layer, settings_text(plan.settings));
  record.kind = "sweep";
  record.provenance = {{"sweep", plan.resolved}, {"hash", plan.hash}, {"activations", inputs.activation_source}};
  for (const SweepPoint& point : order)
    record.provenance["format_definitions"].push_back(definition_hash(plan.formats[point.format]));
  for (std::size_t i = 0; i < plan.designs.size(); ++i)
    record.provenance["clock_mhz"][plan.variants[i]] = plan.designs[i].clock_mhz;
  note_silicon(plan, order, points, record.provenance);
  const reports::Table table = table_of(plan, order, points);
  record.scatters = {accuracy_against(table, "Accuracy against area x time", kAreaTime, true),
                     accuracy_against(table, "Accuracy against bits per weight", "bits per weight", false)};
  if (plan.energy) {
    record.scatters.push_back(accuracy_against(
        table, plan.zero_delay ? "Accuracy against energy per token, zero delay" : "Accuracy against energy per token",
        kEnergy, true));
    record.scatters.back().half_x = column(table, kHalfWidth);
  }
  if (plan.energy) record.provenance["glitches"] = !plan.zero_delay;
  record.tables = {table};
  return record;
}

}  // namespace subbyte::sim
