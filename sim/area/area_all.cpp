#include "sim/area/area_all.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "sim/area/area.hpp"
#include "sim/area/published.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

kernels::Parameters not_default(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  kernels::Parameters kept;
  for (const kernels::ParameterSpec& spec : unit.parameters) {
    const auto given = parameters.find(spec.name);
    if (given != parameters.end() && given->second != spec.default_value) kept.insert(*given);
  }
  return kept;
}

template <typename Value>
OrderedJson or_null(const std::optional<Value>& value) {
  return value ? OrderedJson(*value) : OrderedJson(nullptr);
}

OrderedJson work_json(const std::optional<kernels::Work>& work) {
  if (!work) return nullptr;
  return {{"macs", work->macs}, {"weights", work->weights}, {"what", work->what}};
}

OrderedJson row_json(const AreaRow& row) {
  return {{"name", row.name},
          {"unit", row.result->unit->name},
          {"parameters", row.result->parameters},
          {"cells", row.result->cells},
          {"gate_equivalents", row.result->gate_equivalents},
          {"area_um2", row.result->area_um2},
          {"path_ns", or_null(row.path_ns)},
          {"work_per_cycle", work_json(row.work)},
          {"um2_per_mac", or_null(row.um2_per_mac)},
          {"of_fp16", or_null(row.of_fp16)},
          {"ge_per_weight", or_null(row.ge_per_weight)}};
}

Json cell(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json rate(double per_cycle) { return per_cycle > 0 ? Json(per_cycle) : Json(nullptr); }

reports::Table area_table(std::span<const AreaRow> rows, const CellLibrary& library) {
  const SynthesisTools& tools = rows.front().result->tools;
  const std::string area = fmt::format("{}, {}", tools.yosys, library.name);
  reports::Table table;
  table.title = "Every unit";
  table.columns = {{"unit", "", "rtl"},
                   {"cells", "", area},
                   {"area", "GE", "derived", 6},
                   {"area", "um2", area, 6},
                   {"path", "ns", std::string(kPathSource), 4},
                   {"MAC/cycle", "", "derived", 4},
                   {"um2 per MAC/cycle", "um2", "derived", 5},
                   {"of FP16 MAC", "", "derived", 3},
                   {"weights/cycle", "", "derived", 4},
                   {"GE per weight/cycle", "GE", "derived", 3},
                   {"MAC or weight", "", ""}};
  for (const AreaRow& row : rows) {
    table.rows.push_back({row.name, row.result->cells, row.result->gate_equivalents, row.result->area_um2,
                          cell(row.path_ns), row.work ? rate(row.work->macs) : Json(nullptr), cell(row.um2_per_mac),
                          cell(row.of_fp16), row.work ? rate(row.work->weights) : Json(nullptr),
                          cell(row.ge_per_weight), row.work ? Json(row.work->what) : Json(nullptr)});
  }
  table.note = fmt::format(
      "Peak rates: no fill, drain or stalls. Mapped for {:g} MHz.\nArea at equal throughput is area over MACs per "
      "cycle; GE = area over the smallest NAND2. {}.",
      rows.front().result->clock_mhz, tools.conventions);
  return table;
}

}  // namespace

std::vector<kernels::UnitPoint> area_points(AreaBase base, const std::vector<std::string>& units) {
  const auto at_base = [base](const kernels::UnitInfo& unit) {
    return base == AreaBase::kSmall ? not_default(unit, unit.small_point) : kernels::Parameters{};
  };
  const auto chosen = [&](const std::string& unit) { return units.empty() || std::ranges::count(units, unit) != 0; };
  for (const std::string& unit : units) kernels::unit(unit);
  std::vector<kernels::UnitPoint> points;
  for (const kernels::UnitInfo& unit : kernels::units())
    if (chosen(unit.name)) points.push_back({&unit, at_base(unit)});
  for (const PublishedRow& row : published_rows()) {
    if (!std::ranges::all_of(row.needs, [&](const kernels::UnitPoint& need) { return chosen(need.unit->name); }))
      continue;
    for (const kernels::UnitPoint& need : row.needs) {
      kernels::UnitPoint point{need.unit, at_base(*need.unit)};
      for (const auto& [name, value] : need.parameters) point.parameters[name] = value;
      point.parameters = not_default(*need.unit, point.parameters);
      const auto same = [&](const kernels::UnitPoint& other) {
        return other.unit == point.unit && other.parameters == point.parameters;
      };
      if (std::ranges::none_of(points, same)) points.push_back(point);
    }
  }
  return points;
}

std::vector<SynthesisResult> synthesize_all(std::span<const kernels::UnitPoint> points, const CellLibrary& library,
                                            const SynthesisOptions& options,
                                            const std::function<void(std::size_t, double)>& done) {
  std::vector<SynthesisResult> results(points.size());
  std::mutex speaking;
  SynthesisOptions shared = options;
  if (options.progress) {
    shared.progress = [&](const std::string& line) {
      const std::lock_guard lock(speaking);
      options.progress(line);
    };
  }
  const SynthesisFlow flow = open_flow(library, shared);
  Job job("units mapped", static_cast<double>(points.size()));
  parallel_each(points.size(), all_cores(), [&](std::size_t i) {
    const auto start = std::chrono::steady_clock::now();
    results[i] = synthesize(flow, *points[i].unit, points[i].parameters);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    job.advance();
    const std::lock_guard lock(speaking);
    if (done) done(i, took.count());
  });
  return results;
}

std::vector<AreaRow> area_rows(std::span<const SynthesisResult> results) {
  std::vector<AreaRow> rows;
  std::optional<double> fp16;
  for (const SynthesisResult& result : results) {
    const kernels::UnitInfo& unit = *result.unit;
    AreaRow row;
    row.name = kernels::UnitPoint{result.unit, not_default(unit, result.parameters)}.name();
    row.result = &result;
    for (const SynthesizedModule& module : result.modules)
      if (module.path && module.path->delay_ns > row.path_ns.value_or(0)) row.path_ns = module.path->delay_ns;
    if (unit.work_per_cycle) row.work = unit.work_per_cycle(result.parameters);
    if (row.work && row.work->macs > 0) row.um2_per_mac = result.area_um2 / row.work->macs;
    if (row.work && row.work->weights > 0) row.ge_per_weight = result.gate_equivalents / row.work->weights;
    if (result.unit->name == kBaselineUnit && !fp16) fp16 = row.um2_per_mac;
    rows.push_back(row);
  }
  for (AreaRow& row : rows)
    if (fp16 && row.um2_per_mac) row.of_fp16 = *row.um2_per_mac / *fp16;
  return rows;
}

reports::Record all_record(std::span<const SynthesisResult> results, const CellLibrary& library) {
  const std::vector<AreaRow> rows = area_rows(results);
  reports::Record record;
  record.title = "Area of every unit in " + corner_text(library);
  record.kind = "synth";
  record.provenance["library"] = library_json(library);
  record.provenance["tools"] = tools_json(results.front().tools);
  record.provenance["clock_mhz"] = results.front().clock_mhz;
  for (const AreaRow& row : rows)
    record.metrics.push_back(
        {row.name + " area", "area", "um2", row.result->area_um2, record.provenance["tools"]["yosys"]});
  record.tables.push_back(area_table(rows, library));
  record.tables.push_back(published_table(published_figures(results)));
  return record;
}

OrderedJson all_json(std::span<const SynthesisResult> results, const CellLibrary& library) {
  OrderedJson units = OrderedJson::array();
  for (const AreaRow& row : area_rows(results)) units.push_back(row_json(row));
  return {{"library", library_json(library)},
          {"tools", tools_json(results.front().tools)},
          {"clock_mhz", results.front().clock_mhz},
          {"units", units},
          {"published", published_json(published_figures(results))}};
}

}  // namespace subbyte::sim
