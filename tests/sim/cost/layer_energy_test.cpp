// Tests joules of a layer by counted actions: hand-made counts, sums, proportions, and what is refused.
#include "sim/cost/layer_energy.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "quant/rules/quantize.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "tests/support/layer_energy_cases.hpp"

namespace subbyte::sim {
namespace {

SynthesisTools tools() {
  SynthesisTools tools;
  tools.yosys = "yosys 1";
  tools.abc_script = "abc commands";
  tools.script_hash = "scripthash";
  return tools;
}
UnitPower power() { return power_by(tools()); }

nlohmann::ordered_json conditions_of(const Design& design, const UnitPower& unit = power()) {
  return energy_conditions(design, unit, read_technology("osu018"), "FP32 to the DRAM", Traffic{0, 0, 4, 0});
}
template <typename Json>
std::string text_of(const Json& conditions, const char* key) {
  return conditions.at(key).template get<std::string>();
}

// 24 outputs x 64 inputs and 20 tokens on 8 x 8 make three output tiles and three token tiles.
TEST(LayerEnergy, EveryActionIsCountedByHand) {
  Design design = design_of(1, 3);
  design.memory.bandwidth_gb_per_s = 1000;
  const auto weights = weights_of(24, 64);
  const auto weight_bytes = static_cast<double>(weights.bytes());
  const LayerEnergy energy = layer_energy(design, weights, 20, 600, power());
  EXPECT_DOUBLE_EQ(part_of(energy, "unit", "cycles").energy_j, 600 * 100 * kPico);
  EXPECT_DOUBLE_EQ(part_of(energy, "unit", "cycles").low_j.value(), 600 * 99 * kPico);
  EXPECT_EQ(part_of(energy, "unit", "cycles that wait for memory, clock alone").count, 0);
  // This is 500 nW over 600 cycles of 20 ns.
  EXPECT_NEAR(part_of(energy, "unit", "cycles of leakage").energy_j, 500e-9 * 600 * 20e-9, 1e-22);
  EXPECT_DOUBLE_EQ(part_of(energy, "weight buffer", "writes of 64 bits").count, weight_bytes / 8);
  EXPECT_DOUBLE_EQ(part_of(energy, "weight buffer", "reads of 64 bits").count, 3 * weight_bytes / 8);
  EXPECT_DOUBLE_EQ(part_of(energy, "weight buffer", "reads of 64 bits").energy_j, 3 * weight_bytes / 8 * 4 * kPico);
  EXPECT_DOUBLE_EQ(part_of(energy, "activation buffer", "writes of 64 bits").count, 20 * 64 * 2 / 8.0);
  EXPECT_DOUBLE_EQ(part_of(energy, "activation buffer", "reads of 64 bits").count, 3 * 20 * 64 * 2 / 8.0);
  EXPECT_NEAR(part_of(energy, "activation buffer", "cycles of leakage").energy_j, 3 * 6e-9 * 600 * 20e-9,
              1e-22);  // three banks
  EXPECT_DOUBLE_EQ(part_of(energy, "DRAM", "bits of weights").energy_j, 8 * weight_bytes * 10 * kPico);
  EXPECT_DOUBLE_EQ(part_of(energy, "DRAM", "bits of outputs").count, 20 * 24 * 32);
  EXPECT_DOUBLE_EQ(part_of(energy, "DRAM", "bits of outputs").high_j.value(), 20 * 24 * 32 * 20 * kPico);
  EXPECT_EQ(energy.seconds, 600 / 50e6);
}

TEST(LayerEnergy, PartsSumToTheWholeAndEachSaysWhereItComesFrom) {
  const LayerEnergy energy = layer_energy(design_of(), weights_of(24, 64), 20, 600, power());
  double parts = 0, places = 0, shares = 0, rows = 0, metrics = 0;
  for (const EnergyPart& part : energy.parts) {
    parts += part.energy_j;
    EXPECT_LE(part.low_j.value_or(0), part.energy_j);
    EXPECT_GE(part.high_j.value_or(1), part.energy_j);
    EXPECT_EQ(part.low_j.has_value(), part.unit == "DRAM" || part.action == "cycles") << part.unit << part.action;
    EXPECT_FALSE(part.source.empty());
  }
  for (const std::string& unit : energy_units()) places += energy.unit_j(unit);
  EXPECT_DOUBLE_EQ(parts, energy.total_j());
  EXPECT_NEAR(places, energy.total_j(), 1e-12 * parts);
  const reports::Table table = energy_table(energy, conditions_of(design_of()));
  for (const auto& row : table.rows) {
    rows += row[4].get<double>() * 1e-6;
    shares += row[7].get<double>();
  }
  EXPECT_NEAR(rows, energy.total_j(), 1e-12 * parts);
  EXPECT_NEAR(shares, 100, 1e-9);
  for (const reports::Metric& metric : energy_metrics(energy)) {
    EXPECT_FALSE(metric.source.empty()) << metric.name;
    if (metric.unit == "J/token" && metric.name != "energy_per_token" && metric.name != "energy_per_token_zero_delay")
      metrics += metric.value * 20;
  }
  EXPECT_NEAR(metrics, energy.total_j(), 1e-12 * parts);
  EXPECT_NEAR(energy.high_j().value() - energy.total_j(), 600 * kPico + energy.unit_j("DRAM"),
              1e-12 * parts);  // 20 pJ for 10
  EXPECT_EQ(sources_of(energy),
            "sum of unit: netlist, transitions counted at zero delay (no glitches), the clock while it waits, "
            "leakage included; "
            "weight buffer: table: s, 1 KiB; activation buffer: table: s, 1 KiB; DRAM: table: d");
  EXPECT_DOUBLE_EQ(energy.average_power_w() * energy.seconds, energy.total_j());
  EXPECT_DOUBLE_EQ(energy.delay_product_js(), energy.total_j() * energy.seconds);
}

TEST(LayerEnergy, WaitingForMemoryCostsTheClockAndLeakage) {
  Design design = design_of();
  design.memory.bandwidth_gb_per_s = 1e-3;
  const auto weights = weights_of(24, 64);
  const LayerEnergy slow = layer_energy(design, weights, 20, 600, power());
  const double clocked = static_cast<double>(traffic_of(design, weights, 20).total()) / 1e6 * 50e6;
  EXPECT_NEAR(part_of(slow, "unit", "cycles that wait for memory, clock alone").count, clocked - 600, 1e-6);
  EXPECT_EQ(part_of(slow, "unit", "cycles that wait for memory, clock alone").pj_each, 30);
  EXPECT_NEAR(part_of(slow, "unit", "cycles of leakage").count, clocked, 1e-6);
  EXPECT_EQ(part_of(slow, "unit", "cycles").count, 600);
}

TEST(LayerEnergy, ALayerTwiceAsLargeCostsTwice) {
  const Design design = design_of(0, 16);
  const LayerEnergy one = layer_energy(design, weights_of(64, 64), 8, 1000, power());
  const LayerEnergy two = layer_energy(design, weights_of(128, 64), 8, 2000, power());
  EXPECT_NEAR(two.unit_j("unit"), 2 * one.unit_j("unit"), 1e-9 * two.total_j());
  EXPECT_NEAR(part_of(two, "DRAM", "bits of weights").energy_j, 2 * part_of(one, "DRAM", "bits of weights").energy_j,
              1e-18);
  EXPECT_GT(two.total_j(), 1.8 * one.total_j());
  EXPECT_LT(two.total_j(), 2.0 * one.total_j());  // activations cross once either way
  const LayerEnergy sum = sum_of({one, two});
  EXPECT_NEAR(sum.total_j(), one.total_j() + two.total_j(), 1e-9 * sum.total_j());
  EXPECT_DOUBLE_EQ(sum.seconds, one.seconds + two.seconds);
  EXPECT_EQ(sum.parts.size(), one.parts.size());
  EXPECT_EQ(sum.tokens, 8U);
  EXPECT_DOUBLE_EQ(part_of(sum, "unit", "cycles").count, 3000);
  EXPECT_DOUBLE_EQ(part_of(sum, "unit", "cycles").pj_each, 100);
}

const reports::Metric* metric_of(const std::vector<reports::Metric>& metrics, const std::string& name) {
  for (const reports::Metric& metric : metrics)
    if (metric.name == name) return &metric;
  return nullptr;
}

TEST(LayerEnergy, NoIntervalNoRange) {
  UnitPower unit = power();
  unit.half_width_pj.reset();
  const LayerEnergy with = layer_energy(design_of(), weights_of(24, 64), 20, 600, power());
  const LayerEnergy without = layer_energy(design_of(), weights_of(24, 64), 20, 600, unit);
  ASSERT_TRUE(with.low_j());
  EXPECT_LT(*with.low_j(), with.total_j());
  EXPECT_EQ(metric_of(energy_metrics(with), "energy_low")->source, range_text(true));
  EXPECT_FALSE(without.low_j());
  EXPECT_FALSE(without.high_j());
  EXPECT_FALSE(sum_of({with, without}).low_j()) << "a sum of which one part is not known";
  EXPECT_FALSE(sum_of({without, with}).high_j());
  EXPECT_EQ(metric_of(energy_metrics(without), "energy_low"), nullptr);
  const reports::Table table = energy_table(without, conditions_of(design_of(), unit));
  EXPECT_TRUE(table.rows[0][5].is_null());
  EXPECT_NE(table.note.find("(no range: the stimulus is too short"), std::string::npos) << table.note;
  EXPECT_EQ(text_of(conditions_of(design_of(), unit), "range"),
            "no range: the stimulus is too short for an interval of the windows");
  // A DRAM of one published figure has no range either.
  Design single = design_of();
  single.memory.dram = {"d", 10, 10, 10, "test"};
  EXPECT_FALSE(part_of(layer_energy(single, weights_of(24, 64), 20, 600, power()), "DRAM", "bits of weights").low_j);
}

TEST(LayerEnergy, LeakageIsToldApartFromTransitions) {
  const LayerEnergy energy = layer_energy(design_of(), weights_of(24, 64), 20, 600, power());
  EXPECT_EQ(part_of(energy, "unit", "cycles of leakage").source, "netlist, leakage of its cells");
  const auto metrics = energy_metrics(energy);
  EXPECT_NE(metric_of(metrics, "unit_energy_per_mac")->source.find("leakage included"), std::string::npos);
  EXPECT_NE(metric_of(metrics, "unit_work_energy_per_mac")->source.find("no leakage"), std::string::npos);
  EXPECT_DOUBLE_EQ(metric_of(metrics, "unit_work_energy_per_mac")->value, 600.0 * 100 / (20 * 24 * 64));
  EXPECT_DOUBLE_EQ(metric_of(metrics, "unit_leakage_per_mac")->value,
                   part_of(energy, "unit", "cycles of leakage").energy_j / kPico / (20 * 24 * 64));
  EXPECT_NE(metric_of(metrics, "energy_delay_product")->source.find("whole run (20 tokens)"), std::string::npos);
}

TEST(LayerEnergy, GlitchesAreInTheWorkingCyclesAlone) {
  UnitPower unit = power();
  const LayerEnergy plain = layer_energy(design_of(), weights_of(24, 64), 20, 600, unit);
  EXPECT_FALSE(plain.glitch_factor());
  EXPECT_EQ(metric_of(energy_metrics(plain), "glitch_factor"), nullptr);
  EXPECT_NE(text_of(conditions_of(design_of(), unit), "glitches").find("not in it (--zero-delay)"), std::string::npos);
  const auto timed_by = [](double factor) {
    UnitPower timed = power();
    timed.pj_per_cycle *= factor;
    timed.glitch_factor = factor;
    return layer_energy(design_of(), weights_of(24, 64), 20, 600, timed);
  };
  const LayerEnergy timed = timed_by(1.5);
  EXPECT_NEAR(timed.total_j(), plain.total_j() + 0.5 * 600 * 100 * kPico, 1e-18);
  EXPECT_DOUBLE_EQ(timed.glitch_factor().value(), 1.5);
  EXPECT_NEAR(metric_of(energy_metrics(timed), "energy_per_token_zero_delay")->value, plain.per_token_j(), 1e-20);
  EXPECT_TRUE(metric_of(energy_metrics(timed), "energy_per_token")->basis.timed);
  EXPECT_FALSE(metric_of(energy_metrics(plain), "energy_per_token")->basis.timed);
  EXPECT_NE(sources_of(timed).find("transitions counted with glitches"), std::string::npos);
  const LayerEnergy sum = sum_of({timed, timed_by(3)});
  EXPECT_DOUBLE_EQ(metric_of(energy_metrics(sum), "glitch_factor")->value, 2.25);
  EXPECT_FALSE(sum_of({timed, plain}).glitch_factor());
}

TEST(LayerEnergy, WhatNoActionCountsIsSaid) {
  const auto says = [](const char* design, const char* text) {
    return not_counted(read_design(design), Traffic{0, 0, 4, 0}).find(text) != std::string::npos;
  };
  for (const char* name : {"fp16-mac-8x8", "int8-8x8", "bitmod-8x8", "dequant-fp4-8x8"})
    EXPECT_TRUE(says(name, "an output buffer")) << name;
  EXPECT_TRUE(says("fp16-mac-8x8", "decoded to FP16 while buffers and DRAM carry packed bits: the decoder"));
  EXPECT_FALSE(says("bitmod-8x8", "decoder"));
  for (const char* name : {"int8-8x8", "ternary-int8-8x8"})
    EXPECT_TRUE(says(name, "rounds each token to INT8 before the tile, and the FP32"));
  EXPECT_FALSE(says("ternary34-8x8", "INT8"));
  EXPECT_TRUE(says("dequant-fp4-8x8", "tensor scale behind the tile"));
}

TEST(LayerEnergy, ConditionsAreInTheNoteWithTheMemoriesRemarksAndFiles) {
  Design design = design_of();
  design.memory.sram[1].source = "CACTI; a lower bound, a factor of 2";
  design.memory.sram_file = {"mine.csv", "0123", true};
  design.memory.dram_file = {"configs/memories/dram.csv", "4567", false};
  const LayerEnergy energy = layer_energy(design, weights_of(24, 64), 20, 600, power());
  EXPECT_EQ(part_of(energy, "weight buffer", "reads of 64 bits").source, "table: s, 1 KiB of mine.csv");
  EXPECT_EQ(part_of(energy, "DRAM", "bits of weights").source, "table: d");
  const auto conditions = conditions_of(design);
  EXPECT_EQ(conditions["sram_file"]["hash"], "0123");
  EXPECT_EQ(conditions["dram_file"]["file"], "configs/memories/dram.csv");
  EXPECT_EQ(conditions["weight_buffer"]["bank"]["source"], "CACTI; a lower bound, a factor of 2");
  EXPECT_EQ(conditions["dram"]["source"], "test");
  EXPECT_EQ(text_of(conditions, "tools"), "yosys 1, scripts scripthash, abc script: abc commands");
  EXPECT_EQ(text_of(conditions, "buffer_technology"),
            "buffers are of s, the unit of osu018: the technologies differ, so the shares of the sum mix two");
  const std::string note = energy_table(energy, conditions).note;
  for (const char* text : {"table: s, 1 KiB of mine.csv: CACTI; a lower bound, a factor of 2.",
                           "glitches: not in it (--zero-delay)", "wires: none", "not counted: an output buffer",
                           "the decoder between them", "by the DRAM's range and the windows' intervals alone",
                           "the technologies differ", "factor of 2 to 3", "scripthash"})
    EXPECT_NE(note.find(text), std::string::npos) << text << "\n" << note;
}

TEST(LayerEnergy, BanksRangesAndMissingFigures) {
  const auto weights = weights_of(24, 64);
  EXPECT_FALSE(weight_buffer(design_of(0)));
  for (const EnergyPart& part : layer_energy(design_of(0), weights, 20, 600, power()).parts)
    EXPECT_NE(part.unit, "weight buffer");
  Design design = design_of(5);
  design.memory.sram_bank_kib = 1;
  EXPECT_EQ(weight_buffer(design)->banks, 5U);
  EXPECT_DOUBLE_EQ(weight_buffer(design)->area_um2().value(), 5 * 200);
  design.memory.sram_bank_kib = 2;  // three banks of 1706.67 bytes
  try {
    layer_energy(design, weights, 20, 600, power());
    FAIL() << "extrapolated";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("expected 0.5 KiB to 1 KiB: nothing is extrapolated"), std::string::npos)
        << error.what();
  }
  design = design_of();
  design.memory.sram[1].write_pj.reset();
  EXPECT_THROW(layer_energy(design, weights, 20, 600, power()), InputError);
  design = design_of();
  design.memory.sram[1].area_um2.reset();
  design.memory.sram[1].leakage_nw.reset();
  for (const reports::Metric& metric : area_metrics(design, power()))
    EXPECT_EQ(metric.name.find("buffer"), std::string::npos);
  EXPECT_THROW(part_of(layer_energy(design, weights, 20, 600, power()), "weight buffer", "cycles of leakage"),
               std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::sim
