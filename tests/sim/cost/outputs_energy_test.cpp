// Tests the joules of outputs that stay in the activation buffer, and memories that are refused before anything runs.
#include <gtest/gtest.h>

#include "sim/base/input_error.hpp"
#include "sim/cost/layer_energy.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "tests/support/layer_energy_cases.hpp"

namespace subbyte::sim {
namespace {

UnitPower power() { return power_by({}); }

TEST(OutputsEnergy, OutputsThatStayCostAWriteAndNoBus) {
  Design design = design_of(1, 4);  // 2560 bytes of activations and 960 of outputs in 4096
  design.output = {16, true};
  const auto weights = weights_of(24, 64);
  LayerEnergy energy = layer_energy(design, weights, 20, 600, power());
  EXPECT_EQ(part_of(energy, "DRAM", "bits of outputs").count, 0);
  EXPECT_DOUBLE_EQ(part_of(energy, "activation buffer", "writes of 64 bits, outputs").count, 960 / 8.0);
  EXPECT_DOUBLE_EQ(part_of(energy, "activation buffer", "writes of 64 bits, outputs").energy_j, 960 / 8.0 * 8 * kPico);
  EXPECT_DOUBLE_EQ(part_of(energy, "activation buffer", "writes of 64 bits").count, 2560 / 8.0);
  const std::string kept = not_counted(design, traffic_of(design, weights, 20));
  EXPECT_NE(kept.find("what rounds outputs to 16 bits"), std::string::npos);
  EXPECT_NE(kept.find("the next layer's reads of outputs from the buffer"), std::string::npos);
  EXPECT_EQ(kept.find("an output buffer"), std::string::npos);
  design.memory.activation_buffer_kib = 3;
  energy = layer_energy(design, weights, 20, 600, power());
  EXPECT_DOUBLE_EQ(part_of(energy, "DRAM", "bits of outputs").count, 960 * 8);
  const std::string spilled = not_counted(design, traffic_of(design, weights, 20));
  EXPECT_EQ(spilled.find("the next layer's reads"), std::string::npos);
  EXPECT_NE(spilled.find("an output buffer (Y leaves at once)"), std::string::npos);
  EXPECT_THROW(part_of(energy, "activation buffer", "writes of 64 bits, outputs"), std::invalid_argument);
}

TEST(OutputsEnergy, MemoriesAreCheckedBeforeAnythingIsMeasured) {
  Design design = design_of();
  check_memories(design);
  for (SramEntry& entry : design.memory.sram) entry.write_pj.reset();
  EXPECT_THROW(check_memories(design), InputError);
  design.memory.weight_buffer_kib = design.memory.activation_buffer_kib = 0;
  check_memories(design);  // no buffer writes anything
}

}  // namespace
}  // namespace subbyte::sim
