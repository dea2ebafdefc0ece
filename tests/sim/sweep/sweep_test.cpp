// Tests the sweep's parts: Pareto front, keys, resumption with a counted compute function, and problems of a sweep
// file.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/base/input_error.hpp"
#include "sim/config/config.hpp"
#include "sim/sweep/plan_file.hpp"
#include "sim/sweep/point.hpp"
#include "sim/sweep/store.hpp"
#include "sim/synthesis/flow.hpp"
#include "tests/support/sweep_cases.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

TEST(Sweep, ComputesEachPointOnceAndResumes) {
  const SweepFolder folder;
  const SweepPlan plan = read_sweep(folder.write("s.yaml", kSweepPlan));
  ASSERT_EQ(plan.designs.size(), 2U);
  EXPECT_EQ(plan.variants[0], "rows=4 cols=4");
  int calls = 0;
  const auto compute = [&](const SweepPlan& p, const SweepInputs&, const SweepPoint& point) -> nlohmann::json {
    if (++calls == 3) throw std::runtime_error("interrupted");
    return {{"sqnr_db", 10.0 * static_cast<double>(point.format)},
            {"bits_per_weight", 8.0},
            {"area_time", 1.0},
            {"cycles_per_token", p.designs[point.variant].parameters.at("rows")}};
  };
  EXPECT_THROW(run_sweep(plan, sweep_inputs(), folder.path() / "out", compute, {}), std::runtime_error);
  const reports::Record record = run_sweep(plan, sweep_inputs(), folder.path() / "out", compute, {});
  EXPECT_EQ(calls, 5);  // two, the interrupted one, and the two that were missing
  ASSERT_EQ(record.tables[0].rows.size(), 4U);
  EXPECT_EQ(record.tables[0].rows[3][0], "bitmod-fp4:g64");
  EXPECT_EQ(record.tables[0].rows[3][column(record.tables[0], "on the front")], true);
  EXPECT_EQ(record.tables[0].rows[0][column(record.tables[0], "on the front")], false);
  run_sweep(plan, sweep_inputs(), folder.path() / "out", compute, {});
  EXPECT_EQ(calls, 5);
}

// A program that did not write its version into the names, and one that did.
TEST(Sweep, PointsOfAnotherProgramAreComputedAgainAndSaidToBe) {
  const SweepFolder folder;
  const SweepPlan plan = read_sweep(folder.write("s.yaml", kSweepPlan));
  fs::create_directories(folder.path() / "points");
  const auto order = sweep_points(plan, sweep_inputs());
  folder.write("points/" + order[0].key + ".json", "{\"sqnr_db\": 1}");
  folder.write("points/" + order[0].key + "-0123456789abcdef.json", "{\"sqnr_db\": 2}");
  {
    SweepStore store(folder.path());
    const auto claim = store.claim(order[1].key);
    store.save(order[1].key, {{"sqnr_db", 3}});
  }
  SweepProgress last;
  std::vector<std::size_t> computed;
  const auto compute = [&](const SweepPlan&, const SweepInputs&, const SweepPoint&) -> nlohmann::json {
    return {{"sqnr_db", 4}};
  };
  const reports::Table table = run_sweep(plan, sweep_inputs(), folder.path(), compute, [&](const SweepProgress& state) {
                                 last = state;
                                 computed.push_back(state.computed);
                               }).tables[0];
  EXPECT_EQ(table.rows[0][column(table, "SQNR of the output")], 4);
  EXPECT_EQ(table.rows[1][column(table, "SQNR of the output")], 3);
  EXPECT_EQ(last.computed, 3U);
  EXPECT_EQ(computed, (std::vector<std::size_t>{0, 1, 2, 3})) << "what is there is taken first";
  EXPECT_EQ(last.outdated, 2U);
  EXPECT_EQ(std::string(point_program()).size(), 16U);
}

TEST(Sweep, KeysFollowWhatDeterminesAPoint) {
  const SweepFolder folder;
  const SweepPlan plan = read_sweep(folder.write("s.yaml", kSweepPlan));
  std::set<std::string> keys;
  const auto add = [&](const SweepPlan& p, const SweepInputs& i) {
    for (const SweepPoint& point : sweep_points(p, i)) keys.insert(point.key);
    return keys.size();
  };
  EXPECT_EQ(add(plan, sweep_inputs()), 4U);
  EXPECT_EQ(add(plan, sweep_inputs()), 4U);
  SweepInputs other = sweep_inputs();
  other.weights[0] = 5;
  EXPECT_EQ(add(plan, other), 8U);
  SweepPlan engines = plan;
  engines.engines.push_back(&engine("rtl"));
  EXPECT_EQ(add(engines, sweep_inputs()), 12U);
  // With one design's library, RTL or tools changed, the points of that design alone are new.
  SweepPlan silicon = plan;
  silicon.silicon = {{"a", "library-a scripts"}, {"b", "library-b scripts"}};
  EXPECT_EQ(add(silicon, sweep_inputs()), 16U);
  silicon.silicon[1].key = "library-b other scripts";
  EXPECT_EQ(add(silicon, sweep_inputs()), 18U);
}

/// Makes a copy of osu018 under another name, which is another technology of the same areas.
fs::path another_library(const SweepFolder& folder) {
  std::ifstream file(read_technology("osu018").library.path);
  return folder.write("other.lib", std::string(std::istreambuf_iterator<char>(file), {}) + "/* other */\n");
}

std::string design_of(const std::string& name, const std::string& technology) {
  return "name: " + name +
         "\nsummary: s\nunit: int8_mac_tile\nparameters: {rows: 1, cols: 1, lanes: 1, acc_width: 31}\nclock_mhz: 50\n"
         "technology: " +
         technology +
         "\nmemory: {bandwidth_gb_per_s: 1, weight_buffer_kib: 0, activation_buffer_kib: 0, dram: lpddr4, "
         "sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16}\n";
}

TEST(Sweep, EveryPointIsOfItsOwnDesignsTechnology) {
  const SweepFolder folder;
  const std::string library = another_library(folder).string();
  const fs::path one = folder.write("one.yaml", design_of("one", "osu018")),
                 two = folder.write("two.yaml", design_of("two", library));
  SweepPlan plan = read_sweep(folder.write("s.yaml", "name: t\ndesigns: [" + one.string() + ", " + two.string() +
                                                         "]\nworkload: {layer: l, tokens: 2}\nformats: [int8]\n"));
  const std::string hash = plan.hash;
  const auto own = use_technologies(plan, std::nullopt, {});
  ASSERT_EQ(own.size(), 2U);
  ASSERT_EQ(plan.silicon.size(), 2U);
  EXPECT_EQ(plan.hash, hash);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(plan.silicon[i].technology, plan.designs[i].technology);
    const CellLibrary& used = own.at(plan.designs[i].technology).technology.library;
    const SynthesisTools tools = open_flow(used, {}).tools;
    for (const std::string& part : {used.hash, tools.script_hash, tools.yosys})
      EXPECT_NE(plan.silicon[i].key.find(part), std::string::npos) << part;
  }
  EXPECT_NE(plan.silicon[0].key, plan.silicon[1].key);
  const auto compute = [&](const SweepPlan& p, const SweepInputs&, const SweepPoint& point) -> nlohmann::json {
    const std::string& name = p.silicon[point.variant].technology;
    return {{"sqnr_db", 1.0},
            {"technology", own.at(name).technology.name},
            {"area_source", "of " + own.at(name).technology.name}};
  };
  const reports::Table table = run_sweep(plan, sweep_inputs(), folder.path() / "own", compute, {}).tables[0];
  EXPECT_EQ(table.rows[0].back(), "osu018");
  EXPECT_EQ(table.rows[1].back(), "other.lib");
  EXPECT_NE(table.note.find("Area: of osu018; of other.lib."), std::string::npos) << table.note;
  EXPECT_NE(table.note.find("of several technologies"), std::string::npos) << table.note;
  // One technology for all of them is another sweep.
  EXPECT_EQ(use_technologies(plan, "osu018", {}).size(), 1U);
  EXPECT_EQ(plan.silicon[0].key, plan.silicon[1].key);
  EXPECT_NE(plan.hash, hash);
}

TEST(Sweep, AMeasuredPointSaysWhichTechnologyItIsOf) {
  const SweepFolder folder;
  const std::string library = another_library(folder).string();
  const fs::path design = folder.write("two.yaml", design_of("two", library));
  SweepPlan plan =
      read_sweep(folder.write("s.yaml", "name: t\ndesigns: [" + design.string() +
                                            "]\nworkload: {layer: l, tokens: 2}\nformats: [int8]\nenergy: true\n"));
  const auto technologies = use_technologies(plan, std::nullopt, {});
  SweepInputs layer{{{{"l", std::nullopt, 2, 64}}, 2},
                    std::vector<float>(64 * 2),
                    std::vector<std::uint16_t>(64 * 2, 0x3c00),
                    "test"};
  for (std::size_t i = 0; i < layer.weights.size(); ++i) layer.weights[i] = static_cast<float>(i % 7) - 3;
  const auto point = measure_point(plan, layer, {"k", 0, 0}, technologies.at(library));
  EXPECT_EQ(point["technology"], "other.lib");
  EXPECT_GT(point["area_um2"].get<double>(), 0);
  EXPECT_EQ(point["energy_conditions"]["library_hash"], technologies.at(library).technology.library.hash);
  EXPECT_NE(point["energy_conditions"]["not_counted"].get<std::string>().find("rounds each token to INT8"),
            std::string::npos);
}

TEST(Sweep, TablesOfOnesOwnMakeAnotherSweep) {
  const SweepFolder folder;
  const fs::path file = folder.write("s.yaml", std::string(kSweepPlan) + "energy: true\n");
  const fs::path dram = folder.write("d.csv", "name,pj_per_bit,low,high,source\nlpddr4,1,1,1,mine\n");
  const std::vector<Setting> own_table{{"memory.dram_file", dram.string(), "--dram"}};
  const SweepPlan committed = read_sweep(file), own = read_sweep(file, own_table);
  EXPECT_NE(own.hash, committed.hash);
  folder.write("d.csv", "name,pj_per_bit,low,high,source\nlpddr4,2,2,2,mine\n");
  EXPECT_NE(read_sweep(file, own_table).hash, own.hash);
  EXPECT_EQ(read_sweep(file).hash, committed.hash);
}

/// The first format is not supported, and the second design takes twice the energy-delay product.
nlohmann::json energy_of_point(const SweepPlan&, const SweepInputs&, const SweepPoint& point) {
  if (point.format == 0) return {{"unsupported", "no."}};
  return {{"sqnr_db", 10.0},
          {"energy_per_token_uj", 3.0},
          {"energy_parts_uj", {{"unit", 2.0}, {"DRAM", 1.0}}},
          {"average_power_w", 0.5},
          {"energy_delay_js", point.variant == 0 ? 2e-9 : 4e-9},
          {"energy_conditions", {{"not_counted", "the decoder"}, {"buffer_technology", "of a beside b"}}},
          {"energy_source", "sum of x"}};
}

TEST(Sweep, EnergyIsAskedForByNameOrByAnObjective) {
  const SweepFolder folder;
  EXPECT_FALSE(read_sweep(folder.write("s.yaml", kSweepPlan)).energy);
  const std::string asked = std::string(kSweepPlan) + "energy: true\n";
  const std::string objective =
      std::string(kSweepPlan) + "objectives: {maximize: [sqnr_db], minimize: [energy_delay_js]}\n";
  EXPECT_TRUE(read_sweep(folder.write("a.yaml", asked)).energy);
  SweepPlan plan = read_sweep(folder.write("o.yaml", objective));
  ASSERT_TRUE(plan.energy);
  // Points depend on the memories' figures too.
  const std::string key = sweep_points(plan, sweep_inputs())[0].key;
  plan.designs[0].memory.dram.pj_per_bit *= 2;
  EXPECT_NE(sweep_points(plan, sweep_inputs())[0].key, key);
  EXPECT_EQ(sweep_points(plan, sweep_inputs())[1].key,
            sweep_points(read_sweep(folder.write("o.yaml", objective)), sweep_inputs())[1].key);
  // So do they on glitches, which are in energies unless the file says otherwise.
  EXPECT_FALSE(plan.zero_delay);
  const SweepPlan without = read_sweep(folder.write("z.yaml", objective + "energy_delays: zero\n"));
  EXPECT_TRUE(without.zero_delay);
  EXPECT_NE(sweep_points(without, sweep_inputs())[1].key, sweep_points(plan, sweep_inputs())[1].key);
  EXPECT_THROW(read_sweep(folder.write("w.yaml", objective + "energy_delays: none\n")), ConfigError);
  const reports::Record record = run_sweep(plan, sweep_inputs(), folder.path() / "energy", energy_of_point, {});
  const reports::Table& table = record.tables[0];
  ASSERT_EQ(table.columns.size(), 22U);
  for (const auto& row : table.rows) ASSERT_EQ(row.size(), table.columns.size());
  EXPECT_TRUE(table.rows[0][column(table, "energy per token")].is_null());
  EXPECT_EQ(table.rows[2][column(table, "energy per token")], 3.0);
  EXPECT_EQ(table.rows[2][column(table, "unit energy")], 2.0);
  EXPECT_TRUE(table.rows[2][column(table, "weight buffer energy")].is_null());
  EXPECT_EQ(table.rows[2][column(table, "average power")], 500.0);
  EXPECT_EQ(table.rows[2][column(table, "on the front")], true);
  EXPECT_EQ(table.rows[3][column(table, "on the front")], false) << "twice the energy-delay product";
  for (const char* expected : {" Energy with glitches, no wires.\n",
                               "\nEnergy: sum of x.\nNot counted: the decoder.\nBuffers: of a beside b."})
    EXPECT_NE(table.note.find(expected), std::string::npos) << table.note;
  EXPECT_EQ(record.provenance["energy"]["rows=4 cols=4"]["not_counted"], "the decoder");
  EXPECT_NE(table.columns[column(table, "energy × delay")].source.find("whole run"), std::string::npos);
  EXPECT_EQ(record.scatters.size(), 3U);
}

TEST(SweepPlan, AllProblemsAtOnce) {
  const SweepFolder folder;
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
  const SweepFolder folder;
  const std::string rest = "\nworkload: {layer: l, tokens: 2}\nformats: [int8]\n";
  const SweepPlan plan = read_sweep(folder.write("d.yaml", "designs: [bitmod-8x8, int8-8x8]" + rest));
  EXPECT_EQ(plan.variants, (std::vector<std::string>{"bitmod-8x8", "int8-8x8"}));
  ASSERT_EQ(plan.designs.size(), 2U);
  EXPECT_EQ(plan.designs[1].unit->name, "int8_mac_tile");
  EXPECT_EQ(sweep_points(plan, sweep_inputs()).size(), 2U);
  const auto problem = [&](const std::string& designs) -> std::string {
    try {
      read_sweep(folder.write("w.yaml", "designs: " + designs + rest));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_NE(problem("[]").find("'designs' is an empty list, expected a list of texts"), std::string::npos)
      << problem("[]");
  EXPECT_NE(problem("[int8-8x]").find("did you mean 'int8-8x8'?"), std::string::npos) << problem("[int8-8x]");
  EXPECT_NE(problem("[int8-8x8, int8-8x8]").find("has 'int8-8x8' twice"), std::string::npos);
}

}  // namespace
}  // namespace subbyte::sim
