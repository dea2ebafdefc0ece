// What simulate says of many layers.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "reports/record_json.hpp"
#include "sim/config/format_file.hpp"
#include "sim/cost/all_layers.hpp"
#include "sim/cost/core_roofline.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

constexpr double kMicro = 1e-6;

std::vector<LayerEnergy> energies(const LayersResult& result) {
  std::vector<LayerEnergy> layers;
  for (const LayerRun& run : result.layers)
    if (run.energy) layers.push_back(*run.energy);
  return layers;
}

template <typename Value>
double total(const LayersResult& result, Value value) {
  double sum = 0;
  for (const LayerRun& run : result.layers) sum += static_cast<double>(value(run));
  return sum;
}

/// Weights as they lie in the file.
struct Stored {
  std::size_t layers = 0, bytes = 0;
  double weights = 0, bits = 0;

  nlohmann::ordered_json json() const {
    return {{"layers", layers},
            {"weights", weights},
            {"bits_per_weight", weights > 0 ? nlohmann::ordered_json(bits / weights) : nlohmann::ordered_json()},
            {"bytes", bytes}};
  }
};

Stored quantized_of(const LayersResult& result) {
  Stored stored{result.layers.size()};
  for (const LayerRun& run : result.layers) {
    const auto weights = static_cast<double>(run.in * run.out);
    stored.bytes += run.bytes;
    stored.weights += weights;
    stored.bits += run.bits_per_weight * weights;
  }
  return stored;
}

Stored unquantized_of(const LayersResult& result) {
  Stored stored{result.left_out.size()};
  for (const WorkloadLayer& layer : result.left_out) {
    stored.bytes += layer.stored_bytes;
    stored.weights += static_cast<double>(layer.rows * layer.cols);
    stored.bits += 8 * static_cast<double>(layer.stored_bytes);
  }
  return stored;
}

std::vector<std::string> names_of(const std::vector<WorkloadLayer>& layers) {
  std::vector<std::string> names;
  for (const WorkloadLayer& layer : layers) names.push_back(layer.name);
  return names;
}

/// "Left unquantized, not in it: lm_head. 35 of 36 layers are quantized ...", as evaluate says it; empty where all are.
std::string split_text(const LayersResult& result) {
  const Stored quantized = quantized_of(result), rest = unquantized_of(result);
  if (rest.layers == 0) return "";
  return fmt::format(
      " Left unquantized, not in it: {}. {} of {} layers are quantized, at {:.4g} bits per weight; {} ({:.3g} % of "
      "the weights) stay as stored, at {:.4g} bits, and count in bits and bytes, but do not run: cycles, time and "
      "energy are of the quantized layers.",
      fmt::join(names_of(result.left_out), ", "), quantized.layers, quantized.layers + rest.layers,
      quantized.bits / quantized.weights, rest.layers, 100 * rest.weights / (quantized.weights + rest.weights),
      rest.bits / rest.weights);
}

std::vector<CoreLayerRow> core_rows(const LayersResult& result) {
  std::vector<CoreLayerRow> rows;
  for (const LayerRun& run : result.layers) rows.push_back({run.layer, *run.core});
  return rows;
}

/// What a core tells beside a tile, under the names of one layer's metrics.
void add_core_metrics(const Design& design, const LayersResult& result, std::vector<reports::Metric>& metrics) {
  CoreCost all;
  for (const LayerRun& run : result.layers) all += run.core->cost;
  const auto add = [&](const std::string& name, const char* quantity, const char* unit, double value,
                       const std::string& source) {
    metrics.push_back({name, quantity, unit, value, source});
  };
  add("weight_traffic", "data", "bytes", static_cast<double>(all.traffic.weights), "derived");
  add("activation_traffic", "data", "bytes", static_cast<double>(all.traffic.activations), "derived");
  add("output_traffic", "data", "bytes", static_cast<double>(all.traffic.outputs), "derived");
  add("utilisation", "ratio", "", all.utilisation(design), "derived");
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
    add(std::string("cycles_") + kernels::kCoreCauses[cause], "time", "cycles", static_cast<double>(all.counts[cause]),
        result.cycle_source);
}

/// Adds the causes, the streams and the roofline of a core's layers.
void add_core_tables(const Design& design, const LayersResult& result, reports::Record& record) {
  const std::vector<CoreLayerRow> rows = core_rows(result);
  add_causes(core_causes_table("Where the cycles go", result.cycle_source, rows), record);
  reports::Table streams = core_streams_table("Memory", "weights", rows);
  streams.note = "Bytes are moved in whole bursts, in the blocks that take the fewest cycles of each layer.";
  record.tables.push_back(std::move(streams));
  std::vector<CoreRooflineRow> points;
  for (const CoreLayerRow& row : rows) points.push_back({row.layer, "", row.cost.cost});
  add_core_roofline(design, points, result.cycle_source, record);
}

std::vector<reports::Metric> metrics_of(const LayersRequest& request, const LayersResult& result) {
  const auto tokens = static_cast<double>(result.layers.front().tokens);
  const double cycles = total(result, [](const LayerRun& run) { return run.cycles; });
  const double seconds = total(result, [](const LayerRun& run) { return run.time.seconds(); });
  const double bytes = total(result, [](const LayerRun& run) { return run.traffic.total(); });
  const Stored quantized = quantized_of(result), rest = unquantized_of(result);
  std::vector<reports::Metric> metrics{
      {"layers", "count", "", static_cast<double>(result.layers.size()), "derived"},
      {"cycles", "time", "cycles", cycles, result.cycle_source},
      {"cycles_per_token", "time", "cycles/token", cycles / tokens, result.cycle_source},
      {"time", "time", "s", seconds, "derived"},
      {"tokens_per_s", "rate", "tokens/s", tokens / seconds, "derived: linear layers alone, one after the other"},
      {"traffic", "data", "bytes", bytes, "derived"},
      {"bits_per_weight", "data", "bits", (quantized.bits + rest.bits) / (quantized.weights + rest.weights), "derived"},
      {"weight_bytes", "data", "bytes", static_cast<double>(quantized.bytes + rest.bytes), "derived"}};
  if (request.design.core) add_core_metrics(request.design, result, metrics);
  if (!result.unit) return metrics;
  for (const auto& list : {energy_metrics(sum_of(energies(result))), area_metrics(request.design, *result.unit)})
    metrics.insert(metrics.end(), list.begin(), list.end());
  return metrics;
}

std::string outputs_of(const Design& design, const LayersResult& result) {
  std::vector<std::pair<std::string, Traffic>> layers;
  for (const LayerRun& run : result.layers) layers.emplace_back(run.layer, run.traffic);
  return outputs_text(design, layers);
}

/// What the layers share is said: nothing that depends on their beats.
std::string layers_note(const Design& design, const LayersResult& result) {
  std::string note = fmt::format("{} tokens through each layer.", result.layers.front().tokens);
  if (design.core)
    note += " Each is bound by what is busy for longer: the array, filling and draining included, or the memory's bus.";
  if (result.unit && result.layers.size() > 1)
    note += " One netlist for all of them, mapped and timed once; each layer's activity and glitches are its own.";
  note += split_text(result);
  if (design.output.bits != 32 || design.output.to_buffer)
    note += fmt::format(" Outputs: {}.", outputs_of(design, result));
  return note;
}

reports::Table layers_table(const Design& design, const LayersResult& result) {
  reports::Table table{"Layers",
                       {{"layer", "", "", 4},
                        {"format", "", "", 4},
                        {"outputs x inputs", "", "", 4},
                        {"cycles", "cycles", result.cycle_source, 6},
                        {"bound by", "", "derived", 4},
                        {"bus", "bytes", "derived", 7},
                        {"time", "us", "derived", 4}},
                       {},
                       ""};
  const double all_j = result.unit ? sum_of(energies(result)).total_j() : 0;
  if (result.unit) {
    for (const std::string& unit : energy_units())
      table.columns.push_back({unit, "uJ", "derived; source by part in the table Energy", 4});
    table.columns.push_back({"energy", "uJ", "derived", 4});
    table.columns.push_back({"share", "%", "derived", 3});
    table.columns.push_back({"unit per MAC", "pJ/MAC", "derived, leakage included", 4});
  }
  for (const LayerRun& run : result.layers) {
    std::vector<nlohmann::json> row{run.layer,
                                    run.format,
                                    fmt::format("{} x {}", run.out, run.in),
                                    run.cycles,
                                    run.bound(),
                                    run.traffic.total(),
                                    run.time.seconds() / kMicro};
    if (run.energy) {
      for (const std::string& unit : energy_units()) row.emplace_back(run.energy->unit_j(unit) / kMicro);
      row.emplace_back(run.energy->total_j() / kMicro);
      row.emplace_back(100 * run.energy->total_j() / all_j);
      row.emplace_back(run.energy->unit_j("unit") / run.energy->macs / 1e-12);
    }
    table.rows.push_back(std::move(row));
  }
  table.note = layers_note(design, result);
  return table;
}

/// Returns the conditions of all layers together, in which the glitch factor is that of their sum.
nlohmann::ordered_json conditions_of(const LayersRequest& request, const LayersResult& result) {
  UnitPower unit = *result.unit;
  const LayerEnergy all = sum_of(energies(result));
  if (const auto factor = all.glitch_factor()) unit.glitch_factor = factor;
  Traffic traffic;
  for (const LayerRun& run : result.layers) traffic += run.traffic;
  return energy_conditions(request.design, unit, request.technology->technology, outputs_of(request.design, result),
                           traffic);
}

std::string formats_of(const LayersResult& result) {
  std::set<std::string> formats;
  for (const LayerRun& run : result.layers) formats.insert(run.format);
  return fmt::format("{}", fmt::join(formats, ", "));
}

/// The layers that ran, with their formats.
LayerFormats layer_formats_of(const LayersRequest& request, const LayersResult& result) {
  LayerFormats formats;
  for (const LayerRun& run : result.layers) formats.emplace_back(run.layer, request.source.layer(run.layer).format);
  return formats;
}

}  // namespace

reports::Record layers_record(const LayersRequest& request, const LayersResult& result) {
  const Design& design = request.design;
  reports::Record record;
  record.kind = "simulate";
  record.title = fmt::format("{} layers in {} on {}, {} tokens", result.layers.size(), formats_of(result), design.name,
                             result.layers.front().tokens);
  record.provenance = {{"design_name", design.name},       {"outputs", outputs_of(design, result)},
                       {"design", design.resolved},        {"design_hash", design.hash},
                       {"weights", request.source.text()}, {"model", result.layers.front().model},
                       {"format", formats_of(result)},     {"tokens", result.layers.front().tokens},
                       {"layers", request.pattern},        {"activation_format", activation_format(design)}};
  const LayerFormats formats = layer_formats_of(request, result);
  const auto shared = shared_definition(formats);
  record.provenance["format_definitions"] =
      nlohmann::json::array({shared ? nlohmann::json(*shared) : nlohmann::json()});
  record.provenance["layer_definitions"] = {layers_hash(formats)};
  for (const LayerRun& run : result.layers) record.provenance["activations"][run.layer] = run.activations;
  record.metrics = metrics_of(request, result);
  record.tables.push_back(layers_table(design, result));
  if (result.unit) {
    const nlohmann::ordered_json conditions = conditions_of(request, result);
    record.provenance["energy"] = conditions;
    record.provenance["technology"] = request.technology->technology.name;
    record.provenance["technology_remark"] = request.technology->technology.remark;
    record.bars.push_back({"Energy by layer", 0, 0, {7, 8, 9, 10}});
    add_energy(record, sum_of(energies(result)), conditions);
  }
  if (design.core) {
    add_core_tables(design, result, record);
    return record;
  }
  std::vector<NamedRoofline> points;
  for (const LayerRun& run : result.layers) points.push_back({run.layer, run.roofline});
  add_roofline(record, design.name, points);
  return record;
}

nlohmann::ordered_json layers_json(const LayersRequest& request, const LayersResult& result) {
  nlohmann::ordered_json object{{"equal", result.mismatch.empty()},
                                {"design_name", request.design.name},
                                {"design", request.design.resolved},
                                {"design_hash", request.design.hash}};
  if (!result.mismatch.empty()) {
    object["mismatch"] = result.mismatch;
    return object;
  }
  object["tokens"] = result.layers.front().tokens;
  object["left_out"] = names_of(result.left_out);
  object["split"] = {{"quantized", quantized_of(result).json()}, {"unquantized", unquantized_of(result).json()}};
  object["outputs"] = outputs_of(request.design, result);
  object["metrics"] = reports::metrics_json(metrics_of(request, result));
  if (result.unit) object["conditions"] = conditions_of(request, result);
  object["layers"] = nlohmann::ordered_json::array();
  for (const LayerRun& run : result.layers) {
    nlohmann::ordered_json layer{
        {"layer", run.layer},   {"format", run.format},           {"in", run.in},
        {"out", run.out},       {"activations", run.activations}, {"cycles", run.cycles},
        {"bound", run.bound()}, {"time_s", run.time.seconds()},   {"traffic_bytes", run.traffic.total()}};
    if (run.energy) {
      layer["energy_j"] = run.energy->total_j();
      layer["energy"] = energy_json(*run.energy);
    }
    object["layers"].push_back(std::move(layer));
  }
  return object;
}

}  // namespace subbyte::sim
