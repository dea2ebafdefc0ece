// Tests static timing: tables read as Liberty means them, netlists flattened, and an inverter chain by hand.
#include "sim/netlist/static_timing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cells/technology.hpp"

namespace subbyte::sim {
namespace {

using ::testing::HasSubstr;

std::filesystem::path write_file(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::path(::testing::TempDir()) / name;
  std::ofstream(path) << text;
  return path;
}

/// Has one inverter whose delay is 1 + slew + 0.1 load (ns, fF) and whose transition is 0.5 + 0.05 load, and a buffer.
std::string tiny_library(const std::string& delay_values) {
  return R"(library (tiny) {
  time_unit : "1ns"; voltage_unit : "1V"; capacitive_load_unit (1, ff); leakage_power_unit : "1nW";
  nom_voltage : 1; nom_temperature : 25; nom_process : 1;
  lu_table_template (t) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance;
    index_1 ("0, 1"); index_2 ("0, 10"); }
  cell (INV) { area : 1; cell_leakage_power : 2;
    pin (A) { direction : input; capacitance : 2; rise_capacitance : 3; }
    pin (Y) { direction : output; function : "!A";
      timing () { related_pin : "A"; timing_sense : negative_unate;
        cell_rise (t) { values (")" +
         delay_values + R"("); }
        cell_fall (t) { values ("1, 2", "2, 3"); }
        rise_transition (t) { values ("0.5, 1", "0.5, 1"); }
        fall_transition (t) { values ("0.5, 1", "0.5, 1"); } } } }
})";
}

TEST(LookupTable, InterpolatesAndGoesOnInALine) {
  const LookupTable table{{0, 1}, {0, 10}, {1, 2, 2, 3}};
  EXPECT_DOUBLE_EQ(table.at(0.5, 5), 2);
  EXPECT_DOUBLE_EQ(table.at(2, 20), 5);
  EXPECT_DOUBLE_EQ(table.at(-1, 0), 0);
  EXPECT_DOUBLE_EQ((LookupTable{{}, {0, 1, 3}, {0, 1, 5}}.at(9, 2)), 3);
  EXPECT_DOUBLE_EQ((LookupTable{{}, {}, {7}}.at(1, 2)), 7);
  EXPECT_DOUBLE_EQ(LookupTable{}.at(1, 2), 0);
}

TEST(StaticTiming, AnInverterChainByHand) {
  const auto path = write_file("tiny.lib", tiny_library("1, 2\", \"2, 3"));
  const CellLibrary library = read_cell_library(path);
  const LibraryTables& tables = library.tables();
  const auto netlist = flatten_netlist(
      "module top (a, y);\n input a;\n output y;\n wire n;\n INV u0 (.A(a), .Y(n));\n INV u1 (.A(n), .Y(y));\n"
      "endmodule\n",
      "top", library);
  TimingOptions options;
  options.output_load_ff = 10;
  const StaticTiming timing = static_timing(netlist, tables, options);
  // n rises into 3 fF, which takes 1.3 ns with transition 0.65; y falls into 10 fF, which takes 1 + 0.65 + 1. n falls
  // into 2 fF with 1.2 and 0.6; y rises with 2.6.
  ASSERT_TRUE(timing.worst.has_value());
  EXPECT_NEAR(timing.worst->delay_ns, 1.3 + 2.65, 1e-12);
  EXPECT_EQ(timing.worst->from, "a");
  EXPECT_EQ(timing.worst->to, "y");
  EXPECT_FALSE(timing.registers.has_value());
  EXPECT_THAT(*timing.worst_path, HasSubstr("u1 (INV)"));
  options.wire_ff_per_sink = 10;  // each net has one sink, so they are 13 and 20 fF
  EXPECT_NEAR(static_timing(netlist, tables, options).worst->delay_ns, 2.3 + (1 + 1.15 + 2), 1e-12);
}

TEST(CellTables, WrongTablesAreNamed) {
  const auto refused = [](const std::string& text) -> std::string {
    const auto path = write_file("wrong.lib", text);
    try {
      read_cell_library(path).tables();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refused(tiny_library("1, 2")), HasSubstr("cell INV: cell_rise has 2 values, expected 2 x 2"));
  EXPECT_THAT(refused(tiny_library("1, x\", \"2, 3")), HasSubstr("'x' is no finite number"));
  std::string falling = tiny_library("1, 2\", \"2, 3");
  falling.replace(falling.find("0, 10"), 5, "9, 0");
  EXPECT_THAT(refused(falling), HasSubstr("does not rise"));
  EXPECT_THAT(refused(tiny_library("1, 2\", \"2, 3").substr(0, 300)), HasSubstr("line"));
}

TEST(GateNetlist, AnUnmappedCellAndTwoDriversAreRefused) {
  const CellLibrary library = read_cell_library(write_file("tiny2.lib", tiny_library("1, 2\", \"2, 3")));
  const auto refused = [&](const std::string& body) -> std::string {
    try {
      flatten_netlist("module top (a, y);\n input a;\n output y;\n" + body + "endmodule\n", "top", library);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refused("_NAND_ u0 (.A(a), .Y(y));\n"),
              HasSubstr("u0 is a '_NAND_', which is no cell of tiny (not mapped)"));
  EXPECT_THAT(refused("INV u0 (.A(a), .Y(y));\nINV u1 (.A(a), .Y(y));\n"),
              HasSubstr("u1 drives a net that is driven already"));
  EXPECT_THAT(refused("INV u0 (.B(a), .Y(y));\n"), HasSubstr("cell INV has no pin 'B'"));
}

/// Has the tiny library and a flip-flop, with clock to output 1 and setup 0.5.
std::string clocked_library(const std::string& clocked_on) {
  std::string text = tiny_library("1, 2\", \"2, 3");
  const std::string edges = R"(cell_rise (scalar) { values ("1"); } cell_fall (scalar) { values ("1"); }
        rise_transition (scalar) { values ("0.5"); } fall_transition (scalar) { values ("0.5"); })";
  text.insert(text.rfind('}'),
              "  cell (FLOP) { area : 4; ff (IQ, IQN) { next_state : \"D\"; clocked_on : \"" + clocked_on + R"("; }
    pin (D) { direction : input; capacitance : 1; timing () { related_pin : "CK"; timing_type : setup_rising;
      rise_constraint (scalar) { values ("0.5"); } fall_constraint (scalar) { values ("0.5"); } } }
    pin (CK) { direction : input; capacitance : 1; clock : true; }
    pin (Q) { direction : output; function : "IQ"; timing () { related_pin : "CK"; timing_type : rising_edge;
        )" + edges +
                  " } } }\n  cell (XOR) { area : 2; pin (A) { direction : input; capacitance : 1; } "
                  "pin (B) { direction : input; capacitance : 1; }\n"
                  "    pin (Y) { direction : output; function : \"A ^ B\"; timing () { related_pin : \"A B\"; " +
                  edges + " } } }\n");
  return text;
}

/// Returns the error of timing a module of clk_i, a and y, or its worst delay.
std::string timed(const std::string& body, const std::string& clocked_on = "CK") {
  const std::string text = clocked_library(clocked_on);
  const CellLibrary library = parse_cell_library(text, "clocked.lib");
  try {
    const auto netlist = flatten_netlist(
        "module top (clk_i, a, y);\n input clk_i;\n input a;\n output y;\n" + body + "endmodule\n", "top", library);
    return std::to_string(static_timing(netlist, library.tables(), {}).worst->delay_ns);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

// Registers count as clocked by the edge of clk_i, so whatever stands between is refused, and never left out of time
// and energy.
TEST(StaticTiming, AClockThatIsNotThePortIsRefused) {
  EXPECT_EQ(timed("FLOP u0 (.D(a), .CK(clk_i), .Q(y));\n"), "1.000000");
  EXPECT_EQ(timed("wire n;\nFLOP u0 (.D(y), .CK(clk_i), .Q(n));\nFLOP u1 (.D(n), .CK(clk_i), .Q(y));\n"), "1.500000");
  const std::string inverted = "wire n;\nINV u0 (.A(clk_i), .Y(n));\nFLOP u1 (.D(a), .CK(n), .Q(y));\n";
  EXPECT_THAT(timed(inverted),
              HasSubstr("u0 (INV) reads the clock at A; expected rising-edge flip-flops on port clk_i itself"));
  EXPECT_THAT(timed("wire n;\nXOR u0 (.A(clk_i), .B(a), .Y(n));\nFLOP u1 (.D(a), .CK(n), .Q(y));\n"),
              HasSubstr("u0 (XOR) reads the clock"));
  EXPECT_THAT(timed("FLOP u1 (.D(a), .CK(a), .Q(y));\n"), HasSubstr("u1 (FLOP) has another clock"));
  EXPECT_THAT(timed("FLOP u1 (.D(clk_i), .CK(clk_i), .Q(y));\n"), HasSubstr("u1 (FLOP) reads the clock at D"));
  EXPECT_THAT(timed("FLOP u1 (.D(a), .Q(y));\n"), HasSubstr("u1 (FLOP) has another clock"));
  EXPECT_THAT(timed("FLOP u1 (.D(a), .CK(1'b1), .Q(y));\n"), HasSubstr("u1 (FLOP) has another clock"));
  EXPECT_THAT(timed("FLOP u0 (.D(a), .CK(clk_i), .Q(y));\n", "!CK"), HasSubstr("u0 (FLOP) loads at '!CK'"));
  EXPECT_THAT(timed("FLOP u0 (.D(a), .CK(clk_i), .Q(y));\n", "CK & D"), HasSubstr("loads at 'CK & D'"));
}

TEST(GateNetlist, TextThatIsNoNetlistIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"INV u0 (.A(1'bx), .Y(y));\n", "found '1'bx', expected a net, 1'b0 or 1'b1"},
      {"INV u0 (.A(a), .A(y));\n", "u0.A is connected twice"},
      {"assign y = 1'b0;\nassign y = 1'b1;\n", "an assign joins 1'b0 and 1'b1"},
      {"top u0 (.a(a), .y(y));\n", "module 'top' contains itself"},
      {"input a;\n", "port 'a' twice"},
      {"input [3:1] b;\n", "found '1', expected '0'"},
      {"input [99999999999:0] b;\n", "port [99999999999:0], expected 1.."},
      {"INV u0 (.A({a, a}), .Y(y));\n", "u0.A has several bits"},
      {"INV u0 (.A(a[), .Y(y));\n", "'[' without ']'"},
  };
  for (const auto& [body, text] : cases) EXPECT_THAT(timed(body), HasSubstr(text)) << body;
  std::string doubling = "INV u0 (.A(a), .Y(y));\nendmodule\nmodule m0 (a);\n input a;\n XOR u (.A(a));\n";
  for (unsigned i = 1; i < 60; ++i) {
    const std::string below = "m" + std::to_string(i - 1);
    doubling += "endmodule\nmodule m" + std::to_string(i) + " (a);\n input a;\n " + below + " u (.a(a));\n " + below +
                " v (.a(a));\n";
  }
  EXPECT_EQ(timed(doubling).substr(0, 1), "1");  // not below top: not counted
  doubling.insert(0, "m59 u1 (.a(a));\n");
  EXPECT_THAT(timed(doubling), HasSubstr("more than 2^24 cells"));
}

}  // namespace
}  // namespace subbyte::sim
