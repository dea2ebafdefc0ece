// Tests tables of library cells: templates, scalars, ranges and leakage.
#include "sim/cells/cell_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/input_error.hpp"
#include "sim/cells/cell_library.hpp"

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

}  // namespace
}  // namespace subbyte::sim
