// `subbyte import`: weights that another tool packed, bit for bit into a packed file.
#include <fmt/format.h>

#include <iostream>

#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"
#include "sim/packed/packed_import.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

CommandLine import_line() {
  CommandLine line;
  line.usage = "import FILE --out P [--layer GLOB] [--global-scale decode|encode] [--json]";
  line.options.add_options()  //
      ("file", po::value<std::string>()->required(),
       "GGUF file, safetensors file, index of shards or directory (the first argument)")  //
      ("out", po::value<std::string>()->required(),
       "packed file to write (safetensors); missing folders are made")                                      //
      ("layer", po::value<std::string>()->default_value("*"), "only layers that match this shell pattern")  //
      ("global-scale", po::value<std::string>(),
       "what an NVFP4 tensor scale does to the block scale: decode (times it) or encode (divided by it); "
       "default: as the "
       "tool that wrote the file does");
  line.positional.add("file", 1);
  line.notes =
      "GGUF: Q4_0, Q8_0, TQ1_0, TQ2_0, STQ1_0, MXFP4, NVFP4. safetensors: compressed-tensors "
      "(weight_packed,\n"
      "weight_scale, weight_global_scale), ModelOpt (weight, weight_scale, weight_scale_2), gpt-oss "
      "(*.blocks,\n"
      "*.scales). Every code and scale is copied, nothing is quantized again; other layers stay fp32, fp16 "
      "or bf16.\n"
      "Experts are one layer each (\"model.layers.0.mlp.experts.3.up_proj\"). Rows keep the file's order.\n"
      "Example: subbyte import model.gguf --out packed.safetensors\n"
      "JSON: "
      "{\"file\",\"out\",\"layers\":[{\"name\",\"format\",\"rows\",\"cols\",\"tensor\",\"type\",\"bytes\"}]}"
      "\n";
  return line;
}

ImportOptions import_options(const po::variables_map& options) {
  if (options.count("global-scale") == 0) return {};
  const auto& text = options["global-scale"].as<std::string>();
  if (text == "decode") return {quant::TensorScale::kDecode};
  if (text == "encode") return {quant::TensorScale::kEncode};
  throw InputError("", "--global-scale", fmt::format("is '{}', expected decode or encode", text));
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
  const auto options = parse_options(args, import_line());
  if (!options) return kDone;
  const auto path = (*options)["file"].as<std::string>();
  const auto out = (*options)["out"].as<std::string>();
  const auto layers =
      select_layers(path, open_import(path, import_options(*options)), (*options)["layer"].as<std::string>());
  std::vector<PackedLayerInfo> infos;
  Json rows = Json::array();
  for (const ImportedLayer& layer : layers) {
    infos.push_back(layer.info);
    rows.push_back(describe(layer));
  }
  PackedWriter writer(out, infos);
  for (const ImportedLayer& layer : layers) write_layer(layer, writer);
  writer.commit();
  if ((*options)["json"].as<bool>()) {
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
