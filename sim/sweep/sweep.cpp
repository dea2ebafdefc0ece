#include "sim/sweep/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "sim/base/hash.hpp"
#include "sim/base/made_by.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/config/config.hpp"
#include "sim/config/format_file.hpp"
#include "sim/cost/layer_energy.hpp"
#include "sim/sweep/judge.hpp"
#include "sim/sweep/store.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kAreaTime = "area × cycles per token";
constexpr const char* kEnergy = "energy per token";
constexpr const char* kHalfWidth = "energy per token half width";

/// What a point's energy follows from beside design, layer, library and program.
nlohmann::json memory_key(const SweepPlan& plan, const Design& design) {
  if (!plan.energy) return nullptr;
  auto key = nlohmann::json::array({plan.zero_delay ? "zero delay" : "with glitches", to_json(design.memory.dram)});
  for (const SramEntry& entry : design.memory.sram) key.push_back(to_json(entry));
  return key;
}

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

reports::Record record_of(const SweepPlan& plan, const SweepInputs& inputs, const std::vector<SweepPoint>& order,
                          const std::vector<nlohmann::json>& points) {
  reports::Record record;
  record.title = fmt::format("Sweep {}: {} formats x {} variants on {}{}", plan.name, plan.formats.size(),
                             plan.variants.size(), plan.workload.layer, settings_text(plan.settings));
  record.kind = "sweep";
  record.provenance = {{"sweep", plan.resolved}, {"hash", plan.hash}, {"activations", inputs.activation_source}};
  for (const SweepPoint& point : order)
    record.provenance["format_definitions"].push_back(definition_hash(plan.formats[point.format]));
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

/// A sweep under way. It holds its points in order, each empty until the store has it.
class Sweep {
 public:
  using Listener = std::function<void(const SweepProgress&)>;

  Sweep(const SweepPlan& plan, const SweepInputs& inputs, const std::filesystem::path& directory, Listener progress)
      : plan_(plan),
        inputs_(inputs),
        store_(directory),
        order_(sweep_points(plan, inputs)),
        points_(order_.size()),
        state_{0, order_.size(), 0, store_.outdated(), ""},
        progress_(std::move(progress)),
        job_("points", static_cast<double>(order_.size())) {}

  /// Makes all points: first takes those of the store, so that the time left is that of the others; then those that
  /// nobody else computes, then those that another process computed meanwhile.
  void run(const PointFunction& compute) {
    take_known();
    pass(compute, false);
    pass(compute, true);
  }

  reports::Record record() const { return record_of(plan_, inputs_, order_, points_); }

 private:
  void take_known() {
    for (std::size_t i = 0; i < order_.size(); ++i)
      if (const auto known = store_.load(order_[i].key)) take(i, *known, false);
  }

  std::string name_of(const SweepPoint& point) const {
    return plan_.format_labels[point.format] + " " + plan_.variants[point.variant];
  }

  void take(std::size_t i, const nlohmann::json& point, bool computed) {
    computed ? job_.advance() : job_.skip();
    points_[i] = point;
    ++state_.done;
    state_.point = name_of(order_[i]);
    if (progress_) progress_(state_);
  }

  /// Goes over the points that are missing. With `wait`, one that is claimed elsewhere is waited for; without it, that
  /// point is left for later.
  void pass(const PointFunction& compute, bool wait) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (!points_[i].is_null()) continue;
      job_.at(name_of(order_[i]));
      const std::size_t computed = state_.computed;
      if (const auto point = made(compute, order_[i], wait)) take(i, *point, state_.computed != computed);
    }
  }

  /// Returns a point from the store, or computes it under a claim and stores it. Returns nothing where another process
  /// has the claim.
  std::optional<nlohmann::json> made(const PointFunction& compute, const SweepPoint& point, bool wait) {
    if (auto known = store_.load(point.key)) return known;
    const auto claim = wait ? std::optional<SweepStore::Claim>(store_.claim(point.key)) : store_.try_claim(point.key);
    if (!claim) return std::nullopt;
    if (auto known = store_.load(point.key)) return known;  // it was finished between the look and the claim
    const nlohmann::json computed = compute(plan_, inputs_, point);
    store_.save(point.key, computed);
    ++state_.computed;
    return computed;
  }

  const SweepPlan& plan_;
  const SweepInputs& inputs_;
  SweepStore store_;
  std::vector<SweepPoint> order_;
  std::vector<nlohmann::json> points_;
  SweepProgress state_;
  Listener progress_;
  Job job_;
};

}  // namespace

std::vector<SweepPoint> sweep_points(const SweepPlan& plan, const SweepInputs& inputs) {
  const std::string data =
      short_hash(std::as_bytes(std::span(inputs.weights))) + short_hash(std::as_bytes(std::span(inputs.activations)));
  std::vector<SweepPoint> points;
  for (std::size_t f = 0; f < plan.formats.size(); ++f)
    for (std::size_t v = 0; v < plan.designs.size(); ++v)
      points.push_back({config_hash({{"format", {plan.formats[f].id(), describe(plan.formats[f])}},
                                     {"design", plan.designs[v].resolved},
                                     {"shape", {inputs.layer().rows, inputs.layer().cols, inputs.workload.tokens}},
                                     {"data", data},
                                     {"engines", names_of(plan.engines)},
                                     {"energy", memory_key(plan, plan.designs[v])},
                                     {"silicon", plan.silicon.empty() ? "" : plan.silicon.at(v).key}}),
                        f, v});
  return points;
}

reports::Record run_sweep(const SweepPlan& plan, const SweepInputs& inputs, const std::filesystem::path& directory,
                          const PointFunction& compute, const std::function<void(const SweepProgress&)>& progress) {
  Sweep sweep(plan, inputs, directory, progress);
  sweep.run(compute);
  reports::Record record = sweep.record();
  record.provenance["made_by"] = made_by();
  const std::string stem = plan.name + "-" + plan.hash.substr(0, 8);
  write_atomically(directory / (stem + ".json"),
                   reports::to_json(record).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  write_atomically(directory / (stem + ".csv"), reports::csv(record.tables[0]));
  return record;
}

}  // namespace subbyte::sim
