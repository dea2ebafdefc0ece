// `subbyte synth`: area and critical path of units in a cell library.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "sim/command.hpp"
#include "sim/input_error.hpp"
#include "sim/output_file.hpp"
#include "sim/synth_report.hpp"
#include "sim/synthesis_process.hpp"
#include "sim/technology.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

CommandLine synth_line() {
  CommandLine line;
  line.usage =
      "synth [--unit U] [--params k=v,...] [--technology T | --liberty L.lib[.gz]] [--clock-mhz F] [--json] "
      "[--out DIR]";
  line.options.add_options()(
      "unit", po::value<std::string>(),
      "unit to map, or fp16_mac_tile; default: bitserial_tile and, beside it, fp16_mac_tile")(
      "params", po::value<std::string>()->default_value(""),
      "parameters of the unit (see `subbyte units`); rows and cols also set the baseline's by default")(
      "technology", po::value<std::string>()->default_value("osu018"),
      "cell library by name (configs/technologies)")(
      "liberty", po::value<std::string>(), "cell library by file, plain or gzip, instead of a technology")(
      "clock-mhz", po::value<double>()->default_value(kDefaultClockMhz),
      "clock that the mapping aims at and that is checked")("no-composed", po::bool_switch(),
                                                            "skip the timing of the whole netlist at 2 x 2")(
      "out", po::value<std::string>(),
      "folder for synth.json, record.json, tables (CSV) and mapped netlists");
  line.notes =
      "Every module is mapped once (yosys, abc) and multiplied by its instances; units and modules marked "
      "keep_hierarchy\n"
      "stay apart, everything else is flattened into them. Results are kept in $SUBBYTE_CACHE/synth or the "
      "build folder.\n\n"
      "JSON: {\"library\":{file,name,hash,corner,voltage_v,temperature_c,process,nand2,nand2_um2},\n"
      "       \"tools\":{yosys,sta,paths_from,abc_script,script_hash,conventions},\n"
      "       "
      "\"units\":[{unit,parameters,cells,area_um2,gate_equivalents,modules:[{name,module,rtl_parameters,"
      "instances,cells,\n"
      "                  "
      "flip_flops,area_um2,gate_equivalents,path:{delay_ns,from,to},register_path,cells_by_type}],\n"
      "                  "
      "composed_path:{parameters,worst,ends_in:{MODULE:path}},clock:{mhz,met,path_ns,where}}],\n"
      "       "
      "\"formats\":[{format,terms,tile_macs_per_cycle,tile_um2_per_mac,baseline_um2_per_mac,ratio,published_"
      "ratio}],\n"
      "       \"published\":[{name,ours,published,source,remark}]}\n"
      "Figures of a module are of one instance, without the modules it contains; um2 is the library's unit "
      "of area.\n";
  return line;
}

kernels::Parameters parse_parameters(const std::string& text) {
  kernels::Parameters parameters;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, end - at);
    const std::size_t sign = item.find('=');
    const std::string digits = sign == std::string::npos ? "" : item.substr(sign + 1);
    if (sign == 0 || digits.empty() || digits.size() > 9 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      throw InputError("", "--params", "'" + item + "', expected NAME=NUMBER[,NAME=NUMBER...]");
    }
    parameters[item.substr(0, sign)] = std::stoll(digits);
    at = end + 1;
  }
  return parameters;
}

/// The parameters that the baseline shares with a tile.
kernels::Parameters shape_of(const kernels::Parameters& parameters) {
  kernels::Parameters shape;
  for (const char* name : {"rows", "cols"}) {
    const auto found = parameters.find(name);
    if (found != parameters.end()) shape.insert(*found);
  }
  return shape;
}

void write_results(const fs::path& folder, std::span<const SynthesisResult> results, const Library& library) {
  const reports::Record record = synth_record(results, library);
  write_atomically(folder / "synth.json", synth_json(results, library).dump(1) + "\n");
  write_atomically(folder / "record.json", reports::to_json(record).dump(1) + "\n");
  for (std::size_t i = 0; i < record.tables.size(); ++i) {
    write_atomically(folder / fmt::format("table{}.csv", i + 1), reports::csv(record.tables[i]));
  }
  for (const SynthesisResult& result : results) {
    for (const SynthesizedModule& module : result.modules) {
      write_atomically(folder / result.unit / (module.name + ".v"), module.verilog);
    }
  }
}

void print_results(std::span<const SynthesisResult> results, const Library& library) {
  std::cout << "Library " << corner_text(library) << "\n  " << library.path.string() << "\n";
  const SynthesisTools& tools = results.front().tools;
  std::cout << fmt::format("Tools   {}; {}\nScript  rtl/synth.ys ({}), abc: {}\nTarget  {:g} MHz; {}\n\n",
                           tools.yosys, tools.sta.empty() ? "no sta: paths by abc's stime" : tools.sta,
                           tools.script_hash, tools.abc_script, results.front().clock_mhz, tools.conventions);
  for (const reports::Table& table : synth_record(results, library).tables)
    std::cout << reports::terminal(table) << "\n";
}

}  // namespace

int run_synth(Arguments args) {
  const auto values = parse_options(args, synth_line());
  if (!values) return kDone;
  const kernels::Parameters parameters = parse_parameters((*values)["params"].as<std::string>());
  SynthesisOptions options;
  options.clock_mhz = (*values)["clock-mhz"].as<double>();
  options.composed_path = !(*values)["no-composed"].as<bool>();
  options.progress = [](const std::string& text) { std::cerr << text << std::endl; };
  if (!(options.clock_mhz > 0 && options.clock_mhz <= 1e6))
    throw InputError("", "--clock-mhz", "expected 0 < F <= 1000000");
  const Library library = values->count("liberty") != 0
                              ? read_library((*values)["liberty"].as<std::string>())
                              : read_technology((*values)["technology"].as<std::string>()).library;
  std::vector<SynthesisResult> results;
  if (values->count("unit") != 0) {
    results.push_back(synthesize((*values)["unit"].as<std::string>(), parameters, library, options));
  } else {
    results.push_back(synthesize("bitserial_tile", parameters, library, options));
    results.push_back(synthesize(kBaselineUnit, shape_of(parameters), library, options));
    // The published widths as a point of its own: 3 bits kept in alignment, 15-bit signed accumulator,
    // truncation.
    results.push_back(synthesize("bitserial_pe", published_pe_parameters(), library, options));
    results.push_back(synthesize("group_dequant", published_dequant_parameters(), library, options));
  }
  if (values->count("out") != 0) write_results((*values)["out"].as<std::string>(), results, library);
  if ((*values)["json"].as<bool>())
    print_json(synth_json(results, library));
  else
    print_results(results, library);
  return kDone;
}

}  // namespace subbyte::sim
