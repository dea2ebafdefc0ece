// Tests where layers of a core stand under its two roofs.
#include "sim/cost/core_roofline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/design_file.hpp"
#include "sim/config/format_file.hpp"
#include "sim/config/policy.hpp"
#include "sim/cost/core_phases.hpp"
#include "sim/workload/model_shape_file.hpp"

namespace subbyte::sim {
namespace {

using reports::column;

CoreCost cost_of(double macs, double lane_cycles, std::uint64_t cycles, std::uint64_t bytes) {
  CoreCost cost;
  cost.macs = macs;
  cost.lane_cycles = lane_cycles;
  cost.counts[kernels::kWork] = cycles;
  cost.traffic.weights = bytes;
  return cost;
}

// 32 x 32 PEs of 4 lanes at 1 GHz, 2 cycles of a lane for a weight: 2048 GMAC/s, and a channel of 32 bytes per cycle.
TEST(CoreRoofline, AFewLayersByHand) {
  reports::Record record;
  const Design design = read_design("bitmod-core-32x32");
  add_core_roofline(design,
                    {{"near", "", cost_of(2048e3, 4096e3, 1250, 16'000)},  // 128 MAC/byte: the array's roof
                     {"far", "", cost_of(32e3, 64e3, 2000, 32'000)},       // 1 MAC/byte: the channel's
                     {"none", "", cost_of(0, 0, 1750, 64'000)}},           // an operation without MACs
                    "model", record);
  ASSERT_EQ(record.rooflines.size(), 1U);
  const reports::Table& table = record.tables.at(record.rooflines[0].table);
  ASSERT_EQ(table.rows.size(), 2U);
  const auto cell = [&](std::size_t row, const char* name) { return table.rows[row][column(table, name)]; };
  EXPECT_EQ(cell(0, "layer"), "near");
  EXPECT_DOUBLE_EQ(cell(0, "intensity"), 128);
  EXPECT_DOUBLE_EQ(cell(0, "attained"), 2048e3 / 1250 * 1e9);
  EXPECT_DOUBLE_EQ(cell(0, "peak"), 2048e9);
  EXPECT_DOUBLE_EQ(cell(0, "of the roof"), 80);
  EXPECT_EQ(cell(0, "bound by"), "compute");
  EXPECT_DOUBLE_EQ(cell(0, "share"), 25);
  EXPECT_EQ(cell(1, "bound by"), "memory");
  EXPECT_DOUBLE_EQ(cell(1, "bandwidth"), 32e9);
  EXPECT_DOUBLE_EQ(cell(1, "of the roof"), 50);
  EXPECT_DOUBLE_EQ(cell(1, "share"), 40);
  EXPECT_EQ(cell(1, "roof"), "bitmod-core-32x32");
  EXPECT_EQ(record.rooflines[0].attained, column(table, "attained"));
  EXPECT_EQ(record.rooflines[0].bandwidth, column(table, "bandwidth"));
}

TEST(CoreRoofline, NothingIsAddedWithoutMacs) {
  reports::Record record;
  add_core_roofline(read_design("bitmod-core-4x4"), {{"none", "", cost_of(0, 0, 10, 64)}}, "model", record);
  EXPECT_TRUE(record.tables.empty());
  EXPECT_TRUE(record.rooflines.empty());
}

// No layer is above a roof, a phase's shares are those of its cycles, and attention has roofs of its own.
TEST(CoreRoofline, LayersOfAModelAreBelowTheirRoofs) {
  const Design design = read_design("bitmod-core-32x32");
  ModelPhases asked{256, 64, 1};
  asked.kv_format = read_format("int8:gchannel");
  const PhaseWork work =
      work_on(design, model_work(read_model_shape("llama-2-7b").shape, parse_policy("bitmod-fp4"), asked));
  const std::vector<PhaseCost> phases = run_phases(design, work);
  const reports::Record record = phases_record(design, work, phases);
  ASSERT_EQ(record.rooflines.size(), 1U);
  const reports::Table& table = record.tables.at(record.rooflines[0].table);
  std::map<std::string, std::size_t> kinds;
  double share = 0, products = 0, all = 0;
  for (const auto& row : table.rows) {
    const double of_roof = row[column(table, "of the roof")];
    EXPECT_GT(of_roof, 0) << row[0];
    EXPECT_LE(of_roof, 100) << row[0];
    share += row[column(table, "share")].get<double>();
    ++kinds[row[column(table, "roof")]];
  }
  EXPECT_THAT(kinds, testing::ElementsAre(std::pair("decode: attention", 2), std::pair("decode: linear layers", 8),
                                          std::pair("prefill: attention", 2), std::pair("prefill: linear layers", 8)));
  for (const PhaseCost& phase : phases) {
    all += static_cast<double>(phase.total().cycles());
    for (const LayerKind kind : {LayerKind::kLinear, LayerKind::kAttention})
      products += static_cast<double>(phase.total(kind).cycles());
  }
  EXPECT_NEAR(share, 100 * products / all, 1e-9);
}

}  // namespace
}  // namespace subbyte::sim
