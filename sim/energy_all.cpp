#include "sim/energy_all.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>

#include "sim/energy_report.hpp"
#include "sim/format_file.hpp"
#include "sim/mapping.hpp"
#include "sim/synth_report.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

void fill_row(EnergyRow& row, const EnergyConditions& conditions,
              const std::function<void(const std::string&)>& progress) {
  const kernels::UnitInfo& unit = kernels::unit(row.point.unit);
  EnergyRequest request = conditions.request;
  request.unit = unit.name;
  request.parameters = kernels::resolve(unit, {});
  request.progress = progress;
  OperandQuery query = conditions.operands;
  query.format = row.point.format;
  try {
    Operands operands = operands_of(unit, request.parameters, query);
    request.stimulus = operands.stimulus;
    row.result = unit_energy(request, conditions.technology.library);
    row.work = beat_work(unit, request.parameters, operands, row.result->counts);
  } catch (const LayerRefused& refused) {
    row.refused = refused.what();
  }
}

Json number(double value) { return value > 0 ? Json(value) : Json(nullptr); }

std::vector<Json> cells_of(const EnergyRow& row) {
  const EnergyResult& r = *row.result;
  const BeatWork work = row.work.value_or(BeatWork{});
  const auto per = [&](double count) {
    return count > 0 ? Json(r.pj_per_input_beat() / count) : Json(nullptr);
  };
  const double most = std::max(work.macs, work.weights);
  return {row.point.unit,
          row.point.format,
          r.synthesis.gate_equivalents,
          r.timing.worst ? Json(r.timing.worst->delay_ns / r.fo4.delay_ns) : Json(nullptr),
          r.energy.pj_per_cycle / r.fo4.energy_pj,
          most > 0 ? Json(r.pj_per_input_beat() / most / r.fo4.energy_pj) : Json(nullptr),
          r.glitches ? Json(r.glitches->factor()) : Json(nullptr),
          r.synthesis.area_um2,
          r.timing.worst ? Json(r.timing.worst->delay_ns) : Json(nullptr),
          r.energy.pj_per_cycle,
          r.half_width_pj() ? Json(100 * *r.half_width_pj() / r.energy.pj_per_cycle) : Json(nullptr),
          per(work.macs),
          per(work.terms),
          per(work.weights),
          number(r.pj_per_output_beat()),
          work.what.empty() ? Json(nullptr) : Json(work.what)};
}

reports::Table energy_table(std::span<const EnergyRow> rows, const std::string& source) {
  reports::Table table;
  table.title = "Per cycle and per piece of work";
  table.columns = {{"unit", "", "rtl"},
                   {"format", "", ""},
                   {"area", "GE", source, 5},
                   {"path", "FO4", source, 4},
                   {"cycle", "E_FO4", source, 4},
                   {"MAC or value", "E_FO4", source, 4},
                   {"glitch factor", "", source + ", inertial delays", 3},
                   {"area", "um2", source, 5},
                   {"path", "ns", source, 4},
                   {"cycle", "pJ", source, 4},
                   {"half width", "%", "95 %, from windows", 2},
                   {"MAC", "pJ", source, 4},
                   {"term", "pJ", source, 4},
                   {"value", "pJ", source, 4},
                   {"output beat", "pJ", source, 4},
                   {"MAC or value is", "", ""}};
  for (const EnergyRow& row : rows)
    if (row.result) table.rows.push_back(cells_of(row));
  table.note =
      "MAC: of a layer those that it asks for, padding beats and scales included; of drawn operands the "
      "unit's peak. Value: decoded, "
      "encoded or summed. Zero delay: a glitch factor multiplies the energy that stands in its row.";
  return table;
}

}  // namespace

std::vector<EnergyPoint> energy_points(const std::vector<std::string>& units, const std::string& format) {
  std::vector<std::string> chosen = units;
  if (chosen.empty())
    for (const kernels::UnitInfo& unit : kernels::units()) chosen.push_back(unit.name);
  std::vector<EnergyPoint> points;
  for (const std::string& name : chosen) {
    const kernels::UnitInfo& unit = kernels::unit(name);
    const kernels::Parameters parameters = kernels::resolve(unit, {});
    if (!format.empty() && format != "all") {
      if (unit.unsupported(parameters, read_format(format)).empty()) points.push_back({name, format});
      continue;
    }
    std::vector<std::string> formats = formats_of(unit, parameters);
    if (format.empty() && !formats.empty()) formats.resize(1);
    for (const std::string& one : formats) points.push_back({name, one});
  }
  return points;
}

std::vector<EnergyRow> energies(std::span<const EnergyPoint> points, const EnergyConditions& conditions,
                                const std::function<void(const EnergyRow&)>& done) {
  std::vector<EnergyRow> rows(points.size());
  std::atomic<std::size_t> next{0};
  std::mutex speaking;
  const auto progress = [&](const std::string& line) {
    if (!conditions.request.progress) return;
    const std::lock_guard lock(speaking);
    conditions.request.progress(line);
  };
  const auto work = [&] {
    for (std::size_t i; (i = next++) < points.size();) {
      const auto start = std::chrono::steady_clock::now();
      rows[i].point = points[i];
      try {
        fill_row(rows[i], conditions, progress);
      } catch (...) {
        next = points.size();
        throw;
      }
      rows[i].seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      const std::lock_guard lock(speaking);
      if (done) done(rows[i]);
    }
  };
  auto other = std::async(std::launch::async, work);
  work();
  other.get();
  return rows;
}

reports::Record all_energy_record(std::span<const EnergyRow> rows, const EnergyConditions& conditions) {
  const auto first = std::ranges::find_if(rows, [](const EnergyRow& row) { return row.result.has_value(); });
  const EnergyResult& any = *first->result;
  const std::string source =
      "netlist in " + corner_text(conditions.technology.library) + ", transitions counted";
  const EnergyRequest& request = conditions.request;
  reports::Record record;
  record.title = "Energy of every unit in " + corner_text(conditions.technology.library);
  record.kind = "energy";
  record.tables = {energy_table(rows, source)};
  Json refused = Json::array();
  for (const EnergyRow& row : rows)
    if (!row.result)
      refused.push_back({{"unit", row.point.unit}, {"format", row.point.format}, {"why", row.refused}});
  record.provenance = {
      {"library", corner_text(conditions.technology.library)},
      {"library_hash", conditions.technology.library.hash},
      {"remark", conditions.technology.remark},
      {"clock_mhz", request.clock_mhz},
      {"yosys", any.synthesis.tools.yosys},
      {"abc_script", any.synthesis.tools.abc_script},
      {"script_hash", any.synthesis.tools.script_hash},
      {"conventions", any.synthesis.tools.conventions},
      {"stimulus", fmt::format("tiles: the first quantized layer of {} and its activations; other units: the "
                               "operands of `verify`, seed {}",
                               conditions.operands.model, conditions.operands.seed)},
      {"windows", fmt::format("512 of {} cycles after {}", request.windows.counted_cycles,
                              request.windows.discarded_cycles)},
      {"wires",
       request.wire_ff_per_um > 0
           ? fmt::format("{} cell pitches per sink of {} fF/um{}", kPitchesPerSink, request.wire_ff_per_um,
                         conditions.wire_source.empty() ? "" : " (" + conditions.wire_source + ")")
           : std::string("none")},
      {"glitches", !request.glitches ? std::string("not simulated: zero delay")
                   : request.glitch_cells == SIZE_MAX
                       ? std::string("factor of 4 windows of 64 cycles with inertial delays")
                       : fmt::format("factor of 4 windows of 64 cycles with inertial delays, for units of up "
                                     "to {} cells (--glitches yes: all)",
                                     request.glitch_cells)},
      {"refused", refused},
      {"accuracy", kEnergyAccuracy}};
  record.bars.push_back({"Energy per MAC", 0, 0, {11}, false, true});
  return record;
}

}  // namespace subbyte::sim
