// Tests the netlist simulator on mapped units, against golden functions and against a plain interpreter.
#include "sim/netlist/gate_simulator.hpp"

#include <gtest/gtest.h>

#include <random>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/cells/technology.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/gates/naive_gates.hpp"

namespace subbyte::sim {
namespace {

/// Sets a port in every lane to the lane's number plus `first`.
void count_up(GateSimulator& simulator, const GatePort& port, std::uint64_t first) {
  for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
    LaneBlock block{};
    for (std::size_t lane = 0; lane < kGateLanes; ++lane) block[lane / 64] |= ((first + lane) >> bit & 1) << lane % 64;
    simulator.set_input(port.bits[bit], block);
  }
}

std::uint64_t lane_value(const GateSimulator& simulator, const GatePort& port, std::size_t lane) {
  std::uint64_t value = 0;
  for (std::size_t bit = 0; bit < port.bits.size(); ++bit)
    value |= (simulator.value(port.bits[bit])[lane / 64] >> lane % 64 & 1) << bit;
  return value;
}

// For every input of every combinational unit with up to 20 input bits, the mapped netlist gives what the golden
// function gives.
TEST(GateSimulator, NetlistsOfCombinationalUnitsAreTheirGoldenFunctions) {
  const auto technology = read_technology("osu018");
  for (const auto& unit : kernels::units()) {
    const auto point = kernels::resolve(unit, unit.small_point);
    const unsigned bits = unit.input_shape(point).bits();
    if (!unit.combinational || bits > 20) continue;
    const auto mapped = map_netlist(unit, point, technology.library);
    const auto netlist = flatten_netlist(mapped.verilog, unit.name, technology.library);
    GateSimulator simulator(netlist);
    kernels::Beats inputs;
    for (std::uint64_t pattern = 0; pattern < std::uint64_t{1} << bits; ++pattern) inputs.append({&pattern, 1});
    const auto golden = unit.golden(point, {{}, kernels::source_of(std::move(inputs)), {}, 0}, {});
    for (std::uint64_t first = 0; first < golden.size(); first += kGateLanes) {
      count_up(simulator, *netlist.port("in_data_i"), first);
      simulator.settle();
      for (std::size_t lane = 0; lane < kGateLanes && first + lane < golden.size(); ++lane)
        ASSERT_EQ(lane_value(simulator, *netlist.port("out_data_o"), lane), golden.beat(first + lane)[0])
            << unit.name << ' ' << first + lane;
    }
  }
}

// Compares values and transitions of every net, word by word, with an interpreter that knows neither runs of steps nor
// vectors.
TEST(GateSimulator, CountsWhatAPlainInterpreterCounts) {
  const auto technology = read_technology("osu018");
  const auto& unit = kernels::unit("bitserial_pe");
  const auto mapped = map_netlist(unit, kernels::resolve(unit, unit.small_point), technology.library);
  const auto netlist = flatten_netlist(mapped.verilog, unit.name, technology.library);
  GateSimulator simulator(netlist);
  simulator.count(true);
  std::vector<tests::NaiveGates> words(kGateWords, tests::NaiveGates(netlist));
  std::mt19937_64 random(7);
  for (unsigned cycle = 0; cycle < 40; ++cycle) {
    for (const GatePort& port : netlist.ports) {
      if (!port.input || port.name == "clk_i") continue;
      for (const Net net : port.bits) {
        LaneBlock block;
        for (std::uint64_t& word : block)
          word = port.name == "rst_ni" && cycle > 1 ? random() | random() | random() : random();
        simulator.set_input(net, block);
        for (std::size_t w = 0; w < kGateWords; ++w) words[w].set_input(net, block[w]);
      }
    }
    simulator.settle();
    simulator.clock();
    for (auto& word : words) {
      word.settle();
      word.clock();
    }
  }
  std::uint64_t moved = 0;
  for (Net net = 0; net < netlist.nets; ++net) {
    for (std::size_t w = 0; w < kGateWords; ++w) {
      ASSERT_EQ(simulator.value(net)[w], words[w].value(net)) << net << ' ' << w;
      ASSERT_EQ(simulator.transitions()[net][w], words[w].transitions(net)) << net << ' ' << w;
      moved += words[w].transitions(net);
    }
  }
  EXPECT_GT(moved, netlist.nets * kGateLanes);
}

}  // namespace
}  // namespace subbyte::sim
