// Tests the synthesis flow on Debian's osu018 library: areas against yosys' own, composition, cache, refusals and
// clock. What the netlists compute is tested in netlist_test.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/process.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/synthesis/rtl_sources.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "sim/synthesis/yosys_json.hpp"
#include "tests/support/invented_synthesis.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
constexpr const char* kOsu018 = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

class SynthTest : public testing::Test {
 protected:
  SynthTest() : scratch_(fs::temp_directory_path()) {
    options_.cache = scratch_.path() / "cache";
    options_.progress = [this](const std::string& line) { lines_.push_back(line); };
  }
  SynthesisResult run(std::string_view unit, const kernels::Parameters& parameters, const CellLibrary& library) {
    lines_.clear();
    return synthesize(kernels::unit(unit), parameters, library, options_);
  }
  ScratchFolder scratch_;
  SynthesisOptions options_;
  std::vector<std::string> lines_;
};

TEST_F(SynthTest, AreaAndPathAgreeWithYosysAndAbc) {
  const CellLibrary library = read_cell_library(kOsu018);
  const SynthesisResult result = run("group_dequant", {}, library);
  ASSERT_EQ(result.modules.size(), 1U);
  const SynthesizedModule& module = result.modules[0];
  write_atomically(scratch_.path() / "n.v", module.verilog);
  const ProgramOutcome stat = run_program({"yosys", "-p",
                                           std::string("read_liberty -lib ") + kOsu018 + "; read_verilog " +
                                               (scratch_.path() / "n.v").string() +
                                               "; hierarchy -check -top group_dequant; stat -liberty " + kOsu018});
  ASSERT_EQ(stat.status, 0) << stat.error;
  const std::size_t at = stat.output.rfind("Chip area for module '\\group_dequant': ");
  ASSERT_NE(at, std::string::npos) << stat.output;
  EXPECT_DOUBLE_EQ(std::stod(stat.output.substr(at + 39)), module.area_um2);
  EXPECT_NEAR(module.gate_equivalents * smallest_nand2(library).area, module.area_um2, 1e-6);
  EXPECT_GT(module.flip_flops, 100U);
  ASSERT_TRUE(module.path && module.register_path);
  EXPECT_GE(module.path->delay_ns, module.register_path->delay_ns);
  // A 32-bit ripple in this library takes 4.4 ns and one gate 0.1, so anything outside is a unit or a parsing error.
  EXPECT_GT(module.register_path->delay_ns, 1);
  EXPECT_LT(module.path->delay_ns, 20);
  EXPECT_NE(module.register_path->from.find("count_q"), std::string::npos) << module.register_path->from;
}

TEST_F(SynthTest, PartsAreMappedOnceAndComposeByInstances) {
  const CellLibrary library = read_cell_library(kOsu018);
  const SynthesisResult small = run("bitserial_tile", {{"rows", 1}, {"cols", 2}, {"lanes", 2}}, library);
  const SynthesisResult large = run("bitserial_tile", {{"rows", 2}, {"cols", 3}, {"lanes", 2}}, library);
  for (const std::string& line : lines_) {
    EXPECT_EQ(line.find("bitserial_pe"), std::string::npos) << "mapped twice: " << line;
    EXPECT_EQ(line.find("group_dequant"), std::string::npos) << "mapped twice: " << line;
  }
  EXPECT_DOUBLE_EQ(large.area_of("bitserial_pe"), 3 * small.area_of("bitserial_pe"));
  EXPECT_DOUBLE_EQ(large.area_of("group_dequant"), 3 * small.area_of("group_dequant"));
  double sum = 0;
  for (const SynthesizedModule& module : large.modules) sum += module.area_um2 * static_cast<double>(module.instances);
  EXPECT_DOUBLE_EQ(large.area_um2, sum);
  EXPECT_THROW(large.area_of("nothing"), std::out_of_range);
  EXPECT_EQ(large.modules.size(), 5U);
}

TEST_F(SynthTest, CacheIsUsedAndDamagedEntriesAreMadeAgain) {
  const CellLibrary library = read_cell_library(kOsu018);
  const SynthesisResult first = run("group_dequant", {{"mantissa_width", 9}}, library);
  EXPECT_FALSE(lines_.empty());
  const SynthesisResult second = run("group_dequant", {{"mantissa_width", 9}}, library);
  EXPECT_TRUE(lines_.empty());
  EXPECT_EQ(first.area_um2, second.area_um2);
  unsigned damaged = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(options_.cache)) {
    if (entry.path().extension() != ".json") continue;
    std::string text = read_text(entry.path());
    const std::size_t digit = text.find_last_of("0123456789");
    if (damaged++ % 2 == 0)
      text.resize(text.size() / 2);
    else
      text[digit] = text[digit] == '1' ? '2' : '1';
    write_atomically(entry.path(), text);
  }
  EXPECT_GE(damaged, 3U);
  const SynthesisResult third = run("group_dequant", {{"mantissa_width", 9}}, library);
  EXPECT_FALSE(lines_.empty());
  EXPECT_EQ(first.area_um2, third.area_um2);
  options_.clock_mhz *= 3;
  run("group_dequant", {{"mantissa_width", 9}}, library);
  EXPECT_FALSE(lines_.empty()) << "another clock is another netlist";
}

TEST_F(SynthTest, AChangedSourceIsAnotherEntry) {
  const CellLibrary library = read_cell_library(kOsu018);
  options_.rtl = scratch_.path() / "rtl";
  fs::copy(tested_source() / "rtl", options_.rtl, fs::copy_options::recursive);
  run("group_dequant", {{"mantissa_width", 9}}, library);
  std::ofstream(options_.rtl / "group_dequant.sv", std::ios::app) << "// a remark\n";
  run("group_dequant", {{"mantissa_width", 9}}, library);
  EXPECT_TRUE(lines_.empty()) << "a comment changes nothing";
  std::ofstream(options_.rtl / "group_dequant.sv", std::ios::app) << "module unused_extra; endmodule\n";
  run("group_dequant", {{"mantissa_width", 9}}, library);
  EXPECT_FALSE(lines_.empty());
}

// Which modules are units decides what is mapped apart; no content of a file tells it.
TEST_F(SynthTest, AModuleThatBecomesAUnitOrCeasesToBeOneIsElaboratedAgain) {
  const CellLibrary library = read_cell_library(kOsu018);
  options_.rtl = scratch_.path() / "rtl";
  fs::copy(tested_source() / "rtl", options_.rtl, fs::copy_options::recursive);
  const SynthesisFlow flow = open_flow(library, options_);
  const auto part_names = [&] {
    std::vector<std::string> names;
    for (const Part& part : elaborate(flow, "term_encoder", {})) names.push_back(part.name);
    return names;
  };
  const std::vector<std::string> alone{"term_encoder"}, apart{"term_encoder", "term_decode"};
  const fs::path inside = options_.rtl / "codes/term_decode.sv", direct = options_.rtl / "term_decode.sv";
  EXPECT_EQ(part_names(), alone);
  fs::rename(inside, direct);
  EXPECT_EQ(part_names(), apart);
  fs::copy(direct, inside);
  EXPECT_EQ(part_names(), apart);
  fs::remove(direct);
  EXPECT_EQ(part_names(), alone);
}

TEST_F(SynthTest, WhatAModuleReadsBesideModulesIsInTheHash) {
  const fs::path rtl = scratch_.path();
  write_atomically(rtl / "reader.sv", "`include \"widths.vh\"\nmodule reader; endmodule\n");
  write_atomically(rtl / "widths.vh", "`define WIDTH 4\n");
  const RtlSources before = rtl_sources(rtl, "reader");
  write_atomically(rtl / "widths.vh", "`define WIDTH 5\n");
  const RtlSources after = rtl_sources(rtl, "reader");
  EXPECT_NE(before.hash, after.hash);
  EXPECT_EQ(after.files, std::vector{fs::absolute(rtl / "reader.sv")});
  EXPECT_EQ(after.units, " reader");
}

/// Returns osu018 without the cells whose names start with `prefix`.
std::string library_without(const std::string& prefix) {
  std::string text = read_text(kOsu018);
  for (std::size_t at = text.find("\ncell (" + prefix); at != std::string::npos; at = text.find("\ncell (" + prefix)) {
    std::size_t end = text.find('{', at) + 1;
    for (unsigned depth = 1; depth > 0; ++end) depth += text[end] == '{' ? 1U : text[end] == '}' ? -1U : 0U;
    text.erase(at, end - at);
  }
  return text;
}

TEST_F(SynthTest, ALibraryWithoutFlipFlopsIsRefused) {
  write_atomically(scratch_.path() / "noflop.lib", library_without("DFF"));
  const CellLibrary library = read_cell_library(scratch_.path() / "noflop.lib");
  try {
    run("group_dequant", {{"mantissa_width", 9}}, library);
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("has no cell for $_"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("D flip-flop"), std::string::npos) << error.what();
  }
}

// An area in gate equivalents would be a division by zero, and abc would speak first.
TEST_F(SynthTest, ANandWithoutAreaIsRefusedBeforeMapping) {
  std::string text = library_without("NAND2");
  const std::string cell = read_text(kOsu018);
  const std::size_t begin = cell.find("\ncell (NAND2X1)"), end = cell.find("\ncell (", begin + 1);
  std::string nand2 = cell.substr(begin, end - begin);
  const std::size_t area = nand2.find("area :");
  ASSERT_NE(area, std::string::npos);
  nand2.replace(area, nand2.find(';', area) - area, "area : 0");
  text.insert(text.find("\ncell (INVX1)"), nand2);
  write_atomically(scratch_.path() / "free.lib", text);
  const CellLibrary library = read_cell_library(scratch_.path() / "free.lib");
  try {
    run("group_dequant", {{"mantissa_width", 9}}, library);
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("NAND with an area"), std::string::npos) << error.what();
  }
  EXPECT_TRUE(lines_.empty()) << lines_.front();
}

TEST_F(SynthTest, WrongRequestsAreRefused) {
  const CellLibrary library = read_cell_library(kOsu018);
  EXPECT_THROW(run("no_such_unit", {}, library), std::invalid_argument);
  EXPECT_THROW(run("fp16_mac_tile", {{"lanes", 2}}, library), std::invalid_argument);
  EXPECT_THROW(run("fp16_mac_tile", {{"rows", 0}}, library), std::invalid_argument);
  options_.clock_mhz = 0;
  EXPECT_THROW(run("fp16_mac_tile", {}, library), std::invalid_argument);
}

TEST_F(SynthTest, BaselineComposedPathIsAtLeastItsUnits) {
  const CellLibrary library = read_cell_library(kOsu018);
  options_.composed_path = true;
  const SynthesisResult result = run("fp16_mac_tile", {{"rows", 2}, {"cols", 2}}, library);
  ASSERT_TRUE(result.composed_path);
  ASSERT_EQ(result.composed_ends.count("fp16_mac"), 1U);
  EXPECT_NEAR(result.composed_ends.at("fp16_mac").delay_ns, result.modules[1].register_path->delay_ns,
              0.2 * result.modules[1].register_path->delay_ns);
  EXPECT_EQ(result.modules[1].instances, 4U);
}

TEST(ClockMet, ComparesThePeriodWithTheWorstPath) {
  SynthesisResult result = tests::invented("ternary34_pack", 10);
  EXPECT_TRUE(clock_met(result, 100).met);
  EXPECT_FALSE(clock_met(result, 100.1).met);
  EXPECT_EQ(clock_met(result, 100).where, "part");
  result.composed_path = TimingPath{12, "x", "y"};
  result.composed_parameters = {{"rows", 2}, {"cols", 2}};
  EXPECT_FALSE(clock_met(result, 100).met);
  EXPECT_EQ(clock_met(result, 100).where, "ternary34_pack rows=2 cols=2");
  EXPECT_NE(clock_met(result, 100).text.find("NOT met"), std::string::npos);
  EXPECT_THROW(clock_met(result, 0), std::invalid_argument);
  result.composed_path.reset();
  result.modules[0].path.reset();
  EXPECT_THROW(clock_met(result, 100), std::invalid_argument);
}

TEST(StructuralVerilog, WritesPortsConstantsAndSharedBits) {
  const auto design = nlohmann::json::parse(R"({"modules": {"$paramod\\t\\W=2": {
    "attributes": {"top": "1", "hdlname": "\\t"},
    "ports": {"a": {"direction": "input", "bits": [2, 3]}, "y": {"direction": "output", "bits": [2, "1", 4, 4]}},
    "cells": {"c": {"type": "NAND", "connections": {"A": [3], "B": ["0"], "Y": [4]}}},
    "netnames": {}}}})");
  EXPECT_EQ(structural_verilog(design, "top", [](const std::string& type) { return type; }),
            "module top (a, y);\n  input [1:0] a;\n  output [3:0] y;\n  assign y[0] = a[0];\n  assign y[1] = "
            "1'b1;\n"
            "  assign y[3] = y[2];\n  NAND u0 (.A(a[1]), .B(1'b0), .Y(y[2]));\nendmodule\n");
  EXPECT_EQ(cell_counts(design).at("NAND"), 1U);
}

}  // namespace
}  // namespace subbyte::sim
