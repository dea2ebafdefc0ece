// `subbyte import`: weights that another tool packed, bit for bit into a packed file.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"
#include "sim/packed/packed_import.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

struct ImportCommand {
  std::string file, out;
  std::string layers = "*";
  ImportOptions import;
  bool json = false;
};

constexpr const char* kNotes = R"(
Every code and scale is copied; nothing is quantized again. Layers that the other tool left
unquantized stay fp32, fp16 or bf16. Each expert is one layer
("model.layers.0.mlp.experts.3.up_proj"). Rows keep the order of the file. What can be read:
  GGUF         Q4_0, Q8_0, TQ1_0, TQ2_0, STQ1_0, MXFP4, NVFP4
  safetensors  compressed-tensors (weight_packed, weight_scale, weight_global_scale),
               ModelOpt (weight, weight_scale, weight_scale_2), gpt-oss (*.blocks, *.scales)
  bitnet.cpp   a folder of LAYER.tl2.bin and LAYER.tl2.json

Example: subbyte import model.gguf --out packed.safetensors

JSON:
  {"file","out","layers":[{"name","format","rows","cols","tensor","type","bytes"}]}
)";

quant::TensorScale tensor_scale_of(const std::string& word) {
  if (word == "decode") return quant::TensorScale::kDecode;
  if (word == "encode") return quant::TensorScale::kEncode;
  throw InputError("", "--global-scale", fmt::format("is '{}', expected decode or encode", word));
}

std::optional<ImportCommand> read_options(Arguments args) {
  ImportCommand command;
  Options options("import FILE --out P [--layer PATTERN] [--global-scale decode|encode] [--json]", command.json);
  options
      .value("file FILE", command.file,
             "Read this GGUF file, safetensors file, index of shards, or directory (the first argument).")
      .required("a file that another tool packed")
      .without_name();
  options.value("out FILE", command.out, "Write this packed file (safetensors). Missing folders are made.")
      .required("a packed file to write")
      .output();
  options.pattern("layer PATTERN", command.layers, "Copy only the layers whose names match this shell pattern.");
  options.named("global-scale WORD", command.import.global_scale, "", tensor_scale_of,
                "Say what the scale of an NVFP4 tensor does to the scales of its blocks: it multiplies them (decode) "
                "or divides them (encode). By default it does what the tool that wrote the file means.");
  options.notes(kNotes);
  return options.parse(args) ? std::optional(command) : std::nullopt;
}

Json describe(const ImportedLayer& layer) {
  std::size_t bytes = 0;
  for (const PackedBuffer& buffer : packed_buffers(layer.info)) bytes += buffer.bytes;
  return {{"name", layer.info.name}, {"format", layer.info.format_id()},   {"rows", layer.info.rows},
          {"cols", layer.info.cols}, {"tensor", layer.source.stored.name}, {"type", layer.source.stored.type_name},
          {"bytes", bytes}};
}

}  // namespace

int run_import(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  const auto& [path, out, pattern, import, json] = *command;
  const auto layers = select_layers(path, open_import(path, import), pattern);
  const auto scaled = [](const ImportedLayer& layer) {
    return !layer.info.raw && layer.info.format.scaling.tensor_scale != quant::TensorScale::kNone;
  };
  if (import.global_scale && std::ranges::none_of(layers, scaled))
    throw without_effect("global-scale", path + " has no layer with a scale of the whole tensor");
  std::vector<PackedLayerInfo> infos;
  Json rows = Json::array();
  for (const ImportedLayer& layer : layers) {
    infos.push_back(layer.info);
    rows.push_back(describe(layer));
  }
  PackedWriter writer(out, infos);
  for (const ImportedLayer& layer : layers) write_layer(layer, writer);
  writer.commit();
  if (json) {
    print_json({{"file", path}, {"out", out}, {"layers", rows}});
    return kDone;
  }
  for (const Json& row : rows) {
    std::cout << fmt::format("{}: {} x {} {} from {} {}\n", row["name"].get<std::string>(),
                             row["rows"].get<std::size_t>(), row["cols"].get<std::size_t>(),
                             row["format"].get<std::string>(), printable(row["type"].get<std::string>()),
                             printable(row["tensor"].get<std::string>()));
  }
  std::cout << fmt::format("{} layers of {} -> {}\n", rows.size(), path, out);
  return kDone;
}

}  // namespace subbyte::sim
