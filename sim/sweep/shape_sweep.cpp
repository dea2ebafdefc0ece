#include "sim/sweep/shape_sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/config/format_file.hpp"
#include "sim/cost/clock.hpp"
#include "sim/cost/core_phases.hpp"
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
  return columns;
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

nlohmann::json measure_shapes(const SweepPlan& plan, const SweepPoint& point) {
  const Design& design = plan.designs[point.variant];
  const quant::Format& format = plan.formats[point.format];
  const kernels::CoreParams core = kernels::CoreParams::of(design.core->parameters);
  nlohmann::json result{{"bits_per_weight", bits_per_weight(plan.shapes->model.shape, format)},
                        {"lanes", core.lanes()},
                        {"buffer_kib", core.weight_kib + core.activation_kib + core.output_kib}};
  const PhaseWork work = work_on(design, work_of(plan, format));
  try {
    for (const reports::Metric& metric : phases_record(design, work, run_phases(design, work)).metrics)
      result[metric.name] = metric.value;
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
  add_chart(plan, record);
  return record;
}

}  // namespace subbyte::sim
