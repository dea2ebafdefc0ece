// The sweep's parts: Pareto front, keys, resumption with a counted compute function, problems of a sweep
// file.
#include "sim/input_error.hpp"
#include "sim/sweep.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <set>

#include "sim/config.hpp"
#include "sim/sweep_store.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("subbyte-sweep-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

constexpr const char* kPlan =
    "name: t\ndesign: bitmod-8x8\nworkload: {layer: l, tokens: 2}\nformats: [int8, bitmod-fp4:g64]\n"
    "vary: [{rows: 4, cols: 4}, {rows: 8, cols: 8}]\n";

SweepInputs inputs() { return {{1, 2, 3, 4}, 2, 2, {0x3c00, 0, 0, 0x3c00}, "test"}; }

TEST(ParetoFront, DominatedTiedAndMissing) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(pareto_front({{3, 1}, {1, 3}, {2, 2}, {1, 1}, {3, nan}, {2, 2}}),
            (std::vector<bool>{true, true, true, false, false, true}));
  EXPECT_EQ(pareto_front({{1, 1}, {1, 2}}), (std::vector<bool>{false, true}));
  EXPECT_TRUE(pareto_front({}).empty());
}

TEST(Sweep, ComputesEachPointOnceAndResumes) {
  const Folder folder;
  const SweepPlan plan = read_sweep(folder.write("s.yaml", kPlan));
  ASSERT_EQ(plan.designs.size(), 2U);
  EXPECT_EQ(plan.variants[0], "rows=4 cols=4");
  int calls = 0;
  const auto compute = [&](const SweepPlan& p, const SweepInputs&,
                           const SweepPoint& point) -> nlohmann::json {
    if (++calls == 3) throw std::runtime_error("interrupted");
    return {{"sqnr_db", 10.0 * static_cast<double>(point.format)},
            {"bits_per_weight", 8.0},
            {"area_time", 1.0},
            {"cycles_per_token", p.designs[point.variant].parameters.at("rows")}};
  };
  EXPECT_THROW(run_sweep(plan, inputs(), folder.path() / "out", compute, {}), std::runtime_error);
  const reports::Record record = run_sweep(plan, inputs(), folder.path() / "out", compute, {});
  EXPECT_EQ(calls, 5);  // two, the interrupted one, and the two that were missing
  ASSERT_EQ(record.tables[0].rows.size(), 4U);
  EXPECT_EQ(record.tables[0].rows[3][0], "bitmod-fp4:g64");
  EXPECT_EQ(record.tables[0].rows[3][10], true);
  EXPECT_EQ(record.tables[0].rows[0][10], false);
  run_sweep(plan, inputs(), folder.path() / "out", compute, {});
  EXPECT_EQ(calls, 5);
}

TEST(Sweep, KeysFollowWhatDeterminesAPoint) {
  const Folder folder;
  const SweepPlan plan = read_sweep(folder.write("s.yaml", kPlan));
  std::set<std::string> keys;
  const auto add = [&](const SweepPlan& p, const SweepInputs& i) {
    for (const SweepPoint& point : sweep_points(p, i)) keys.insert(point.key);
    return keys.size();
  };
  EXPECT_EQ(add(plan, inputs()), 4U);
  EXPECT_EQ(add(plan, inputs()), 4U);
  SweepInputs other = inputs();
  other.weights[0] = 5;
  EXPECT_EQ(add(plan, other), 8U);
  SweepPlan engines = plan;
  engines.engines.push_back("rtl");
  EXPECT_EQ(add(engines, inputs()), 12U);
}

TEST(Sweep, EnergyIsAskedForByNameOrByAnObjective) {
  const Folder folder;
  EXPECT_FALSE(read_sweep(folder.write("s.yaml", kPlan)).energy);
  const std::string asked = std::string(kPlan) + "energy: true\n";
  const std::string objective = std::string(kPlan) + "objectives: {maximize: [sqnr_db], minimize: [energy_delay_js]}\n";
  EXPECT_TRUE(read_sweep(folder.write("a.yaml", asked)).energy);
  SweepPlan plan = read_sweep(folder.write("o.yaml", objective));
  ASSERT_TRUE(plan.energy);
  // Points are of the memories' figures too.
  const std::string key = sweep_points(plan, inputs())[0].key;
  plan.designs[0].memory.dram.pj_per_bit *= 2;
  EXPECT_NE(sweep_points(plan, inputs())[0].key, key);
  EXPECT_EQ(sweep_points(plan, inputs())[1].key, sweep_points(read_sweep(folder.write("o.yaml", objective)), inputs())[1].key);
  const auto compute = [](const SweepPlan&, const SweepInputs&, const SweepPoint& point) -> nlohmann::json {
    if (point.format == 0) return {{"unsupported", "no."}};
    return {{"sqnr_db", 10.0},
            {"energy_per_token_uj", 3.0},
            {"energy_parts_uj", {{"unit", 2.0}, {"DRAM", 1.0}}},
            {"average_power_w", 0.5},
            {"energy_delay_js", point.variant == 0 ? 2e-9 : 4e-9},
            {"energy_source", "sum of x"}};
  };
  const reports::Record record = run_sweep(plan, inputs(), folder.path() / "energy", compute, {});
  const reports::Table& table = record.tables[0];
  ASSERT_EQ(table.columns.size(), 18U);
  for (const auto& row : table.rows) ASSERT_EQ(row.size(), table.columns.size());
  EXPECT_TRUE(table.rows[0][11].is_null());
  EXPECT_EQ(table.rows[2][11], 3.0);
  EXPECT_EQ(table.rows[2][12], 2.0);
  EXPECT_TRUE(table.rows[2][13].is_null());
  EXPECT_EQ(table.rows[2][16], 500.0);
  EXPECT_EQ(table.rows[2][10], true);
  EXPECT_EQ(table.rows[3][10], false) << "twice the energy-delay product";
  EXPECT_NE(table.note.find("Energy: sum of x"), std::string::npos) << table.note;
  EXPECT_EQ(record.scatters.size(), 3U);
}

TEST(SweepStore, ADamagedPointIsNamed) {
  const Folder folder;
  SweepStore store(folder.path());
  folder.write("points/k.json", "{\"half");
  try {
    store.load("k");
    FAIL() << "accepted";
  } catch (const InputError& error) {  // wrong input, not an internal failure
    EXPECT_NE(std::string(error.what()).find("k.json: not a sweep point"), std::string::npos) << error.what();
  }
}

TEST(SweepStore, AFolderThatCannotBeMadeIsWrongInput) { EXPECT_THROW(SweepStore("/dev/null/x"), InputError); }

TEST(SweepStore, AClaimExcludesOtherHolders) {
  const Folder folder;
  SweepStore store(folder.path()), other(folder.path());
  {
    const auto claim = store.try_claim("k");
    ASSERT_TRUE(claim);
    EXPECT_FALSE(other.try_claim("k"));
    EXPECT_TRUE(other.try_claim("another"));
  }
  EXPECT_TRUE(other.try_claim("k"));
}

TEST(SweepPlan, AllProblemsAtOnce) {
  const Folder folder;
  const fs::path path =
      folder.write("bad.yaml",
                   "name: t\ndesign: bitmod-8x8\nworkload: {layer: l, tokens: 0}\nformats: [int9]\n"
                   "vary: [{rows: 99}, {row: 4}]\nengines: [gold]\nobjectives: {minimize: [price]}\n");
  try {
    read_sweep(path);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    for (const char* expected : {"'tokens' is 0, expected 1..", "int9", "'rows' is 99, expected", "'row'",
                                 "has 'gold', expected any of", "has 'price'"})
      EXPECT_NE(text.find(expected), std::string::npos) << expected << " in\n" << text;
  }
}

TEST(SweepPlan, SeveralDesignsInPlaceOfOneThatVaries) {
  const Folder folder;
  const std::string rest = "\nworkload: {layer: l, tokens: 2}\nformats: [int8]\n";
  const SweepPlan plan = read_sweep(folder.write("d.yaml", "designs: [bitmod-8x8, int8-8x8]" + rest));
  EXPECT_EQ(plan.variants, (std::vector<std::string>{"bitmod-8x8", "int8-8x8"}));
  ASSERT_EQ(plan.designs.size(), 2U);
  EXPECT_EQ(plan.designs[1].unit, "int8_mac_tile");
  EXPECT_EQ(sweep_points(plan, inputs()).size(), 2U);
  const auto problem = [&](const std::string& designs) -> std::string {
    try {
      read_sweep(folder.write("w.yaml", "designs: " + designs + rest));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_NE(problem("[]").find("has no design, expected at least one"), std::string::npos) << problem("[]");
  EXPECT_NE(problem("[int8-8x]").find("did you mean 'int8-8x8'?"), std::string::npos) << problem("[int8-8x]");
  EXPECT_NE(problem("[int8-8x8, int8-8x8]").find("has 'int8-8x8' twice"), std::string::npos);
}

}  // namespace
}  // namespace subbyte::sim
