// Tests the reference operations: netlists against golden arithmetic, and their energy against an independent study.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <vector>

#include "kernels/parts/random_values.hpp"
#include "quant/base/float16.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cells/technology.hpp"
#include "sim/reproduce/operations.hpp"
#include "sim/reproduce/reproduce.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

using Operands = std::vector<std::uint64_t>;

/// Collects pairs of operands and compares them, kGateLanes at a time.
class Comparison {
 public:
  Comparison(const Operation& operation, const GateNetlist& netlist)
      : operation_(operation), netlist_(netlist), simulator_(netlist) {}

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
    wrong_ +=
        wrong_lanes(operation_, netlist_, simulator_,
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

/// Returns operands where arithmetic goes wrong: powers of two and their neighbours; for FP16 every power of two, its
/// neighbours, and all the borders between zero, subnormals, normals, infinity and NaN, of either sign.
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
      for (const std::uint64_t fraction : {0x000, 0x001, 0x002, 0x200, 0x3FE, 0x3FF})
        values.push_back(sign | exponent << 10 | fraction);
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
    EXPECT_EQ(wrong_results(operation, map_operation(operation, open_flow(technology.library, {}))), 0U)
        << operation.name;
}

// This is what the comparison must find: the right netlist beside another function, and one cell of the right kind but
// wrong.
TEST(ReferenceOperations, ADifferenceIsFound) {
  const auto technology = read_technology("osu018");
  Operation operation = reference_operation("FP16 adder");
  GateNetlist netlist = map_operation(operation, open_flow(technology.library, {}));
  operation.golden = [](std::uint64_t a, std::uint64_t b, unsigned) -> std::uint64_t {
    const std::uint64_t sum = reference_operation("FP16 adder").golden(a, b, 16);
    return (sum & 0x7FFF) == 0 ? 0x8000 : sum;  // a zero of the wrong sign
  };
  EXPECT_GT(wrong_results(operation, netlist), 0U);
  operation = reference_operation("FP16 multiplier");
  netlist = map_operation(operation, open_flow(technology.library, {}));
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

// These follow from IEEE 754 by hand.
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

ReproduceOptions few_operations(std::vector<std::string> libraries) {
  ReproduceOptions options;
  options.samples = std::size_t{1} << 16U;
  options.libraries = std::move(libraries);
  return options;
}

// For a library whose node no publication has, there are technology-free units and nothing beside them.
TEST(ReproduceOperations, AnotherNodeHasNoPublishedColumn) {
  const Reproduced result = reproduce_operations(few_operations({}));
  ASSERT_EQ(result.record.tables.size(), 1U);
  EXPECT_TRUE(result.agrees);
  const auto& rows = result.record.tables[0].rows;
  ASSERT_EQ(rows.size(), reference_operations().size());
  for (const auto& row : rows) {
    for (std::size_t column = 1; column < row.size(); ++column) EXPECT_GT(row[column].get<double>(), 0) << row[0];
    EXPECT_GT(row[9].get<double>(), 1.05) << row[0] << ": glitches add energy";
    EXPECT_LT(row[8].get<double>(), row[6].get<double>()) << row[0] << ": ports are a part";
  }
  EXPECT_NEAR(rows[6][3].get<double>(), 334, 0.02 * 334);  // FP16 adder in E_FO4
}

// Energies scale with what they are sums of, so adders and multipliers scale with their width.
TEST(ReproduceOperations, WidthsScale) {
  const auto technology = read_technology("osu018");
  const auto energy = [&](std::string_view name) {
    const Operation& operation = reference_operation(name);
    return measure_operation(operation, map_operation(operation, open_flow(technology.library, {})), technology.library,
                             1U << 16U, 3)
        .pj;
  };
  EXPECT_NEAR(energy("32-bit adder") / energy("8-bit adder"), 4, 0.6);
  EXPECT_NEAR(energy("32-bit multiplier") / energy("8-bit multiplier"), 16, 5);
}

// This is what an independent study found for the same libraries (yosys' default ABC script, nothing loading the
// results; area, pJ).
TEST(ReproduceOperations, AnIndependentStudyIsNear) {
  const auto folder = tested_source() / "../shared/liberty";
  if (!std::filesystem::exists(folder / "nangate45.lib.gz")) GTEST_SKIP() << "no ../shared/liberty beside the source";
  struct Study {
    const char* file;
    const char* operation;
    double area, pj, area_within, pj_within;
  };
  // The FP16 units' RTL differs: ours normalises both operands of the multiplier, and its adder is a quarter
  // smaller.
  constexpr Study kStudies[] = {{"nangate45.lib.gz", "8-bit adder", 42.3, 0.0634, 0.05, 0.25},
                                {"nangate45.lib.gz", "8-bit multiplier", 390, 0.586, 0.05, 0.05},
                                {"nangate45.lib.gz", "FP16 multiplier", 950, 1.50, 0.27, 0.20},
                                {"nangate45.lib.gz", "FP16 adder", 899, 1.49, 0.30, 0.36},
                                {"asap7small.lib.gz", "8-bit multiplier", 28.2, 0.0608, 0.05, 0.12},
                                {"asap7small.lib.gz", "FP16 multiplier", 70.0, 0.156, 0.30, 0.15}};
  for (const Study& study : kStudies) {
    const auto technology = read_technology((folder / study.file).string());
    const Operation& operation = reference_operation(study.operation);
    const auto figures = measure_operation(operation, map_operation(operation, open_flow(technology.library, {})),
                                           technology.library, 1U << 16U, 3);
    EXPECT_NEAR(figures.area_um2, study.area, study.area_within * study.area) << study.file << ' ' << study.operation;
    EXPECT_NEAR(figures.pj - figures.load_pj, study.pj, study.pj_within * study.pj)
        << study.file << ' ' << study.operation;
  }
}

TEST(ReproduceOperations, PublishedFiguresStandBesideTheirNode) {
  const auto folder = tested_source() / "../shared/liberty";
  if (!std::filesystem::exists(folder / "nangate45.lib.gz")) GTEST_SKIP() << "no ../shared/liberty beside the source";
  const Reproduced result = reproduce_operations(
      few_operations({(folder / "nangate45.lib.gz").string(), (folder / "asap7small.lib.gz").string()}));
  ASSERT_EQ(result.record.tables.size(), 4U);
  EXPECT_TRUE(result.agrees);
  EXPECT_NE(result.judges.find("zero-delay energy within a factor of three"), std::string::npos);
  // What the remark says of ports is what the library's table says.
  for (std::size_t i = 0; i < 7; ++i) {
    const auto& figures = result.record.tables[0].rows[i];
    const double share = 100 * figures[8].get<double>() / figures[6].get<double>();
    EXPECT_NE(result.record.tables[1].rows[i][9].get<std::string>().find(std::to_string(std::lround(share)) +
                                                                         " % of ours is at the ports"),
              std::string::npos)
        << figures[0];
  }
  EXPECT_EQ(result.record.tables[1].rows.size(), 7U);
  EXPECT_EQ(result.record.tables[3].rows.size(), 6U);                         // Jouppi has no 16-bit adder
  EXPECT_NEAR(result.record.tables[1].rows[5][3].get<double>(), 1.19, 0.03);  // FP16 multiplier at 0.9 V
  EXPECT_EQ(result.record.tables[1].rows[1][6], "for information");           // interpolated
  for (const std::size_t table : {1, 3}) {
    for (const auto& row : result.record.tables[table].rows) {
      EXPECT_NEAR(row[7].get<double>(), row[3].get<double>() / row[2].get<double>(), 1e-9) << row[0];
      EXPECT_GT(row[8].get<double>(), row[7].get<double>()) << row[0] << ": glitches add energy";
      if (row[6] != "for information") {
        EXPECT_EQ(row[6] == "agrees", row[7].get<double>() <= 3 && row[7].get<double>() >= 1.0 / 3) << row[0];
      }
      EXPECT_GT(row[9].get<std::string>().size(), 40U) << row[0];
    }
    EXPECT_EQ(result.record.tables[table].columns[8].unit, "with glitches");
  }
}

TEST(ReproduceOperations, ALibraryThatIsNotThereIsRefused) {
  EXPECT_THROW(reproduce_operations(few_operations({"no-such-library"})), InputError);
}

}  // namespace
}  // namespace subbyte::sim
