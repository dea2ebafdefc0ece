// Static timing: tables read as Liberty means them, netlists flattened, an inverter chain by hand, and Debian's sta.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "kernels/unit.hpp"
#include "sim/input_error.hpp"
#include "sim/static_timing.hpp"
#include "sim/synthesis.hpp"
#include "sim/synthesis_flow.hpp"
#include "sim/technology.hpp"

namespace subbyte::sim {
namespace {

using ::testing::HasSubstr;

std::filesystem::path write_file(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::path(::testing::TempDir()) / name;
  std::ofstream(path) << text;
  return path;
}

/// One inverter whose delay is 1 + slew + 0.1 load (ns, fF), its transition 0.5 + 0.05 load, and a buffer.
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
        cell_rise (t) { values (")" + delay_values + R"("); }
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
  const Library library = read_library(path);
  const TableLibrary tables = read_cell_tables(path);
  const auto netlist = flatten_netlist(
      "module top (a, y);\n input a;\n output y;\n wire n;\n INV u0 (.A(a), .Y(n));\n INV u1 (.A(n), .Y(y));\nendmodule\n", "top", library);
  TimingOptions options;
  options.output_load_ff = 10;
  const StaticTiming timing = static_timing(netlist, tables, options);
  // n rises into 3 fF: 1.3 ns, transition 0.65; y falls into 10 fF: 1 + 0.65 + 1. n falls into 2 fF: 1.2, 0.6; y rises 2.6.
  ASSERT_TRUE(timing.worst.has_value());
  EXPECT_NEAR(timing.worst->delay_ns, 1.3 + 2.65, 1e-12);
  EXPECT_EQ(timing.worst->from, "a");
  EXPECT_EQ(timing.worst->to, "y");
  EXPECT_FALSE(timing.registers.has_value());
  EXPECT_THAT(*timing.worst_path, HasSubstr("u1 (INV)"));
  options.wire_ff_per_sink = 10;  // each net has one sink: 13 and 20 fF
  EXPECT_NEAR(static_timing(netlist, tables, options).worst->delay_ns, 2.3 + (1 + 1.15 + 2), 1e-12);
}

TEST(CellTables, WrongTablesAreNamed) {
  const auto refused = [](const std::string& text) -> std::string {
    const auto path = write_file("wrong.lib", text);
    try {
      read_cell_tables(path);
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
  const Library library = read_library(write_file("tiny2.lib", tiny_library("1, 2\", \"2, 3")));
  const auto refused = [&](const std::string& body) -> std::string {
    try {
      flatten_netlist("module top (a, y);\n input a;\n output y;\n" + body + "endmodule\n", "top", library);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refused("_NAND_ u0 (.A(a), .Y(y));\n"), HasSubstr("u0 is a '_NAND_', which is no cell of tiny (not mapped)"));
  EXPECT_THAT(refused("INV u0 (.A(a), .Y(y));\nINV u1 (.A(a), .Y(y));\n"), HasSubstr("u1 drives a net that is driven already"));
  EXPECT_THAT(refused("INV u0 (.B(a), .Y(y));\n"), HasSubstr("cell INV has no pin 'B'"));
}

// Debian's sta times every part of every unit that is mapped here; ours is within 3 % or, for parts under 15 cells, 1 ps.
TEST(StaticTiming, AgreesWithOpenStaOnTheUnits) {
  const auto technology = read_technology("osu018");
  const TableLibrary tables = read_cell_tables(technology.library.path);
  for (const char* name : {"term_encoder", "bitserial_pe", "group_dequant", "column_accumulator", "ternary34_unpack",
                           "ternary34_pack", "ternary5_unpack", "ternary2_unpack"}) {
    const auto& unit = kernels::unit(name);
    SynthesisOptions synthesis;
    const SynthesisResult result = synthesize(name, unit.small_point, technology.library, synthesis);
    for (const SynthesizedModule& module : result.modules) {
      if (!module.path || module.instances == 0 || result.tools.sta.empty()) continue;
      GateNetlist netlist;
      try {
        netlist = flatten_netlist(module.verilog, module.name, technology.library);
      } catch (const std::invalid_argument&) {
        continue;  // contains other modules: timed as a whole elsewhere
      }
      TimingOptions options;
      options.driving_cell = smallest_buffer(technology.library).name;
      options.output_load_ff = output_load_ff(technology.library);
      const StaticTiming ours = static_timing(netlist, tables, options);
      ASSERT_TRUE(ours.worst.has_value()) << name;
      RecordProperty(std::string(name) + "_ratio", std::to_string(ours.worst->delay_ns / module.path->delay_ns));
      std::printf("%-20s %-20s %5zu cells: sta %.4f ns, ours %.4f ns (%+.2f %%)\n", name, module.name.c_str(), module.cells,
                  module.path->delay_ns, ours.worst->delay_ns, 100 * (ours.worst->delay_ns / module.path->delay_ns - 1));
      EXPECT_NEAR(ours.worst->delay_ns, module.path->delay_ns, std::max(0.03 * module.path->delay_ns, 0.001))
          << module.path->from << " -> " << module.path->to << "\n" << *ours.worst_path;
      if (module.register_path && ours.registers)
        EXPECT_NEAR(ours.registers->delay_ns, module.register_path->delay_ns, std::max(0.03 * module.register_path->delay_ns, 0.001));
    }
  }
}

}  // namespace
}  // namespace subbyte::sim
