// `subbyte verify`: golden function, SystemC model and Verilated RTL of a unit, compared on random stimuli.
#include "sim/engines/verify.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "kernels/catalogue.hpp"
#include "reports/record.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/commands/command.hpp"
#include "sim/config/format_file.hpp"
#include "sim/engines/coverage.hpp"
#include "sim/engines/verify_waves.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

CommandLine verify_line() {
  CommandLine line;
  line.usage = "verify --unit U|all --format F|all [--cases N] [--seed S] [OPTIONS]";
  line.options.add_options()                                                                          //
      ("unit", po::value<std::string>()->default_value("all"), "unit (see `subbyte units`), or all")  //
      ("format", po::value<std::string>()->default_value("all"),
       "number format, or all of `subbyte formats`: what a unit cannot run is listed with the reason")  //
      ("cases", po::value<std::size_t>()->default_value(2000), "random cases per unit and format")      //
      ("seed", po::value<std::uint64_t>()->default_value(1), "seed of the stimuli")                     //
      ("params", po::value<std::string>(),
       "one parameter point, NAME=VALUE,...; default: the unit's verified points")                       //
      ("stalls", po::value<std::string>()->default_value("0,30,60"), "stall percentages on both sides")  //
      ("engine", po::value<std::string>()->default_value("golden,systemc,rtl"),
       "engines to compare; with netlist at 2 x 2 or the small point")  //
      ("technology", po::value<std::string>()->default_value("osu018"),
       "of engine netlist: cell library by name, or a Liberty file")  //
      ("waves", po::value<std::string>()->implicit_value(""),
       "write waveforms always, not only at a mismatch; into this directory")  //
      ("coverage", po::bool_switch(),
       "also count which lines, branches and bits of the RTL the stimuli reach (another build of each point)")  //
      ("out", po::value<std::string>(), "with --coverage: folder for UNIT.dat and the annotated sources")       //
      ("rtl-dir", po::value<std::string>(), "SystemVerilog sources to verify instead of the project's rtl/");
  line.notes =
      "Exit status 1 when any beat differs in bits or, where both engines have cycles, in cycles. At a "
      "mismatch the first\n"
      "wrong beat is shown, and an FST waveform and a GTKWave save file are written.\n"
      "Example: subbyte verify --unit bitserial_pe --format bitmod-fp4 --cases 2000 --seed 7\n"
      "JSON: {\"equal\", "
      "\"pairs\":[{\"engines\":[a,b],\"cases\",\"beats\",\"bit_mismatches\",\"cycle_mismatches\",\n"
      "       \"bits_compared\",\"cycles_compared\"}], "
      "\"runs\":[{\"unit\",\"format\",\"parameters\",\"stall_percent\",\"seed\",\"cases\",\"pairs\",\n"
      "       and when it differs \"first_mismatch\",\"failures\",\"again\"}], "
      "\"skipped\":[{\"unit\",\"format\",\"parameters\",\n"
      "       \"why\"}], \"waves\":[{\"fst\",\"save\",\"note\"}],\n"
      "       with --coverage \"coverage\":[{\"unit\",\"lines\":{\"hit\",\"total\",\"percent\"},\"branches\",\"toggles\",\n"
      "       \"missed\":[{\"file\",\"line\",\"kind\",\"what\"}]}]}\n";
  return line;
}

std::vector<unsigned> parse_stalls(const std::string& text) {
  std::vector<unsigned> percents;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    unsigned percent = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), percent);
    if (error != std::errc() || end != word.data() + word.size() || percent > 99)
      throw InputError("", "--stalls",
                       fmt::format("'{}' is not a percentage, expected 0..99, for example 0,30,60", word));
    percents.push_back(percent);
  }
  if (percents.empty()) throw InputError("", "--stalls", "no percentage given, expected for example 0,30,60");
  return percents;
}

VerifyRequest request_of(const po::variables_map& options) {
  VerifyRequest request;
  const auto unit = options["unit"].as<std::string>();
  for (const auto& candidate : kernels::units())
    if (unit == "all" || unit == candidate.name) request.units.push_back(&candidate);
  if (request.units.empty()) request.units.push_back(&kernels::unit(unit));
  const auto format = options["format"].as<std::string>();
  // One unit and one format that do not go together are an error; of many, those that do not are named and left out.
  request.skip_unsupported = format == "all" || unit == "all";
  if (format == "all") {
    for (const auto& row : quant::format_table()) request.formats.push_back(row.format);
  } else {
    request.formats.push_back(read_format(format));
  }
  request.cases = options["cases"].as<std::size_t>();
  constexpr std::size_t kMaxCases = 1'000'000'000;
  if (request.cases == 0 || request.cases > kMaxCases) {
    throw InputError("", "--cases", fmt::format("is {}, expected 1..{}", request.cases, kMaxCases));
  }
  request.seed = options["seed"].as<std::uint64_t>();
  if (options.count("params") != 0) request.parameters = kernels::parse_parameters(options["params"].as<std::string>());
  request.stall_percents = parse_stalls(options["stalls"].as<std::string>());
  const auto engines = parse_engines(options["engine"].as<std::string>());
  if (engines.size() < 2) throw InputError("", "--engine", "is one engine, expected at least two to compare");
  request.options.rtl_dir = rtl_directory(options);
  request.options.technology = options["technology"].as<std::string>();
  request.engines = open_engines(engines, request.options);
  return request;
}

void print_difference(const VerifyRun& run) {
  std::cout << fmt::format("DIFFERS unit {}, format {}, {}, stalls {} %, seed {}\n", run.unit->name, run.format,
                           kernels::parameters_text(run.parameters), run.stall_percent, run.seed);
  for (const std::string& failure : run.failures) std::cout << "  did not finish: " << failure << "\n";
  if (run.first) std::cout << "  first wrong " << run.first->text() << "\n";
  std::cout << "  again: " << run.again() << "\n";
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
  table.note = "points counts parameter points times stall percentages; - where an engine has no cycles or no bits";
  return table;
}

std::string and_more(std::size_t all, const char* what) {
  return all > 1 ? fmt::format(" and {} more {}", all - 1, what) : "";
}

// One line per unit and reason.
void print_skipped(std::span<const Skipped> skipped) {
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
    std::cout << fmt::format("not run: {} with {}{} at {}{}: {}\n", skip.unit, skip.format,
                             and_more(formats.size(), "formats"), kernels::parameters_text(skip.parameters),
                             and_more(points.size(), "points"), skip.why);
  }
}

void print_result(const VerifyResult& result) {
  std::cout << reports::terminal(table_of(result));
  print_skipped(result.skipped);
  for (const PairCount& pair : result.pairs()) {
    std::cout << fmt::format("{} = {}: {} cases, {} beats, {} bit mismatches, {}\n", pair.a, pair.b, pair.cases,
                             pair.beats, pair.bit_mismatches,
                             pair.cycles_compared ? fmt::format("{} cycle mismatches", pair.cycle_mismatches)
                                                  : std::string("no cycles to compare"));
  }
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
  for (const kernels::UnitInfo* unit : request.units) {
    Coverage coverage;
    std::size_t runs = 0;
    for (const VerifyRun& run : result.runs) {
      if (run.unit != unit) continue;
      cover(*unit, run.parameters, run.stimulus(), request.options, coverage);
      ++runs;
    }
    if (runs == 0) continue;
    std::cerr << fmt::format("coverage: {}, {} runs\n", unit->name, runs);
    covered.push_back(coverage.summary(unit->name));
    if (out.empty()) continue;
    const std::filesystem::path folder = out;
    write_atomically(folder / (unit->name + ".dat"), coverage.data());
    for (const auto& [file, text] : coverage.listings(rtl_folder(request.options)))
      write_atomically(folder / unit->name / (std::filesystem::path(file).filename().string() + ".txt"), text);
  }
  return covered;
}

void show_progress(std::span<const VerifyRun> runs) {
  const bool equal = std::ranges::all_of(runs, [](const VerifyRun& run) { return run.equal(); });
  std::cerr << fmt::format("verify: {} {}: {} runs {}\n", runs[0].unit->name, runs[0].format, runs.size(),
                           equal ? "equal" : "DIFFER");
}

}  // namespace

int run_verify(Arguments args) {
  const auto options = parse_options(args, verify_line());
  if (!options) return kDone;
  const bool json = (*options)["json"].as<bool>();
  const VerifyRequest request = request_of(*options);
  const bool coverage = (*options)["coverage"].as<bool>();
  if (options->count("out") != 0 && !coverage) throw InputError("", "--out", "is for --coverage, which is not given");
  const VerifyResult result = verify(request, show_progress);
  const bool always = options->count("waves") != 0;
  const std::string directory = always ? (*options)["waves"].as<std::string>() : "";
  const auto waves = write_verify_waves(request, result, directory.empty() ? "waves" : directory, always);
  // A run that differs may end nowhere: it has no coverage.
  const std::string out = options->count("out") != 0 ? (*options)["out"].as<std::string>() : "";
  std::vector<UnitCoverage> covered;
  if (coverage && result.equal()) covered = cover_units(request, result, out);
  if (json) {
    auto object = result.json();
    object["waves"] = nlohmann::ordered_json::array();
    for (const auto& wave : waves) object["waves"].push_back(wave.json());
    for (const UnitCoverage& unit : covered) object["coverage"].push_back(unit.json());
    print_json(object);
  } else {
    print_result(result);
    for (const VerifyRun& run : result.runs)
      if (!run.equal()) print_difference(run);
    for (const auto& wave : waves) std::cout << wave.text();
    if (!covered.empty()) print_coverage(covered);
  }
  return result.equal() ? kDone : kDiffers;
}

}  // namespace subbyte::sim
