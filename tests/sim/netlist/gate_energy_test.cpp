// Tests energy of netlists against calculations by hand.
#include "sim/netlist/gate_energy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/cells/technology.hpp"
#include "sim/netlist/gate_stream.hpp"
#include "tests/support/gates/energy_library.hpp"

namespace subbyte::sim {
namespace {

using ::testing::HasSubstr;

std::filesystem::path write_file(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::path(::testing::TempDir()) / name;
  std::ofstream(path) << text;
  return path;
}

struct Loaded {
  CellLibrary library;
  GateNetlist netlist;
  StaticTiming timing;
  explicit Loaded(const std::string& body, const std::string& ports = "a", const std::string& text = kEnergyLibrary) {
    const auto path = write_file("energy.lib", text);
    library = read_cell_library(path);
    netlist = flatten_netlist("module top (y);\n" + ports + " output y;\n" + body + "endmodule\n", "top", library);
    TimingOptions options;
    options.output_load_ff = 10;
    timing = static_timing(netlist, library.tables(), options);
  }
  EnergyInputs inputs() const { return {netlist, library.tables(), timing, library.voltage_v}; }
};

constexpr LaneBlock kHigh{~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL};

/// The input of two inverters moves in every one of 100 cycles.
GateEnergy inverter_chain(const std::string& library = kEnergyLibrary) {
  const Loaded chain("INV u0 (.A(a), .Y(n));\nINV u1 (.A(n), .Y(y));\n", " input a;\n", library);
  GateSimulator simulator(chain.netlist);
  simulator.count(true);
  for (unsigned cycle = 0; cycle < 100; ++cycle) {
    simulator.set_input(chain.netlist.port("a")->bits[0], cycle % 2 == 0 ? kHigh : LaneBlock{});
    simulator.settle();
    simulator.sample_states();
  }
  return gate_energy(chain.inputs(), simulator, 100 * kGateLanes);
}

/// A flip-flop follows an input that moves every second cycle: there are 200 transitions of D and of Q in 400 cycles,
/// and each of the four states of D and Q is there in a quarter of them.
GateEnergy single_register(const std::string& library = kEnergyLibrary) {
  const Loaded flop("DFF u0 (.D(d), .CK(clk_i), .Q(y));\n", " input clk_i;\n input d;\n", library);
  GateSimulator simulator(flop.netlist);
  simulator.count(true);
  for (unsigned cycle = 0; cycle < 400; ++cycle) {
    simulator.set_input(flop.netlist.port("d")->bits[0], cycle / 2 % 2 == 0 ? kHigh : LaneBlock{});
    simulator.settle();
    simulator.sample_states();
    simulator.clock();
    simulator.settle();
  }
  return gate_energy(flop.inputs(), simulator, 400 * kGateLanes);
}

// There are 2 fF, 2 fF and 10 fF at 2 V, and 4 fJ (mean of 7 and 1) per output. Counts are known, so nothing is left to
// tolerance.
TEST(GateEnergy, AnInverterChainByHand) {
  const GateEnergy energy = inverter_chain();
  EXPECT_NEAR(energy.switching_pj, 0.5 * (2 + 2 + 10) * 4 * 1e-3, 1e-9);
  EXPECT_NEAR(energy.internal_pj, 2 * 4e-3, 1e-9);
  EXPECT_NEAR(energy.pj_per_cycle, 0.028 + 0.008, 1e-9);
  EXPECT_NEAR(energy.use(EnergyUse::kInput), 0.5 * 2 * 4e-3, 1e-9);
  EXPECT_NEAR(energy.half_width_pj, 0, 1e-9);
  EXPECT_NEAR(energy.leakage_nw, 6, 1e-9);  // one of the two has a high input
}

// The clock pin costs (10 + 20 + 30 + 40) / 2 fJ per cycle, and Q 200 fJ per transition. D moves while CK is high,
// though states are sampled with it low: that costs 4 fJ where Q is high and 2 fJ where it is not, and Q is high in
// half of the cycles.
TEST(GateEnergy, ARegisterByHand) {
  const GateEnergy energy = single_register();
  EXPECT_NEAR(energy.use(EnergyUse::kClock), 5 * 4e-3 + 0.05, 1e-9);  // 1/2 C V^2 twice, and the pin
  EXPECT_NEAR(energy.use(EnergyUse::kRegister), 0.5 * (0.5 * 10 * 4e-3 + 0.2), 1e-9);
  EXPECT_NEAR(energy.use(EnergyUse::kInput), 0.5 * (0.5 * 3 * 4e-3 + 0.003), 1e-9);
  double sum = 0;
  for (const ModuleEnergy& module : energy.modules) sum += module.total();
  EXPECT_DOUBLE_EQ(sum, energy.pj_per_cycle);
  EXPECT_NEAR(energy.switching_pj + energy.internal_pj, energy.pj_per_cycle, 1e-12);
}

// A coefficient of the library that is wrong by 2 % moves the energy by what it has in it, which the two tests above
// would not let pass.
TEST(GateEnergy, EveryCoefficientWrongByTwoPercentIsSeen) {
  struct Wrong {
    const char* right;
    const char* wrong;
    double chain_fj, register_fj;  ///< by which the energy per cycle grows
  };
  constexpr Wrong kWrong[] = {
      {"capacitance : 2;", "capacitance : 2.04;", 0.02 * (4 + 4), 0},
      {"capacitance : 3;", "capacitance : 3.06;", 0, 0.02 * 0.5 * 6},
      {"capacitance : 5;", "capacitance : 5.1;", 0, 0.02 * 20},
      {"nom_voltage : 2;", "nom_voltage : 2.02;", 0.0201 * 28, 0.0201 * (20 + 0.5 * (20 + 6))},
      {"values (\"7\")", "values (\"7.14\")", 0.02 * 7, 0},
      {"values (\"10\")", "values (\"10.2\")", 0, 0.02 * 10 / 2},
      {"values (\"20\")", "values (\"20.4\")", 0, 0.02 * 20 / 2},
      {"values (\"30\")", "values (\"30.6\")", 0, 0.02 * 30 / 2},
      {"values (\"40\")", "values (\"40.8\")", 0, 0.02 * 40 / 2},
      {"values (\"100\")", "values (\"102\")", 0, 0.02 * 100 / 4},
      {"values (\"300\")", "values (\"306\")", 0, 0.02 * 300 / 4},
      {"values (\"4\")", "values (\"4.08\")", 0, 0.02 * 4 / 8},
      {"values (\"2\")", "values (\"2.04\")", 0, 0.02 * 2 / 8},
  };
  const double chain = inverter_chain().pj_per_cycle, flop = single_register().pj_per_cycle;
  for (const Wrong& each : kWrong) {
    std::string text = kEnergyLibrary;
    const std::size_t at = text.find(each.right);
    ASSERT_NE(at, std::string::npos) << each.right;
    text.replace(at, std::string(each.right).size(), each.wrong);
    EXPECT_NEAR(inverter_chain(text).pj_per_cycle - chain, each.chain_fj * 1e-3, 1e-9) << each.right;
    EXPECT_NEAR(single_register(text).pj_per_cycle - flop, each.register_fj * 1e-3, 1e-9) << each.right;
  }
}

// The data pin is the flip-flop's first and follows from its own output, because Q is a copy of the state, not of D.
TEST(GateEnergy, ARegisterFedBackMovesInEveryCycle) {
  const Loaded divider("wire n;\nDFF u0 (.D(n), .CK(clk_i), .Q(y));\nINV u1 (.A(y), .Y(n));\n", " input clk_i;\n");
  GateSimulator simulator(divider.netlist);
  simulator.settle();
  simulator.count(true);
  for (unsigned cycle = 0; cycle < 10; ++cycle) {
    simulator.clock();
    simulator.settle();
  }
  EXPECT_EQ(simulator.transitions()[divider.netlist.port("y")->bits[0]][0], 64U * 10);
}

TEST(GateEnergy, ALibraryWithoutPowerIsRefused) {
  Loaded chain("INV u0 (.A(a), .Y(y));\n", " input a;\n");
  GateSimulator simulator(chain.netlist);
  simulator.sample_states();
  chain.library.cell_tables.has_power = false;
  EXPECT_THROW(gate_energy(chain.inputs(), simulator, 1), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::sim
