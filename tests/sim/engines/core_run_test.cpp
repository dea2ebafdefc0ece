// Tests layers on a design's core: engines agree, Y is the tile's own, the blocks are chosen by cost, and what the core
// does not allow is refused with its place.
#include "sim/engines/core_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <tuple>

#include "quant/formats/format.hpp"
#include "quant/rules/distortion.hpp"
#include "sim/mapping/core_layer.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kDesign = "bitmod-core-4x4";

LayerInputs inputs_of(const std::string& format, std::size_t tokens) {
  ActivationQuery query;
  query.tokens = tokens;
  const LayerSource source = open_layers("", format, "embedded");
  return source.load(source.layer("model.layers.0.self_attn.q_proj"), query);
}

SimulateRequest request_of(const Design& design, const LayerInputs& inputs, const std::string& engines) {
  return {design,
          inputs.weights,
          {inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols},
          open_engines(parse_engines(engines)),
          {},
          {}};
}

void expect_y_of_the_tile(const Design& core, const Design& tile, const std::string& format) {
  SCOPED_TRACE(core.name + ", " + format);
  const LayerInputs inputs = inputs_of(format, 11);
  const CoreResult result = run_core_layer(request_of(core, inputs, "golden,fast,systemc"));
  ASSERT_TRUE(result.equal()) << (result.first ? result.first->text() : "");
  const SimulateResult alone = simulate_layer(request_of(tile, inputs, "golden"));
  ASSERT_EQ(result.y.size(), alone.y.size());
  for (std::size_t i = 0; i < result.y.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint32_t>(result.y[i]), std::bit_cast<std::uint32_t>(alone.y[i])) << "value " << i;
  ASSERT_TRUE(result.counts.has_value());
  EXPECT_EQ(*result.counts, result.schedule.counts) << "`fast` chose the blocks by other cycles than the engines have";
}

// One tile at a time gives the same bits as an array of four: a result depends on its weights and its token alone, and
// what multiplies Y behind a tile multiplies it behind the core.
TEST(CoreRun, YIsThatOfTheTileAlone) {
  for (const auto& [core, tile, formats] : std::vector<std::tuple<const char*, const char*, std::vector<const char*>>>{
           {kDesign, "bitmod-4x4", {"bitmod-fp4", "int4-asym", "int8", "bitmod-fp3:scale=u8", "mxfp4"}},
           {"int8-core-4x4", "int8-8x8", {"int4-asym"}},
           {"dequant-core-4x4", "dequant-fp4-8x8", {"nvfp4", "nvfp4:global=encode", "mxfp4", "razer"}},
           {"ternary-int8-core-4x4", "ternary-int8-8x8", {"ternary", "ternary-5in8", "ternary-5in8:g20"}},
           {"plane-core-4x4", "plane-8x8", {"nested8", "nested8:g32:view=3", "bcq1"}}})
    for (const char* format : formats) expect_y_of_the_tile(read_design(core), read_design(tile), format);
}

Design with(const std::string& key, const std::string& value) {
  return read_design(kDesign, {{key, value, "--set " + key}});
}

std::uint64_t cycles_of(const Design& design, const LayerInputs& inputs) {
  return schedule_core(design.name, plan_core_layer(design, inputs.weights, inputs.activations.tokens)).cycles();
}

TEST(CoreRun, LargerBuffersAndMoreBytesPerSecondNeverCostCycles) {
  const LayerInputs inputs = inputs_of("bitmod-fp4", 16);
  const std::pair<const char*, std::vector<const char*>> sweeps[] = {
      {"memory.weight_buffer_kib", {"4", "5", "8", "16", "17", "32", "64"}},
      {"memory.activation_buffer_kib", {"4", "8", "16", "64", "128"}},
      {"core.output_buffer_kib", {"1", "2", "4", "16", "64"}},
      {"memory.bandwidth_gb_per_s", {"0.1", "0.2", "0.35", "0.8", "1.2", "1.6"}},
  };
  for (const auto& [key, values] : sweeps) {
    std::uint64_t before = UINT64_MAX;
    for (const char* value : values) {
      const std::uint64_t cycles = cycles_of(with(key, value), inputs);
      EXPECT_LE(cycles, before) << key << " " << value;
      before = cycles;
    }
  }
}

TEST(CoreRun, WeightsMoveAtLeastTheirPackedBytes) {
  for (const auto& [name, format] : {std::pair(kDesign, "int3"),
                                     {kDesign, "int4-asym"},
                                     {kDesign, "bitmod-fp4:scale=u8"},
                                     {"dequant-core-4x4", "mxfp4"},
                                     {"dequant-core-4x4", "nvfp4"},
                                     {"plane-core-4x4", "nested8"},
                                     {"plane-core-4x4", "nested8:view=2"}}) {
    const LayerInputs inputs = inputs_of(format, 3);
    const Design design = read_design(name);
    const CoreSchedule schedule = schedule_core(design.name, plan_core_layer(design, inputs.weights, 3));
    // A tensor scale of four bytes multiplies Y behind dequant_mac_tile, and tiles are padded to whole bursts.
    const std::size_t packed = inputs.weights.bytes() - (std::string_view(format) == "nvfp4" ? 4 : 0);
    EXPECT_GE(schedule.traffic.weights, packed) << format;
    EXPECT_LE(schedule.traffic.weights, packed * 6 / 5) << format;
  }
}

// Clock, bandwidth and 1 / latency doubled give the same cycles.
TEST(CoreRun, TimeHasNoUnitOfItsOwn) {
  const LayerInputs inputs = inputs_of("bitmod-fp4", 16);
  const Design doubled = read_design(kDesign, {{"clock_mhz", "100", "--set clock_mhz"},
                                               {"memory.bandwidth_gb_per_s", "3.2", "--set bandwidth"},
                                               {"core.latency_ns", "100", "--set latency"},
                                               {"core.turnaround_ns", "10", "--set turnaround"}});
  EXPECT_EQ(cycles_of(doubled, inputs), cycles_of(read_design(kDesign), inputs));
}

// A layout that packs codes together has no image of its own yet, and must not be moved as wider codes.
TEST(CoreRun, ALayoutThatIsNotDenseIsRefused) {
  const Design design = read_design(kDesign);
  const LayerInputs inputs = inputs_of("sherry", 4);
  try {
    plan_core_layer(design, inputs.weights, 4);
    FAIL() << "an image of 2 bits per weight for 1.25 bits";
  } catch (const LayerRefused& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the core reads layout dense"));
  }
}

std::string error_of(const std::string& key, const std::string& value) {
  try {
    with(key, value);
    return "no error";
  } catch (const std::exception& error) {
    return error.what();
  }
}

TEST(CoreRun, WhatACoreDoesNotAllowIsAProblemOfItsDesign) {
  EXPECT_THAT(error_of("unit", "int8_mac_tile"), testing::HasSubstr("parameters do not carry over"));
  EXPECT_THAT(error_of("core.bus_bytes", "24"), testing::HasSubstr("expected a multiple of bus_bytes, 24"));
  EXPECT_THAT(error_of("lanes", "3"), testing::HasSubstr("'lanes' is 3, expected a power of two"));
  EXPECT_THAT(error_of("core.bus_bytes", "16"), testing::HasSubstr("to a bus of 16 bytes, which moves no more"));
  EXPECT_THAT(error_of("core.burst_bytes", "40"), testing::HasSubstr("'burst_bytes' is 40, expected a multiple of"));
  EXPECT_THAT(error_of("output.bits", "16"), testing::HasSubstr("writes FP32 to the DRAM"));
  EXPECT_THAT(error_of("memory.weight_buffer_kib", "0"), testing::HasSubstr("'weight_buffer_kib' is 0"));
  EXPECT_THAT(error_of("core.tile_columns", "2"), testing::HasSubstr("did you mean 'tile_cols'?"));
}

// Groups of 509 inputs cannot be cut into equal parts.
TEST(CoreRun, AGroupThatNoHalfHoldsIsRefused) {
  const LayerInputs inputs = inputs_of("bitmod-fp4", 4);
  const Design small = with("memory.weight_buffer_kib", "1");
  CoreLayerPlan plan = plan_core_layer(small, inputs.weights, 4);
  EXPECT_NO_THROW(schedule_core(small.name, plan));
  plan.shape.group = 509;
  plan.shape.inputs = 1018;
  try {
    schedule_core(small.name, plan);
    FAIL() << "2 KiB of codes in half of 1 KiB";
  } catch (const LayerRefused& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("half of a buffer holds one tile over 509 inputs of a group; "
                                                 "memory.weight_buffer_kib is 1, expected at least 5"));
  }
}

// Half of 2 KiB does not hold a token's 128 inputs for 8 rows: they come in blocks, and the engines agree.
TEST(CoreRun, AllOfKNeedNotFitTheBuffers) {
  const Design small = with("memory.activation_buffer_kib", "2");
  const LayerInputs inputs = inputs_of("bitmod-fp4", 11);
  const CoreResult result = run_core_layer(request_of(small, inputs, "golden,fast,systemc"));
  ASSERT_TRUE(result.equal()) << (result.first ? result.first->text() : "");
  EXPECT_GT(result.schedule.layer.k_blocks, 1U);
  EXPECT_EQ(*result.counts, result.schedule.counts);
  const CoreResult whole = run_core_layer(request_of(read_design(kDesign), inputs, "golden"));
  const std::vector<double> exact(whole.y.begin(), whole.y.end());
  EXPECT_GT(quant::sqnr_db(exact, result.y), 100);
  EXPECT_NE(whole.y, result.y) << "a sum in two parts has other bits";
}

// What is not run for its least cost would not have been chosen, behind a fast bus and a slow one.
TEST(CoreRun, TheChosenBlocksAreTheBestOfAll) {
  const LayerInputs inputs = inputs_of("bitmod-fp4", 1);
  std::size_t tried = 0;
  for (const char* bandwidth : {"1.6", "0.3", "0.01"}) {
    const Design design = with("memory.bandwidth_gb_per_s", bandwidth);
    for (const std::size_t tokens : {1U, 9U, 70U}) {
      CoreLayerPlan plan = plan_core_layer(design, inputs.weights, tokens);
      plan.shape.inputs = 1100;
      plan.shape.outputs = 200;
      const CoreSchedule chosen = schedule_core(design.name, plan);
      for (unsigned choice = 0; choice < 2 * 6 * 5 * 4; ++choice) {
        const std::size_t n = std::min(1U << choice / 2 % 6, 25U), t = 1U << choice / 12 % 5;
        const kernels::CoreBlocks blocks{choice % 2 == 0, n, t, 1U << choice / 60};
        kernels::CoreLayer layer;
        try {
          layer = kernels::core_layer(plan.core, plan.shape, blocks);
        } catch (const std::invalid_argument&) {
          continue;
        }
        ++tried;
        models::ChannelTimes memory(plan.channel);
        const auto cycles = kernels::core_total(models::core_cycles(plan.core, layer, plan.beats, 0, memory));
        EXPECT_LE(core_least_cycles(plan, plan.shape, blocks), cycles);
        EXPECT_LE(chosen.cycles(), cycles);
      }
    }
  }
  EXPECT_GT(tried, 200U);
}

}  // namespace
}  // namespace subbyte::sim
