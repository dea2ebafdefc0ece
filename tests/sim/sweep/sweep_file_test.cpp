// Tests what a sweep file means: paths beside it, settings of the command line, and keys without effect.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/base/input_error.hpp"
#include "sim/sweep/plan_file.hpp"
#include "sim/sweep/point.hpp"
#include "tests/support/sweep_cases.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

std::string problem_of(const fs::path& file, const std::vector<Setting>& settings = {}) {
  try {
    read_sweep(file, settings);
    return "no problem";
  } catch (const std::exception& error) {
    return error.what();
  }
}

/// Without the folder of the sweep file.
std::string problem_of_inputs(const SweepPlan& plan) {
  try {
    read_sweep_inputs(plan);
    return "no problem";
  } catch (const ConfigError& error) {
    const ConfigProblem& first = error.problems.front();
    return fs::path(first.file).filename().string() + ":" + first.place + ": " + first.text;
  }
}

TEST(SweepFile, PathsAreRelativeToTheSweepFile) {
  const SweepFolder folder;
  folder.write("mine.yaml", "base: bitmod-8x8\n");
  folder.write("two.yaml", "name: two\nalphabet: {levels: [0, 1, -1, -2]}\n");
  const SweepPlan plan = read_sweep(folder.write(
      "s.yaml", "designs: [mine.yaml]\nworkload: {layer: l, tokens: 2, model: m.npy}\nformats: [two.yaml:g32]\n"));
  EXPECT_EQ(plan.variants, (std::vector<std::string>{"mine"}));
  EXPECT_EQ(plan.workload.model, (folder.path() / "m.npy").string());
  EXPECT_EQ(plan.resolved["workload"]["model"], "m.npy") << "a result does not depend on where the files lie";
  // A path that was meant from the current folder.
  const fs::path elsewhere = folder.path() / "inner" / "s.yaml";
  fs::create_directories(elsewhere.parent_path());
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  std::ofstream(elsewhere) << "designs: [mine.yaml]\nworkload: {layer: l, tokens: 2}\nformats: [two.yaml:g32]\n";
  const std::string problem = problem_of("inner/s.yaml");
  fs::current_path(before);
  EXPECT_NE(problem.find("'designs' has 'mine.yaml', which is in the current folder and not beside this file "
                         "(inner/mine.yaml): paths are relative to the file that they stand in"),
            std::string::npos)
      << problem;
  EXPECT_NE(problem.find("'formats' has 'two.yaml:g32', which is in the current folder"), std::string::npos) << problem;
}

TEST(SweepFile, ADesignWithoutVariantsRunsAsItStands) {
  const SweepFolder folder;
  const std::string head = "name: t\nworkload: {layer: l, tokens: 2}\nformats: [int8]\n";
  const SweepPlan plan = read_sweep(folder.write("one.yaml", head + "design: bitmod-8x8\n"));
  EXPECT_EQ(plan.variants, std::vector<std::string>{"bitmod-8x8"});
  EXPECT_EQ(problem_of(folder.write("none.yaml", head + "design: bitmod-8x8\nvary: []\n")),
            (folder.path() / "none.yaml").string() +
                ":5:7: 'vary' has no variant, expected at least one mapping of parameters");
}

TEST(SweepFile, SettingsAreInEveryDesign) {
  const SweepFolder folder;
  const std::vector<Setting> clock{{"clock_mhz", "100", "--set clock_mhz"}};
  const fs::path file = folder.write("s.yaml", kSweepPlan);
  const SweepPlan plan = read_sweep(file, clock);
  for (const Design& design : plan.designs) EXPECT_EQ(design.clock_mhz, 100);
  EXPECT_NE(plan.hash, read_sweep(file).hash);
  const auto key = [](const SweepPlan& of) { return sweep_points(of, sweep_inputs()).front().key; };
  EXPECT_NE(key(plan), key(read_sweep(file)));
  EXPECT_EQ(problem_of(file, {{"rows", "8", "--set rows"}}),
            "--set rows: has no effect: every variant of the sweep states rows");
  const fs::path designs =
      folder.write("d.yaml", "designs: [int8-8x8, figna-8x8]\nworkload: {layer: l, tokens: 2}\nformats: [int8]\n");
  EXPECT_EQ(read_sweep(designs, clock).variants[1], "figna-8x8 with clock_mhz=100");
}

TEST(SweepFile, TheHashCoversWhatDesignsSay) {
  const SweepFolder folder;
  folder.write("bottom.yaml", "base: bitmod-8x8\nclock_mhz: 40\n");
  folder.write("top.yaml", "base: bottom.yaml\n");
  const std::string rest = "workload: {layer: l, tokens: 2}\nformats: [int8]\n";
  const std::vector<fs::path> files{folder.write("many.yaml", "designs: [top.yaml]\n" + rest),
                                    folder.write("one.yaml", "design: top.yaml\nvary: [{rows: 4}]\n" + rest)};
  std::vector<SweepPlan> before;
  for (const fs::path& file : files) before.push_back(read_sweep(file));
  folder.write("bottom.yaml", "base: bitmod-8x8\nclock_mhz: 45\n");
  for (std::size_t i = 0; i < files.size(); ++i) {
    const SweepPlan after = read_sweep(files[i]);
    EXPECT_NE(before[i].hash, after.hash) << files[i];
    const std::string& variant = after.variants.front();
    EXPECT_EQ(before[i].resolved["resolved_designs"][variant]["clock_mhz"], 40);
    EXPECT_EQ(after.resolved["resolved_designs"][variant], after.designs.front().resolved);
    EXPECT_EQ(after.hash, read_sweep(files[i]).hash);
  }
}

TEST(SweepFile, SettingsAreTheSameHoweverTheyAreWritten) {
  const SweepFolder folder;
  const fs::path file =
      folder.write("d.yaml", "designs: [bitmod-8x8]\nworkload: {layer: l, tokens: 2}\nformats: [int8]\n");
  const SweepPlan plan = read_sweep(file, {{"rows", "2", "--set rows"}, {"clock_mhz", "1e-2", "--set clock_mhz"}});
  const SweepPlan same =
      read_sweep(file, {{"parameters.rows", "2", "--set parameters.rows"}, {"clock_mhz", "0.01", "--set clock_mhz"}});
  EXPECT_EQ(plan.resolved, same.resolved);
  EXPECT_EQ(plan.hash, same.hash);
  EXPECT_EQ(plan.variants, (std::vector<std::string>{"bitmod-8x8 with rows=2 clock_mhz=0.01"}));
  EXPECT_EQ(same.variants, plan.variants);
  EXPECT_EQ(plan.resolved["set"], (nlohmann::json{{"parameters.rows", "2"}, {"clock_mhz", "0.01"}}));
}

TEST(SweepFile, ProblemsOfWhatItNamesKeepTheirPlaces) {
  const SweepFolder folder;
  folder.write("base.yaml", "base: bitmod-8x8\nmemory: {dran: x}\n");
  folder.write("a.yaml", "base: base.yaml\nclock_mhz: fast\n");
  folder.write("b.yaml", "base: base.yaml\n");
  const fs::path file = folder.write(
      "s.yaml", "designs: [a.yaml, b.yaml]\nworkload: {layer: l, tokens: 2}\nformats: [no.yaml, int99]\nmore: 1\n");
  try {
    read_sweep(file, {{"rows", "99", "--set rows"}});
    FAIL();
  } catch (const ConfigError& error) {
    std::vector<std::string> places;
    for (const ConfigProblem& problem : error.problems) {
      EXPECT_EQ(problem.text.find('\n'), std::string::npos) << problem.text;
      places.push_back(fs::path(problem.file).filename().string() + " " + problem.place);
    }
    const std::vector<std::string> expected{" --set rows", "a.yaml 2:12", "base.yaml 2:10",
                                            "s.yaml 3:10", "s.yaml 3:10", "s.yaml 4:1"};
    EXPECT_EQ(std::multiset<std::string>(places.begin(), places.end()),
              std::multiset<std::string>(expected.begin(), expected.end()))
        << error.what();
    EXPECT_NE(std::string(error.what())
                  .find("'formats' is no.yaml: cannot be read: No such file or directory, expected a YAML file"),
              std::string::npos)
        << error.what();
  }
}

TEST(SweepFile, ADesignThatCannotBeReadHasNoFalseFollowUps) {
  const SweepFolder folder;
  const fs::path file = folder.write("s.yaml",
                                     "design: bitmod-8x\nworkload: {layer: l, tokens: 2}\nformats: [int8]\n"
                                     "vary: [{rows: 4}, {rows: 8, cols: 2}]\n");
  const std::string problem = problem_of(file);
  EXPECT_EQ(problem.find(file.string() + ":1:9: 'design' is bitmod-8x: 'bitmod-8x' is not a design"), 0U) << problem;
  EXPECT_NE(problem.find("did you mean 'bitmod-8x8'?"), std::string::npos) << problem;
  EXPECT_EQ(problem.find("unknown key"), std::string::npos) << problem;
}

TEST(SweepFile, TwoDesignsOfOneName) {
  const SweepFolder folder;
  fs::create_directories(folder.path() / "a");
  fs::create_directories(folder.path() / "b");
  folder.write("a/x1.yaml", "base: bitmod-8x8\n");
  folder.write("b/x1.yaml", "base: bitmod-8x8\nclock_mhz: 40\n");
  const std::string rest = "workload: {layer: l, tokens: 2}\nformats: [int8]\n";
  const std::string two = problem_of(folder.write("s.yaml", "designs: [a/x1.yaml, b/x1.yaml]\n" + rest));
  EXPECT_NE(two.find("'designs' has two different designs that are both called 'x1', a/x1.yaml and b/x1.yaml: expected "
                     "a `name:` in one of them"),
            std::string::npos)
      << two;
  const std::string one = problem_of(folder.write("s.yaml", "designs: [a/x1.yaml, ./a/x1.yaml]\n" + rest));
  EXPECT_NE(one.find("'designs' has 'x1' twice, expected each design once"), std::string::npos) << one;
}

TEST(SweepFile, WrongKeysOfAVariantAreComparedWithTheParameters) {
  const SweepFolder folder;
  const std::string problem = problem_of(folder.write(
      "s.yaml", "design: fp16-mac-8x8\nworkload: {layer: l, tokens: 2}\nformats: [int8]\nvary: [{row: 4}]\n"));
  EXPECT_NE(problem.find("s.yaml:4:9: unknown key 'row', expected one of rows, cols; did you mean 'rows'?"),
            std::string::npos)
      << problem;
  const std::string both = problem_of(folder.write(
      "s.yaml", "design: fp16-mac-8x8\ndesigns: [int8-8x8]\nworkload: {layer: l, tokens: 2}\nformats: [int8]\n"));
  EXPECT_NE(both.find("s.yaml:2:10: 'designs' stands beside 'design' or 'vary', expected either"), std::string::npos)
      << both;
}

TEST(SweepFile, ASeedWithoutEffectIsRefused) {
  const SweepFolder folder;
  const SweepPlan plan = read_sweep(
      folder.write("s.yaml",
                   "designs: [int8-8x8]\nworkload: {layer: model.layers.0.self_attn.q_proj, tokens: 2, seed: 1}\n"
                   "formats: [int8]\n"));
  EXPECT_EQ(problem_of_inputs(plan),
            "s.yaml:2:69: 'seed' has no effect, expected it left out: the activations are recorded from the embedded "
            "model");
}

TEST(SweepFile, AModelOrLayerThatIsNotThereHasItsPlace) {
  const SweepFolder folder;
  const auto error = [&](const std::string& workload) {
    return problem_of_inputs(read_sweep(
        folder.write("s.yaml", "designs: [int8-8x8]\nformats: [int8]\nworkload: {tokens: 2, " + workload + "}\n")));
  };
  EXPECT_EQ(error("layer: model.layers.0.self_attn.q_prok")
                .find("s.yaml:3:30: 'layer' is model.layers.0.self_attn.q_prok: no linear layer "),
            0U);
  EXPECT_EQ(error("layer: l, model: none.gguf").find("s.yaml:3:40: 'model' is "), 0U);
  EXPECT_NE(error("layer: l, model: none.gguf").find("none.gguf: cannot be opened"), std::string::npos);
}

}  // namespace
}  // namespace subbyte::sim
