// Tests what every library that is there says of itself, and its fan-out-of-four inverter.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "sim/cells/cell_library.hpp"
#include "sim/cells/cell_tables.hpp"
#include "sim/cells/technology.hpp"
#include "sim/energy/energy.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

/// A library of Debian or of ../shared/liberty, what it says of itself, and its fan-out-of-four inverter as
/// measured by an independent reader (Python) of the same files.
struct Known {
  const char* name;
  const char* library;
  const char* corner;
  double voltage_v, temperature_c;
  double fo4_ps, fo4_fj;
};

class KnownLibrary : public testing::TestWithParam<Known> {};

TEST_P(KnownLibrary, CornerAndFanOutOfFour) {
  const Known& known = GetParam();
  auto path = tested_source() / "../shared/liberty" / (std::string(known.name) + ".lib.gz");
  if (known.name == std::string("osu018"))
    path = read_technology("osu018").library.path;
  else if (!std::filesystem::exists(path))
    GTEST_SKIP() << path.string() << " is absent";
  const CellLibrary library = read_cell_library(path);
  EXPECT_EQ(library.name, known.library);
  EXPECT_EQ(library.corner, known.corner);
  EXPECT_DOUBLE_EQ(library.voltage_v, known.voltage_v);
  EXPECT_DOUBLE_EQ(library.temperature_c, known.temperature_c);
  EXPECT_DOUBLE_EQ(library.process, 1);
  EXPECT_EQ(library.hash.size(), 32U);
  const LibraryTables& tables = library.tables();
  EXPECT_TRUE(tables.has_power);
  EXPECT_EQ(tables.cells.size(), library.cells.size());
  const FanoutOfFour fo4 = fanout_of_four(library);
  // That reader loads both edges with the pin's one `capacitance`; in nangate45 it is the larger of the two.
  CellLibrary one_capacitance = library;
  for (CellTables& cell : one_capacitance.cell_tables.cells) {
    for (PinTables& pin : cell.pins) pin.edge_capacitance_ff = {pin.capacitance_ff, pin.capacitance_ff};
  }
  const FanoutOfFour alike = fanout_of_four(one_capacitance);
  std::printf("%-10s FO4 %.2f ps, %.3f fJ; both edges alike %.2f ps (%.4g), %.3f fJ (%.4g)\n", known.name,
              fo4.delay_ns * 1e3, fo4.energy_pj * 1e3, alike.delay_ns * 1e3, known.fo4_ps, alike.energy_pj * 1e3,
              known.fo4_fj);
  EXPECT_NEAR(alike.delay_ns * 1e3, known.fo4_ps, 0.03 * known.fo4_ps);
  EXPECT_NEAR(alike.energy_pj * 1e3, known.fo4_fj, 0.03 * known.fo4_fj);
  EXPECT_NEAR(fo4.delay_ns, alike.delay_ns, 0.04 * alike.delay_ns);
  EXPECT_NEAR(fo4.energy_pj, alike.energy_pj, 0.04 * alike.energy_pj);
}

INSTANTIATE_TEST_SUITE_P(
    Libraries, KnownLibrary,
    testing::Values(Known{"osu018", "osu018_stdcells", "typical", 1.8, 25, 99.5, 76.8},
                    Known{"ihp130", "sg13g2_stdcell_typ_1p20V_25C", "sg13g2_stdcell_typ_1p20V_25C", 1.2, 25, 61.3,
                          9.93},
                    Known{"sky130hd", "sky130_fd_sc_hd__tt_025C_1v80", "tt_025C_1v80", 1.8, 25, 80.5, 17.8},
                    Known{"nangate45", "NangateOpenCellLibrary", "typical", 1.1, 25, 22.1, 5.06},
                    Known{"asap7small", "asap7_rvt_tt_small", "PVT_0P7V_25C", 0.7, 25, 19.6, 0.655},
                    Known{"gt2n", "gt2n_w31_svt_tt", "0p7v25c", 0.7, 25, 10.5, 0.446}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace subbyte::sim
