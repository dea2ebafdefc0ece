// `subbyte quantize`: every linear layer of a model into one packed file.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <iostream>

#include "reports/text.hpp"
#include "reports/verdict.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/config/format_text.hpp"
#include "sim/config/policy.hpp"
#include "sim/packed/packed_writer.hpp"
#include "sim/packed/quantize_layer.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

struct QuantizeCommand {
  std::string model{kEmbedded};
  std::optional<Policy> policy;
  std::string out;
  std::string layers = "*";
  unsigned threads = 0;
  std::optional<std::string> record;
  bool json = false, verbose = false;
};

constexpr const char* kNotes = R"(
Every linear layer is quantized, and so is the classifier: weights that it shares with the
embeddings are copied as lm_head. Embeddings and norms are left out. A layer that a policy leaves
unquantized is stored as it is (fp32, fp16 or bf16). Only one layer is in memory at a time. SQNR is
the energy of the FP32 weights over the energy of the error, in dB; it is null where there is no
error.

Example: subbyte quantize --format bitmod-fp4:g128 --out fp4.safetensors

A policy is a file such as this one, in which the first pattern that matches a layer counts:
  default: bitmod-fp4:g128
  layers:
    - {match: "model.layers.*.mlp.*", format: bitmod-fp3:g128}
  skip: [lm_head]                       # these layers are left unquantized

JSON:
  {"model","format","policy" (when a file was given),"out",
   "clips":[TEXT] (where a format of one's own has lopsided levels),
   "layers":[{"name","format","rows","cols","sqnr_db","bits_per_weight",
              "nominal_bits_per_weight","bytes"}],
   "total":{"weights","sqnr_db","bits_per_weight","nominal_bits_per_weight","bytes"}}
)";

Policy one_policy(const std::string& text) {
  check_one_format(text, "for several, run quantize for each");
  return parse_policy(text);
}

std::optional<QuantizeCommand> read_options(Arguments args) {
  QuantizeCommand command;
  Options options("quantize --format F --out P [--model M] [--layer PATTERN] [--threads N] [--json]", command.json);
  options.value("model M", command.model,
                "Quantize this model: a safetensors, llama2.c (.bin) or GGUF file, a matrix (.npy, [out][in]), a "
                "directory with model.safetensors or model.safetensors.index.json, or 'embedded', the model that "
                "comes with Subbyte.");
  options
      .named("format F", command.policy, "", one_policy,
             "Quantize to this number format (`subbyte formats` lists them), or by this policy, a .yaml file with "
             "'default', 'layers' and 'skip'.")
      .required("a number format or a policy");
  options.value("out FILE", command.out, "Write this packed file (safetensors). Missing folders are made.")
      .required("a packed file to write")
      .output();
  options.pattern("layer PATTERN", command.layers, "Quantize only the layers whose names match this shell pattern.");
  options.value("threads N", command.threads,
                "Use this many threads; 0 stands for one per core. The result is the same with any number.", {0, 1024});
  add_record(options, command.record);
  add_verbose(options, command.verbose);
  options.notes(kNotes);
  return options.parse(args) ? std::optional(std::move(command)) : std::nullopt;
}

/// What `layer` becomes under the policy.
PackedLayerInfo planned(const Checkpoint& model, const LinearLayer& layer, const Policy& policy) {
  PackedLayerInfo info{layer.name, {}, layer.rows, layer.cols};
  if (const auto format = policy.format_of(layer.name)) {
    info.format = *format;
  } else {
    info.raw = model.stored_type(layer.name);
  }
  return info;
}

std::size_t stored_size(const PackedLayerInfo& layer) {
  std::size_t bytes = 0;
  for (const PackedBuffer& buffer : packed_buffers(layer)) bytes += buffer.bytes;
  return bytes;
}

double nominal_bits(const PackedLayerInfo& layer) {
  return layer.raw ? 8.0 * static_cast<double>(element_bytes(*layer.raw)) : layer.format.nominal_bits_per_weight();
}

/// Sums over layers; bits are averages over weights.
struct Total {
  std::size_t weights = 0;
  std::size_t bytes = 0;
  double nominal = 0;
  quant::Distortion distortion;

  void add(const PackedLayerInfo& layer, const quant::Distortion& layer_distortion) {
    weights += layer.rows * layer.cols;
    bytes += stored_size(layer);
    nominal += nominal_bits(layer) * static_cast<double>(layer.rows * layer.cols);
    distortion += layer_distortion;
  }
  Json json() const {
    return {{"weights", weights},
            {"sqnr_db", distortion.sqnr_db()},
            {"bits_per_weight", 8.0 * static_cast<double>(bytes) / static_cast<double>(weights)},
            {"nominal_bits_per_weight", nominal / static_cast<double>(weights)},
            {"bytes", bytes}};
  }
};

Json layer_json(const PackedLayerInfo& layer, const quant::Distortion& distortion) {
  const std::size_t bytes = stored_size(layer);
  return {{"name", layer.name},
          {"format", layer.format_id()},
          {"rows", layer.rows},
          {"cols", layer.cols},
          {"sqnr_db", distortion.sqnr_db()},
          {"bits_per_weight", 8.0 * static_cast<double>(bytes) / static_cast<double>(layer.rows * layer.cols)},
          {"nominal_bits_per_weight", nominal_bits(layer)},
          {"bytes", bytes}};
}

std::vector<Json> table_row(const std::string& name, const std::string& shape, const Json& values) {
  const double sqnr = values["sqnr_db"].get<double>();
  return {name,
          values.value("format", ""),
          shape,
          std::isfinite(sqnr) ? Json(sqnr) : Json("exact"),
          values["bits_per_weight"],
          values["nominal_bits_per_weight"],
          values["bytes"]};
}

reports::Record quantize_record(const Json& result) {
  reports::Table table{"Layers",
                       {{"layer", "", "", 4},
                        {"format", "", "", 4},
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
  const auto shape = [](const Json& layer) {
    return fmt::format("{} x {}", layer["rows"].get<std::size_t>(), layer["cols"].get<std::size_t>());
  };
  for (const Json& layer : result["layers"]) add(layer["name"], shape(layer), layer);
  add("total", fmt::format("{} w", result["total"]["weights"].get<std::size_t>()), result["total"]);
  if (result.contains("clips"))
    for (const Json& text : result["clips"]) table.note += fmt::format(" {}.", text.get<std::string>());
  reports::Record record;
  const std::string model = reports::model_name(result["model"].get<std::string>());
  record.title = fmt::format("{} in {}", model, result["format"].get<std::string>());
  record.kind = "quantize";
  record.provenance = {{"model", result["model"]}, {"format", result["format"]}, {"out", result["out"]}};
  if (result.contains("policy")) record.provenance["policy"] = result["policy"];
  record.tables = {table};
  return record;
}

quant::Distortion write_layer(const Checkpoint& model, const PackedLayerInfo& info, unsigned threads,
                              PackedWriter& writer) {
  const LinearLayer& layer = model.layer(info.name);
  if (info.raw) return copy_layer(model, layer, [&](std::span<const float> values) { writer.add_raw(values); });
  const QuantizedLayer quantized = quantize_layer(model, layer, info.format, threads);
  writer.add(quantized.tensor);
  return quantized.distortion;
}

/// Checks every pattern of the policy against the whole model, not only the chosen layers.
std::vector<PackedLayerInfo> plan(const Checkpoint& model, const Policy& policy, const std::string& glob) {
  std::vector<std::string> names;
  for (const LinearLayer& layer : model.layers()) names.push_back(layer.name);
  policy.check(names);
  std::vector<PackedLayerInfo> layers;
  for (const LinearLayer& layer : model.matching(glob)) layers.push_back(planned(model, layer, policy));
  return layers;
}

Json run(const QuantizeCommand& options) {
  const unsigned threads = options.threads != 0 ? options.threads : all_cores();
  const Policy& policy = *options.policy;
  const std::string& out = options.out;
  const Checkpoint model = open_checkpoint(options.model);
  const std::vector<PackedLayerInfo> layers = plan(model, policy, options.layers);
  PackedWriter writer(out, layers);
  double weights = 0;
  for (const PackedLayerInfo& layer : layers) weights += static_cast<double>(layer.rows * layer.cols);
  Job job("quantizing", weights, "weights");
  Json rows = Json::array();
  Total total;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    job.at(layers[i].name);
    const quant::Distortion distortion = write_layer(model, layers[i], threads, writer);
    job.advance(static_cast<double>(layers[i].rows * layers[i].cols));
    if (distortion.not_finite > 0)
      say(fmt::format("layer {}: {} weights lie in groups that are not finite and are stored as NaN", layers[i].name,
                      distortion.not_finite));
    rows.push_back(layer_json(layers[i], distortion));
    total.add(layers[i], distortion);
  }
  writer.commit();
  Json result = {{"model", model.path()}, {"format", policy.text()}, {"out", out}};
  if (policy.is_file()) result["policy"] = policy.resolved();
  LayerFormats formats;
  for (const PackedLayerInfo& layer : layers)
    formats.emplace_back(layer.name, layer.raw ? std::nullopt : std::optional(layer.format));
  if (const auto clips = clipping_texts(formats); !clips.empty()) result["clips"] = clips;
  result["layers"] = rows;
  result["total"] = total.json();
  return result;
}

}  // namespace

int run_quantize(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  const Json result = run(*command);
  const reports::Record record = quantize_record(result);
  write_record(command->record, record);
  if (command->json) {
    print_json(result);
    return kDone;
  }
  std::cout << reports::terminal(record.tables[0], command->verbose)
            << fmt::format("\n{} in {} -> {}\n", result["model"].get<std::string>(),
                           result["format"].get<std::string>(), result["out"].get<std::string>());
  return kDone;
}

}  // namespace subbyte::sim
