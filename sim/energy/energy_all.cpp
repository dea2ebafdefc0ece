#include "sim/energy/energy_all.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "kernels/catalogue.hpp"
#include "sim/area/area.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/config/format_file.hpp"
#include "sim/energy/energy_report.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

bool layer_point(const EnergyPoint& point) { return takes_layers(*point.unit); }

void fill_row(EnergyRow& row, const EnergyConditions& conditions, const SynthesisFlow& flow) {
  const kernels::UnitInfo& unit = *row.point.unit;
  EnergyRequest request = conditions.request;
  request.unit = &unit;
  request.parameters = kernels::resolve(unit, {});
  try {
    Operands operands = operands_of(unit, request.parameters, row.point.operands);
    row.source = operands.source;
    row.of_format = operands.of_format;
    request.stimulus = operands.stimulus;
    row.result = unit_energy(request, flow);
    row.work = beat_work(unit, request.parameters, operands, row.result->counts);
  } catch (const LayerRefused& refused) {
    row.refused = refused.what();
  }
}

Json number(double value) { return value > 0 ? Json(value) : Json(nullptr); }

std::vector<Json> cells_of(const EnergyRow& row) {
  const EnergyResult& r = *row.result;
  const BeatWork work = row.work.value_or(BeatWork{});
  const auto per = [&](double count) { return count > 0 ? Json(r.pj_per_input_beat() / count) : Json(nullptr); };
  const double most = std::max(work.macs, work.weights);
  return {row.point.unit->name,
          row.of_format ? row.point.format : "any",
          r.synthesis.gate_equivalents,
          r.timing.worst ? Json(r.timing.worst->delay_ns / r.fo4.delay_ns) : Json(nullptr),
          r.energy.pj_per_cycle / r.fo4.energy_pj,
          most > 0 ? Json(r.pj_per_input_beat() / most / r.fo4.energy_pj) : Json(nullptr),
          r.glitches ? Json(r.glitches->factor()) : Json(nullptr),
          r.glitches && r.glitches->factor_half_width ? Json(*r.glitches->factor_half_width) : Json(nullptr),
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

reports::Table energy_table(std::span<const EnergyRow> rows, const std::string& source, bool zero_delay) {
  reports::Table table;
  table.title = fmt::format("Per cycle and per piece of work{}", zero_delay ? ", zero delay" : "");
  table.columns = {{"unit", "", "rtl"},
                   {"format", "", ""},
                   {"area", "GE", source, 5},
                   {"path", "FO4", source, 4},
                   {"cycle", "E_FO4", source, 4},
                   {"MAC or value", "E_FO4", source, 4},
                   {"glitch factor", "", source + ", over zero delay", 3},
                   {"+-", "", "95 %, from its windows", 2},
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
  table.note = zero_delay ? "Zero delay: glitches are not in it, so only circuits of like depth compare."
                          : "Glitches are in it: energy over the glitch factor is that at zero delay.";
  table.note +=
      "\nMAC: of a layer those that it asks for, padding beats and scales included; of drawn operands the unit's peak."
      "\nValue: decoded, encoded or summed. Format any: the same beats whatever the format.";
  return table;
}

/// Returns what the rows were given, every kind of it once.
std::string stimulus_text(std::span<const EnergyRow> rows) {
  std::vector<std::string> layers, drawn;
  for (const EnergyRow& row : rows) {
    auto& sources = layer_point(row.point) ? layers : drawn;
    if (row.result && std::ranges::find(sources, row.source) == sources.end()) sources.push_back(row.source);
  }
  std::string text;
  if (!layers.empty()) text = fmt::format("tiles: {}", fmt::join(layers, " or "));
  if (!layers.empty() && !drawn.empty()) text += "; other units: ";
  return text + fmt::format("{}", fmt::join(drawn, " or "));
}

/// Describes the wires of the conditions, before any unit's own figures.
std::string wires_text(const EnergyConditions& conditions) {
  const double wire_ff_per_um = conditions.request.wire_ff_per_um;
  if (!(wire_ff_per_um > 0)) return "none";
  return fmt::format("{} cell pitches per sink (of a core filled to {}, assumed) of {} fF/um{}", kPitchesPerSink,
                     kUtilisation, wire_ff_per_um,
                     conditions.wire_source.empty() ? "" : " (" + conditions.wire_source + ")");
}

std::string glitches_text(const EnergyRequest& request) {
  if (request.zero_delay) return "not in it (--zero-delay): energy is too low by what they add";
  const GlitchOptions options;
  return fmt::format(
      "in it: zero delay times the factor of {} to {} cycles with inertial delays, as many as an interval of {:g} % "
      "takes",
      options.lanes * kGateWords, kGateLanes, 100 * options.half_width);
}

Json refused_json(std::span<const EnergyRow> rows) {
  Json refused = Json::array();
  for (const EnergyRow& row : rows)
    if (!row.result)
      refused.push_back({{"unit", row.point.unit->name}, {"format", row.point.format}, {"why", row.refused}});
  return refused;
}

Json provenance_of(std::span<const EnergyRow> rows, const EnergyConditions& conditions, const SynthesisTools& tools) {
  const EnergyRequest& request = conditions.request;
  return {{"library", corner_text(conditions.technology.library)},
          {"library_hash", conditions.technology.library.hash},
          {"remark", conditions.technology.remark},
          {"clock_mhz", conditions.flow.clock_mhz},
          {"yosys", tools.yosys},
          {"abc_script", tools.abc_script},
          {"script_hash", tools.script_hash},
          {"conventions", tools.conventions},
          {"stimulus", stimulus_text(rows)},
          {"windows",
           fmt::format("512 of {} cycles after {}", request.windows.counted_cycles, request.windows.discarded_cycles)},
          {"wires", wires_text(conditions)},
          {"glitches", glitches_text(request)},
          {"refused", refused_json(rows)},
          {"accuracy", kEnergyAccuracy}};
}

/// Points of units that take layers get one of the model's, the others their format alone.
void set_operands(std::span<EnergyPoint> points, std::span<const quant::Format> formats, const OperandNames& names) {
  std::vector<EnergyPoint*> of_layers;
  std::vector<quant::Format> layer_formats;
  for (std::size_t i = 0; i < points.size(); ++i) {
    OperandQuery& query = points[i].operands;
    query.activations.seed = names.activations.seed;
    if (layer_point(points[i])) {
      of_layers.push_back(&points[i]);
      layer_formats.push_back(formats[i]);
    } else {
      query.format = formats[i];
    }
  }
  if (of_layers.empty()) {
    if (!points.empty()) refuse_layer_names(*points.front().unit, names);
    return;
  }
  const auto sources = open_layers(layer_formats, names.model);
  for (std::size_t i = 0; i < of_layers.size(); ++i) {
    OperandQuery& query = of_layers[i]->operands;
    query.source = sources[i];
    query.layer = &sources[i]->layer(names.layer);
    query.activations = names.activations;
    query.random = names.random;
  }
}

}  // namespace

std::vector<EnergyPoint> energy_points(std::vector<const kernels::UnitInfo*> units, const OperandNames& names) {
  if (units.empty())
    for (const kernels::UnitInfo& unit : kernels::units()) units.push_back(&unit);
  const bool named = !names.format.empty() && names.format != "all";
  std::optional<quant::Format> format;
  if (named) format = at_option("--format", [&] { return read_format(names.format); });
  std::vector<EnergyPoint> points;
  std::vector<quant::Format> formats;  // of each
  for (const kernels::UnitInfo* unit : units) {
    const kernels::Parameters parameters = kernels::resolve(*unit, {});
    if (named) {
      if (unit->unsupported(parameters, *format)) continue;
      points.push_back({unit, names.format, {}});
      formats.push_back(*format);
      continue;
    }
    std::vector<quant::Format> runs = formats_of(*unit, parameters);
    if (names.format.empty() && !runs.empty()) runs.resize(1);
    for (const quant::Format& one : runs) points.push_back({unit, one.id(), {}});
    formats.insert(formats.end(), runs.begin(), runs.end());
  }
  set_operands(points, formats, names);
  return points;
}

std::vector<EnergyRow> energies(std::span<const EnergyPoint> points, const EnergyConditions& conditions,
                                const std::function<void(const EnergyRow&)>& done) {
  std::vector<EnergyRow> rows(points.size());
  std::mutex speaking;
  SynthesisFlow flow = conditions.flow;
  if (flow.progress) {
    flow.progress = [&](const std::string& line) {
      const std::lock_guard lock(speaking);
      conditions.flow.progress(line);
    };
  }
  Job job("energies", static_cast<double>(points.size()));
  parallel_each(points.size(), all_cores(), [&](std::size_t i) {
    const auto start = std::chrono::steady_clock::now();
    rows[i].point = points[i];
    fill_row(rows[i], conditions, flow);
    rows[i].seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    job.advance();
    const std::lock_guard lock(speaking);
    if (done) done(rows[i]);
  });
  return rows;
}

reports::Record all_energy_record(std::span<const EnergyRow> rows, const EnergyConditions& conditions) {
  const auto first = std::ranges::find_if(rows, [](const EnergyRow& row) { return row.result.has_value(); });
  const std::string source =
      counted_source(netlist_source(conditions.technology.library), conditions.request.zero_delay);
  reports::Record record;
  const bool one = std::ranges::all_of(rows, [&](const EnergyRow& row) { return row.point.unit == first->point.unit; });
  record.title = fmt::format("Energy of {} in {}", one ? first->point.unit->name : "every unit",
                             corner_text(conditions.technology.library));
  record.kind = "energy";
  record.tables = {energy_table(rows, source, conditions.request.zero_delay)};
  record.provenance = provenance_of(rows, conditions, first->result->synthesis.tools);
  record.bars.push_back({"Energy per MAC", 0, 0, {12}, false, true});
  return record;
}

}  // namespace subbyte::sim
