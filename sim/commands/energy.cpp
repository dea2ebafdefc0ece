// `subbyte energy`: joules of a unit's netlist under real beats.
#include "sim/energy/energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "kernels/catalogue.hpp"
#include "quant/formats/format.hpp"
#include "reports/record.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/record_option.hpp"
#include "sim/energy/energy_all.hpp"
#include "sim/energy/energy_operands.hpp"
#include "sim/energy/energy_report.hpp"
#include "sim/engines/verify.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

/// Cells of a netlist whose glitch run takes a second or two.
constexpr std::size_t kQuicklyTimed = 50'000;

/// Under which conditions, whatever the unit.
void add_conditions(po::options_description& options) {
  options.add_options()  //
      ("technology", po::value<std::string>()->default_value("osu018"),
       "cell library by name (configs/technologies)")  //
      ("liberty", po::value<std::string>(),
       "cell library by file, plain or gzip, instead of a technology")  //
      ("clock-mhz", po::value<double>()->default_value(kDefaultClockMhz),
       "clock that the mapping aims at")                                                                   //
      ("wires", po::bool_switch(), "wires of 2.7 cell pitches per sink and the technology's capacitance")  //
      ("wire-ff-per-um", po::value<double>(), "the same with this capacitance; default: no wires")         //
      ("glitches", po::value<std::string>()->default_value("auto"),
       "also run with inertial delays: yes, no, auto (where that takes a second or two: up to 50000 "
       "cells)")  //
      ("scale-to", po::value<std::string>(),
       "also tell figures of NODE@VOLTAGE (for example 16@0.8) by Stillmaker & Baas 2017: a factor of 2 to "
       "3");
}

CommandLine energy_line() {
  CommandLine line;
  line.usage = "energy {--unit U | --all} [--format F | --weights P] [OPTIONS]";
  line.options.add_options()                                                            //
      ("unit", po::value<std::string>(), "unit (see `subbyte units`), or all")          //
      ("all", po::bool_switch(), "every unit at its default parameters, in one table")  //
      ("params", po::value<std::string>()->default_value(""),
       "its parameters, NAME=VALUE,...; default: its own")  //
      ("format", po::value<std::string>(),
       "format: a tile gets a layer of --model quantized to it, every other unit the operands of `verify`; "
       "default int4 where the unit runs it, else (and of --all) one that stands for the unit; all: every format of the table that the unit runs")  //
      ("weights", po::value<std::string>(), "packed weights, for a tile")  //
      ("model", po::value<std::string>()->default_value(std::string(kEmbedded)),
       "model whose layer --format quantizes")                                                            //
      ("layer", po::value<std::string>(), "layer; default: the first quantized one")                      //
      ("activations", po::value<std::string>(), "inputs [tokens][in]; default as in `subbyte simulate`")  //
      ("tokens", po::value<std::size_t>(), "number of tokens; default: 16, or all of --activations")      //
      ("random", po::bool_switch(),
       "a tile gets the layer's scales and activations with uniformly random codes; of several units --layer, "
       "--activations, --tokens, --model and --random are for the tiles, and refused where there is none")  //
      ("seed", po::value<std::uint64_t>()->default_value(1), "seed of what is drawn")                       //
      ("cycles", po::value<std::int64_t>()->default_value(64),
       "counted cycles of each of the 512 windows, at least 64");
  add_conditions(line.options);
  add_record_option(line.options);
  line.notes =
      "The mapped netlist runs without delays under 512 windows of the stimulus; transitions are counted net "
      "by net and\n"
      "weighed with the library's tables. What glitches add is a figure of its own. What was computed is "
      "kept (SUBBYTE_CACHE).\n"
      "Example: subbyte energy --unit bitserial_tile --params rows=2,cols=2 --format bitmod-fp4\n"
      "Example: subbyte energy --all --technology nangate45 --wires\n"
      "JSON: the record: "
      "{\"title\",\"kind\",\"provenance\",\"metrics\":[{\"name\",\"quantity\",\"unit\",\"value\",\"source\"}],"
      "\"tables\"}; a metric with an interval has \"half_width\" as well, and \"basis\" is [\"timed\"] with glitches, "
      "[\"scaled\"] for another node\n";
  return line;
}

OperandQuery query_of(const po::variables_map& options) {
  if (options.count("weights") != 0 && options.count("format") != 0)
    throw InputError("", "--format", "is given with --weights, which have theirs");
  OperandQuery query;
  if (options.count("weights") != 0) query.weights = options["weights"].as<std::string>();
  if (options.count("format") != 0) query.format = options["format"].as<std::string>();
  query.model = options["model"].as<std::string>();
  if (options.count("layer") != 0) query.layer = options["layer"].as<std::string>();
  if (options.count("activations") != 0) query.activations = options["activations"].as<std::string>();
  if (options.count("tokens") != 0) query.tokens = options["tokens"].as<std::size_t>();
  query.random = options["random"].as<bool>();
  query.seed = options["seed"].as<std::uint64_t>();
  return query;
}

/// What does not depend on the unit.
EnergyRequest request_of(const po::variables_map& options, const Technology& technology) {
  EnergyRequest request;
  request.clock_mhz = options["clock-mhz"].as<double>();
  if (!(request.clock_mhz >= 1e-3 && request.clock_mhz <= 1e6))
    throw InputError("", "--clock-mhz", fmt::format("is {:g}, expected 0.001..1000000", request.clock_mhz));
  const auto cycles = options["cycles"].as<std::int64_t>();
  constexpr std::int64_t kMostCycles = 1'000'000;
  if (cycles < 64 || cycles > kMostCycles)
    throw InputError("", "--cycles",
                     fmt::format("is {}, expected 64..{}: a shorter window is mostly start-up", cycles, kMostCycles));
  request.windows.counted_cycles = static_cast<unsigned>(cycles);
  const bool wires = options["wires"].as<bool>(), per_um = options.count("wire-ff-per-um") != 0;
  if (wires && per_um) throw InputError("", "--wires", "is given with --wire-ff-per-um, expected one of them");
  if (wires && !technology.wire_ff_per_um)
    throw InputError(
        "", "--wires",
        fmt::format("technology '{}' names no capacitance of a wire, expected --wire-ff-per-um", technology.name));
  if (wires) request.wire_ff_per_um = *technology.wire_ff_per_um;
  if (per_um) request.wire_ff_per_um = options["wire-ff-per-um"].as<double>();
  if (!(request.wire_ff_per_um >= 0 && request.wire_ff_per_um < 10))
    throw InputError("", "--wire-ff-per-um", "is not a capacitance per length, expected 0..10");
  const auto glitches = options["glitches"].as<std::string>();
  if (glitches != "auto" && glitches != "yes" && glitches != "no")
    throw InputError("", "--glitches", fmt::format("is '{}', expected auto, yes or no", glitches));
  request.glitches = glitches != "no";
  if (glitches == "auto") request.glitch_cells = kQuicklyTimed;
  request.progress = [](const std::string& text) { std::cerr << text << "\n"; };
  return request;
}

std::string wire_source(const po::variables_map& options, const Technology& technology) {
  return options["wires"].as<bool>() ? technology.wire_source : "";
}

void print(const po::variables_map& options, const reports::Record& record, const std::string& text) {
  write_record(options, record);
  if (options["json"].as<bool>())
    print_json(reports::to_json(record));
  else
    std::cout << text;
}

int run_many(const po::variables_map& options, const Technology& technology) {
  for (const char* name : {"params", "weights", "scale-to"}) {
    if (options.count(name) != 0 && !options[name].defaulted())
      throw InputError("", std::string("--") + name,
                       "is of one unit and one format, expected --unit and --format NAME");
  }
  std::vector<std::string> units;
  if (!options["all"].as<bool>() && options["unit"].as<std::string>() != "all")
    units = {options["unit"].as<std::string>()};
  const std::string format = options.count("format") != 0 ? options["format"].as<std::string>() : "";
  const auto points = energy_points(units, format);
  if (points.empty())
    throw InputError("", "--format", fmt::format("no unit runs {} at its default parameters", format));
  const EnergyConditions conditions{technology, query_of(options), request_of(options, technology),
                                    wire_source(options, technology)};
  std::size_t count = 0;
  const auto rows = energies(points, conditions, [&](const EnergyRow& row) {
    std::cerr << fmt::format("energy {}/{}: {} {} {:.1f} s\n", ++count, points.size(), row.point.unit->name,
                             row.point.format, row.seconds);
  });
  if (std::ranges::none_of(rows, [](const EnergyRow& row) { return row.result.has_value(); }))
    throw InputError("", "--format", rows.front().refused);
  const reports::Record record = all_energy_record(rows, conditions);
  print(options, record, all_energy_text(record));
  return kDone;
}

int run_one(const po::variables_map& options, const Technology& technology) {
  const kernels::UnitInfo& unit = kernels::unit(options["unit"].as<std::string>());
  EnergyRequest request = request_of(options, technology);
  request.unit = &unit;
  request.parameters = kernels::resolve(unit, kernels::parse_parameters(options["params"].as<std::string>()));
  std::optional<Scaling> scaling;
  if (options.count("scale-to") != 0)
    scaling = scaling_to(options["scale-to"].as<std::string>(), technology.node_nm, technology.library.voltage_v,
                         "--scale-to");
  OperandQuery query = query_of(options);
  const bool named = options.count("format") != 0 || options.count("weights") != 0;
  if (!named && unit.unsupported(request.parameters, quant::parse_format(query.format))) {
    const std::vector<std::string> formats = formats_of(unit, request.parameters);
    if (!formats.empty()) query.format = formats.front();
  }
  const Operands operands = operands_of(unit, request.parameters, query);
  request.stimulus = operands.stimulus;
  const EnergyResult result = unit_energy(request, technology.library);
  const auto work = beat_work(unit, request.parameters, operands, result.counts);
  const reports::Record record =
      energy_record({request, result, technology, operands.origin, work, wire_source(options, technology), scaling});
  print(options, record, energy_text(record));
  return kDone;
}

}  // namespace

int run_energy(Arguments args) {
  const auto parsed = parse_options(args, energy_line());
  if (!parsed) return kDone;
  const po::variables_map& options = *parsed;
  const bool all = options["all"].as<bool>();
  if (options.count("unit") == 0 && !all)
    throw InputError("", "--unit", "is missing, expected a unit of `subbyte units`, or --all");
  if (options.count("unit") != 0 && all) throw InputError("", "--unit", "is given with --all, expected one of them");
  const bool file = options.count("liberty") != 0;
  if (file && !options["technology"].defaulted())
    throw InputError("", "--technology", "is given with --liberty, expected one of them");
  const Technology technology = file ? Technology{"", "", read_cell_library(options["liberty"].as<std::string>())}
                                     : read_technology(options["technology"].as<std::string>());
  const bool formats = options.count("format") != 0 && options["format"].as<std::string>() == "all";
  const bool many = all || formats || options["unit"].as<std::string>() == "all";
  return many ? run_many(options, technology) : run_one(options, technology);
}

}  // namespace subbyte::sim
