// Tests streams of beats through a netlist, window by window, against golden functions.
#include "sim/netlist/gate_stream.hpp"

#include <gtest/gtest.h>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "quant/formats/format.hpp"
#include "sim/cells/technology.hpp"
#include "sim/netlist/gate_netlist.hpp"
#include "sim/netlist/gate_simulator.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/catalogue_sample.hpp"

namespace subbyte::sim {
namespace {

// 512 windows run side by side, and what each of the first lanes hands over is what the golden function answers to the
// beats of its window.
TEST(GateStream, WindowsAreGolden) {
  const auto technology = read_technology("osu018");
  for (const std::string& name :
       catalogue_sample({"term_encoder", "group_dequant", "column_accumulator", "nvfp4_dot", "fp4_dequant"})) {
    const auto& unit = kernels::unit(name);
    const auto point = kernels::resolve(unit, unit.small_point);
    const auto mapped = map_netlist(unit, point, technology.library);
    const auto netlist = flatten_netlist(mapped.verilog, unit.name, technology.library);
    GateSimulator simulator(netlist);
    quant::Format format = quant::parse_format("int4:g32");
    for (const auto& row : quant::format_table()) {
      const quant::Format each = quant::parse_format(row.name);
      if (!unit.unsupported(point, each)) format = each;
    }
    const auto stimulus = unit.random(point, {format, 600, 5, {}, true});
    StreamWindows windows;
    windows.collected_lanes = 24;
    const StreamCounts counts = run_stream(unit, netlist, simulator, stimulus, windows);
    EXPECT_EQ(counts.lane_cycles, 64 * kGateLanes);
    std::size_t compared = 0;
    for (std::size_t lane = 0; lane < windows.collected_lanes; ++lane) {
      const std::size_t first = counts.first_beats[lane];
      const kernels::BeatSource source{400, stimulus.input.words, [&](std::size_t i, std::span<std::uint64_t> beat) {
                                         stimulus.input.fill((first + i) % stimulus.input.count, beat);
                                       }};
      const auto golden = unit.golden(point, {stimulus.config, source, {}, 0}, {});
      for (std::size_t i = 0; i < counts.outputs[lane].size(); ++i, ++compared)
        ASSERT_TRUE(std::ranges::equal(counts.outputs[lane][i], golden.beat(i)))
            << unit.name << " lane " << lane << " beat " << i;
    }
    EXPECT_GT(compared, 24U) << unit.name;
  }
}

}  // namespace
}  // namespace subbyte::sim
