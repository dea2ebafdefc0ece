// `subbyte energy`: joules of a unit's netlist under real beats.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "kernels/random_values.hpp"
#include "reports/record.hpp"
#include "sim/command.hpp"
#include "sim/energy.hpp"
#include "sim/energy_report.hpp"
#include "sim/format_file.hpp"
#include "sim/input_error.hpp"
#include "sim/mapping.hpp"
#include "sim/model.hpp"
#include "sim/record_option.hpp"
#include "sim/simulate_inputs.hpp"
#include "sim/synthesis_flow.hpp"
#include "sim/verify.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

CommandLine energy_line() {
  CommandLine line;
  line.usage = "energy --unit U [--format F | --weights P] [OPTIONS]";
  line.options.add_options()                                              //
      ("unit", po::value<std::string>(), "unit (see `subbyte units`)")    //
      ("params", po::value<std::string>()->default_value(""), "its parameters, NAME=VALUE,...; default: its own")  //
      ("format", po::value<std::string>(),
       "format: a tile gets a layer of --model quantized to it, every other unit the operands of `verify`; default int4")  //
      ("weights", po::value<std::string>(), "packed weights, for a tile")                                      //
      ("model", po::value<std::string>()->default_value(std::string(kEmbedded)), "model whose layer --format quantizes")  //
      ("layer", po::value<std::string>(), "layer; default: the first quantized one")                           //
      ("activations", po::value<std::string>(), "inputs [tokens][in]; default as in `subbyte simulate`")       //
      ("tokens", po::value<std::size_t>(), "number of tokens; default: 16, or all of --activations")           //
      ("random", po::bool_switch(), "a tile gets the layer's scales and activations with uniformly random codes")  //
      ("seed", po::value<std::uint64_t>()->default_value(1), "seed of what is drawn")                          //
      ("cycles", po::value<std::int64_t>()->default_value(64), "counted cycles of each of the 512 windows, at least 64")  //
      ("technology", po::value<std::string>()->default_value("osu018"), "cell library by name (configs/technologies)")  //
      ("liberty", po::value<std::string>(), "cell library by file, plain or gzip, instead of a technology")    //
      ("clock-mhz", po::value<double>()->default_value(kDefaultClockMhz), "clock that the mapping aims at")    //
      ("wire-ff-per-um", po::value<double>()->default_value(0),
       "wires of 2.7 cell pitches per sink and this capacitance; 0: none");
  add_record_option(line.options);
  line.notes =
      "The mapped netlist runs without delays under 512 windows of the stimulus; transitions are counted net by net and\n"
      "weighed with the library's tables. Glitches are not in it (they add 1.2 to 2.5 times in adders and multipliers).\n"
      "Example: subbyte energy --unit bitserial_tile --params rows=2,cols=2 --format bitmod-fp4\n"
      "JSON: the record: {\"title\",\"kind\",\"provenance\",\"metrics\":[{\"name\",\"quantity\",\"unit\",\"value\",\"source\"}],"
      "\"tables\"}\n";
  return line;
}

struct Operands {
  kernels::Stimulus stimulus;
  std::string origin;
  double macs_per_beat = 0;   ///< of a layer, padding beats included
  double macs_per_cycle = 0;  ///< of drawn operands: the unit's peak; 0: it makes none
};

/// Every bit as likely: every code of the format where all its patterns are codes.
void randomize_codes(quant::PackedTensor& weights, std::uint64_t seed) {
  kernels::Random random(seed);
  for (std::uint8_t& byte : weights.codes) byte = static_cast<std::uint8_t>(random.next());
}

Operands layer_operands(const po::variables_map& options, const Design& design) {
  LayerQuery query;
  if (options.count("weights") != 0 && options.count("format") != 0)
    throw InputError("", "--format", "is given with --weights, which have theirs");
  if (options.count("weights") != 0)
    query.weights = options["weights"].as<std::string>();
  else
    query.format = options.count("format") != 0 ? options["format"].as<std::string>() : "int4";
  query.model = options["model"].as<std::string>();
  if (options.count("layer") != 0) query.layer = options["layer"].as<std::string>();
  if (options.count("activations") != 0) query.activations = options["activations"].as<std::string>();
  if (options.count("tokens") != 0) query.tokens = options["tokens"].as<std::size_t>();
  query.seed = options["seed"].as<std::uint64_t>();
  LayerInputs inputs = read_layer_inputs(query);
  const bool random = options["random"].as<bool>();
  if (random) randomize_codes(inputs.weights, query.seed);
  MappedLayer mapped = map_layer(design, inputs.weights, {inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols});
  const double macs = static_cast<double>(inputs.activations.tokens) * static_cast<double>(inputs.weights.rows * inputs.weights.cols);
  const double per_beat = macs / static_cast<double>(mapped.stimulus.input.count);
  return {std::move(mapped.stimulus),
          fmt::format("{} in {} of {}{}, {} tokens, activations: {}", inputs.layer, inputs.weights.format.id(),
                      query.weights.empty() ? query.model : query.weights,
                      random ? fmt::format(" with random codes, seed {}", query.seed) : "", inputs.activations.tokens, inputs.origin),
          per_beat, 0};
}

Operands drawn_operands(const po::variables_map& options, const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  if (options.count("weights") != 0) {
    throw InputError("", "--weights", fmt::format("unit {} takes no layers, expected --format, or one of {}", unit.name,
                                                  fmt::join(layer_units(), ", ")));
  }
  for (const char* name : {"layer", "activations", "tokens"}) {
    if (options.count(name) != 0)
      throw InputError("", std::string("--") + name, fmt::format("unit {} takes no layers", unit.name));
  }
  if (!options["model"].defaulted()) throw InputError("", "--model", fmt::format("unit {} takes no layers", unit.name));
  if (options["random"].as<bool>())
    throw InputError("", "--random", fmt::format("unit {} takes no layers: its operands are drawn in any case", unit.name));
  const quant::Format format = read_format(options.count("format") != 0 ? options["format"].as<std::string>() : "int4");
  if (const std::string why = unit.unsupported(parameters, format); !why.empty())
    throw InputError("", "--format", fmt::format("unit {} cannot run {}: {}", unit.name, format.id(), why));
  constexpr std::size_t kCases = 4096;
  const auto seed = options["seed"].as<std::uint64_t>();
  const kernels::Work work = unit.work_per_cycle ? unit.work_per_cycle(parameters) : kernels::Work{};
  return {unit.random(parameters, {format, kCases, seed, {}, false}),
          fmt::format("the operands of `verify` for {}, corner cases among them, seed {}", format.id(), seed), 0, work.macs};
}

EnergyRequest request_of(const po::variables_map& options, const kernels::UnitInfo& unit, Operands& operands) {
  EnergyRequest request;
  request.unit = unit.name;
  request.parameters = kernels::resolve(unit, parse_parameters(options["params"].as<std::string>()));
  request.clock_mhz = options["clock-mhz"].as<double>();
  request.wire_ff_per_um = options["wire-ff-per-um"].as<double>();
  const auto cycles = options["cycles"].as<std::int64_t>();
  constexpr std::int64_t kMostCycles = 1'000'000;
  if (cycles < 64 || cycles > kMostCycles)
    throw InputError("", "--cycles", fmt::format("is {}, expected 64..{}: a shorter window is mostly start-up", cycles, kMostCycles));
  request.windows.counted_cycles = static_cast<unsigned>(cycles);
  if (!(request.clock_mhz >= 1e-3 && request.clock_mhz <= 1e6))
    throw InputError("", "--clock-mhz", fmt::format("is {:g}, expected 0.001..1000000", request.clock_mhz));
  if (!(request.wire_ff_per_um >= 0 && request.wire_ff_per_um < 10))
    throw InputError("", "--wire-ff-per-um", "is not a capacitance per length, expected 0..10");
  const bool layer = std::ranges::count(layer_units(), unit.name) != 0;
  Design design;
  design.name = design.unit = unit.name;
  design.parameters = request.parameters;
  operands = layer ? layer_operands(options, design) : drawn_operands(options, unit, request.parameters);
  request.stimulus = operands.stimulus;
  request.progress = [](const std::string& text) { std::cerr << text << "\n"; };
  return request;
}

}  // namespace

int run_energy(Arguments args) {
  const auto parsed = parse_options(args, energy_line());
  if (!parsed) return kDone;
  const po::variables_map& options = *parsed;
  if (options.count("unit") == 0) throw InputError("", "--unit", "is missing, expected a unit of `subbyte units`");
  const kernels::UnitInfo& unit = kernels::unit(options["unit"].as<std::string>());
  const bool file = options.count("liberty") != 0;
  if (file && !options["technology"].defaulted())
    throw InputError("", "--technology", "is given with --liberty, expected one of them");
  const Technology technology = file ? Technology{"", "", read_library(options["liberty"].as<std::string>())}
                                     : read_technology(options["technology"].as<std::string>());
  Operands operands;
  const EnergyRequest request = request_of(options, unit, operands);
  const EnergyResult result = unit_energy(request, technology.library);
  if (operands.macs_per_cycle > 0) {
    const double cycles_per_beat = static_cast<double>(result.counts.lane_cycles) / static_cast<double>(result.counts.input_beats);
    operands.macs_per_beat = operands.macs_per_cycle * cycles_per_beat;
  }
  const reports::Record record = energy_record({request, result, technology, operands.origin, operands.macs_per_beat});
  write_record(options, record);
  if (options["json"].as<bool>())
    print_json(reports::to_json(record));
  else
    std::cout << reports::terminal(record);
  return kDone;
}

}  // namespace subbyte::sim
