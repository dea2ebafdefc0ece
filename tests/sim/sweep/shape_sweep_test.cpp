// Tests sweeps of a model's shape over designs with a core: any key of a design varies, points are those of the phases
// alone, and what a shape has no use for is refused.
#include "sim/sweep/shape_sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/cost/core_phases_energy.hpp"
#include "sim/sweep/plan_file.hpp"
#include "sim/sweep/point.hpp"
#include "sim/sweep/sweep.hpp"
#include "tests/support/sweep_cases.hpp"

namespace subbyte::sim {
namespace {

using testing::HasSubstr;

constexpr const char* kHead =
    "name: s\ndesign: bitmod-core-4x4\nworkload: {shape: embedded, prefill: 16, decode: 4, kv_format: int8}\n"
    "formats: [int8, bitmod-fp4]\n";

std::string head_of(const std::string& workload, const std::string& design = "bitmod-core-4x4") {
  return "design: " + design + "\nworkload: {" + workload + "}\nformats: [int8]\n";
}

std::string problem_of(const std::string& text, const std::vector<Setting>& settings = {}) {
  const SweepFolder folder;
  try {
    read_sweep(folder.write("s.yaml", text), settings);
    return "no problem";
  } catch (const std::exception& error) {
    return error.what();
  }
}

TEST(ShapeSweep, AnyKeyOfADesignVaries) {
  const SweepFolder folder;
  const SweepPlan plan = read_sweep(folder.write(
      "s.yaml", std::string(kHead) +
                    "vary: [{core.tile_rows: 1}, {memory.bandwidth_gb_per_s: 0.8, lanes: 8}, {clock_mhz: 100}, "
                    "{core.vector.lanes: 16}]\n"));
  EXPECT_EQ(plan.variants, (std::vector<std::string>{"core.tile_rows=1", "memory.bandwidth_gb_per_s=0.8 lanes=8",
                                                     "clock_mhz=100", "core.vector.lanes=16"}));
  EXPECT_EQ(plan.designs[3].core->vector->params.lanes, 16U);
  EXPECT_EQ(plan.designs[3].core->vector->params.row_words, 1024U) << "the same buffer";
  EXPECT_EQ(plan.designs[0].core->parameters.at("tile_rows"), 1);
  EXPECT_EQ(plan.designs[1].memory.bandwidth_gb_per_s, 0.8);
  EXPECT_EQ(plan.designs[1].parameters.at("lanes"), 8);
  EXPECT_EQ(plan.designs[2].clock_mhz, 100);
  EXPECT_EQ(plan.objectives.minimize,
            (std::vector<std::string>{"time_to_first_token", "time_per_output_token", "lanes", "buffer_kib"}));
}

TEST(ShapeSweep, APointIsWhatThePhasesTake) {
  const SweepFolder folder;
  const SweepPlan plan = read_sweep(folder.write("s.yaml", std::string(kHead) + "vary: [{core.tile_rows: 1}]\n"));
  const reports::Record record = run_sweep(
      plan, {}, folder.path() / "out",
      [](const SweepPlan& p, const SweepInputs&, const SweepPoint& point) { return measure_shapes(p, point); }, {});
  const PhaseWork matrices = model_work(plan.shapes->model.shape, Policy(plan.formats[1]), plan.shapes->phases);
  const std::vector<PhaseCost> phases = run_phases(plan.designs[0], matrices);
  const std::vector<PhaseCost> whole = run_phases(plan.designs[0], work_on(plan.designs[0], matrices));
  const double steps = 4, hz = 50e6;
  EXPECT_DOUBLE_EQ(record.tables[0].rows[1][column(record.tables[0], "time per output token")].get<double>(),
                   static_cast<double>(whole.at(1).total().cycles()) / steps / hz);
  EXPECT_DOUBLE_EQ(record.tables[0].rows[1][column(record.tables[0], "matmul time per output token")].get<double>(),
                   static_cast<double>(phases.at(1).total().cycles()) / steps / hz);
  EXPECT_EQ(record.tables[0].rows[1][column(record.tables[0], "lanes")], 4 * 8 * 4);
  EXPECT_EQ(record.tables[0].rows[1][column(record.tables[0], "buffers")], 16 + 64 + 16);
  EXPECT_EQ(record.kind, "sweep-workload");
  EXPECT_TRUE(record.provenance["clock_met"].is_null());
  EXPECT_THAT(record.provenance["clock"].get<std::string>(), HasSubstr("clock not checked: `subbyte synth --design`"));
  EXPECT_THAT(record.tables[0].note, testing::Not(HasSubstr("Not in it")));
}

constexpr const char* kSmallTile = "vary: [{rows: 2, cols: 4, memory.bandwidth_gb_per_s: 0.8, core.bus_bytes: 16}]\n";

// A point's joules are those of the same run of `simulate`, and an objective asks for them as `energy` does.
TEST(ShapeSweep, EnergiesAreThoseOfThePhases) {
  const SweepFolder folder;
  const std::string head = std::string(kHead) + kSmallTile;
  EXPECT_FALSE(read_sweep(folder.write("n.yaml", head)).energy);
  EXPECT_TRUE(read_sweep(folder.write("o.yaml", head + "objectives: {minimize: [decode_energy_per_token]}\n")).energy);
  SweepPlan plan = read_sweep(folder.write("e.yaml", head + "energy: true\nenergy_delays: zero\n"));
  EXPECT_DOUBLE_EQ(plan.tolerance.at("decode_energy_per_token"), 0.01);
  const auto technologies = use_technologies(plan, std::nullopt, {});
  const OpenTechnology& technology = technologies.at(plan.silicon[0].technology);
  const Design& design = plan.designs[0];
  std::vector<nlohmann::json> points;
  const std::vector<SweepPoint> order = sweep_points(plan, {});
  for (const SweepPoint& point : order) points.push_back(measure_shapes(plan, point, &technology));
  for (std::size_t i = 0; i < points.size(); ++i) {
    const PhaseWork work = work_on(
        design, model_work(plan.shapes->model.shape, Policy(plan.formats[order[i].format]), plan.shapes->phases));
    const std::vector<PhaseCost> phases = run_phases(design, work);
    const PhasesEnergy energy = measure_phases_energy(design, work, phases, technology, {true, true});
    for (std::size_t phase = 0; phase < 2; ++phase) {
      const std::string name = phases[phase].phase.name + "_energy_per_token";
      const double joules = points[i][name];
      EXPECT_DOUBLE_EQ(joules, energy.phases[phase].per_token_j()) << name;
      EXPECT_LE(points[i][name + "_low"].get<double>(), joules) << name;
      EXPECT_GE(points[i][name + "_high"].get<double>(), joules) << name;
    }
    EXPECT_GT(points[i]["decode_energy_per_token"], points[i]["prefill_energy_per_token"]);
  }
  const reports::Record record = shapes_record(plan, order, points);
  const reports::Table& table = record.tables.at(0);
  EXPECT_EQ(table.rows[1][reports::column(table, "decode energy per token")], points[1]["decode_energy_per_token"]);
  EXPECT_EQ(record.provenance["glitches"], false);
  EXPECT_TRUE(record.provenance["energy"].contains(plan.variants[0]));
  EXPECT_THAT(table.note, HasSubstr("at zero delay"));
}

// What decides a point is in its key: design, format, model, phases.
TEST(ShapeSweep, KeysFollowTheContent) {
  const SweepFolder folder;
  const auto key = [&](const std::string& workload, const std::string& variant) {
    const std::string text = head_of(workload) + "vary: [{" + variant + "}]\n";
    return sweep_points(read_sweep(folder.write("k.yaml", text)), {}).at(0).key;
  };
  const std::string base = key("shape: embedded", "lanes: 4");
  EXPECT_EQ(base, key("shape: embedded, prefill: 256, decode: 256", "lanes: 4"));
  for (const char* workload : {"shape: opt-1.3b", "shape: embedded, prefill: 8", "shape: embedded, decode: 8",
                               "shape: embedded, batch: 2", "shape: embedded, kv_format: int8"})
    EXPECT_NE(base, key(workload, "lanes: 4")) << workload;
  EXPECT_NE(base, key("shape: embedded", "lanes: 8"));
}

TEST(ShapeSweep, AFormatThatACoreCannotRunIsAPointWithItsReason) {
  const SweepFolder folder;
  SweepPlan plan = read_sweep(folder.write("s.yaml", std::string(kHead) + "vary: [{lanes: 4}]\n"));
  plan.formats[0] = quant::parse_format("sherry");
  const nlohmann::json point = measure_shapes(plan, {"", 0, 0});
  EXPECT_THAT(point["unsupported"].get<std::string>(), HasSubstr("codes in layout one-zero-in-four"));
  EXPECT_FALSE(point.contains("linear_time_to_first_token"));
}

TEST(ShapeSweep, WhatDoesNotGoTogetherIsAProblemAtItsKey) {
  const std::string vary = "vary: [{lanes: 4}]\n", shape = head_of("shape: embedded");
  EXPECT_THAT(problem_of(shape + "engines: [golden]\n" + vary), HasSubstr("'engines' has no effect"));
  EXPECT_THAT(problem_of(shape + "energy_delays: zero\n" + vary), HasSubstr("expected energy: true"));
  EXPECT_THAT(problem_of(shape + "objectives: {minimize: [energy_per_token_uj]}\n" + vary),
              HasSubstr("a model's shape has none"));
  EXPECT_THAT(problem_of(head_of("shape: embedded, prefill: 0") +
                         "objectives: {minimize: [prefill_energy_per_token]}\n" + vary),
              HasSubstr("the workload has no prefill"));
  EXPECT_THAT(problem_of(shape + "objectives: {minimize: [area_um2]}\n" + vary), HasSubstr("a model's shape has none"));
  EXPECT_THAT(problem_of(shape + "objectives: {maximize: [tokens_per_s]}\n" + vary),
              HasSubstr("its name begins with counted_"));
  EXPECT_THAT(problem_of(std::string(kHead) + "objectives: {maximize: [counted_tokens_per_s]}\n" + vary),
              HasSubstr("without counted_"));
  EXPECT_THAT(problem_of(shape + "objectives: {minimize: [matmul_tokens_per_s]}\n" + vary), HasSubstr("no kv_format"));
  EXPECT_THAT(problem_of(head_of("shape: embedded, decode: 0") +
                         "objectives: {minimize: [linear_time_per_output_token]}\n" + vary),
              HasSubstr("the workload has no decode"));
  EXPECT_THAT(problem_of(head_of("shape: embedded", "bitmod-4x4") + vary), HasSubstr("without a core"));
  EXPECT_THAT(problem_of(head_of("layer: l, tokens: 2") + vary), HasSubstr("with a core, where a layer runs"));
  EXPECT_THAT(problem_of(head_of("shape: embedded, layer: l, tokens: 2") + vary), HasSubstr("stands beside a shape"));
  EXPECT_THAT(problem_of(head_of("shape: embedded, prefill: 0, decode: 0") + vary), HasSubstr("at least one of them"));
  EXPECT_THAT(problem_of(head_of("shape: embedded, kv_format: int4-asym") + vary), HasSubstr("'kv_format' is refused"));
  EXPECT_THAT(problem_of(head_of("shape: mixtral-8x7b") + vary), HasSubstr("'shape' is mixtral-8x7b"));
  EXPECT_THAT(problem_of(head_of("shape: lama-2-7b") + vary), HasSubstr("did you mean 'llama-2-7b'"));
  EXPECT_THAT(problem_of(shape + "vary: [{core.tile_rows: 99}]\n"), HasSubstr("4:25: 'core.tile_rows' is 99"));
  EXPECT_THAT(problem_of(shape + "vary: [{lanes: 3}]\n"),
              HasSubstr("4:16: 'lanes' is 3, expected a power of two on a core"));
  EXPECT_THAT(problem_of(shape + "vary: [{lanes: 4}, {lanes: 4}]\n"), HasSubstr("is there twice"));
  EXPECT_THAT(problem_of(shape + vary, {{"lanes", "8", "--set lanes"}}),
              HasSubstr("every variant of the sweep states"));
}

}  // namespace
}  // namespace subbyte::sim
