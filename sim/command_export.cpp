// `subbyte export`: packed layers as a GGUF file, or in a layout that no file format has.
#include <fmt/format.h>

#include <iostream>

#include "sim/command.hpp"
#include "sim/gguf_types.hpp"
#include "sim/input_error.hpp"
#include "sim/packed_export.hpp"
#include "sim/tl2_files.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

CommandLine export_line() {
  CommandLine line;
  line.usage =
      "export P --out X.gguf [--model M] [--type T] [--keep-rows] [--json]\n"
      "       subbyte export P --out FOLDER --layout tl2 [--tile-rows N] [--block-cols N] [--json]";
  line.options.add_options()                                                                       //
      ("packed", po::value<std::string>()->required(), "packed file (the first argument)")         //
      ("out", po::value<std::string>()->required(), "GGUF file to write; a folder with --layout")  //
      ("model", po::value<std::string>(),
       "the model that P was packed from: its other tensors, configuration and tokenizer make the file "
       "complete")  //
      ("type", po::value<std::string>()->default_value(""),
       "GGUF type of the packed layers, where a format fits several (TQ1_0, TQ2_0)")  //
      ("keep-rows", po::bool_switch(),
       "rows of q and k are adjacent rotation pairs already (P comes from a GGUF or llama2.c model)")  //
      ("layout", po::value<std::string>()->default_value("gguf"),
       "gguf, or tl2: bitnet.cpp's TL2 bytes of ternary layers, LAYER.tl2.bin with LAYER.tl2.json each")  //
      ("tile-rows", po::value<std::uint64_t>()->default_value(128), "tl2: rows of a tile (BM)")           //
      ("block-cols", po::value<std::uint64_t>()->default_value(96), "tl2: columns of a block (BK)");
  line.positional.add("packed", 1);
  line.notes =
      "Codes and scales are copied bit for bit; a format that no GGUF type holds is refused. With --model "
      "the file is a\n"
      "whole model that `subbyte evaluate --model X.gguf` and llama.cpp read; rows of q and k are put into "
      "GGUF's order.\n"
      "Example: subbyte quantize --model m.bin --format q8_0 --out p.safetensors\n"
      "         subbyte export p.safetensors --model m.bin --out m.gguf\n"
      "JSON: {\"packed\",\"out\",\"files\":[PATH]} with --layout, else\n"
      "      {\"packed\",\"out\",\"tensors\":[{\"name\",\"type\",\"shape\",\"bytes\"}],\"notes\":[TEXT]}\n";
  return line;
}

/// Files in another layout; false when it is gguf.
bool write_layout(const PackedFile& packed, const po::variables_map& options) {
  const auto& layout = options["layout"].as<std::string>();
  if (layout == "gguf") return false;
  if (layout != "tl2") throw InputError("", "--layout", fmt::format("is '{}', expected gguf or tl2", layout));
  const auto out = options["out"].as<std::string>();
  const auto files = write_tl2(
      out, packed, {options["tile-rows"].as<std::uint64_t>(), options["block-cols"].as<std::uint64_t>()});
  if (options["json"].as<bool>()) {
    print_json({{"packed", packed.path()}, {"out", out}, {"files", files}});
  } else {
    std::cout << fmt::format("{} layers of {} -> {}\n", files.size(), packed.path(), out);
  }
  return true;
}

}  // namespace

int run_export(Arguments args) {
  const auto arguments = parse_options(args, export_line());
  if (!arguments) return kDone;
  const PackedFile packed = PackedFile::open((*arguments)["packed"].as<std::string>());
  if (write_layout(packed, *arguments)) return kDone;
  std::optional<Model> model;
  if (arguments->count("model") != 0) model = open_model((*arguments)["model"].as<std::string>());
  const ExportOptions options{(*arguments)["type"].as<std::string>(), model ? &*model : nullptr,
                              (*arguments)["keep-rows"].as<bool>()};
  const auto out = (*arguments)["out"].as<std::string>();
  std::vector<std::string> notes;
  const GgufKeys keys = export_keys(packed, options, notes);
  const std::vector<ExportTensor> tensors = export_tensors(packed, options);
  std::vector<GgufField> fields;
  Json rows = Json::array();
  for (const ExportTensor& tensor : tensors) {
    const GgufField& field = tensor.field;
    fields.push_back(field);
    rows.push_back({{"name", field.name},
                    {"type", ggml_type_name(field.type)},
                    {"shape", field.shape},
                    {"bytes", field.bytes}});
  }
  GgufWriter writer(out, keys, fields);
  for (const ExportTensor& tensor : tensors) tensor.write(writer);
  writer.commit();
  if ((*arguments)["json"].as<bool>()) {
    print_json({{"packed", packed.path()}, {"out", out}, {"tensors", rows}, {"notes", notes}});
    return kDone;
  }
  for (const Json& row : rows)
    std::cout << fmt::format("{} {} {}\n", row["name"].get<std::string>(), row["type"].get<std::string>(),
                             row["shape"].dump());
  for (const std::string& note : notes) std::cout << note << "\n";
  std::cout << fmt::format("{} tensors of {} -> {}\n", rows.size(), packed.path(), out);
  return kDone;
}

}  // namespace subbyte::sim
