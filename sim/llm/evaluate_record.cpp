#include "sim/llm/evaluate_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/verdict.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

std::string special_text(const Json& layer) {
  std::string text;
  for (const Json& share : layer["special_values"]) {
    const std::string name = share["value"].is_null() ? fmt::format("selector {}", share["selector"].get<unsigned>())
                                                      : fmt::format("{:+g}", share["value"].get<double>());
    text += fmt::format("{}{} {:.2f}%", text.empty() ? "" : ", ", name, 100 * share["weights"].get<double>());
  }
  return text.empty() ? "-" : text;
}

/// Numbers that JSON cannot hold.
nlohmann::json finite(const Json& value) {
  return std::isfinite(value.get<double>()) ? nlohmann::json(value.get<double>()) : nlohmann::json("exact");
}

/// "policy.yaml: 35 of 36 layers are quantized, at 3.75 bits per weight; 1 stays as it is stored, at 32 bits." Empty
/// where all are quantized.
std::string split_text(const Json& format) {
  const Json& quantized = format["split"]["quantized"];
  const Json& rest = format["split"]["unquantized"];
  const auto layers = [](const Json& part) { return part["layers"].get<std::size_t>(); };
  if (layers(rest) == 0) return "";
  const auto bits = [](const Json& part) {
    return part["bits_per_weight"].is_null() ? 0 : part["bits_per_weight"].get<double>();
  };
  return fmt::format(
      " {}: {} of {} layers are quantized, at {:.4g} bits per weight; {} ({:.3g} % of the weights) stay as stored, at "
      "{:.4g} bits, and counts in every column.",
      format["format"].get<std::string>(), layers(quantized), layers(quantized) + layers(rest), bits(quantized),
      layers(rest), 100 * rest["weights"].get<double>() / format["weights"].get<double>(), bits(rest));
}

reports::Table formats_table(const Json& result) {
  reports::Table table{
      "Formats",
      {{"format", "", "", 4},
       {"loss", "nats/token", "negative log-likelihood, exact softmax of FP32 logits", 6},
       {"above FP32", "nats/token", "difference on the same tokens", 3},
       {"perplexity", "", "exp(loss)", 5},
       {"KL", "nats/token", "KL(unquantized || quantized)", 4},
       {"SQNR", "dB", "energy of all weights over that of their error", 4},
       {"bits per weight", "bit", "packed bytes", 5},
       {"nominal", "bit", "as papers count: no padding, no channel scale", 5},
       {"packed", "bytes", "packed bytes", 4},
       {"above FP32 half width", "nats/token", "95 % interval, tokens taken as independent", 2}},
      {},
      fmt::format("{} predicted tokens in {} sequences of {}; activations {}, {}.", result["tokens"].get<std::size_t>(),
                  result["sequences"].get<std::size_t>(), result["text"].get<std::string>(),
                  result["activation_format"].get<std::string>(), result["arithmetic"].get<std::string>())};
  const Json& base = result["unquantized"];
  table.rows.push_back(
      {"unquantized", base["nll"], nullptr, base["perplexity"], nullptr, nullptr, nullptr, nullptr, nullptr, nullptr});
  for (const Json& row : result["formats"]) {
    table.rows.push_back({row["format"], row["nll"], row["nll_difference"], row["perplexity"], row["kl"],
                          finite(row["sqnr_db"]), row["bits_per_weight"], row["nominal_bits_per_weight"], row["bytes"],
                          row["nll_difference_half_width"]});
    table.note += split_text(row);
    if (row.contains("clips"))
      for (const Json& text : row["clips"]) table.note += fmt::format(" {}.", text.get<std::string>());
  }
  table.note += loss_shares_text(result["loss_shares"]);
  for (const Json& left : result["left_out"])
    table.note +=
        fmt::format(" Not evaluated: {}: {}.", left["format"].get<std::string>(), left["why"].get<std::string>());
  return table;
}

bool has_sensitivity(const Json& format) {
  return std::ranges::any_of(format["layers"], [](const Json& layer) { return layer.contains("alone"); });
}

reports::Table layers_table(const Json& format) {
  reports::Table table{
      "Layers in " + format["format"].get<std::string>(),
      {{"layer", "", "", 4},
       {"format", "", "", 4},
       {"out x in", "", "", 4},
       {"SQNR", "dB", "energy of the weights over that of the error", 4},
       {"MSE", "", "mean squared error of the weights", 4},
       {"largest error", "", "", 4},
       {"bits per weight", "bit", "packed bytes", 5},
       {"worst group", "dB", "lowest SQNR of a group of weights", 4},
       {"share of error", "%", "of the squared error of all weights", 3},
       {"KL alone", "nats/token", "this layer quantized alone", 4},
       {"special values", "", "share of the layer's weights; levels as `subbyte formats` lists them", 4}},
      {},
      has_sensitivity(format) ? "" : "KL alone takes --sensitivity."};
  for (const Json& layer : format["layers"]) {
    const std::string shape =
        fmt::format("{} x {}", layer["rows"].get<std::size_t>(), layer["cols"].get<std::size_t>());
    table.rows.push_back({layer["name"], layer["format"], shape, finite(layer["sqnr_db"]), layer["mse"],
                          layer["max_error"], layer["bits_per_weight"], layer["worst_group_sqnr_db"],
                          100 * layer["share_of_error"].get<double>(),
                          layer.contains("alone") ? layer["alone"]["kl"] : Json(), special_text(layer)});
  }
  return table;
}

reports::Table sensitivity_table(const Json& format) {
  reports::Table table{"Sensitivity: one layer in " + format["format"].get<std::string>() + ", the rest unquantized",
                       {{"layer", "", "", 4},
                        {"KL", "nats/token", "KL(unquantized || this)", 4},
                        {"loss", "nats/token", "", 6},
                        {"above FP32", "nats/token", "", 3},
                        {"SQNR", "dB", "of the layer's weights", 4}},
                       {},
                       "Largest KL first."};
  std::vector<Json> layers;
  for (const Json& layer : format["layers"])
    if (layer.contains("alone")) layers.push_back(layer);
  std::ranges::stable_sort(layers, std::ranges::greater{},
                           [](const Json& layer) { return layer["alone"]["kl"].get<double>(); });
  for (const Json& layer : layers) {
    const Json& alone = layer["alone"];
    table.rows.push_back({layer["name"], alone["kl"], alone["nll"], alone["nll_difference"], finite(layer["sqnr_db"])});
  }
  return table;
}

/// The front is drawn; losses that cannot be told from none lie on the lower edge.
reports::Scatter loss_against_bits(const reports::Table& table) {
  constexpr double kSmallestLoss = 1e-4;
  const std::size_t format = column(table, "format");
  reports::Scatter scatter{"Loss above FP32 against bits per weight",
                           0,
                           column(table, "bits per weight"),
                           column(table, "above FP32"),
                           format,
                           format};
  scatter.label = format;
  scatter.log_y = true;
  scatter.floor_y = kSmallestLoss;
  scatter.join = reports::Join::kFront;
  scatter.half_y = column(table, "above FP32 half width");
  return scatter;
}

}  // namespace

reports::Record evaluate_record(const Json& result) {
  reports::Record record;
  const auto name = [&](const char* key) { return reports::model_name(result[key].get<std::string>()); };
  record.title = fmt::format("Loss of {} on {} in {} formats", name("model"), name("text"), result["formats"].size());
  record.kind = "evaluate";
  for (const char* key :
       {"model", "text", "tokenizer", "cut", "sequences", "tokens", "activation_format", "arithmetic", "design_hash"})
    record.provenance[key] = result[key];
  for (const auto& [list, key] : {std::pair{"format_definitions", "definition"},
                                  {"layer_definitions", "layers_definition"},
                                  {"unquantized_layers", "unquantized_layers"}}) {
    record.provenance[list] = nlohmann::json::array();
    for (const Json& format : result["formats"]) record.provenance[list].push_back(nlohmann::json(format[key]));
  }
  record.tables.push_back(formats_table(result));
  for (const Json& format : result["formats"]) {
    record.tables.push_back(layers_table(format));
    if (has_sensitivity(format)) record.tables.push_back(sensitivity_table(format));
  }
  record.tables.push_back(sequences_table(result));
  record.scatters.push_back(loss_against_bits(record.tables[0]));
  return record;
}

}  // namespace subbyte::sim
