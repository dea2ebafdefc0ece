// `subbyte synth`: area and critical path of units in a cell library.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "kernels/catalogue.hpp"
#include "sim/area/area.hpp"
#include "sim/area/area_all.hpp"
#include "sim/area/area_files.hpp"
#include "sim/area/check_report.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cells/technology.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/record_option.hpp"
#include "sim/energy/area_delay.hpp"
#include "sim/energy/energy_operands.hpp"
#include "sim/engines/verify.hpp"
#include "sim/engines/waves.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

CommandLine synth_line() {
  CommandLine line;
  line.usage =
      "synth [--unit U] [--params k=v,...] [--technology T | --liberty L.lib[.gz]] [--clock-mhz F] [--json] "
      "[--out DIR]\n       subbyte synth --all [--points default|small] [OPTIONS]\n"
      "       subbyte synth --unit U --curve F,F,...|auto [--energy [--format F]] [OPTIONS]\n"
      "       subbyte synth (--unit U | --all) --check [--limit S] [--seed N] [OPTIONS]";
  line.options.add_options()(
      "unit", po::value<std::string>(),
      "unit to map (see `subbyte units`); default: bitserial_tile and, beside it, fp16_mac_tile")(
      "all", po::bool_switch(),
      "every unit in one table: area, path, area at equal throughput, and every published figure")(
      "points", po::value<std::string>()->default_value("default"),
      "with --all: units at their default point, or small: at the one of proofs and mutants")(
      "params", po::value<std::string>(),
      "parameters of the unit (see `subbyte units`); rows and cols also set the baseline's by default")(
      "technology", po::value<std::string>()->default_value("osu018"), "cell library by name (configs/technologies)")(
      "liberty", po::value<std::string>(), "cell library by file, plain or gzip, instead of a technology")(
      "clock-mhz", po::value<double>()->default_value(kDefaultClockMhz),
      "clock that the mapping aims at and that is checked")("no-composed", po::bool_switch(),
                                                            "skip the timing of the whole netlist at 2 x 2")(
      "abc", po::value<std::string>()->default_value("default"),
      "ABC script by name, pinned: default, small, choices-small, choices, fast; --curve takes all unless this is given")(
      "sta", po::bool_switch(), "also ask Debian's sta for every path, and print the differences")(
      "curve", po::value<std::string>(),
      "area and delay over the target: frequencies in MHz, or auto: from relaxed to beyond the fastest netlist")(
      "energy", po::bool_switch(), "with --curve: also energy per cycle under the stimulus of `subbyte energy`")(
      "format", po::value<std::string>(), "with --energy: format of the operands; default int4")(
      "check", po::bool_switch(),
      "RTL against netlist: every part proven by abc, the whole netlist run beside the golden function; exit 1 if one differs")(
      "limit", po::value<double>()->default_value(60),
      "with --check: seconds that the proof of a part may take, reading included")(
      "seed", po::value<std::uint64_t>()->default_value(1), "with --check: seed of the random stimuli")(
      "out", po::value<std::string>(),
      "folder for synth.json, record.json, tables (CSV) and mapped netlists (Verilog, and JSON as yosys reads it)");
  add_record_option(line.options);
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
      "with --curve and --check: the record: {\"title\",\"kind\",\"provenance\",\"metrics\",\"tables\"}\n"
      "Figures of a module are of one instance, without the modules it contains; um2 is the library's unit "
      "of area.\n";
  return line;
}

kernels::Parameters given_parameters(const po::variables_map& values) {
  return kernels::parse_parameters(values.count("params") != 0 ? values["params"].as<std::string>() : "");
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

void print_results(std::span<const SynthesisResult> results, const reports::Record& record,
                   const CellLibrary& library) {
  std::cout << "Library " << corner_text(library) << "\n  " << library.path.string() << "\n";
  const SynthesisTools& tools = results.front().tools;
  std::cout << fmt::format("Tools   {}; {}\nScript  sim/synthesis/synth.ys ({}), abc: {}\nTarget  {:g} MHz; {}\n\n",
                           tools.yosys, kPathSource, tools.script_hash, tools.abc_script, results.front().clock_mhz,
                           tools.conventions);
  for (const reports::Table& table : record.tables) std::cout << reports::terminal(table) << "\n";
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

CellLibrary library_of(const po::variables_map& values) {
  if (values.count("liberty") != 0 && !values["technology"].defaulted())
    throw InputError("", "--technology", "is given with --liberty, expected one of them");
  return values.count("liberty") != 0 ? read_cell_library(values["liberty"].as<std::string>())
                                      : read_technology(values["technology"].as<std::string>()).library;
}

AreaBase points_of(const po::variables_map& values) {
  const auto base = values["points"].as<std::string>();
  if (base != "default" && base != "small")
    throw InputError("", "--points", "is '" + base + "', expected default or small");
  return base == "small" ? AreaBase::kSmall : AreaBase::kDefault;
}

int finish(const po::variables_map& values, const reports::Record& record) {
  write_record(values, record);
  if (values.count("out") != 0) write_tables(values["out"].as<std::string>(), record);
  if (values["json"].as<bool>())
    print_json(reports::to_json(record));
  else
    std::cout << reports::terminal(record);
  return kDone;
}

/// Options that another task of the command has and this one would ignore.
void refuse_options(const po::variables_map& values, std::initializer_list<const char*> names, const std::string& why) {
  for (const char* name : names) {
    if (values.count(name) != 0 && !values[name].defaulted()) throw InputError("", fmt::format("--{}", name), why);
  }
}

std::vector<double> targets_of(const std::string& text) {
  std::vector<double> targets;
  if (text == "auto") return targets;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, end - at);
    char* stop = nullptr;
    const double mhz = std::strtod(item.c_str(), &stop);
    if (item.empty() || *stop != '\0' || !(mhz >= 1e-3 && mhz <= 1e6))
      throw InputError("", "--curve", "'" + item + "', expected auto or frequencies of 0.001..1000000 MHz, F,F,...");
    targets.push_back(mhz);
    at = end + 1;
  }
  return targets;
}

int run_curve(const po::variables_map& values) {
  refuse_options(values, {"all", "points", "clock-mhz", "no-composed", "sta", "check", "limit", "seed"},
                 "cannot stand beside --curve");
  if (values.count("unit") == 0)
    throw InputError("", "--unit", "is missing, expected a unit of `subbyte units` beside --curve");
  if (!values["energy"].as<bool>()) refuse_options(values, {"format"}, "is for --energy, which is not given");
  const kernels::UnitInfo& unit = kernels::unit(values["unit"].as<std::string>());
  CurveRequest request;
  request.unit = &unit;
  request.parameters = kernels::resolve(unit, given_parameters(values));
  request.targets_mhz = targets_of(values["curve"].as<std::string>());
  if (!values["abc"].defaulted()) request.scripts = {values["abc"].as<std::string>()};
  request.options = options_of(values);
  std::string origin;
  if (values["energy"].as<bool>()) {
    OperandQuery query;
    if (values.count("format") != 0) query.format = values["format"].as<std::string>();
    Operands operands = operands_of(unit, request.parameters, query);
    request.stimulus = std::move(operands.stimulus);
    origin = operands.origin;
  }
  const CellLibrary library = library_of(values);
  return finish(values, curve_record(request, area_delay_curve(request, library), library, origin));
}

int run_check(const po::variables_map& values) {
  refuse_options(values, {"sta", "no-composed", "format", "energy"}, "cannot stand beside --check");
  const bool all = values["all"].as<bool>();
  if (all == (values.count("unit") != 0))
    throw InputError("", "--unit", "or --all, expected one of them beside --check");
  if (all)
    refuse_options(values, {"params"}, "cannot stand beside --all");
  else
    refuse_options(values, {"points"}, "is for --all, which is not given");
  CheckOptions options;
  options.limit_s = values["limit"].as<double>();
  options.seed = values["seed"].as<std::uint64_t>();
  if (!(options.limit_s >= 1 && options.limit_s <= 1e5)) throw InputError("", "--limit", "expected 1..100000 s");
  const CellLibrary library = library_of(values);
  std::vector<kernels::UnitPoint> points;
  if (all)
    points = area_points(points_of(values));
  else
    points.push_back({&kernels::unit(values["unit"].as<std::string>()), given_parameters(values)});
  std::size_t finished = 0;
  const auto checks = check_units(points, library, options_of(values), options, [&](const UnitCheck& check) {
    std::cerr << fmt::format("check: {}/{} {}{}", ++finished, points.size(), check.unit->name,
                             check.differs() ? ": DIFFERS" : "")
              << std::endl;
  });
  finish(values, check_record(checks, library, options));
  return std::ranges::any_of(checks, &UnitCheck::differs) ? kDiffers : kDone;
}

int run_all(const po::variables_map& values) {
  for (const char* other : {"unit", "params"})
    if (values.count(other) != 0) throw InputError("", fmt::format("--{}", other), "cannot stand beside --all");
  SynthesisOptions options = options_of(values);
  options.composed_path = false;
  const CellLibrary library = library_of(values);
  const std::vector<kernels::UnitPoint> points = area_points(points_of(values));
  std::size_t finished = 0;
  const auto results = synthesize_all(points, library, options, [&](std::size_t i, double seconds) {
    std::cerr << fmt::format("synth: {}/{} {}: {:.1f} s", ++finished, points.size(), points[i].name(), seconds)
              << std::endl;
  });
  const reports::Record record = all_record(results, library);
  const auto json = all_json(results, library);
  if (values.count("out") != 0) {
    std::vector<std::string> folders;
    for (const kernels::UnitPoint& point : points) folders.push_back(file_stem(point.name()));
    write_results(values["out"].as<std::string>(), json, record, results, folders, library);
  }
  write_record(values, record);
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
  if (values->count("curve") != 0) return run_curve(*values);
  if ((*values)["check"].as<bool>()) return run_check(*values);
  refuse_options(*values, {"limit", "seed"}, "is for --check, which is not given");
  refuse_options(*values, {"energy", "format"}, "is for --curve, which is not given");
  if ((*values)["all"].as<bool>()) return run_all(*values);
  if (!(*values)["points"].defaulted()) throw InputError("", "--points", "is for --all, which is not given");
  const kernels::Parameters parameters = given_parameters(*values);
  const SynthesisOptions options = options_of(*values);
  const CellLibrary library = library_of(*values);
  std::vector<SynthesisResult> results;
  if (values->count("unit") != 0) {
    results.push_back(synthesize(kernels::unit((*values)["unit"].as<std::string>()), parameters, library, options));
  } else {
    results.push_back(synthesize(kernels::unit("bitserial_tile"), parameters, library, options));
    results.push_back(synthesize(kernels::unit(kBaselineUnit), shape_of(parameters), library, options));
    // The published widths as a point of its own: 3 bits kept in alignment, 15-bit signed accumulator,
    // truncation.
    results.push_back(synthesize(kernels::unit("bitserial_pe"), published_pe_parameters(), library, options));
    results.push_back(synthesize(kernels::unit("group_dequant"), published_dequant_parameters(), library, options));
  }
  const reports::Record record = synth_record(results, library);
  const auto json = synth_json(results, library);
  if (values->count("out") != 0) {
    std::vector<std::string> folders;
    for (const SynthesisResult& result : results) folders.push_back(result.unit->name);
    write_results((*values)["out"].as<std::string>(), json, record, results, folders, library);
  }
  write_record(*values, record);
  if ((*values)["json"].as<bool>())
    print_json(json);
  else
    print_results(results, record, library);
  return kDone;
}

}  // namespace subbyte::sim
