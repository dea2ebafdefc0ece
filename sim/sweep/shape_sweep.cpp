#include "sim/sweep/shape_sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/config/format_file.hpp"
#include "sim/cost/clock.hpp"
#include "sim/cost/core_phases_energy.hpp"
#include "sim/cost/core_phases_metrics.hpp"
#include "sim/sweep/judge.hpp"

namespace subbyte::sim {
namespace {

PhaseWork work_of(const SweepPlan& plan, const quant::Format& format) {
  return model_work(plan.shapes->model.shape, Policy(format), plan.shapes->phases);
}

double bits_per_weight(const ModelShape& shape, const quant::Format& format) {
  double bits = 0, weights = 0;
  for (const WorkloadLayer& layer : linear_layers(shape)) {
    const double own = static_cast<double>(layer.rows) * static_cast<double>(layer.cols * layer.count);
    bits += own * format.bits_per_weight(layer.rows, layer.cols);
    weights += own;
  }
  return bits / weights;
}

/// Joules of the phases that the plan has, with the ends of their ranges.
std::vector<std::pair<reports::Column, std::string>> energy_columns(const SweepPlan& plan) {
  std::vector<std::pair<reports::Column, std::string>> columns;
  const std::string source = fmt::format("tile: netlist, {}; buffers, DRAM and vector unit: tables",
                                         plan.zero_delay ? "zero delay (no glitches)" : "with glitches");
  const ModelPhases& phases = plan.shapes->phases;
  for (const auto& [name, tokens] : {std::pair("prefill", phases.prefill), std::pair("decode", phases.decode)}) {
    if (tokens == 0) continue;
    const std::string text = fmt::format("{} energy per token", name),
                      metric = fmt::format("{}_energy_per_token", name);
    columns.push_back({{text, "J", source, 4}, metric});
    for (const char* end : {"low", "high"})
      columns.push_back({{text + " " + end, "J", "derived: windows and the DRAM's range", 4}, metric + "_" + end});
  }
  return columns;
}

/// The columns of the metrics that the plan's phases have, with their units as a table shows them.
std::vector<std::pair<reports::Column, std::string>> metric_columns(const SweepPlan& plan) {
  const ModelPhases& phases = plan.shapes->phases;
  std::vector<std::pair<reports::Column, std::string>> columns{
      {{"bits per weight", "bit", "packed bytes", 5}, "bits_per_weight"},
      {{"lanes", "", "of the whole array", 8}, "lanes"},
      {{"buffers", "KiB", "weights, activations and results", 8}, "buffer_kib"}};
  const auto add = [&](const std::string& which) {
    const std::string source = fmt::format("engine fast; {}", kClockNotChecked);
    const auto column = [&](const char* name, const char* unit, const std::string& metric) {
      std::string text = which + name;
      std::ranges::replace(text, '_', ' ');
      columns.push_back({{text, unit, source, 4}, which + metric});
    };
    if (phases.prefill > 0) column("time to first token", "s", "time_to_first_token");
    if (phases.decode == 0) return;
    column("time per output token", "s", "time_per_output_token");
    column("tokens per second", "1/s", "tokens_per_s");
  };
  if (const auto whole = whole_token(plan)) add(*whole);
  add("linear_");
  if (phases.kv_format) add("matmul_");
  if (phases.prefill > 0) columns.push_back({{"prefill utilisation", "", "derived", 3}, "prefill_utilisation"});
  if (phases.decode > 0) columns.push_back({{"decode utilisation", "", "derived", 3}, "decode_utilisation"});
  if (!plan.energy) return columns;
  for (auto& column : energy_columns(plan)) columns.push_back(std::move(column));
  return columns;
}

/// What the energies of the points stand on, in sentences.
std::string energy_note(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                        const std::vector<nlohmann::json>& points) {
  std::string note = fmt::format(
      " Energy: of one tile's netlist {} under the embedded model's weights and activations in each "
      "format, for all tiles; low and high follow from the windows and the DRAM's published range.",
      plan.zero_delay ? "at zero delay" : "with glitches");
  std::set<std::string> missed;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (!points[i].value("tile_clock_met", true))
      missed.insert(fmt::format("{} ({:.3g} ns for {:g} MHz)", plan.variants[order[i].variant],
                                points[i].value("tile_path_ns", 0.0), plan.designs[order[i].variant].clock_mhz));
  if (!missed.empty()) note += fmt::format(" Tiles that miss their clock: {}.", fmt::join(missed, ", "));
  return note;
}

void measure_energy(const SweepPlan& plan, const Design& design, const PhaseWork& work,
                    const std::vector<PhaseCost>& phases, const OpenTechnology& technology, nlohmann::json& result) {
  // A clock that is missed is said beside the points, as in a sweep of a layer.
  const PhasesEnergy energy = measure_phases_energy(design, work, phases, technology, {plan.zero_delay, true});
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const LayerEnergy& phase = energy.phases[i];
    const std::string name = phases[i].phase.name + "_energy_per_token";
    result[name] = phase.per_token_j();
    const auto tokens = static_cast<double>(phase.tokens);
    if (const auto low = phase.low_j()) result[name + "_low"] = *low / tokens;
    if (const auto high = phase.high_j()) result[name + "_high"] = *high / tokens;
  }
  result["technology"] = technology.technology.name;
  result["tile_clock_met"] = energy.clock.met;
  result["tile_path_ns"] = energy.clock.path_ns;
  result["energy_conditions"] = energy.conditions;
}

std::string note_of(const SweepPlan& plan, const std::vector<nlohmann::json>& points, const PhaseWork& work) {
  std::string note, unsupported;
  for (const nlohmann::json& point : points)
    if (point.contains("unsupported")) unsupported += "\n" + point["unsupported"].get<std::string>();
  const std::vector<std::string>&more = plan.objectives.maximize, &less = plan.objectives.minimize;
  note = "Front: best in ";
  if (!more.empty()) note += fmt::format("{} (large){}", fmt::join(more, ", "), less.empty() ? "" : " and ");
  if (!less.empty()) note += fmt::format("{} (small)", fmt::join(less, ", "));
  note += ".";
  if (!work.not_in_it.empty()) note += fmt::format(" Not in it: {}.", fmt::join(work.not_in_it, ", "));
  if (!plan.shapes->model.unread.empty())
    note +=
        fmt::format(" Keys of the config.json that nobody here knows: {}.", fmt::join(plan.shapes->model.unread, ", "));
  if (const std::string tolerance = tolerance_text(plan); !tolerance.empty()) note += "\n" + tolerance;
  return note + unsupported;
}

reports::Table table_of(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                        const std::vector<nlohmann::json>& points) {
  const auto metrics = metric_columns(plan);
  reports::Table table{
      "Points of the sweep", {{"format", "", ""}, {"variant", "", ""}, {"on the front", "", "derived"}}, {}, ""};
  for (const auto& [column, name] : metrics) table.columns.push_back(column);
  table.columns.push_back({"gives way to", "", "derived: a point on the front that is no worse, within tolerance"});
  const std::vector<reports::FrontPlace> front = front_of(plan, points);
  const auto label = [&](std::size_t i) {
    return plan.format_labels[order[i].format] + " " + plan.variants[order[i].variant];
  };
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<nlohmann::json> row{plan.format_labels[order[i].format], plan.variants[order[i].variant],
                                    front[i].on_front};
    for (const auto& [column, name] : metrics) row.push_back(points[i].value(name, nlohmann::json()));
    row.push_back(front[i].within_tolerance_of ? nlohmann::json(label(*front[i].within_tolerance_of)) : nullptr);
    table.rows.push_back(std::move(row));
  }
  return table;
}

void add_energy_provenance(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                           const std::vector<nlohmann::json>& points, reports::Record& record) {
  std::string& note = record.tables.front().note;
  note.insert(std::min(note.find('\n'), note.size()), energy_note(plan, order, points));
  record.provenance["glitches"] = !plan.zero_delay;
  note_silicon(plan, order, points, record.provenance);
}

/// Plots the plan's first two objectives against each other, with a colour per format and the front marked.
void add_chart(const SweepPlan& plan, reports::Record& record) {
  std::vector<std::string> objectives = plan.objectives.minimize;
  objectives.insert(objectives.end(), plan.objectives.maximize.begin(), plan.objectives.maximize.end());
  if (objectives.size() < 2) return;
  const reports::Table& table = record.tables.front();
  const auto place = [&](const std::string& metric) {
    for (const auto& [column, name] : metric_columns(plan))
      if (name == metric) return reports::column(table, column.name);
    throw std::out_of_range(metric);
  };
  reports::Scatter scatter{"The points", 0, place(objectives[0]), place(objectives[1])};
  scatter.series = reports::column(table, "format");
  scatter.label = reports::column(table, "variant");
  scatter.mark = reports::column(table, "on the front");
  record.scatters.push_back(std::move(scatter));
}

}  // namespace

nlohmann::json measure_shapes(const SweepPlan& plan, const SweepPoint& point, const OpenTechnology* technology) {
  const Design& design = plan.designs[point.variant];
  const quant::Format& format = plan.formats[point.format];
  const kernels::CoreParams core = kernels::CoreParams::of(design.core->parameters);
  nlohmann::json result{{"bits_per_weight", bits_per_weight(plan.shapes->model.shape, format)},
                        {"lanes", core.lanes()},
                        {"buffer_kib", core.weight_kib + core.activation_kib + core.output_kib}};
  const PhaseWork work = work_on(design, work_of(plan, format));
  try {
    const std::vector<PhaseCost> phases = run_phases(design, work);
    for (const reports::Metric& metric : phases_metrics(design, work, phases)) result[metric.name] = metric.value;
    if (technology != nullptr) measure_energy(plan, design, work, phases, *technology, result);
  } catch (const LayerRefused& refused) {
    result["unsupported"] = fmt::format("{} on {}: {}.", format.id(), plan.variants[point.variant], refused.what());
  }
  return result;
}

reports::Record shapes_record(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                              const std::vector<nlohmann::json>& points) {
  PhaseWork work = work_of(plan, plan.formats.front());
  if (whole_token(plan)) work = work_on(plan.designs.front(), std::move(work));
  reports::Record record;
  record.kind = "sweep-workload";
  record.title = fmt::format("Sweep {}: {} formats x {} variants on {}{}", plan.name, plan.formats.size(),
                             plan.variants.size(), work.title, settings_text(plan.settings));
  record.provenance = {{"sweep", plan.resolved}, {"hash", plan.hash}, {"engine", "fast"}};
  note_clock(kCoreClock, std::nullopt, record.provenance);
  for (const SweepPoint& point : order)
    record.provenance["format_definitions"].push_back(definition_hash(plan.formats[point.format]));
  for (std::size_t i = 0; i < plan.designs.size(); ++i)
    record.provenance["clock_mhz"][plan.variants[i]] = plan.designs[i].clock_mhz;
  record.tables = {table_of(plan, order, points)};
  record.tables.front().note = note_of(plan, points, work);
  if (plan.energy) add_energy_provenance(plan, order, points, record);
  add_chart(plan, record);
  return record;
}

}  // namespace subbyte::sim
