// `subbyte verify`: golden function, SystemC model and Verilated RTL of a unit, compared on random stimuli.
#include "sim/engines/verify.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "kernels/catalogue.hpp"
#include "reports/text.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/progress.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/config/format_file.hpp"
#include "sim/engines/coverage.hpp"
#include "sim/engines/verify_waves.hpp"

namespace subbyte::sim {
namespace {

struct VerifyCommand {
  VerifyRequest request;
  std::vector<const Engine*> engines;
  std::optional<std::string> waves;  ///< a folder, or "" for the usual one: write them always
  bool coverage = false;
  std::optional<std::string> out;
  bool json = false, verbose = false;
};

constexpr const char* kNotes = R"(
The exit status is 1 when any beat differs in its bits or, where both engines have cycles, in its
cycle. Then the first wrong beat is shown, and an FST waveform and a GTKWave save file are written.

Example: subbyte verify --unit bitserial_pe --format bitmod-fp4 --cases 2000 --seed 7

JSON:
  {"equal",
   "pairs":[{"engines":[a,b],"cases","beats","bit_mismatches","cycle_mismatches",
             "runs","runs_differing","bits_compared","cycles_compared"}],
   "runs":[{"unit","format","parameters","stall_percent","seed","cases","engines","pairs",
            and when it differs "first_mismatch","failures","again"}],
   "skipped":[{"unit","format","parameters","why"}], "waves":[{"fst","save","note","again",
                                                              and at a mismatch "first_mismatch"}],
   with --coverage "coverage":[{"unit","lines":{"hit","total","percent"},"branches","toggles",
                                "missed":[{"file","line","kind","what"}]}]}
)";

std::vector<quant::Format> formats_named(const std::string& name) {
  if (name != "all") return {read_format(name)};
  std::vector<quant::Format> formats;
  for (const auto& row : quant::format_table()) formats.push_back(row.format);
  return formats;
}

std::vector<const kernels::UnitInfo*> units_and_machines(const std::string& name) {
  if (name != "all") return {&kernels::unit(name, std::array{std::string("all")})};
  std::vector<const kernels::UnitInfo*> units = units_named(name);
  for (const kernels::UnitInfo& machine : kernels::machines()) units.push_back(&machine);
  return units;
}

/// Of all units those are left out whose memories a netlist would make registers of; alone, such a unit is refused.
void leave_out_machines(std::vector<const kernels::UnitInfo*>& units) {
  const kernels::UnitInfo& first = *units.front();
  std::erase_if(units, [](const kernels::UnitInfo* unit) { return unit->memories; });
  if (units.empty())
    throw InputError(
        "", "--engine",
        fmt::format("netlist would make registers of the SRAMs of {}, expected other engines", first.name));
}

void add_what(Options& options, VerifyCommand& command) {
  VerifyRequest& request = command.request;
  options.named("unit U", request.units, "all", units_and_machines,
                "Verify this unit (`subbyte units` lists them), or all of them; with the engine netlist those with "
                "SRAMs are left out.");
  options.named("format F", request.formats, "all", formats_named,
                "Use this number format, or all of `subbyte formats`. What a unit cannot run is then listed with the "
                "reason.");
  options.value("cases N", request.cases, "Draw this many random cases per unit and format.", {1, 1'000'000'000});
  options.value("seed N", request.seed, "Draw the stimuli from this seed.");
  options.named("params NAME=N,...", request.parameters, "", parameters_named,
                "Verify this one parameter point. By default these are the verified points of the unit.");
  options.list("stalls N,...", request.stall_percents, "Stall both sides in these percentages of cycles.", {0, 99});
  options.named(
      "engine E,...", command.engines, "golden,systemc,rtl",
      [](const std::string& list) { return parse_engines(list); },
      "Compare these engines, at least two: golden, fast, systemc, rtl, netlist. With netlist a unit is "
      "verified at 2 x 2 or at its small point.");
  options.value("technology T", request.options.technology,
                "Make the netlist of the engine netlist in this cell library (a technology or a Liberty file).");
  add_rtl_dir(options, request.options.rtl_dir, "Verify the SystemVerilog sources in this folder, not the project's.");
}

std::optional<VerifyCommand> read_options(Arguments args) {
  VerifyCommand command;
  VerifyRequest& request = command.request;
  request.cases = 2000;
  request.seed = 1;
  Options options("verify --unit U|all --format F|all [--cases N] [--seed N] [OPTIONS]", command.json);
  add_what(options, command);
  options
      .optional_value("waves FOLDER", command.waves,
                      "Write waveforms always, and not only at a mismatch; into this folder, if one is named.")
      .output();
  options.flag("coverage", command.coverage,
               "Also count which lines, branches and bits of the RTL the stimuli reach. This builds each point again.");
  options.value("out FOLDER", command.out, "With --coverage, write UNIT.dat and the annotated sources here.").output();
  add_verbose(options, command.verbose);
  options.notes(kNotes);
  if (!options.parse(args)) return std::nullopt;
  options.needs({"out"}, {"coverage"});
  if (request.units.size() == 1 && request.parameters) check_parameters(*request.units.front(), *request.parameters);
  options.effective({"coverage"}, std::ranges::any_of(request.units, &kernels::UnitInfo::rtl),
                    "a unit with RTL, whose lines are counted");
  const bool rtl = has_engine(command.engines, {"rtl"});
  options.effective({"waves"}, rtl, "rtl among --engine, whose waveform it is");
  options.effective({"rtl-dir"}, rtl || has_engine(command.engines, {"netlist"}) || command.coverage,
                    "rtl or netlist among --engine");
  options.effective({"technology"}, has_engine(command.engines, {"netlist"}), "netlist among --engine");
  if (has_engine(command.engines, {"netlist"})) check_rtl_layout(request.options.rtl_dir);
  if (command.engines.size() < 2) throw InputError("", "--engine", "is one engine, expected at least two to compare");
  if (has_engine(command.engines, {"netlist"})) leave_out_machines(request.units);
  request.engines = open_engines(command.engines, request.options);
  // One unit and one format that do not go together are an error; of many, those that do not are named and left out.
  request.skip_unsupported = request.units.size() > 1 || request.formats.size() > 1;
  return command;
}

void print_wrapped(const std::string& text) { std::cout << reports::wrapped_text(text, reports::kTerminalColumns, 4); }

void print_difference(const VerifyRun& run) {
  print_wrapped(fmt::format("DIFFERS unit {}, format {}, {}, stalls {} %, seed {}", run.unit->name, run.format,
                            kernels::parameters_text(run.parameters), run.stall_percent, run.seed));
  for (const std::string& failure : run.failures) print_wrapped("  did not finish: " + failure);
  if (run.first) print_wrapped("  first wrong " + run.first->text());
  print_wrapped("  again: " + run.again());
}

std::string count(std::uint64_t number) { return fmt::format("{}", number); }

// One row per unit, format and pair: points and stalls added up.
reports::Table table_of(const VerifyResult& result) {
  reports::Table table;
  table.title = "Engines compared on random stimuli";
  for (const char* name :
       {"unit", "format", "engines", "points", "cases", "beats", "bit mismatches", "cycle mismatches"})
    table.columns.push_back({name, "", "", 12});
  for (auto run = result.runs.begin(); run != result.runs.end();) {
    VerifyResult part;
    for (const auto first = run; run != result.runs.end() && run->unit == first->unit && run->format == first->format;
         ++run)
      part.runs.push_back(*run);
    for (const PairCount& pair : part.pairs()) {
      table.rows.push_back({part.runs[0].unit->name, part.runs[0].format, pair.a + " = " + pair.b, part.runs.size(),
                            count(pair.cases), count(pair.beats), pair.bits_compared ? count(pair.bit_mismatches) : "-",
                            pair.cycles_compared ? count(pair.cycle_mismatches) : "-"});
    }
  }
  table.note = "\npoints counts parameter points times stall percentages; - where an engine has no cycles or no bits";
  return table;
}

std::string and_more(std::size_t all, const char* what) {
  return all > 1 ? fmt::format(" and {} more {}", all - 1, what) : "";
}

// One line per unit and reason.
void add_skipped(std::span<const Skipped> skipped, reports::TerminalText& text) {
  std::map<std::pair<std::string, std::string>, std::vector<const Skipped*>> alike;
  for (const Skipped& skip : skipped) alike[{skip.unit, skip.why}].push_back(&skip);
  for (const Skipped& skip : skipped) {
    const auto& same = alike[{skip.unit, skip.why}];
    if (same[0] != &skip) continue;
    std::set<std::string> formats;
    std::set<kernels::Parameters> points;
    for (const Skipped* one : same) {
      formats.insert(one->format);
      points.insert(one->parameters);
    }
    text.line(fmt::format("not run: {} with {}{} at {}{}: {}", skip.unit, skip.format,
                          and_more(formats.size(), "formats"), kernels::parameters_text(skip.parameters),
                          and_more(points.size(), "points"), skip.why));
  }
}

void print_result(const VerifyResult& result, bool verbose) {
  reports::TerminalText text(verbose);
  text.table(table_of(result));
  add_skipped(result.skipped, text);
  for (const PairCount& pair : result.pairs()) {
    text.line(fmt::format(
        "{} = {}: {} cases, {} beats, {} bit mismatches, {}{}", pair.a, pair.b, pair.cases, pair.beats,
        pair.bit_mismatches,
        pair.cycles_compared ? fmt::format("{} cycle mismatches", pair.cycle_mismatches) : "no cycles to compare",
        pair.runs_differing > 0 ? fmt::format(", {} of {} runs differ", pair.runs_differing, pair.runs) : ""));
  }
  std::cout << text.text();
}

std::string share(const CoverageCount& count) {
  return count.total == 0 ? "-" : fmt::format("{}/{} {:.1f} %", count.hit, count.total, count.percent());
}

void print_coverage(std::span<const UnitCoverage> covered) {
  reports::Table table;
  table.title = "RTL reached by these stimuli, all instances and points of a unit together";
  for (const char* name : {"unit", "lines", "branches", "toggles"}) table.columns.push_back({name, "", "", 12});
  for (const UnitCoverage& unit : covered)
    table.rows.push_back({unit.unit, share(unit.lines), share(unit.branches), share(unit.toggles)});
  table.note =
      "- where a unit has no always block; a toggle is a bit that went up and down, without clock, reset and unused_*";
  std::cout << reports::terminal(table);
}

// Each unit's runs again on RTL with counters.
std::vector<UnitCoverage> cover_units(const VerifyRequest& request, const VerifyResult& result,
                                      const std::string& out) {
  std::vector<UnitCoverage> covered;
  Job job("coverage", static_cast<double>(request.units.size()), "units");
  for (const kernels::UnitInfo* unit : request.units) {
    job.at(unit->name);
    if (const auto why = kernels::without_rtl(*unit)) {
      say(fmt::format("--coverage leaves {} out: {}", unit->name, why->text));
      job.skip();
      continue;
    }
    Coverage coverage;
    std::size_t runs = 0;
    for (const VerifyRun& run : result.runs) {
      if (run.unit != unit) continue;
      cover(*unit, run.parameters, run.stimulus(), request.options, coverage);
      ++runs;
    }
    if (runs == 0) continue;
    job.advance();
    covered.push_back(coverage.summary(unit->name));
    if (out.empty()) continue;
    const std::filesystem::path folder = out;
    write_atomically(folder / (unit->name + ".dat"), coverage.data());
    for (const auto& [file, text] : coverage.listings(rtl_folder(request.options)))
      write_atomically(folder / unit->name / (std::filesystem::path(file).filename().string() + ".txt"), text);
  }
  return covered;
}

/// What differs is said at once: the other units may take long.
void say_differing(std::span<const VerifyRun> runs) {
  const auto differing = std::ranges::count_if(runs, [](const VerifyRun& run) { return !run.equal(); });
  if (differing == 0) return;
  say(fmt::format("verify: {} {}: {} of {} runs DIFFER", runs[0].unit->name, runs[0].format, differing, runs.size()));
}

}  // namespace

int run_verify(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  const VerifyRequest& request = command->request;
  const VerifyResult result = verify(request, say_differing);
  const std::string folder = command->waves.value_or("");
  const auto waves = write_verify_waves(request, result, folder.empty() ? "waves" : folder, command->waves.has_value());
  // A run that differs may end nowhere: it has no coverage.
  std::vector<UnitCoverage> covered;
  if (command->coverage && result.equal()) covered = cover_units(request, result, command->out.value_or(""));
  if (command->json) {
    auto object = result.json();
    object["waves"] = nlohmann::ordered_json::array();
    for (const auto& wave : waves) object["waves"].push_back(wave.json());
    for (const UnitCoverage& unit : covered) object["coverage"].push_back(unit.json());
    print_json(object);
  } else {
    print_result(result, command->verbose);
    for (const VerifyRun& run : result.runs)
      if (!run.equal()) print_difference(run);
    for (const auto& wave : waves) print_wrapped(wave.text());
    if (!covered.empty()) print_coverage(covered);
  }
  return result.equal() ? kDone : kDiffers;
}

}  // namespace subbyte::sim
