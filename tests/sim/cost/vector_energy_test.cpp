// Tests the joules of the vector unit: its actions by hand, and a layer of operations as the sum of what it does.
#include "sim/cost/vector_energy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/message_of.hpp"

namespace subbyte::sim {
namespace {

using kernels::VectorOperation;
using kernels::VectorRows;

VectorActions actions_of(VectorOperation operation, const VectorRows& rows, unsigned lanes = 4) {
  kernels::VectorCommand command;
  command.operation = operation;
  return vector_actions({lanes, 8, 64}, command, rows);
}

std::vector<std::uint64_t> numbers(const VectorActions& actions) {
  return {actions.adds, actions.multiplies, actions.compares, actions.row_writes, actions.row_reads};
}

using Numbers = std::vector<std::uint64_t>;

// Two rows of 5 elements on 4 lanes, which are 2 words each; kernels/VECTOR.md says each operation.
TEST(VectorEnergy, ActionsByHand) {
  const VectorRows rows{2, 5};
  EXPECT_EQ(numbers(actions_of(VectorOperation::kCopy, rows)), (Numbers{0, 10, 0, 0, 0}));
  EXPECT_EQ(numbers(actions_of(VectorOperation::kAdd, rows)), (Numbers{10, 10, 0, 0, 0}));
  EXPECT_EQ(numbers(actions_of(VectorOperation::kRotate, rows)), (Numbers{20, 40, 0, 0, 0}));
  // x·scale; x - m, exp (11 and 10), the sum; e·r. Of a row: trees of 3 for the maximum and the sum, a reciprocal.
  EXPECT_EQ(numbers(actions_of(VectorOperation::kSoftmax, rows)),
            (Numbers{10 * (1 + 11 + 1) + 2 * (3 + 7), 10 * (1 + 10 + 1) + 2 * 7, 10 + 2 * 3, 2 * 4, 2 * 4}));
  // x·x and the sum; v·r, ·w. Of a row: a tree, S·scale + eps, a root of 6 and 9 and its guess.
  EXPECT_EQ(numbers(actions_of(VectorOperation::kRmsNorm, rows)),
            (Numbers{10 + 2 * (3 + 1 + 6), 10 * (1 + 2) + 2 * (1 + 9), 2, 4, 4}));
  EXPECT_EQ(numbers(actions_of(VectorOperation::kLayerNorm, rows)),
            (Numbers{10 * (1 + 1 + 1 + 1) + 2 * (3 + 3 + 1 + 6), 10 * (1 + 2) + 2 * (1 + 1 + 9), 2, 8, 8}));
  EXPECT_EQ(numbers(actions_of(VectorOperation::kQuantizeGroup, rows)),
            (Numbers{0, 0, 10 * (1 + 9) + 2 * (3 + 25), 4, 4}));
  // A gate: exp, 1 +, a reciprocal, ·x, and ·y.
  EXPECT_EQ(numbers(actions_of(VectorOperation::kGate, rows)),
            (Numbers{10 * (11 + 1 + 7), 10 * (10 + 7 + 1 + 1), 0, 0, 0}));
  // Rows of 1, 2, 3 elements, twice.
  EXPECT_EQ(actions_of(VectorOperation::kCopy, {3, 1, 1, 2}).multiplies, 12U);
}

TEST(VectorEnergy, ALayerIsTheSumOfItsParts) {
  const Design design = read_design("bitmod-core-4x4");
  CoreCost cost;
  cost.vector = 1000;
  cost.vector_waiting = 500;
  cost.vector_actions = {100, 10, 1000, 40, 40, 20, 30};
  cost.traffic = {0, 640, 960};
  UnitPower tile;
  tile.clock_pj_per_cycle = 2;
  tile.pj_per_cycle = 9;
  tile.leakage_nw = 3000;
  tile.source = "a test";
  const LayerEnergy energy = vector_energy(design, 1, cost, tile);
  const ArithmeticEntry& table = design.core->vector->arithmetic;
  EXPECT_DOUBLE_EQ(energy.unit_j("vector unit"),
                   1e-12 * (100 * table.fp32_add_pj + 10 * table.fp32_multiply_pj + 1000 * table.int32_add_pj));
  // Four tiles, whose clocks run and which leak in 1,500 cycles of 20 ns.
  EXPECT_DOUBLE_EQ(energy.unit_j("unit"), 4 * 1500 * 2e-12 + 4 * 1500 * 20e-9 * 3000e-9);
  EXPECT_DOUBLE_EQ(energy.unit_j("DRAM"), 8 * 1600 * design.memory.dram.pj_per_bit * 1e-12);
  EXPECT_GT(energy.unit_j("row buffer"), 0);
  EXPECT_GT(energy.unit_j("weight buffer"), 0) << "it leaks";
  double sum = 0;
  for (const std::string& place : energy.places()) sum += energy.unit_j(place);
  EXPECT_DOUBLE_EQ(sum, energy.total_j());
  EXPECT_DOUBLE_EQ(energy.seconds, 1500 / 50e6);
  CoreCost twice = cost;
  twice += cost;
  EXPECT_DOUBLE_EQ(vector_energy(design, 1, twice, tile).total_j(), 2 * energy.total_j());
}

TEST(VectorEnergy, TheTableIsReadWithItsPlaces) {
  EXPECT_GE(read_arithmetic_table().size(), 2U);
  const std::string head = "technology,fp32_add_pj,fp32_multiply_pj,int32_add_pj,source\n";
  const auto problem = [&](const std::string& rows) {
    return message_of([&] { parse_arithmetic_table(head + rows, "t.csv"); });
  };
  EXPECT_THAT(problem("a,1,2,3,x\na,1,2,3,x\n"), testing::HasSubstr("is there twice"));
  EXPECT_THAT(problem("a,1,-2,3,x\n"), testing::HasSubstr("t.csv: 2:"));
  EXPECT_THAT(problem(""), testing::HasSubstr("no entries"));
}

}  // namespace
}  // namespace subbyte::sim
