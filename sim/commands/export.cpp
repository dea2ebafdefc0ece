// `subbyte export`: packed layers as a GGUF file, or in a layout that no file format has; a hardware unit for another
// flow.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/config/format_file.hpp"
#include "sim/engines/export_unit.hpp"
#include "sim/engines/verify.hpp"
#include "sim/files/gguf_types.hpp"
#include "sim/packed/packed_export.hpp"
#include "sim/packed/tl2_files.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

enum class Layout { kGguf, kTl2 };

struct ExportCommand {
  std::string out;
  // These belong to packed files.
  std::string packed, type;
  std::optional<std::string> model;
  bool keep_rows = false;
  Layout layout = Layout::kGguf;
  Tl2Tiles tiles;
  // These belong to a unit.
  const kernels::UnitInfo* unit = nullptr;
  kernels::Parameters parameters;
  std::optional<quant::Format> format;
  std::size_t cases = 200;
  std::uint64_t seed = 1;
  unsigned stalls = 30;
  double clock_mhz = kDefaultClockMhz;
  bool netlist = false;
  TechnologyChoice technology;
  std::filesystem::path rtl;
  bool json = false;
};

constexpr const char* kUsage =
    "export P --out X.gguf [--model M] [--type T] [--keep-rows] [--json]\n"
    "       subbyte export P --out FOLDER --layout tl2 [--tile-rows N] [--block-cols N] [--json]\n"
    "       subbyte export --unit U --out FOLDER [--params k=v,...] [--format F] [--cases N] [--seed N]\n"
    "                      [--stalls N] [--clock-mhz F] [--netlist] [--technology T | --liberty L]\n"
    "                      [--rtl-dir FOLDER] [--json]";

constexpr const char* kNotes = R"(
Codes and scales are copied bit for bit; a format that no GGUF type holds is refused. With --model
the file is a whole model, which `subbyte evaluate --model X.gguf` and llama.cpp read; the rows of q
and k are then put into the order of GGUF.

Example: subbyte quantize --model m.bin --format q8_0 --out p.safetensors
         subbyte export p.safetensors --model m.bin --out m.gguf

With --unit the folder gets SystemVerilog sources with a file list, constraints (SDC), vectors, a
bench in plain Verilog that checks itself, a Makefile, and a README with the commands.

Example: subbyte export --unit bitserial_pe --params lanes=4 --netlist --out pe && make -C pe

JSON:
  {"packed","out","tensors":[{"name","type","shape","bytes"}],"notes":[TEXT]}, with --layout
  {"packed","out","files":[PATH]}, and with --unit
  {"unit","parameters","format","out","files":[PATH],"input_beats","output_beats","cycles"},
  and with --rtl-dir "rtl":{"folder","hash"}
)";

void add_packed(Options& options, ExportCommand& command) {
  options.value("packed FILE", command.packed, "Export the layers of this packed file (the first argument).")
      .without_name();
  options
      .value("out PATH", command.out,
             "Write this GGUF file. With --layout and --unit this is a folder; for a unit it must be new or empty.")
      .required("a GGUF file, or a folder with --layout and --unit")
      .output();
  options.value("model M", command.model,
                "Add the other tensors, the configuration and the tokenizer of the model that P was packed from, so "
                "that the file is complete.");
  options.value("type T", command.type,
                "Store packed layers as this GGUF type, where a format fits several (TQ1_0, TQ2_0).");
  options.flag("keep-rows", command.keep_rows,
               "Keep the rows of q and k as they are: adjacent rows already make a rotation pair, because P comes from "
               "a GGUF or llama2.c model.");
  options.choice("layout WORD", command.layout, {{"gguf", Layout::kGguf}, {"tl2", Layout::kTl2}},
                 "Write a GGUF file (gguf), or the TL2 bytes of ternary layers for bitnet.cpp (tl2), which are "
                 "LAYER.tl2.bin with LAYER.tl2.json for each layer.");
  options.value("tile-rows N", command.tiles.rows, "With --layout tl2, give a tile this many rows (BM).");
  options.value("block-cols N", command.tiles.block_cols, "With --layout tl2, give a block this many columns (BK).");
}

void add_unit(Options& options, ExportCommand& command) {
  options.named(
      "unit U", command.unit, "", [](const std::string& name) { return &kernels::unit(name); },
      "Export this hardware unit (`subbyte units` lists them) instead of a packed file. The options below are for a "
      "unit.");
  options.named("params NAME=N,...", command.parameters, "", parameters_named,
                "Set these parameters; the others have their defaults.");
  options.named("format F", command.format, "", read_format,
                "Draw the vectors in this number format. By default it is the first of `subbyte formats` that the "
                "unit runs.");
  options.value("cases N", command.cases, "Draw this many random cases.", {1, 1'000'000});
  options.value("seed N", command.seed, "Draw the vectors from this seed.");
  options.value("stalls N", command.stalls, "Stall both sides in this percentage of cycles.", {0, 99});
  options.value("clock-mhz F", command.clock_mhz, "Aim constraints and netlist at this clock.", {kLeastMhz, 10'000});
  options.flag("netlist", command.netlist, "Add the mapped netlist and models of its cells.");
  add_technology(options, command.technology);
  add_rtl_dir(options, command.rtl,
              "Export the SystemVerilog sources in this folder, which is laid out like rtl/, not the project's. The "
              "vectors stay those of the golden function and the SystemC model.");
}

/// Options of the other kind of export are an error, not ignored.
std::optional<ExportCommand> read_options(Arguments args) {
  ExportCommand command;
  Options options(kUsage, command.json);
  add_packed(options, command);
  add_unit(options, command);
  options.notes(kNotes);
  if (!options.parse(args)) return std::nullopt;
  options.excludes({"model", "type", "keep-rows", "layout", "tile-rows", "block-cols"}, "unit",
                   "expected it with a packed file alone");
  options.needs(
      {"params", "format", "cases", "seed", "stalls", "clock-mhz", "netlist", "technology", "liberty", "rtl-dir"},
      {"unit"});
  options.effective({"tile-rows", "block-cols"}, command.layout == Layout::kTl2, "--layout tl2");
  options.effective({"model", "type", "keep-rows"}, command.layout == Layout::kGguf, "a GGUF file, which they are of");
  options.excludes({"keep-rows"}, "model", "which says how its rows stand");
  options.one_of("packed", "unit");
  check_technology(options);
  check_rtl_layout(command.rtl);
  if (command.unit != nullptr) check_parameters(*command.unit, command.parameters);
  return command;
}

int write_layers_as_tl2(const PackedFile& packed, const ExportCommand& command) {
  const auto files = write_tl2(command.out, packed, command.tiles);
  if (command.json) {
    print_json({{"packed", packed.path()}, {"out", command.out}, {"files", files}});
  } else {
    std::cout << fmt::format("{} layers of {} -> {}\n", files.size(), packed.path(), command.out);
  }
  return kDone;
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

quant::Format vector_format(const ExportCommand& command, const kernels::Parameters& parameters) {
  const kernels::UnitInfo& unit = *command.unit;
  if (!command.format) return default_format(unit, parameters);
  if (const auto why = unit.unsupported(parameters, *command.format))
    throw InputError("", "--format",
                     fmt::format("unit {} cannot run {}: {}", unit.name, command.format->id(), why->text));
  return *command.format;
}

int export_as_folder(const ExportCommand& command) {
  check_export_folder(command.out);
  const auto parameters = kernels::resolve(*command.unit, command.parameters);
  const UnitExportRequest request{
      *command.unit,  parameters,        vector_format(command, parameters),  command.cases,   command.seed,
      command.stalls, command.clock_mhz, open_technology(command.technology), command.netlist, command.rtl};
  const UnitExport done = export_unit(request, command.out);
  const auto rtl = foreign_rtl(command.rtl);
  if (command.json) {
    Json object{{"unit", request.unit.name},
                {"parameters", request.parameters},
                {"format", request.format.id()},
                {"out", command.out},
                {"files", done.files},
                {"input_beats", done.input_beats},
                {"output_beats", done.output_beats},
                {"cycles", done.cycles}};
    note_rtl(rtl, object);
    print_json(object);
    return kDone;
  }
  std::cout << foreign_rtl_text(rtl);
  std::cout << fmt::format("{} at {}: {} files, {} input beats, {} output beats, {} cycles -> {}\n", request.unit.name,
                           kernels::parameters_text(request.parameters), done.files.size(), done.input_beats,
                           done.output_beats, done.cycles, command.out);
  return kDone;
}

void print_gguf(const PackedFile& packed, const ExportCommand& command, const std::vector<GgufField>& fields,
                const std::vector<std::string>& notes) {
  Json rows = Json::array();
  for (const GgufField& field : fields)
    rows.push_back(
        {{"name", field.name}, {"type", ggml_type_name(field.type)}, {"shape", field.shape}, {"bytes", field.bytes}});
  if (command.json)
    return print_json({{"packed", packed.path()}, {"out", command.out}, {"tensors", rows}, {"notes", notes}});
  for (const Json& row : rows)
    std::cout << fmt::format("{} {} {}\n", row["name"].get<std::string>(), row["type"].get<std::string>(),
                             row["shape"].dump());
  for (const std::string& note : notes) std::cout << note << "\n";
  std::cout << fmt::format("{} tensors of {} -> {}\n", rows.size(), packed.path(), command.out);
}

int write_gguf(const PackedFile& packed, const ExportCommand& command) {
  std::optional<Checkpoint> model;
  if (command.model) model = open_checkpoint(*command.model);
  const ExportOptions options{command.type, model ? &*model : nullptr, command.keep_rows};
  std::vector<std::string> notes;
  const GgufKeys keys = export_keys(packed, options, notes);
  const std::vector<ExportTensor> tensors = export_tensors(packed, options);
  std::vector<GgufField> fields;
  for (const ExportTensor& tensor : tensors) fields.push_back(tensor.field);
  GgufWriter writer(command.out, keys, fields);
  for (const ExportTensor& tensor : tensors) tensor.write(writer);
  writer.commit();
  print_gguf(packed, command, fields, notes);
  return kDone;
}

}  // namespace

int run_export(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  if (command->unit != nullptr) return export_as_folder(*command);
  const PackedFile packed = PackedFile::open(command->packed);
  return command->layout == Layout::kTl2 ? write_layers_as_tl2(packed, *command) : write_gguf(packed, *command);
}

}  // namespace subbyte::sim
