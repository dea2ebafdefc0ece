// `subbyte sweep`: formats x variants of a design, resumable.
#include <fmt/format.h>

#include <chrono>
#include <iostream>

#include "sim/commands/command.hpp"
#include "sim/sweep/point.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;

CommandLine sweep_line() {
  CommandLine line;
  line.usage = "sweep S.yaml [--out DIR] [--technology T] [--sram FILE] [--dram FILE] [--json]";
  line.notes =
      "A sweep file (configs/sweeps/ has examples) names a design and parameters to vary, or several designs, with formats and a\n"
      "workload. Every completed\n"
      "point is kept in DIR/points; run the same command again after a kill and it goes on where it stopped. Several sweeps may\n"
      "share DIR. Results: DIR/NAME-HASH.json (a record for `subbyte report`) and .csv.\n"
      "JSON: {\"name\", \"json\", \"csv\", \"points\", \"computed\", \"record\": record}; exit 1 when engines disagree.\n";
  line.options.add_options()("sweep", po::value<std::string>()->required(), "sweep file (YAML)")(
      "out", po::value<std::string>()->default_value("out/sweeps"), "folder of points and results")(
      "technology", po::value<std::string>(),
      "name in configs/technologies or a Liberty file, for every design; default: each design's own")(
      "sram", po::value<std::string>()->default_value(""),
      "energies of SRAM banks (CSV) in place of configs/memories/sram.csv")(
      "dram", po::value<std::string>()->default_value(""),
      "energies of DRAM (CSV) in place of configs/memories/dram.csv");
  line.positional.add("sweep", 1);
  return line;
}

// One line per point on standard error, with the time left by the points computed so far.
std::function<void(const SweepProgress&)> progress_lines(std::size_t& computed) {
  const auto start = std::chrono::steady_clock::now();
  return [start, &computed](const SweepProgress& state) {
    computed = state.computed;
    const double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double left = state.computed == 0 ? 0
                                            : spent / static_cast<double>(state.computed) *
                                                  static_cast<double>(state.total - state.done);
    std::cerr << fmt::format("[{}/{}] {}  {:.1f} s, about {:.0f} s left\n", state.done, state.total, state.point, spent,
                             left);
  };
}

}  // namespace

int run_sweep_command(Arguments args) {
  const auto options = parse_options(args, sweep_line());
  if (!options) return kDone;
  SweepPlan plan = read_sweep((*options)["sweep"].as<std::string>(),
                              {(*options)["sram"].as<std::string>(), (*options)["dram"].as<std::string>()});
  SynthesisOptions synthesis;
  synthesis.progress = [](const std::string& text) { std::cerr << "  " << text << "\n"; };
  const auto technologies = use_technologies(
      plan,
      options->count("technology") != 0 ? std::optional((*options)["technology"].as<std::string>()) : std::nullopt,
      synthesis);
  const auto measure = [&](const SweepPlan& p, const SweepInputs& i, const SweepPoint& point) {
    return measure_point(p, i, point, technologies.at(p.silicon[point.variant].technology), synthesis);
  };
  const std::filesystem::path directory = (*options)["out"].as<std::string>();
  std::size_t computed = 0;
  try {
    const reports::Record record =
        run_sweep(plan, read_sweep_inputs(plan), directory, measure, progress_lines(computed));
    const std::string stem = (directory / (plan.name + "-" + plan.hash.substr(0, 8))).string();
    if ((*options)["json"].as<bool>()) {
      nlohmann::ordered_json object{{"name", plan.name}, {"json", stem + ".json"}, {"csv", stem + ".csv"}};
      object["points"] = record.tables[0].rows.size();
      object["computed"] = computed;
      object["record"] = reports::to_json(record);
      print_json(object);
    } else {
      std::cout << reports::terminal(record)
                << fmt::format("\n{}.json, .csv ({} points, {} computed now)\n", stem, record.tables[0].rows.size(),
                               computed);
    }
  } catch (const EnginesDiffer& difference) {
    std::cerr << "sweep: " << difference.what() << "\n";
    return kDiffers;
  }
  return kDone;
}

}  // namespace subbyte::sim
