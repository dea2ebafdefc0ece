// Tests tables of library cells: templates, scalars, ranges and leakage; and the fan-out-of-four inverter and the
// provenance of every library that is there.
#include "sim/cells/cell_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/input_error.hpp"
#include "sim/cells/cell_library.hpp"
#include "sim/cells/technology.hpp"
#include "sim/energy/energy.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kHead =
    R"(library (x) { time_unit : "10ps"; voltage_unit : "1V"; capacitive_load_unit (2, ff);
  leakage_power_unit : "1uW"; nom_voltage : 1; nom_temperature : 25; nom_process : 1;
  power_lut_template (t) { variable_1 : total_output_net_capacitance; variable_2 : input_transition_time;
    index_1 ("0, 1, 2"); index_2 ("0, 10"); }
  lu_table_template (t) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance;
    index_1 ("0, 1"); index_2 ("0, 10"); }
)";

CellTables read_cell(const std::string& body, const std::string& top = "") {
  return parse_cell_library(kHead + top + "  cell (C) { " + body + " } }", "x.lib").tables().cells.at(0);
}

std::string refused(const std::string& body, const std::string& top = "") {
  try {
    read_cell(body, top);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

// Both kinds of template may have one name, and the order and the units of a table's axes are those of its own kind.
TEST(CellTables, TemplatesOfOneName) {
  for (const bool timing_first : {false, true}) {
    const std::string timing = R"(timing () { related_pin : "A"; cell_rise (t) { values ("1, 2", "3, 4"); } } )";
    const std::string power =
        R"(internal_power () { related_pin : "A"; rise_power (t) { values ("1, 2", "3, 4", "5, 6"); } } )";
    const CellTables cell =
        read_cell("pin (Y) { direction : output; " + (timing_first ? timing + power : power + timing) + "}");
    const LookupTable& delay = cell.pins[0].timing.at(0).delay[0];
    EXPECT_THAT(delay.slew_ns, ElementsAre(0, 0.01));
    EXPECT_THAT(delay.load_ff, ElementsAre(0, 20));
    EXPECT_THAT(delay.values, ElementsAre(0.01, 0.02, 0.03, 0.04));
    const LookupTable& energy = cell.pins[0].power.at(0).energy_pj[0];
    EXPECT_THAT(energy.slew_ns, ElementsAre(0, 0.1));
    EXPECT_THAT(energy.load_ff, ElementsAre(0, 2, 4));
    ASSERT_EQ(energy.values.size(), 6U);
    EXPECT_DOUBLE_EQ(energy.at(0.1, 4), 6 * 2e-3);  // 2 fF V^2
    EXPECT_DOUBLE_EQ(energy.at(0, 2), 3 * 2e-3);
  }
}

TEST(CellTables, ScalarsAndOwnIndices) {
  const CellTables cell = read_cell(
      R"(pin (Y) { direction : output; timing () { related_pin : "A  B"; cell_rise (scalar) { values ("7"); }
         cell_fall (t) { index_2 ("1, 2, 3"); values ("1, 2, 3", "4, 5, 6"); }
         rise_transition (scalar) { values (""); } } })");
  ASSERT_EQ(cell.pins[0].timing.size(), 2U);
  EXPECT_EQ(cell.pins[0].timing[1].related_pin, "B");
  EXPECT_DOUBLE_EQ(cell.pins[0].timing[0].delay[0].at(3, 9), 0.07);
  EXPECT_THAT(cell.pins[0].timing[0].delay[1].load_ff, ElementsAre(2, 4, 6));
  EXPECT_TRUE(cell.pins[0].timing[0].transition[0].absent());
}

TEST(CellTables, CapacitancesAndTheirRanges) {
  const CellTables cell = read_cell(
      R"(pin (A) { direction : input; capacitance : 3; rise_capacitance : 4; rise_capacitance_range (1, 5); }
         pin (B) { direction : input; })",
      "default_input_pin_cap : 0.5;");
  EXPECT_DOUBLE_EQ(cell.pins[0].capacitance_ff, 6);
  EXPECT_THAT(cell.pins[0].edge_capacitance_ff, ElementsAre(8, 6));
  EXPECT_THAT(cell.pins[0].most_capacitance_ff, ElementsAre(10, 6));
  EXPECT_DOUBLE_EQ(cell.pins[1].capacitance_ff, 1);
  EXPECT_THAT(refused("pin (B) { direction : input; }"), HasSubstr("x.lib: cell C: pin B has no capacitance"));
  EXPECT_THAT(refused("pin (B) { direction : input; capacitance : 1 2; }"),
              HasSubstr("cell C pin B: capacitance is '1 2', expected a finite number"));
  EXPECT_THAT(refused("pin (B) { direction : input; capacitance : 1; rise_capacitance_range (1); }"),
              HasSubstr("has 1 values, expected 2"));
}

TEST(CellTables, LeakageIsStatedOrAbsent) {
  EXPECT_FALSE(read_cell("").has_leakage);
  EXPECT_FALSE(read_cell("", "default_cell_leakage_power : 0;").has_leakage);
  EXPECT_DOUBLE_EQ(read_cell("", "default_cell_leakage_power : 2;").leakage_nw, 2000);
  EXPECT_DOUBLE_EQ(read_cell("cell_leakage_power : 3;", "default_cell_leakage_power : 2;").leakage_nw, 3000);
  const CellTables states =
      read_cell(R"(leakage_power () { when : "A"; value : 1; } leakage_power () { when : "!A"; value : 2; }
    leakage_power () { when : "A"; value : 9; related_pg_pin : VSS; })");
  EXPECT_TRUE(states.has_leakage);
  EXPECT_DOUBLE_EQ(states.leakage_nw, 1500);
  ASSERT_EQ(states.leakage.size(), 2U);
}

TEST(CellTables, WhatIsWrongIsNamed) {
  const auto output = [](const std::string& table) {
    return "pin (Y) { direction : output; timing () { related_pin : A; " + table + " } }";
  };
  EXPECT_THAT(refused(output("cell_rise (u) { values (\"1\"); }")), HasSubstr("x.lib: cell C: no table template 'u'"));
  EXPECT_THAT(refused(output("cell_rise (scalar) { values (\"1, 2\"); }")),
              HasSubstr("cell_rise has 2 values, expected 1 x 1"));
  EXPECT_THAT(refused(output("cell_rise (t) { index_1 (\"1, 1\"); values (\"1,2,3,4\"); }")),
              HasSubstr("does not rise"));
  EXPECT_THAT(refused(output("cell_rise (scalar) { values (\"1e999\"); }")), HasSubstr("'1e999' is no finite number"));
  EXPECT_THAT(refused("pin (A, B) { direction : output; }"), HasSubstr("several pins or none"));
  EXPECT_THAT(refused("pin (A) { } pin (A) { }"), HasSubstr("has pin A twice"));
  EXPECT_THAT(refused("} cell (C) {"), HasSubstr("cell C: is defined twice"));
  std::string many = "A";
  for (unsigned i = 0; i < 64; ++i) many += " A";
  EXPECT_THAT(refused("pin (Y) { direction : output; timing () { related_pin : \"" + many + "\"; } }"),
              HasSubstr("names 65 pins, expected at most 64"));
  EXPECT_THAT(refused("",
                      "a () { b () { c () { d () { e () { f () { g () { h () { i () { j () { k () { l () { m "
                      "() { n () { o () { p () { q () {"),
              HasSubstr("nested deeper than 16"));
}

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
