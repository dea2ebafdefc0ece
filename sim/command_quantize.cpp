// `subbyte quantize`: every linear layer of a model into one packed file.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "quant/quantize.hpp"
#include "reports/record.hpp"
#include "sim/command.hpp"
#include "sim/input_error.hpp"
#include "sim/model.hpp"
#include "sim/packed_file.hpp"
#include "sim/record_option.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

CommandLine quantize_line() {
  CommandLine line;
  line.usage = "quantize --format F --out P [--model M] [--layer GLOB] [--json]";
  line.options.add_options()  //
      ("model", po::value<std::string>()->default_value(std::string(kEmbedded)),
       "safetensors, llama2.c .bin or GGUF file, a .npy matrix [out][in], a directory with "
       "model.safetensors, or "
       "'embedded'")                                                                            //
      ("format", po::value<std::string>()->required(), "number format, see `subbyte formats`")  //
      ("out", po::value<std::string>()->required(), "packed file to write (safetensors)")       //
      ("layer", po::value<std::string>()->default_value("*"), "only layers that match this shell pattern");
  add_record_option(line.options);
  line.notes =
      "Every linear layer, the classifier included (tied weights are copied as lm_head), not embeddings and "
      "norms.\n"
      "SQNR is the energy of the FP32 weights over that of the error, in dB (null where there is no error).\n"
      "Example: subbyte quantize --format bitmod-fp4:g128 --out fp4.safetensors\n"
      "JSON: "
      "{\"model\",\"format\",\"out\",\"layers\":[{\"name\",\"rows\",\"cols\",\"sqnr_db\",\"bits_per_weight\","
      "\n"
      "       "
      "\"nominal_bits_per_weight\",\"bytes\"}],\"total\":{\"weights\",\"sqnr_db\",\"bits_per_weight\",\n"
      "       \"nominal_bits_per_weight\",\"bytes\"}}\n";
  return line;
}

/// Energies of the weights and of the error; they add up over layers.
struct Distortion {
  double signal = 0;
  double noise = 0;

  /// Infinite without error.
  double sqnr_db() const { return 10 * std::log10(signal / noise); }
};

Distortion measure(const Tensor& weights, const quant::PackedTensor& packed) {
  Distortion distortion;
  std::vector<float> decoded(packed.cols);
  for (std::size_t r = 0; r < packed.rows; ++r) {
    packed.decode_row(r, decoded);
    for (std::size_t c = 0; c < packed.cols; ++c) {
      const double weight = weights.values[r * packed.cols + c];
      const double error = weight - decoded[c];
      distortion.signal += weight * weight;
      distortion.noise += error * error;
    }
  }
  return distortion;
}

Json layer_json(const std::string& name, const quant::PackedTensor& packed, const Distortion& distortion) {
  return {{"name", name},
          {"rows", packed.rows},
          {"cols", packed.cols},
          {"sqnr_db", distortion.sqnr_db()},
          {"bits_per_weight", packed.bits_per_weight()},
          {"nominal_bits_per_weight", packed.format.nominal_bits_per_weight()},
          {"bytes", packed.bytes()}};
}

Json total_json(const std::vector<PackedLayer>& layers, const Distortion& distortion) {
  std::size_t weights = 0;
  std::size_t bytes = 0;
  for (const PackedLayer& layer : layers) {
    weights += layer.tensor.rows * layer.tensor.cols;
    bytes += layer.tensor.bytes();
  }
  return {{"weights", weights},
          {"sqnr_db", distortion.sqnr_db()},
          {"bits_per_weight", 8.0 * static_cast<double>(bytes) / static_cast<double>(weights)},
          {"nominal_bits_per_weight", layers.front().tensor.format.nominal_bits_per_weight()},
          {"bytes", bytes}};
}

std::vector<Json> table_row(const std::string& name, const std::string& shape, const Json& values) {
  const double sqnr = values["sqnr_db"].get<double>();
  return {name, shape, std::isfinite(sqnr) ? Json(sqnr) : Json("exact"), values["bits_per_weight"], values["nominal_bits_per_weight"],
          values["bytes"]};
}

reports::Record quantize_record(const Json& result) {
  reports::Table table{"Layers",
                       {{"layer", "", "", 4},
                        {"out x in", "", "", 4},
                        {"SQNR", "dB", "energy of the weights over that of the error", 4},
                        {"bits per weight", "bit", "packed bytes", 5},
                        {"nominal", "bit", "as papers count: no padding, no channel scale", 5},
                        {"packed", "bytes", "packed bytes", 4}},
                       {},
                       ""};
  const auto add = [&](const std::string& name, const std::string& shape, const Json& values) {
    table.rows.emplace_back();
    for (const Json& cell : table_row(name, shape, values)) table.rows.back().push_back(cell);
  };
  for (const Json& layer : result["layers"])
    add(layer["name"], fmt::format("{} x {}", layer["rows"].get<std::size_t>(), layer["cols"].get<std::size_t>()), layer);
  add("total", fmt::format("{} w", result["total"]["weights"].get<std::size_t>()), result["total"]);
  reports::Record record;
  record.title = fmt::format("{} in {}", result["model"].get<std::string>(), result["format"].get<std::string>());
  record.kind = "quantize";
  record.provenance = {{"model", result["model"]}, {"format", result["format"]}, {"out", result["out"]}};
  record.tables = {table};
  return record;
}

/// The name goes into the error: quantizers know only row and column.
quant::PackedTensor quantize_layer(const Model& model, const Tensor& weights, const quant::Format& format) {
  try {
    return quant::quantize({weights.values, weights.shape[0], weights.shape[1]}, format);
  } catch (const std::invalid_argument& error) {
    throw InputError(model.path(), "layer '" + weights.name + "'", error.what());
  }
}

}  // namespace

int run_quantize(Arguments args) {
  const auto options = parse_options(args, quantize_line());
  if (!options) return kDone;
  const quant::Format format = quant::parse_format((*options)["format"].as<std::string>());
  const std::string out = (*options)["out"].as<std::string>();
  const Model model = open_model((*options)["model"].as<std::string>());
  const auto chosen = model.matching((*options)["layer"].as<std::string>());
  std::vector<PackedLayer> layers;
  Json rows = Json::array();
  Distortion total;
  for (const LinearLayer& layer : chosen) {
    std::cerr << fmt::format("[{}/{}] {} {} x {}\n", layers.size() + 1, chosen.size(), layer.name, layer.rows,
                             layer.cols);
    const Tensor weights = model.load(layer.name);
    layers.push_back({layer.name, quantize_layer(model, weights, format)});
    const Distortion distortion = measure(weights, layers.back().tensor);
    rows.push_back(layer_json(layer.name, layers.back().tensor, distortion));
    total.signal += distortion.signal;
    total.noise += distortion.noise;
  }
  write_packed_file(out, layers);
  const Json result = {{"model", model.path()},
                       {"format", format.id()},
                       {"out", out},
                       {"layers", rows},
                       {"total", total_json(layers, total)}};
  const reports::Record record = quantize_record(result);
  write_record(*options, record);
  if ((*options)["json"].as<bool>()) {
    print_json(result);
  } else {
    std::cout << reports::terminal(record.tables[0]) << fmt::format("\n{} -> {}\n", record.title, out);
  }
  return kDone;
}

}  // namespace subbyte::sim
