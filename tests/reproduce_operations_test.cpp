// The reference operations: netlists against golden arithmetic, and their energy against an independent study.
#include "sim/reproduce_operations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "kernels/random_values.hpp"
#include "quant/float16.hpp"
#include "sim/reproduce.hpp"
#include "sim/technology.hpp"

namespace subbyte::sim {
namespace {

using Operands = std::vector<std::uint64_t>;

/// Collects pairs of operands and compares them, kGateLanes at a time.
class Comparison {
 public:
  Comparison(const Operation& operation, const GateNetlist& netlist) : operation_(operation), netlist_(netlist), simulator_(netlist) {}

  void add(std::uint64_t a, std::uint64_t b) {
    a_.push_back(a);
    b_.push_back(b);
    if (a_.size() == kGateLanes) compare();
  }
  std::size_t finish() {
    while (!a_.empty()) add(0, 0);
    return wrong_;
  }

 private:
  void compare() {
    wrong_ += wrong_lanes(operation_, netlist_, simulator_,
                          {std::span<const std::uint64_t, kGateLanes>(a_), std::span<const std::uint64_t, kGateLanes>(b_)});
    a_.clear();
    b_.clear();
  }

  const Operation& operation_;
  const GateNetlist& netlist_;
  GateSimulator simulator_;
  Operands a_, b_;
  std::size_t wrong_ = 0;
};

/// Where arithmetic goes wrong: powers of two and their neighbours; of FP16 every power of two, its neighbours, all the
/// borders between zero, subnormals, normals, infinity and NaN, of either sign.
Operands special_values(const Operation& operation) {
  Operands values;
  const std::uint64_t ones = (std::uint64_t{1} << operation.width) - 1;
  if (operation.parameterised) {
    for (unsigned bit = 0; bit < operation.width; ++bit) {
      for (const std::uint64_t near : {-1, 0, 1}) values.push_back((near + (std::uint64_t{1} << bit)) & ones);
    }
    values.insert(values.end(), {0, ones, 0xAAAAAAAA & ones, 0x55555555 & ones});
    return values;
  }
  for (const std::uint64_t sign : {0x0000, 0x8000}) {
    for (std::uint64_t exponent = 0; exponent < 32; ++exponent) {
      for (const std::uint64_t fraction : {0x000, 0x001, 0x002, 0x200, 0x3FE, 0x3FF}) values.push_back(sign | exponent << 10 | fraction);
    }
  }
  return values;
}

std::size_t wrong_results(const Operation& operation, const GateNetlist& netlist) {
  Comparison comparison(operation, netlist);
  if (2 * operation.width <= 20) {
    for (std::uint64_t pair = 0; pair < std::uint64_t{1} << (2 * operation.width); ++pair)
      comparison.add(pair >> operation.width, pair & ((std::uint64_t{1} << operation.width) - 1));
    return comparison.finish();
  }
  const Operands special = special_values(operation);
  for (const std::uint64_t a : special) {
    for (const std::uint64_t b : special) comparison.add(a, b);
  }
  kernels::Random random(11);
  const std::uint64_t ones = (std::uint64_t{1} << operation.width) - 1;
  for (unsigned i = 0; i < 65536; ++i) {
    const std::uint64_t a = random.next() & ones, b = random.next() & ones;
    comparison.add(a, b);
    if (!operation.parameterised) comparison.add(a, ((a ^ 0x8000) + b % 2048 - 1024) & ones);  // cancellation, ties
  }
  return comparison.finish();
}

TEST(ReferenceOperations, NetlistsAreTheirGoldenArithmetic) {
  const auto technology = read_technology("osu018");
  for (const Operation& operation : reference_operations())
    EXPECT_EQ(wrong_results(operation, map_operation(operation, technology.library, {})), 0U) << operation.name;
}

// What the comparison must find: the right netlist beside another function, and one cell of the right kind but wrong.
TEST(ReferenceOperations, ADifferenceIsFound) {
  const auto technology = read_technology("osu018");
  Operation operation = reference_operation("FP16 adder");
  GateNetlist netlist = map_operation(operation, technology.library, {});
  operation.golden = [](std::uint64_t a, std::uint64_t b, unsigned) -> std::uint64_t {
    const std::uint64_t sum = reference_operation("FP16 adder").golden(a, b, 16);
    return (sum & 0x7FFF) == 0 ? 0x8000 : sum;  // a zero of the wrong sign
  };
  EXPECT_GT(wrong_results(operation, netlist), 0U);
  operation = reference_operation("FP16 multiplier");
  netlist = map_operation(operation, technology.library, {});
  std::size_t found = 0, changed = 0;
  for (std::size_t i = 0; i < netlist.instances.size() && changed < 20; i += 37, ++changed) {
    GateNetlist broken = netlist;
    for (std::size_t p = 0; p < broken.instances[i].pins.size(); ++p) {
      if (netlist.cells[broken.instances[i].cell]->pins[p].input) broken.instances[i].pins[p] = kNetLow;
    }
    found += wrong_results(operation, broken) > 0 ? 1 : 0;
  }
  EXPECT_EQ(found, changed);
}

// IEEE 754 by hand.
TEST(ReferenceOperations, GoldenHalvesByHand) {
  const Operation& product = reference_operation("FP16 multiplier");
  const Operation& sum = reference_operation("FP16 adder");
  EXPECT_EQ(product.golden(0x3C00, 0xC000, 16), 0xC000U);  // 1 * -2
  EXPECT_EQ(product.golden(0x0001, 0x3800, 16), 0x0000U);  // 2^-25, a tie
  EXPECT_EQ(product.golden(0x0003, 0x3800, 16), 0x0002U);  // 1.5 * 2^-24, a tie
  EXPECT_EQ(product.golden(0x7BFF, 0x7BFF, 16), 0x7C00U);
  EXPECT_EQ(product.golden(0x0000, 0xFC00, 16), 0x7E00U);
  EXPECT_EQ(sum.golden(0x3C00, 0x1000, 16), 0x3C00U);  // 1 + 2^-11, a tie
  EXPECT_EQ(sum.golden(0x3C01, 0x1000, 16), 0x3C02U);
  EXPECT_EQ(sum.golden(0x7C00, 0xFC00, 16), 0x7E00U);
  EXPECT_EQ(sum.golden(0x3C00, 0xBC00, 16), 0x0000U);
  EXPECT_EQ(sum.golden(0x8000, 0x8000, 16), 0x8000U);
}

}  // namespace
}  // namespace subbyte::sim
