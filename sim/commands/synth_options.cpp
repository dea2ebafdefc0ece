#include "sim/commands/synth_options.hpp"

#include <fmt/format.h>

#include "kernels/catalogue.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/input_error.hpp"
#include "sim/config/word_list.hpp"
#include "sim/cost/core_macros.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kUsage =
    "synth [--unit U] [--params k=v,...] [--technology T | --liberty L] [--clock-mhz F]\n"
    "                     [--out FOLDER] [--json]\n"
    "       subbyte synth --design D [--set K=V,...] [--sram NAME] [OPTIONS]\n"
    "       subbyte synth --all [--points default|small] [OPTIONS]\n"
    "       subbyte synth --unit U --curve F,...|auto [--energy [--format F]] [OPTIONS]\n"
    "       subbyte synth (--unit U | --all) --check [--limit S] [--seed N] [OPTIONS]";

constexpr const char* kNotes = R"(
Every module is mapped once (by yosys and abc) and multiplied by the number of its instances. Units,
and modules marked keep_hierarchy, stay apart; everything else is flattened into them. Results are
kept in $SUBBYTE_CACHE/synth, or in the build folder. The figures of a module are those of one
instance without the modules that it contains; um2 is the library's unit of area.

JSON:
  {"library":{file,name,hash,corner,voltage_v,temperature_c,process,nand2,nand2_um2},
   "tools":{yosys,sta,paths_from,abc_script,script_hash,conventions},
   "units":[{unit,parameters,cells,area_um2,gate_equivalents,macro_area_um2,
             modules:[{name,module,rtl_parameters,instances,cells,flip_flops,area_um2,
                       gate_equivalents,path:{delay_ns,from,to},register_path,cells_by_type,
                       memory:{width,depth,macros,area_um2,access_ns,source}}],
             composed_path:{parameters,worst,ends_in:{MODULE:path}},clock:{mhz,met,path_ns,where}}],
   "formats":[{format,terms,tile_macs_per_cycle,tile_um2_per_mac,baseline_um2_per_mac,ratio,
               published_ratio}],
   "published":[{name,ours,published,source,remark}],
   with --design "design_name", and "left_out" where a part of it has no RTL,
   and with --rtl-dir "rtl":{folder,hash}}, with --all
  {library,tools,clock_mhz,
   "units":[{name,unit,parameters,cells,gate_equivalents,area_um2,path_ns,
             work_per_cycle:{macs,weights,what},um2_per_mac,of_fp16,ge_per_weight}],published,rtl},
  and with --curve or --check the record
  {"title","kind","provenance","metrics","tables"}
)";

/// What of --design is known before it is read.
struct Written {
  std::optional<std::string> design;
  DesignChanges changes;
};

std::vector<double> targets_of(const std::string& text) {
  if (text == "auto") return {};
  const std::string expected = "auto, or frequencies of 0.001..1000000 MHz separated by commas";
  if (text.empty()) read_word<double>("--curve", text, {}, expected);
  return read_each(
      "--curve", comma_list(text),
      [&](const std::string& part) {
        return read_word<double>("--curve", part, {kLeastMhz, kMostMhz}, expected);
      },
      [](double target) { return word_of(target); });
}

void add_units(Options& options, SynthCommand& command) {
  options.named(
      "unit U", command.unit, "", [](const std::string& name) { return &kernels::unit_without_memories(name); },
      "Map this unit (`subbyte units` lists them). By default it is bitserial_tile and, beside it, fp16_mac_tile.");
  options.flag("all", command.all,
               "Map every unit and print one table: area, path, area at equal throughput, and every published figure.");
  options.choice("points WORD", command.points, {{"default", AreaBase::kDefault}, {"small", AreaBase::kSmall}},
                 "With --all, take units at their default point, or at the small one of proofs and mutants.");
  options.named("params NAME=N,...", command.parameters, "", parameters_named,
                "Set these parameters of the unit (`subbyte units` lists them). By default rows and cols also hold for "
                "the baseline.");
}

void add_design(Options& options, Written& written) {
  options.value("design D", written.design,
                "Map what this design is made of, at its clock and in its technology: a name in configs/designs, or a "
                "YAML file. Of a design with a core it is the whole core, with its memories as macros of the design's "
                "table of SRAM banks.");
  add_set(options, written.changes, "the design of --design");
  options.value("sram NAME", written.changes.sram,
                "With --design, take the memories' macros from this technology in configs/memories/sram.csv, or, where "
                "this is a path (with '/' or .csv), from this table.");
}

void add_mapping(Options& options, SynthCommand& command) {
  add_technology(options, command.technology);
  add_rtl_dir(options, command.synthesis.rtl,
              "Map the SystemVerilog sources in this folder, which is laid out like rtl/, not the project's.");
  options.value("clock-mhz F", command.synthesis.clock_mhz,
                "Aim the mapping at this clock, and check whether it is met.", {kLeastMhz, kMostMhz});
  options.flag("no-composed", command.no_composed, "Leave out the timing of the whole netlist at 2 x 2.");
  options.value("abc SCRIPT", command.synthesis.abc_script,
                "Use this ABC script: default, small, choices-small, choices or fast. With --curve all are used unless "
                "one is named.");
  options.flag("sta", command.synthesis.sta, "Also ask Debian's sta for every path, and print the differences.");
}

void add_tasks(Options& options, SynthCommand& command) {
  options.named("curve F,...", command.curve, "", targets_of,
                "Draw area and delay over the clock that is aimed at: these frequencies in MHz, or 'auto', which goes "
                "from a relaxed clock to beyond the fastest netlist.");
  options.flag("energy", command.energy,
               "With --curve, also measure the energy per cycle under the stimulus of `subbyte energy`.");
  options.value("format F", command.format,
                "With --energy, use operands in this format. By default it is int4 where the unit runs it, and else a "
                "format that stands for the unit.");
  add_zero_delay(options, command.zero_delay);
  options.flag("check", command.check,
               "Compare RTL and netlist: abc proves every part, and the whole netlist runs beside the golden function. "
               "The exit status is 1 if one differs.");
  options.value("limit S", command.checks.limit_s,
                "With --check, stop the proof of a part after this many seconds, reading included.", {1, 1e5});
  options.value("seed N", command.checks.seed, "With --check, draw the random stimuli from this seed.");
  options
      .value("out FOLDER", command.out,
             "Write synth.json, record.json, tables (CSV) and mapped netlists (Verilog, and JSON as yosys reads it) "
             "into this folder. With --curve and --check these are the record and the tables.")
      .output();
  add_record(options, command.record);
  add_verbose(options, command.verbose);
}

/// Options of another task are an error, not ignored.
void check(const Options& options, const SynthCommand& command) {
  check_technology(options);
  options.excludes({"unit", "params"}, "all");
  options.excludes({"no-composed"}, "all", "which never times whole tiles");
  options.excludes({"all", "points", "clock-mhz", "no-composed", "sta", "check", "limit", "seed"}, "curve");
  options.excludes({"sta", "no-composed", "energy", "format", "zero-delay"}, "check");
  options.needs({"limit", "seed"}, {"check"});
  options.needs({"energy", "format", "zero-delay"}, {"curve"});
  options.needs({"format", "zero-delay"}, {"energy"});
  options.needs({"points"}, {"all"});
  options.needs({"curve"}, {"unit"});
  options.excludes({"unit", "params", "all", "clock-mhz", "curve", "check"}, "design");
  options.needs({"set", "sram"}, {"design"});
  if (command.check) options.one_of("unit", "all");
  if (command.unit != nullptr) check_parameters(*command.unit, command.parameters);
}

/// Reads the design, and takes its clock and, unless another one is named, its technology.
void read_design_of(const Options& options, const Written& written, SynthCommand& command) {
  if (!written.design) return;
  const std::vector<Setting> settings = settings_of(written.changes);
  const bool own = options.given("technology") || options.given("liberty");
  check_one_technology(settings, own ? std::optional(command.technology.name) : std::nullopt);
  command.design = read_design(*written.design, settings);
  const Design& design = *command.design;
  command.synthesis.clock_mhz = design.clock_mhz;
  if (!own) command.technology.name = design.technology;
  if (!design.core) return options.excludes({"sram"}, "design", "which has no core, so that no memory is mapped");
  command.synthesis.macros = macro_table(design.memory);
  if (command.synthesis.sta)
    throw InputError("", "--sta", "does not time memories; expected a design without `core`, or --unit");
}

}  // namespace

std::optional<SynthCommand> read_synth(Arguments args) {
  SynthCommand command;
  command.checks.seed = 1;
  Written written;
  Options options(kUsage, command.json);
  add_units(options, command);
  add_design(options, written);
  add_mapping(options, command);
  add_tasks(options, command);
  options.notes(kNotes);
  if (!options.parse(args)) return std::nullopt;
  check(options, command);
  check_rtl_layout(command.synthesis.rtl);
  read_design_of(options, written, command);
  if (command.out)
    for (const char* name : {"synth.json", "record.json"}) plan_output(*command.out + "/" + name, "--out");
  command.one_script = options.given("abc");
  command.synthesis.composed_path = !command.no_composed;
  return command;
}

}  // namespace subbyte::sim
