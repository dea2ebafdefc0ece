// Tests static timing against Debian's sta, for every unit and library.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "kernels/catalogue.hpp"
#include "sim/base/process.hpp"
#include "sim/cells/technology.hpp"
#include "sim/netlist/static_timing.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/catalogue_sample.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

// Compares Debian's sta and ours on the same netlist, for whole units at their small points.

bool has_sta() { return run_program({"sta", "-version"}).status == 0; }

/// CI has what bootstrap.sh installs, so what is absent there is an error, and elsewhere a reason to skip.
bool in_ci() { return std::getenv("CI") != nullptr || std::getenv("SUBBYTE_NIGHTLY") != nullptr; }

std::size_t cells_of(const GateNetlist& netlist) { return netlist.instances.size(); }

struct Worst {
  double difference = 0;  ///< relative, signed
  std::string unit;
};

/// Allows 3 %, or 1 ps where the netlist has fewer than 15 cells.
double allowed(double sta_ns, std::size_t cells) { return std::max(0.03 * sta_ns, cells < 15 ? 0.001 : 0.0); }

void expect_close(const std::string& what, double ours, const std::optional<TimingPath>& sta, std::size_t cells,
                  Worst& worst) {
  ASSERT_TRUE(sta.has_value()) << what;
  const double difference = ours / sta->delay_ns - 1;
  if (std::abs(difference) > std::abs(worst.difference)) worst = {difference, what};
  std::printf("%-40s %6zu cells: sta %9.5f ns, ours %9.5f ns (%+.2f %%)\n", what.c_str(), cells, sta->delay_ns, ours,
              100 * difference);
  EXPECT_NEAR(ours, sta->delay_ns, allowed(sta->delay_ns, cells)) << what << ": " << sta->from << " -> " << sta->to;
}

void compare_unit(const std::string& name, const CellLibrary& library, Worst& worst) {
  SCOPED_TRACE(name + " in " + library.name);
  const MappedNetlist mapped = map_netlist(kernels::unit(name), kernels::unit(name).small_point, library);
  const NetlistPaths sta = time_netlist(open_flow(library, {}), mapped.verilog, name);
  const GateNetlist netlist = flatten_netlist(mapped.verilog, name, library);
  TimingOptions options;
  options.driving_cell = smallest_buffer(library).name;
  options.output_load_ff = output_load_ff(library);
  const StaticTiming ours = static_timing(netlist, library.tables(), options);
  ASSERT_TRUE(ours.worst.has_value());
  expect_close(name, ours.worst->delay_ns, sta.all, cells_of(netlist), worst);
  if (testing::Test::HasFailure()) std::printf("%s", ours.worst_path->c_str());
  ASSERT_EQ(ours.registers.has_value(), sta.registers.has_value());
  if (ours.registers)
    expect_close(name + " registers", ours.registers->delay_ns, sta.registers, cells_of(netlist), worst);
}

void compare_units(const std::vector<std::string>& units, const CellLibrary& library) {
  Worst worst;
  for (const std::string& unit : units) compare_unit(unit, library, worst);
  std::printf("worst of %zu units in %s: %+.2f %% (%s)\n", units.size(), library.name.c_str(), 100 * worst.difference,
              worst.unit.c_str());
}

// A net that feeds several output ports carries the load of each, in sta and here.
TEST(StaticTiming, EveryOutputPortLoadsItsNet) {
  if (!has_sta() && !in_ci()) GTEST_SKIP() << "Debian's opensta is not installed (bootstrap.sh installs it)";
  ASSERT_TRUE(has_sta()) << "opensta is absent, and this is CI";
  const CellLibrary library = read_technology("osu018").library;
  const std::string verilog =
      "module fan (a, y);\n input a;\n output [2:0] y;\n INVX1 u0 (.A(a), .Y(y[0]));\n assign y[1] = y[0];\n"
      " assign y[2] = y[0];\nendmodule\n";
  TimingOptions options;
  options.driving_cell = smallest_buffer(library).name;
  options.output_load_ff = output_load_ff(library);
  const StaticTiming ours = static_timing(flatten_netlist(verilog, "fan", library), library.tables(), options);
  const NetlistPaths sta = time_netlist(open_flow(library, {}), verilog, "fan");
  ASSERT_TRUE(ours.worst && sta.all);
  EXPECT_NEAR(ours.worst->delay_ns, sta.all->delay_ns, 1e-4);
}

TEST(StaticTiming, AgreesWithOpenStaOnEveryUnit) {
  if (!has_sta() && !in_ci()) GTEST_SKIP() << "Debian's opensta is not installed (bootstrap.sh installs it)";
  ASSERT_TRUE(has_sta()) << "opensta is absent, and this is CI";
  compare_units(catalogue(), read_technology("osu018").library);
}

class SharedLibrary : public testing::TestWithParam<const char*> {};

TEST_P(SharedLibrary, AgreesWithOpenSta) {
  const auto path = tested_source() / "../shared/liberty" / (std::string(GetParam()) + ".lib.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path.string() << " is absent";
  if (!has_sta() && !in_ci()) GTEST_SKIP() << "Debian's opensta is not installed (bootstrap.sh installs it)";
  ASSERT_TRUE(has_sta()) << "opensta is absent, and this is CI";
  // The others take minutes of mapping per library.
  compare_units(catalogue_sample({"term_encoder", "group_dequant", "fp4_dequant", "ternary34_unpack", "ternary34_pack",
                                  "ternary5_unpack", "ternary2_unpack", "matquant_slice"}),
                read_cell_library(path));
}

INSTANTIATE_TEST_SUITE_P(Libraries, SharedLibrary,
                         testing::Values("nangate45", "asap7small", "sky130hd", "ihp130", "gt2n"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace subbyte::sim
