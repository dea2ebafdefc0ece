// Tests memories as macros: a unit with two of them keeps its logic, takes their area and access time from a table, and
// is refused without one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/process.hpp"
#include "sim/synthesis/composed_point.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
constexpr const char* kOsu018 = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

constexpr const char* kRam = R"((* keep_hierarchy, memory_macro *)
module ram #(
  parameter bit [31:0] Width = 8,
  parameter bit [31:0] Depth = 16
) (
  input  logic             clk_i,
  input  logic             write_i,
  input  logic [3:0]       address_i,
  input  logic [Width-1:0] data_i,
  output logic [Width-1:0] data_o
);
  logic [Width-1:0] words [0:Depth-1];
  always_ff @(posedge clk_i) begin
    if (write_i) words[address_i] <= data_i;
    data_o <= words[address_i];
  end
endmodule
)";
constexpr const char* kPair = R"(module pair (
  input  logic       clk_i,
  input  logic       write_i,
  input  logic [3:0] address_i,
  input  logic [7:0] data_i,
  output logic [7:0] sum_o
);
  logic [7:0] low, high;
  logic [3:0] address_q;
  ram #(.Width(8), .Depth(16)) u_low (.clk_i, .write_i, .address_i(address_q), .data_i, .data_o(low));
  ram #(.Width(8), .Depth(16)) u_high (.clk_i, .write_i, .address_i(~address_q), .data_i, .data_o(high));
  always_ff @(posedge clk_i) begin
    address_q <= address_i;
    sum_o <= low + high;
  end
endmodule
)";

class MacrosTest : public testing::Test {
 protected:
  MacrosTest() : scratch_(fs::temp_directory_path()), library_(read_cell_library(kOsu018)) {
    fs::create_directories(scratch_.path() / "rtl");
    write_atomically(scratch_.path() / "rtl/ram.sv", kRam);
    write_atomically(scratch_.path() / "rtl/pair.sv", kPair);
    options_.cache = scratch_.path() / "cache";
    options_.rtl = scratch_.path() / "rtl";
    unit_.name = "pair";
    unit_.memories = true;
    unit_.input_shape = [](const kernels::Parameters&) { return kernels::BeatShape({{"data", 8, 1}}); };
  }
  SynthesisResult run(std::optional<double> area_um2, std::optional<double> access_ns) {
    options_.composed_path = true;
    options_.macros = [=](const MemoryShape& shape) {
      EXPECT_EQ(shape.width, 8);
      EXPECT_EQ(shape.depth, 16);
      return MacroFigures{2, area_um2, access_ns, "invented"};
    };
    return synthesize(unit_, {}, library_, options_);
  }
  ScratchFolder scratch_;
  CellLibrary library_;
  SynthesisOptions options_;
  kernels::UnitInfo unit_;
};

TEST_F(MacrosTest, AreaIsOfLogicAndMacros) {
  const SynthesisResult result = run(1000, 1);
  ASSERT_EQ(result.modules.size(), 2U);
  const SynthesizedModule& logic = result.modules[0];
  const SynthesizedModule& ram = result.modules[1];
  EXPECT_EQ(logic.flip_flops, 12U);  // the address and the sum; a memory of registers would have 256 more
  ASSERT_TRUE(ram.memory.has_value());
  EXPECT_EQ(ram.instances, 2U);
  EXPECT_EQ(ram.cells, 0U);
  EXPECT_EQ(ram.macro.macros, 2U);
  EXPECT_DOUBLE_EQ(result.macro_area_um2, 2000);
  EXPECT_DOUBLE_EQ(result.area_um2, logic.area_um2 + 2000);
  EXPECT_DOUBLE_EQ(result.gate_equivalents, logic.gate_equivalents);
}

TEST_F(MacrosTest, PathsBeginAnAccessTimeBehindTheClock) {
  const SynthesisResult fast = run(1000, 3);
  const SynthesisResult slow = run(1000, 5);  // from the same cache, which must tell the tables apart
  for (const SynthesisResult* result : {&fast, &slow}) {
    ASSERT_TRUE(result->modules[0].register_path && result->composed_path);
    EXPECT_THAT(result->modules[0].register_path->from, testing::HasSubstr("ram"));
    EXPECT_THAT(result->composed_path->from, testing::HasSubstr("ram"));
    EXPECT_FALSE(result->modules[1].path.has_value());
  }
  EXPECT_GT(fast.modules[0].register_path->delay_ns, 3.5);  // the adder comes behind
  EXPECT_NEAR(slow.modules[0].register_path->delay_ns - fast.modules[0].register_path->delay_ns, 2, 1e-9);
  EXPECT_NEAR(slow.composed_path->delay_ns - fast.composed_path->delay_ns, 2, 1e-9);
  EXPECT_TRUE(clock_met(fast, 100).met);
  EXPECT_FALSE(clock_met(slow, 180).met);
}

TEST_F(MacrosTest, FiguresThatNobodyGaveAreSaidSo) {
  const SynthesisResult result = run(std::nullopt, std::nullopt);
  EXPECT_FALSE(result.memories_have_area);
  EXPECT_FALSE(result.memories_have_access);
  EXPECT_DOUBLE_EQ(result.area_um2, result.modules[0].area_um2);
  EXPECT_THAT(clock_met(result, 50).text, testing::HasSubstr("without the access time of its memories"));
}

TEST_F(MacrosTest, WithoutATableItIsRefused) {
  EXPECT_THROW(synthesize(unit_, {}, library_, options_), InputError);
  run(1, 1);
  EXPECT_THROW(map_netlist(unit_, {}, library_, options_), InputError);  // what runs gates cannot run memories
}

TEST_F(MacrosTest, AMacroWithoutItsParametersIsRefused) {
  std::string text = kRam;
  text.replace(text.find("Depth = 16"), 10, "Words = 16");
  text.replace(text.find("Depth-1"), 7, "Words-1");
  write_atomically(scratch_.path() / "rtl/ram.sv", text);
  std::string pair = kPair;
  for (std::size_t at = pair.find("Depth"); at != std::string::npos; at = pair.find("Depth"))
    pair.replace(at, 5, "Words");
  write_atomically(scratch_.path() / "rtl/pair.sv", pair);
  EXPECT_THROW(run(1, 1), InputError);
}

TEST(ComposedPoint, IsTheSmallestThatTheUnitTakes) {
  const kernels::UnitInfo& tile = kernels::unit("bitserial_tile");
  const kernels::Parameters small = composed_point(tile, kernels::resolve(tile, {{"rows", 16}, {"cols", 8}}));
  EXPECT_EQ(small.at("rows"), 2);
  EXPECT_EQ(small.at("cols"), 2);
  EXPECT_EQ(small.at("lanes"), kernels::resolve(tile, {}).at("lanes"));
}

TEST(ComposedPoint, BuffersOfACoreShrinkWithItsArray) {
  const kernels::UnitInfo& core = kernels::unit("core");
  const kernels::Parameters whole = kernels::resolve(core, {{"rows", 8},
                                                            {"cols", 8},
                                                            {"tile_rows", 4},
                                                            {"tile_cols", 4},
                                                            {"bus_bytes", 32},
                                                            {"weight_kib", 512},
                                                            {"activation_kib", 512},
                                                            {"output_kib", 128}});
  const kernels::Parameters small = composed_point(core, whole);
  EXPECT_EQ(small.at("rows") * small.at("tile_rows"), 2);
  EXPECT_EQ(small.at("cols") * small.at("tile_cols"), 8);  // a word of the bus is at most a row of results
  EXPECT_EQ(small.at("activation_kib"), 512 / 16);
  EXPECT_EQ(small.at("weight_kib"), 512 / 4);
  EXPECT_EQ(small.at("output_kib"), 128 / 64);
  EXPECT_NO_THROW(core.input_shape(small));
}

}  // namespace
}  // namespace subbyte::sim
