// Tests area over delay: a point's netlist meets its target with the least area of those known, tighter targets cost
// area, and the scripts are what they are called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "kernels/catalogue.hpp"
#include "sim/area/area.hpp"
#include "sim/area/area_files.hpp"
#include "sim/base/input_error.hpp"
#include "sim/energy/area_delay.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kOsu018 = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

class CurveTest : public testing::Test {
 protected:
  CurveTest() : scratch_(std::filesystem::temp_directory_path()), library_(read_cell_library(kOsu018)) {
    request_.unit = &kernels::unit("group_dequant");
    request_.parameters = kernels::resolve(kernels::unit("group_dequant"), {{"mantissa_width", 9}});
    request_.options.cache = scratch_.path();
  }
  ScratchFolder scratch_;
  CellLibrary library_;
  CurveRequest request_;
};

TEST_F(CurveTest, TargetsAreMetByTheSmallestOrMissedByTheFastest) {
  request_.targets_mhz = {1e5, 10, 200};
  const auto points = area_delay_curve(request_, library_);
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].target_mhz, 10);
  EXPECT_TRUE(points[0].met);
  EXPECT_FALSE(points[2].met) << "10 ps";
  EXPECT_LE(points[0].netlist.result.area_um2, points[1].netlist.result.area_um2);
  EXPECT_LE(points[1].netlist.result.area_um2, points[2].netlist.result.area_um2);
  EXPECT_LT(points[2].netlist.path_ns, points[0].netlist.path_ns);
  for (const CurvePoint& point : points) EXPECT_EQ(point.met, point.netlist.path_ns <= 1e3 / point.target_mhz);
  EXPECT_LT(points[0].netlist.result.area_um2, points[2].netlist.result.area_um2) << "the target does nothing";
  const reports::Record record = curve_record(request_, points, library_, "");
  ASSERT_EQ(record.tables.size(), 1U);
  EXPECT_EQ(record.tables[0].rows.size(), 3U);
  EXPECT_DOUBLE_EQ(record.tables[0].rows[2][3].get<double>(), points[2].netlist.path_ns);
  EXPECT_EQ(record.scatters.size(), 1U);
  EXPECT_NO_THROW(reports::record_from_json(reports::to_json(record)));
}

TEST_F(CurveTest, AutomaticTargetsEndBeyondTheFastest) {
  request_.scripts = {"choices"};
  const auto points = area_delay_curve(request_, library_);
  ASSERT_GE(points.size(), 4U);
  EXPECT_TRUE(points.front().met);
  EXPECT_FALSE(points.back().met);
  EXPECT_FALSE(points[points.size() - 2].met);
  for (const CurvePoint& point : points) EXPECT_EQ(point.netlist.script, "choices");
}

TEST_F(CurveTest, WrongTargetsAndScriptsAreRefused) {
  request_.targets_mhz = {0};
  EXPECT_THROW(area_delay_curve(request_, library_), std::invalid_argument);
  request_.targets_mhz = {50};
  request_.scripts = {"quick"};
  EXPECT_THROW(area_delay_curve(request_, library_), InputError);
}

TEST_F(CurveTest, EveryScriptIsItsOwnNetlist) {
  EXPECT_EQ(abc_scripts().front().name, "default");
  std::set<std::string> netlists;
  for (const AbcScript& script : abc_scripts()) {
    request_.options.abc_script = script.name;
    const SynthesisResult result = synthesize(*request_.unit, request_.parameters, library_, request_.options);
    EXPECT_EQ(result.tools.abc_script, script.commands);
    EXPECT_TRUE(netlists.insert(result.modules[0].verilog).second) << script.name;
  }
}

// The JSON of a netlist is the netlist, because yosys reads it and counts the same cells.
TEST_F(CurveTest, NetlistsAsJsonAreReadByYosys) {
  const SynthesisResult result = synthesize(*request_.unit, request_.parameters, library_, request_.options);
  const SynthesizedModule& module = result.modules[0];
  const auto json = netlist_json(module.verilog, module.name, library_);
  EXPECT_EQ(json["modules"][module.name]["cells"].size(), module.cells);
  std::ofstream(scratch_.path() / "n.json") << json.dump();
  std::ofstream(scratch_.path() / "n.v") << module.verilog;
  // It is the same module from both files, which yosys proves equal: ports, pins, wires, constants.
  const ProgramOutcome outcome = run_program(
      {"yosys", "-q", "-p",
       "read_liberty -ignore_miss_func " + std::string(kOsu018) + "; read_json " +
           (scratch_.path() / "n.json").string() + "; rename " + module.name + " gold; read_verilog " +
           (scratch_.path() / "n.v").string() + "; rename " + module.name +
           " gate; equiv_make gold gate e; hierarchy -top e; flatten; opt_clean; equiv_simple; equiv_induct; "
           "equiv_status -assert"});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
}

}  // namespace
}  // namespace subbyte::sim
