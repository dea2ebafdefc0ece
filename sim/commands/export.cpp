// `subbyte export`: packed layers as a GGUF file, or in a layout that no file format has; a hardware unit for another
// flow.
#include <fmt/format.h>

#include <iostream>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/config/format_file.hpp"
#include "sim/engines/export_unit.hpp"
#include "sim/engines/verify.hpp"
#include "sim/files/gguf_types.hpp"
#include "sim/packed/packed_export.hpp"
#include "sim/packed/tl2_files.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

CommandLine export_line() {
  CommandLine line;
  line.usage =
      "export P --out X.gguf [--model M] [--type T] [--keep-rows] [--json]\n"
      "       subbyte export P --out FOLDER --layout tl2 [--tile-rows N] [--block-cols N] [--json]\n"
      "       subbyte export --unit U --out FOLDER [--params k=v,...] [--format F] [--cases N] [--seed S] [--stalls P]\n"
      "                      [--clock-mhz F] [--netlist] [--technology T | --liberty L] [--json]";
  line.options.add_options()                                                    //
      ("packed", po::value<std::string>(), "packed file (the first argument)")  //
      ("out", po::value<std::string>()->required(),
       "GGUF file to write; a folder with --layout; with --unit a folder that is new or empty")  //
      ("model", po::value<std::string>(),
       "the model that P was packed from: its other tensors, configuration and tokenizer make the file "
       "complete")  //
      ("type", po::value<std::string>()->default_value(""),
       "GGUF type of the packed layers, where a format fits several (TQ1_0, TQ2_0)")  //
      ("keep-rows", po::bool_switch(),
       "rows of q and k are adjacent rotation pairs already (P comes from a GGUF or llama2.c model)")  //
      ("layout", po::value<std::string>()->default_value("gguf"),
       "gguf, or tl2: bitnet.cpp's TL2 bytes of ternary layers, LAYER.tl2.bin with LAYER.tl2.json each")       //
      ("tile-rows", po::value<std::uint64_t>()->default_value(128), "tl2: rows of a tile (BM)")                //
      ("block-cols", po::value<std::uint64_t>()->default_value(96), "tl2: columns of a block (BK)")            //
      ("unit", po::value<std::string>(), "hardware unit (see `subbyte units`) instead of a packed file")       //
      ("params", po::value<std::string>()->default_value(""), "unit: parameters; default: its default point")  //
      ("format", po::value<std::string>()->default_value(""),
       "unit: number format of the vectors; default: the first of `subbyte formats` that it runs")                   //
      ("cases", po::value<std::size_t>()->default_value(200), "unit: random cases")                                  //
      ("seed", po::value<std::uint64_t>()->default_value(1), "unit: seed of the vectors")                            //
      ("stalls", po::value<unsigned>()->default_value(30), "unit: stall percentage on both sides, 0..99")            //
      ("clock-mhz", po::value<double>()->default_value(kDefaultClockMhz), "unit: clock of constraints and netlist")  //
      ("netlist", po::bool_switch(), "unit: also the mapped netlist and models of its cells")                        //
      ("technology", po::value<std::string>()->default_value("osu018"), "unit: cell library by name")                //
      ("liberty", po::value<std::string>(), "unit: cell library by file instead of a technology");
  line.positional.add("packed", 1);
  line.notes =
      "Codes and scales are copied bit for bit; a format that no GGUF type holds is refused. With --model "
      "the file is a\n"
      "whole model that `subbyte evaluate --model X.gguf` and llama.cpp read; rows of q and k are put into "
      "GGUF's order.\n"
      "Example: subbyte quantize --model m.bin --format q8_0 --out p.safetensors\n"
      "         subbyte export p.safetensors --model m.bin --out m.gguf\n"
      "With --unit: SystemVerilog sources with a file list, SDC, hex vectors, a self-checking bench in plain Verilog, a\n"
      "Makefile and a README with the commands.\n"
      "Example: subbyte export --unit bitserial_pe --params lanes=4 --netlist --out pe && make -C pe\n"
      "JSON: {\"packed\",\"out\",\"files\":[PATH]} with --layout; "
      "{\"unit\",\"parameters\",\"format\",\"out\",\"files\":[PATH],\n"
      "      \"input_beats\",\"output_beats\",\"cycles\"} with --unit; else\n"
      "      {\"packed\",\"out\",\"tensors\":[{\"name\",\"type\",\"shape\",\"bytes\"}],\"notes\":[TEXT]}\n";
  return line;
}

/// Files in another layout; false when it is gguf.
bool write_layout(const PackedFile& packed, const po::variables_map& options) {
  const auto& layout = options["layout"].as<std::string>();
  if (layout == "gguf") return false;
  if (layout != "tl2") throw InputError("", "--layout", fmt::format("is '{}', expected gguf or tl2", layout));
  const auto out = options["out"].as<std::string>();
  const auto files =
      write_tl2(out, packed, {options["tile-rows"].as<std::uint64_t>(), options["block-cols"].as<std::uint64_t>()});
  if (options["json"].as<bool>()) {
    print_json({{"packed", packed.path()}, {"out", out}, {"files", files}});
  } else {
    std::cout << fmt::format("{} layers of {} -> {}\n", files.size(), packed.path(), out);
  }
  return true;
}

/// Options of the other kind of export are an error, not ignored.
void refuse_options(const po::variables_map& options, std::initializer_list<const char*> names, const char* why) {
  for (const char* name : names)
    if (options.count(name) != 0 && !options[name].defaulted()) throw InputError("", std::string("--") + name, why);
}

/// The first format of the table, as it is or in groups of 32, that the unit runs.
quant::Format default_format(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  for (const char* suffix : {"", ":g32"}) {
    for (const auto& row : quant::format_table()) {
      try {
        const quant::Format format = quant::parse_format(row.name + suffix);
        if (!unit.unsupported(parameters, format)) return format;
      } catch (const quant::FormatError&) {
        continue;  // the row has no such group
      }
    }
  }
  throw InputError(
      "", "--unit",
      fmt::format("{} runs no format of the table at these parameters; name one with --format", unit.name));
}

quant::Format vector_format(const po::variables_map& options, const kernels::UnitInfo& unit,
                            const kernels::Parameters& parameters) {
  const auto& name = options["format"].as<std::string>();
  if (name.empty()) return default_format(unit, parameters);
  const quant::Format format = read_format(name);
  if (const auto why = unit.unsupported(parameters, format))
    throw InputError("", "--format", fmt::format("unit {} cannot run {}: {}", unit.name, name, why->text));
  return format;
}

UnitExportRequest unit_request(const po::variables_map& options) {
  const kernels::UnitInfo& unit = kernels::unit(options["unit"].as<std::string>());
  const auto parameters = kernels::resolve(unit, kernels::parse_parameters(options["params"].as<std::string>()));
  const auto cases = options["cases"].as<std::size_t>();
  constexpr std::size_t kMaxCases = 1'000'000;
  if (cases == 0 || cases > kMaxCases)
    throw InputError("", "--cases", fmt::format("is {}, expected 1..{}", cases, kMaxCases));
  const auto stalls = options["stalls"].as<unsigned>();
  if (stalls > 99) throw InputError("", "--stalls", fmt::format("is {}, expected a percentage of 0..99", stalls));
  const auto clock = options["clock-mhz"].as<double>();
  constexpr double kMaxMhz = 10'000;
  if (!(clock > 0 && clock <= kMaxMhz))
    throw InputError("", "--clock-mhz", fmt::format("is {:g}, expected more than 0 and at most {:g}", clock, kMaxMhz));
  const bool file = options.count("liberty") != 0;
  if (file && !options["technology"].defaulted())
    throw InputError("", "--technology", "is given with --liberty, expected one of them");
  return {unit,
          parameters,
          vector_format(options, unit, parameters),
          cases,
          options["seed"].as<std::uint64_t>(),
          stalls,
          clock,
          read_technology(options[file ? "liberty" : "technology"].as<std::string>()),
          options["netlist"].as<bool>()};
}

int run_unit_export(const po::variables_map& options) {
  refuse_options(options, {"packed", "model", "type", "keep-rows", "layout", "tile-rows", "block-cols"},
                 "is for packed files, and --unit exports a unit; give one of the two");
  const auto out = options["out"].as<std::string>();
  check_export_folder(out);
  const UnitExportRequest request = unit_request(options);
  const UnitExport done = export_unit(request, out);
  if (options["json"].as<bool>()) {
    print_json({{"unit", request.unit.name},
                {"parameters", request.parameters},
                {"format", request.format.id()},
                {"out", out},
                {"files", done.files},
                {"input_beats", done.input_beats},
                {"output_beats", done.output_beats},
                {"cycles", done.cycles}});
    return kDone;
  }
  std::cout << fmt::format("{} at {}: {} files, {} input beats, {} output beats, {} cycles -> {}\n", request.unit.name,
                           kernels::parameters_text(request.parameters), done.files.size(), done.input_beats,
                           done.output_beats, done.cycles, out);
  return kDone;
}

}  // namespace

int run_export(Arguments args) {
  const auto arguments = parse_options(args, export_line());
  if (!arguments) return kDone;
  if (arguments->count("unit") != 0) return run_unit_export(*arguments);
  refuse_options(*arguments,
                 {"params", "format", "cases", "seed", "stalls", "clock-mhz", "netlist", "technology", "liberty"},
                 "is for --unit, expected a unit beside it");
  if (arguments->count("packed") == 0) throw po::required_option("packed");
  const PackedFile packed = PackedFile::open((*arguments)["packed"].as<std::string>());
  if (write_layout(packed, *arguments)) return kDone;
  std::optional<Checkpoint> model;
  if (arguments->count("model") != 0) model = open_checkpoint((*arguments)["model"].as<std::string>());
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
    rows.push_back(
        {{"name", field.name}, {"type", ggml_type_name(field.type)}, {"shape", field.shape}, {"bytes", field.bytes}});
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
