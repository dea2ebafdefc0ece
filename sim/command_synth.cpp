// `subbyte synth`: area and critical path of units in a cell library.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "sim/command.hpp"
#include "sim/engine_waves.hpp"
#include "sim/input_error.hpp"
#include "sim/output_file.hpp"
#include "sim/synth_report.hpp"
#include "sim/synth_report_all.hpp"
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
      "[--out DIR]\n       subbyte synth --all [--points default|small] [OPTIONS]";
  line.options.add_options()(
      "unit", po::value<std::string>(),
      "unit to map (see `subbyte units`); default: bitserial_tile and, beside it, fp16_mac_tile")(
      "all", po::bool_switch(),
      "every unit in one table: area, path, area at equal throughput, and every published figure")(
      "points", po::value<std::string>()->default_value("default"),
      "with --all: units at their default point, or small: at the one of proofs and mutants")(
      "params", po::value<std::string>(),
      "parameters of the unit (see `subbyte units`); rows and cols also set the baseline's by default")(
      "technology", po::value<std::string>()->default_value("osu018"),
      "cell library by name (configs/technologies)")(
      "liberty", po::value<std::string>(), "cell library by file, plain or gzip, instead of a technology")(
      "clock-mhz", po::value<double>()->default_value(kDefaultClockMhz),
      "clock that the mapping aims at and that is checked")("no-composed", po::bool_switch(),
                                                            "skip the timing of the whole netlist at 2 x 2")(
      "abc", po::value<std::string>()->default_value("default"), "ABC script, pinned: default or dch")(
      "sta", po::bool_switch(), "also ask Debian's sta for every path, and print the differences")(
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
      "with --all: {library,tools,clock_mhz,\"units\":[{name,unit,parameters,cells,gate_equivalents,area_um2,path_ns,\n"
      "             work_per_cycle:{macs,weights,what},um2_per_mac,of_fp16,ge_per_weight}],published}\n"
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

/// `netlist_folders` names a folder per result, for its modules.
void write_results(const fs::path& folder, const nlohmann::ordered_json& json, const reports::Record& record,
                   std::span<const SynthesisResult> results, const std::vector<std::string>& netlist_folders) {
  write_atomically(folder / "synth.json", json.dump(1) + "\n");
  write_atomically(folder / "record.json", reports::to_json(record).dump(1) + "\n");
  for (std::size_t i = 0; i < record.tables.size(); ++i) {
    write_atomically(folder / fmt::format("table{}.csv", i + 1), reports::csv(record.tables[i]));
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (const SynthesizedModule& module : results[i].modules) {
      write_atomically(folder / netlist_folders[i] / (module.name + ".v"), module.verilog);
    }
  }
}

void print_results(std::span<const SynthesisResult> results, const reports::Record& record, const Library& library) {
  std::cout << "Library " << corner_text(library) << "\n  " << library.path.string() << "\n";
  const SynthesisTools& tools = results.front().tools;
  std::cout << fmt::format("Tools   {}; {}\nScript  rtl/synth.ys ({}), abc: {}\nTarget  {:g} MHz; {}\n\n",
                           tools.yosys, kPathSource,
                           tools.script_hash, tools.abc_script, results.front().clock_mhz, tools.conventions);
  for (const reports::Table& table : record.tables)
    std::cout << reports::terminal(table) << "\n";
}

SynthesisOptions options_of(const po::variables_map& values) {
  SynthesisOptions options;
  options.clock_mhz = values["clock-mhz"].as<double>();
  options.composed_path = !values["no-composed"].as<bool>();
  options.sta = values["sta"].as<bool>();
  options.abc_script = values["abc"].as<std::string>();
  options.progress = [](const std::string& text) { std::cerr << text << std::endl; };
  if (!(options.clock_mhz > 0 && options.clock_mhz <= 1e6))
    throw InputError("", "--clock-mhz", "expected 0 < F <= 1000000");
  return options;
}

Library library_of(const po::variables_map& values) {
  if (values.count("liberty") != 0 && !values["technology"].defaulted())
    throw InputError("", "--technology", "is given with --liberty, expected one of them");
  return values.count("liberty") != 0 ? read_library(values["liberty"].as<std::string>())
                                      : read_technology(values["technology"].as<std::string>()).library;
}

int run_all(const po::variables_map& values) {
  for (const char* other : {"unit", "params"})
    if (values.count(other) != 0) throw InputError("", fmt::format("--{}", other), "cannot stand beside --all");
  const auto base = values["points"].as<std::string>();
  if (base != "default" && base != "small") throw InputError("", "--points", "is '" + base + "', expected default or small");
  SynthesisOptions options = options_of(values);
  options.composed_path = false;
  const Library library = library_of(values);
  const std::vector<AreaPoint> points = area_points(base == "small" ? AreaBase::kSmall : AreaBase::kDefault);
  std::size_t finished = 0;
  const auto results = synthesize_all(points, library, options, [&](std::size_t i, double seconds) {
    std::cerr << fmt::format("synth: {}/{} {}: {:.1f} s", ++finished, points.size(), points[i].name(), seconds) << std::endl;
  });
  const reports::Record record = all_record(results, library);
  const auto json = all_json(results, library);
  if (values.count("out") != 0) {
    std::vector<std::string> folders;
    for (const AreaPoint& point : points) folders.push_back(file_stem(point.name()));
    write_results(values["out"].as<std::string>(), json, record, results, folders);
  }
  if (values["json"].as<bool>())
    print_json(json);
  else
    print_results(results, record, library);
  return kDone;
}

}  // namespace

int run_synth(Arguments args) {
  const auto values = parse_options(args, synth_line());
  if (!values) return kDone;
  if ((*values)["all"].as<bool>()) return run_all(*values);
  if (!(*values)["points"].defaulted()) throw InputError("", "--points", "is for --all, which is not given");
  const kernels::Parameters parameters =
      parse_parameters(values->count("params") != 0 ? (*values)["params"].as<std::string>() : "");
  const SynthesisOptions options = options_of(*values);
  const Library library = library_of(*values);
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
  const reports::Record record = synth_record(results, library);
  const auto json = synth_json(results, library);
  if (values->count("out") != 0) {
    std::vector<std::string> folders;
    for (const SynthesisResult& result : results) folders.push_back(result.unit);
    write_results((*values)["out"].as<std::string>(), json, record, results, folders);
  }
  if ((*values)["json"].as<bool>())
    print_json(json);
  else
    print_results(results, record, library);
  return kDone;
}

}  // namespace subbyte::sim
