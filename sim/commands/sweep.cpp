// `subbyte sweep`: formats x variants of a design, resumable.
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "reports/text.hpp"
#include "sim/base/progress.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/llm/record_activations.hpp"
#include "sim/sweep/plan_file.hpp"
#include "sim/sweep/point.hpp"
#include "sim/sweep/shape_sweep.hpp"

namespace subbyte::sim {
namespace {

struct SweepCommand {
  std::string file;
  std::string out = "out/sweeps";
  std::optional<std::string> technology;
  DesignChanges changes;
  bool json = false, verbose = false;
};

constexpr const char* kNotes = R"(
A sweep file (configs/sweeps/ has examples) names a workload, formats, and either a design with
parameters to vary or several designs; `subbyte keys sweep` lists its keys. Every point that is done
is kept in FOLDER/points: after an interruption the same command goes on where it stopped. Another
version of the program computes its points again, and says so. Several sweeps may share a folder.
The results are FOLDER/NAME-HASH.json, a record for `subbyte report`, and the same as .csv. The exit
status is 1 when engines disagree.

JSON:
  {"name", "json", "csv", "points", "computed", "record": record}, or where engines disagree
  {"name", "difference": TEXT}
)";

std::optional<SweepCommand> read_options(Arguments args) {
  SweepCommand command;
  Options options("sweep S.yaml [--out FOLDER] [--set KEY=VALUE,...] [OPTIONS]", command.json);
  options.value("sweep FILE", command.file, "Run this sweep file (the first argument).")
      .required("a sweep file (YAML)")
      .without_name();
  options.value("out FOLDER", command.out, "Keep points and results in this folder.").output();
  options.value("technology T", command.technology,
                "Synthesise every design in this technology (a name in configs/technologies, or a Liberty file). By "
                "default each design has its own.");
  add_set(options, command.changes, "every design of the sweep");
  add_memories(options, command.changes);
  add_verbose(options, command.verbose);
  options.notes(kNotes);
  return options.parse(args) ? std::optional(command) : std::nullopt;
}

/// Counts the points that are computed; before the first of these a line says so when the folder holds points of
/// another program.
std::function<void(const SweepProgress&)> counted(std::size_t& computed) {
  return [&computed](const SweepProgress& state) {
    if (computed == 0 && state.computed > 0 && state.outdated > 0)
      say(
          fmt::format("points in the folder of another version of the program: {}; they are not used, and what this "
                      "sweep needs of them is computed again",
                      state.outdated));
    computed = state.computed;
  };
}

/// What a sweep measures its points of, and how.
struct Measuring {
  SweepInputs inputs;
  PointFunction measure;
};

Measuring layers_of(SweepPlan& plan, const SweepCommand& command) {
  auto technologies = use_technologies(plan, command.technology, {});
  return {read_sweep_inputs(plan, recorded_by_the_model()),
          [technologies = std::make_shared<const std::map<std::string, OpenTechnology>>(std::move(technologies))](
              const SweepPlan& p, const SweepInputs& i, const SweepPoint& point) {
            return measure_point(p, i, point, technologies->at(p.silicon[point.variant].technology));
          }};
}

/// A core has no netlist; its energies come from that of its tile.
Measuring shapes_of(SweepPlan& plan, const SweepCommand& command) {
  if (!plan.energy) {
    const std::string energies = "energies, which " + command.file + " does not ask for";
    if (command.technology) throw without_effect("technology", "there are no " + energies);
    return {{}, [](const SweepPlan& p, const SweepInputs&, const SweepPoint& at) { return measure_shapes(p, at); }};
  }
  auto technologies = use_technologies(plan, command.technology, {});
  return {{},
          [technologies = std::make_shared<const std::map<std::string, OpenTechnology>>(std::move(technologies))](
              const SweepPlan& p, const SweepInputs&, const SweepPoint& at) {
            return measure_shapes(p, at, &technologies->at(p.silicon[at.variant].technology));
          }};
}

}  // namespace

int run_sweep_command(Arguments args) {
  const auto command = read_options(args);
  if (!command) return kDone;
  const std::vector<Setting> settings = settings_of(command->changes);
  check_one_technology(settings, command->technology);
  SweepPlan plan = read_sweep(command->file, settings);
  const Measuring measuring = plan.shapes ? shapes_of(plan, *command) : layers_of(plan, *command);
  const std::filesystem::path directory = command->out;
  std::size_t computed = 0;
  try {
    const reports::Record record = run_sweep(plan, measuring.inputs, directory, measuring.measure, counted(computed));
    const std::string stem = (directory / (plan.name + "-" + plan.hash.substr(0, 8))).string();
    if (command->json) {
      nlohmann::ordered_json object{{"name", plan.name}, {"json", stem + ".json"}, {"csv", stem + ".csv"}};
      object["points"] = record.tables[0].rows.size();
      object["computed"] = computed;
      object["record"] = reports::to_json(record);
      print_json(object);
    } else {
      std::cout << reports::terminal(
          record, command->verbose,
          fmt::format("\n{}.json, .csv ({} points, {} computed now)", stem, record.tables[0].rows.size(), computed));
    }
  } catch (const EnginesDiffer& difference) {
    std::cerr << "sweep: " << difference.what() << "\n";
    if (command->json) print_json({{"name", plan.name}, {"difference", difference.what()}});
    return kDiffers;
  }
  return kDone;
}

}  // namespace subbyte::sim
