// `subbyte energy`: joules of a unit's netlist under real beats.
#include "sim/energy/energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "quant/formats/format.hpp"
#include "reports/record.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/energy/energy_all.hpp"
#include "sim/energy/energy_operands.hpp"
#include "sim/energy/energy_report.hpp"
#include "sim/engines/verify.hpp"
#include "sim/llm/record_activations.hpp"

namespace subbyte::sim {
namespace {

struct EnergyCommand {
  std::vector<const kernels::UnitInfo*> units;  ///< one or all; none with --all
  bool all = false;
  kernels::Parameters parameters;
  OperandNames operands;
  std::optional<std::string> format, weights;
  std::int64_t cycles = 64;
  TechnologyChoice technology;
  double clock_mhz = kDefaultClockMhz;
  std::filesystem::path rtl;
  bool wires = false;
  std::optional<double> wire_ff_per_um;
  bool zero_delay = false;
  std::optional<std::string> scale_to, record;
  bool json = false, seed_given = false, verbose = false;

  bool many() const { return units.size() != 1 || format == "all"; }
};

constexpr const char* kNotes = R"(
The mapped netlist runs without delays under 512 windows of the stimulus; transitions are counted on
every net and weighed with the tables of the cell library. A sample of these cycles runs again with
the delays of the gates, and tells what glitches add: it is in every energy but for --zero-delay.
What was computed is kept in the cache ($SUBBYTE_CACHE).

Example: subbyte energy --unit bitserial_tile --params rows=2,cols=2 --format bitmod-fp4
Example: subbyte energy --all --technology nangate45 --wires

JSON: the record
  {"title","kind","provenance",
   "metrics":[{"name","quantity","unit","value","source"}],"tables"}
A metric with an interval has its "half_width" as well. Its "basis" is ["timed"] where glitches are
in it, and ["scaled"] where it is of another node.
)";

void add_operands(Options& options, EnergyCommand& command) {
  OperandNames& names = command.operands;
  options.value("format F", command.format,
                "Use this number format, or with 'all' every format of the table that the unit runs. A tile gets a "
                "layer of --model in this format; every other unit gets the operands of `subbyte verify`. By default "
                "it is int4 where the unit runs it, and else (and with --all) a format that stands for the unit.");
  options.value("weights P", command.weights, "Give a tile the weights of this packed file.");
  options.value("model M", names.model, "Quantize a layer of this model for --format.");
  options.value("layer L", names.layer, "Take this layer. By default it is the first quantized one.");
  options.value("activations FILE", names.activations.file,
                "Take these inputs ([tokens][in]). The default is that of `subbyte simulate`.");
  options.value("tokens N", names.activations.tokens,
                "Run this many tokens. By default they are 16, or all of --activations.");
  options.flag("random", names.random,
               "Give a tile the scales and activations of the layer, but uniformly random codes. Of several units, the "
               "tiles alone heed --layer, --activations, --tokens, --model and --random, and these are refused "
               "where there is no tile.");
  options.value("seed N", names.activations.seed, "Draw what is random from this seed.");
  options.value("cycles N", command.cycles,
                "Count this many cycles in each of the 512 windows: a window of fewer than 64 is mostly start-up.",
                {64, 1'000'000}, "64..1000000: a shorter window is mostly start-up");
}

/// Under which conditions, whatever the unit.
void add_conditions(Options& options, EnergyCommand& command) {
  add_technology(options, command.technology);
  add_rtl_dir(options, command.rtl,
              "Measure the SystemVerilog sources in this folder, which is laid out like rtl/, not the project's.");
  options.value("clock-mhz F", command.clock_mhz, "Aim the mapping at this clock.", {kLeastMhz, kMostMhz});
  options.flag("wires", command.wires,
               "Add wires of 2.7 cell pitches per sink, with the capacitance that the technology names. By default "
               "there are no wires.");
  options.value("wire-ff-per-um F", command.wire_ff_per_um, "Add the same wires with this capacitance.", {0, 10},
                "a capacitance of 0..10 fF per um");
  add_zero_delay(options, command.zero_delay);
  options.value("scale-to NODE@V", command.scale_to,
                "Also estimate the figures in this node at this voltage (for example 16@0.8), by Stillmaker & Baas "
                "2017. Such an estimate is good to a factor of 2 to 3.");
}

std::optional<EnergyCommand> read_options(Arguments args) {
  EnergyCommand command;
  Options options("energy {--unit U | --all} [--format F | --weights P] [OPTIONS]", command.json);
  options.named("unit U", command.units, "", units_named,
                "Measure this unit (`subbyte units` lists them), or all of them.");
  options.flag("all", command.all, "Measure every unit at its default parameters, in one table.");
  options.named("params NAME=N,...", command.parameters, "", parameters_named,
                "Set these parameters of the unit; the others have their defaults.");
  add_operands(options, command);
  add_conditions(options, command);
  add_record(options, command.record);
  add_verbose(options, command.verbose);
  options.notes(kNotes);
  refuse_glitches(args);
  if (!options.parse(args)) return std::nullopt;
  options.one_of("unit", "all");
  check_technology(options);
  check_rtl_layout(command.rtl);
  options.excludes({"format"}, "weights", "which have their own");
  options.excludes({"wires"}, "wire-ff-per-um");
  options.excludes({"model"}, "weights", "whose layers it would be");
  if (command.many())
    options.refuse({"params", "weights", "scale-to"},
                   "is of one unit and one format, expected --unit and --format NAME");
  if (command.units.size() == 1) check_parameters(*command.units.front(), command.parameters);
  command.seed_given = options.given("seed");
  const bool tile = command.units.empty() || std::ranges::any_of(command.units, [](const kernels::UnitInfo* unit) {
                      return takes_layers(*unit);
                    });
  options.effective({"model"}, tile, "a unit that takes layers");
  command.operands.activations.record = recorded_by_the_model();
  if (command.format) check_one_format(*command.format, "for several, run energy for each, or give all");
  if (command.format) command.operands.format = *command.format;
  if (command.weights) command.operands.weights = *command.weights;
  return command;
}

/// What does not depend on the unit.
EnergyRequest request_of(const EnergyCommand& command, const Technology& technology) {
  if (command.wires && !technology.wire_ff_per_um)
    throw InputError(
        "", "--wires",
        fmt::format("technology '{}' names no capacitance of a wire, expected --wire-ff-per-um", technology.name));
  EnergyRequest request;
  request.windows.counted_cycles = static_cast<unsigned>(command.cycles);
  if (command.wires) request.wire_ff_per_um = *technology.wire_ff_per_um;
  if (command.wire_ff_per_um) request.wire_ff_per_um = *command.wire_ff_per_um;
  request.zero_delay = command.zero_delay;
  return request;
}

std::string wire_source(const EnergyCommand& command, const Technology& technology) {
  return command.wires ? technology.wire_source : "";
}

void print(const EnergyCommand& command, reports::Record record, const std::string& text) {
  const auto rtl = foreign_rtl(command.rtl);
  note_rtl(rtl, record);
  write_record(command.record, record);
  if (command.json)
    print_json(reports::to_json(record));
  else
    std::cout << foreign_rtl_text(rtl) << text;
}

int run_many(const EnergyCommand& command, const OpenTechnology& opened) {
  const Technology& technology = opened.technology;
  OperandNames names = command.operands;
  names.format = command.format.value_or("");
  const auto points = energy_points(command.units, names);
  if (points.empty())
    throw InputError("", "--format", fmt::format("no unit runs {} at its default parameters", names.format));
  const EnergyConditions conditions{technology, opened.flow, request_of(command, technology),
                                    wire_source(command, technology)};
  const auto rows = energies(points, conditions);
  if (std::ranges::none_of(rows, [](const EnergyRow& row) { return row.result.has_value(); }))
    throw InputError("", "--format", rows.front().refused);
  const reports::Record record = all_energy_record(rows, conditions);
  print(command, record, all_energy_text(record, command.verbose));
  return kDone;
}

int run_one(const EnergyCommand& command, const OpenTechnology& opened) {
  const Technology& technology = opened.technology;
  const kernels::UnitInfo& unit = *command.units.front();
  EnergyRequest request = request_of(command, technology);
  request.unit = &unit;
  request.parameters = kernels::resolve(unit, command.parameters);
  std::optional<Scaling> scaling;
  if (command.scale_to)
    scaling = scaling_to(*command.scale_to, technology.node_nm, technology.library.voltage_v, "--scale-to");
  OperandNames names = command.operands;
  if (!command.format && !command.weights) names.format = default_format(unit, request.parameters);
  const Operands operands = operands_of(unit, request.parameters, read_operands(unit, names));
  if (command.seed_given && !operands.drawn) throw without_effect("seed", "nothing is drawn: " + operands.origin);
  request.stimulus = operands.stimulus;
  const EnergyResult result = unit_energy(request, opened.flow);
  const auto work = beat_work(unit, request.parameters, operands, result.counts);
  const reports::Record record =
      energy_record({request, result, technology, operands.origin, work, wire_source(command, technology), scaling});
  print(command, record, energy_text(record, command.verbose));
  return kDone;
}

}  // namespace

int run_energy(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  SynthesisOptions synthesis;
  synthesis.clock_mhz = command->clock_mhz;
  synthesis.rtl = command->rtl;
  const OpenTechnology technology(open_technology(command->technology), synthesis);
  return command->many() ? run_many(*command, technology) : run_one(*command, technology);
}

}  // namespace subbyte::sim
