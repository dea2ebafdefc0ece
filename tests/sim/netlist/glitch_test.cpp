// Tests waveforms with inertial delays, and the energy of glitches, by hand. Icarus agrees with them in
// toggle_count_test, and units have them in glitch_units_test.
#include "sim/netlist/glitch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sim/netlist/gate_stream.hpp"
#include "sim/netlist/gate_timed.hpp"
#include "tests/support/gates/sampled_glitches.hpp"

namespace subbyte::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string cell(const std::string& name, const std::string& inputs, const std::string& function,
                 const std::string& timing) {
  std::string text = "cell (" + name + ") { area : 1; cell_leakage_power : 1;\n";
  for (const char input : inputs) text += std::string("pin (") + input + ") { direction : input; capacitance : 2; }\n";
  return text + "pin (Y) { direction : output; function : \"" + function + "\";\n" + timing +
         "internal_power () { rise_power (scalar) { values (\"7\"); } fall_power (scalar) { values (\"1\"); } } } }\n";
}

std::string arc(const std::string& pin, const std::string& sense, double rise, double fall) {
  const auto scalar = [](const char* what, double value) {
    return std::string(what) + " (scalar) { values (\"" + std::to_string(value) + "\"); } ";
  };
  return "timing () { related_pin : \"" + pin + "\"; timing_sense : " + sense + "; " + scalar("cell_rise", rise) +
         scalar("cell_fall", fall) + scalar("rise_transition", 1) + scalar("fall_transition", 1) + "}\n";
}

struct Tiny {
  CellLibrary library;
  GateNetlist netlist;
  StaticTiming timing;

  explicit Tiny(const std::string& verilog) {
    const auto path = std::filesystem::path(::testing::TempDir()) / "glitch.lib";
    std::ofstream(path)
        << "library (tiny) { time_unit : \"1ns\"; voltage_unit : \"1V\"; capacitive_load_unit (1, ff);\n"
           "leakage_power_unit : \"1nW\"; nom_voltage : 2; nom_temperature : 25; nom_process : 1;\n"
        << cell("INV", "A", "!A", arc("A", "negative_unate", 1, 1.5))
        << cell("AND", "AB", "A&B", arc("A", "positive_unate", 2, 3) + arc("B", "positive_unate", 0.5, 4))
        << cell("WIDE", "ABCDEFGH", "(A&B&C&D)|(E&F&G&!H)", arc("A", "non_unate", 1, 1))
        << cell("XOR", "AB", "A^B", arc("A", "non_unate", 0.5, 0.75) + arc("B", "non_unate", 0.5, 0.75)) << "}";
    library = read_cell_library(path);
    netlist = flatten_netlist(verilog, "top", library);
    TimingOptions options;
    options.output_load_ff = 10;
    timing = static_timing(netlist, library.tables(), options);
  }
  Net net(const std::string& port) const { return netlist.port(port)->bits[0]; }
  GateDelays delays() const { return gate_delays(netlist, library.tables(), timing); }

  /// Returns the settled values of all nets when `inputs` are high, which are the same in all lanes.
  NetValues settled(const std::vector<std::string>& inputs) const {
    GateSimulator simulator(netlist);
    for (const std::string& input : inputs) {
      LaneBlock high;
      high.fill(~std::uint64_t{0});
      simulator.set_input(net(input), high);
    }
    simulator.settle();
    NetValues values(netlist.nets);
    for (Net n = 0; n < netlist.nets; ++n) values[n] = simulator.value(n)[0];
    return values;
  }
};

constexpr const char* kPulse =
    "module top (a, n, y);\ninput a;\noutput n;\noutput y;\nINV u0 (.A(a), .Y(n));\nAND u1 (.A(a), .B(n), .Y(y));\n"
    "endmodule\n";

TEST(GateTimed, DelaysAreTheWorstArcsOfEachEdge) {
  const Tiny tiny(kPulse);
  const GateDelays delays = tiny.delays();
  EXPECT_EQ(delays.nets[tiny.net("a")], (PerEdge<Femtoseconds>{0, 0}));
  EXPECT_EQ(delays.nets[tiny.net("n")], (PerEdge<Femtoseconds>{1'000'000, 1'500'000}));
  EXPECT_EQ(delays.nets[tiny.net("y")], (PerEdge<Femtoseconds>{2'000'000, 4'000'000}));
  EXPECT_EQ(TimedNetlist(tiny.netlist, delays).longest(), 5'500'000U);
}

// When a rises, a & !a is high until the inverter has fallen.
std::uint64_t pulse_transitions(Femtoseconds inverter_fall, Femtoseconds and_rise) {
  const Tiny tiny(kPulse);
  GateDelays delays = tiny.delays();
  delays.nets[tiny.net("n")] = {1, inverter_fall};
  delays.nets[tiny.net("y")] = {and_rise, 5000};
  const TimedNetlist netlist(tiny.netlist, delays);
  TimedSimulator simulator(netlist, 1);
  simulator.load(tiny.settled({}));
  simulator.cycle(tiny.settled({"a"}));
  EXPECT_EQ(simulator.settled_transitions(tiny.net("y")), 0U);
  EXPECT_EQ(simulator.settled_transitions(tiny.net("n")), 1U);
  EXPECT_EQ(simulator.transitions(tiny.net("n")), 1U);
  return simulator.transitions(tiny.net("y"));
}

TEST(GateTimed, APulseShorterThanTheDelayIsSwallowed) {
  EXPECT_EQ(pulse_transitions(1000, 900), 2U);
  EXPECT_EQ(pulse_transitions(1000, 1000), 2U);  // as long as the delay: it appears, then the inputs are seen
  EXPECT_EQ(pulse_transitions(1000, 1001), 0U);
  EXPECT_EQ(pulse_transitions(1000, 4000), 0U);
}

// Two inputs that change at the same moment are one change, so there is no pulse.
TEST(GateTimed, ChangesOfOneMomentAreSeenTogether) {
  const Tiny tiny("module top (a, b, y);\ninput a;\ninput b;\noutput y;\nXOR u (.A(a), .B(b), .Y(y));\nendmodule\n");
  const GateDelays delays = tiny.delays();
  const TimedNetlist netlist(tiny.netlist, delays);
  TimedSimulator simulator(netlist, 1);
  simulator.load(tiny.settled({"a"}));
  simulator.cycle(tiny.settled({"b"}));
  EXPECT_EQ(simulator.transitions(tiny.net("y")), 0U);
  EXPECT_EQ(simulator.transitions(tiny.net("a")), 1U);
}

// Cells of more than six inputs have tables of several words.
TEST(GateTimed, AWideCellSettlesAsItsFunction) {
  std::string verilog = "module top (a, b, c, d, e, f, g, h, y);\noutput y;\n", pins;
  for (char pin = 'a'; pin <= 'h'; ++pin) {
    verilog += std::string("input ") + pin + ";\n";
    pins += std::string(".") + static_cast<char>(pin - 'a' + 'A') + "(" + pin + "), ";
  }
  const Tiny tiny(verilog + "WIDE u (" + pins + ".Y(y));\nendmodule\n");
  const TimedNetlist netlist(tiny.netlist, tiny.delays());
  TimedSimulator simulator(netlist, 1);
  simulator.load(tiny.settled({}));
  std::uint64_t changes = 0;
  bool before = false;
  for (unsigned step = 1; step < 256; ++step) {
    const unsigned pattern = step * 77 % 256;
    std::vector<std::string> high;
    for (unsigned i = 0; i < 8; ++i) {
      if ((pattern >> i & 1) != 0) high.emplace_back(1, static_cast<char>('a' + i));
    }
    simulator.cycle(tiny.settled(high));  // throws where it settles at another value
    const bool now = (pattern & 15) == 15 || pattern >> 4 == 7;
    changes += now != before ? 1 : 0;
    before = now;
  }
  EXPECT_EQ(simulator.transitions(tiny.net("y")), changes);
  EXPECT_GT(changes, 20U);
}

TEST(GateTimed, SettledValuesThatDifferAreAnError) {
  const Tiny tiny(kPulse);
  const TimedNetlist netlist(tiny.netlist, tiny.delays());
  TimedSimulator simulator(netlist);
  simulator.load(tiny.settled({}));
  NetValues wrong = tiny.settled({"a"});
  wrong[tiny.net("y")] ^= std::uint64_t{1} << 17;
  EXPECT_THAT([&] { simulator.cycle(wrong); }, ThrowsMessage<std::runtime_error>(HasSubstr("settles")));
  EXPECT_THAT([&] { simulator.load(wrong); }, ThrowsMessage<std::runtime_error>(HasSubstr("settles")));
}

// Three inverters and an XOR of both ends, whose value never changes, pulse whenever the input changes.
TEST(Glitch, EnergyOfAPulseByHand) {
  const Tiny tiny(
      "module top (rst_ni, in_valid_i, in_ready_o, in_data_i, out_valid_o, out_ready_i, out_data_o);\ninput rst_ni;\n"
      "input in_valid_i;\n"
      "output in_ready_o;\ninput in_data_i;\noutput out_valid_o;\ninput out_ready_i;\noutput out_data_o;\n"
      "assign in_ready_o = out_ready_i;\nassign out_valid_o = in_valid_i;\nwire p;\nwire q;\nwire r;\n"
      "INV u0 (.A(in_data_i), .Y(p));\nINV u1 (.A(p), .Y(q));\nINV u2 (.A(q), .Y(r));\n"
      "XOR u3 (.A(in_data_i), .B(r), .Y(out_data_o));\n"
      "endmodule\n");
  kernels::UnitInfo unit;
  unit.name = "top";
  kernels::Stimulus stimulus;
  stimulus.input = {512, 1,
                    [](std::size_t i, std::span<std::uint64_t> beat) { beat[0] = i * 0x9E3779B97F4A7C15 >> 60 & 1; }};
  const EnergyInputs inputs{tiny.netlist, tiny.library.tables(), tiny.timing, tiny.library.voltage_v};
  const GlitchEnergy energy = tests::sampled_glitches(unit, inputs, stimulus, {.lanes = 64});
  EXPECT_EQ(energy.cycles, 512U);  // every move has one pulse, so the ratio is the same in all lanes
  const std::uint64_t moves = energy.zero_delay_transitions / 4;  // the input and three inverters
  EXPECT_GT(moves, 10U);
  EXPECT_EQ(energy.zero_delay_transitions, 4 * moves);
  EXPECT_EQ(energy.timed_transitions, 6 * moves);
  const double pulse_edge = 0.5 * 10 * 4 * 1e-3 + 4e-3;  // 10 fF at 2 V, and inside the mean of 7 and 1 fJ
  EXPECT_NEAR(energy.timed_pj_per_cycle - energy.zero_delay_pj_per_cycle,
              2 * static_cast<double>(moves) / 512 * pulse_edge, 1e-12);
  EXPECT_GT(energy.factor(), 1);
  EXPECT_NEAR(energy.factor_half_width.value(), 0, 1e-9);
  EXPECT_NEAR(energy.added_shares.at(0)[static_cast<std::size_t>(EnergyUse::kLogic)], 1, 1e-12);
  EXPECT_NEAR(energy.added_switching_share, 0.02 / pulse_edge, 1e-12);
  stimulus.input.count = 63;  // too few beats tell no interval, so all lanes are timed
  const GlitchEnergy brief = tests::sampled_glitches(unit, inputs, stimulus, {});
  EXPECT_FALSE(brief.factor_half_width.has_value());
  EXPECT_EQ(brief.cycles, 512U);
  for (const unsigned lanes : {0U, 65U})
    EXPECT_THROW(tests::sampled_glitches(unit, inputs, stimulus, {.lanes = lanes}), std::invalid_argument);
}

// What glitches add is the factor's, and it stands where they are.
TEST(Glitch, AnEnergyWithThemIsThatWithoutTimesTheFactor) {
  GateEnergy zero_delay;
  zero_delay.modules = {{"top", {1, 2, 3, 4}, 5}, {"part", {0, 0, 10, 0}, 6}};
  zero_delay.pj_per_cycle = 20;
  zero_delay.switching_pj = 12;
  zero_delay.internal_pj = 8;
  zero_delay.half_width_pj = 0.5;
  GlitchEnergy glitches;
  glitches.timed_pj_per_cycle = 30;
  glitches.zero_delay_pj_per_cycle = 20;
  glitches.added_shares = {{0, 0, 0.25, 0}, {0, 0, 0.75, 0}};
  glitches.added_switching_share = 0.6;
  const GateEnergy energy = with_glitches(zero_delay, glitches);
  EXPECT_DOUBLE_EQ(energy.pj_per_cycle, 30);
  EXPECT_DOUBLE_EQ(energy.modules[0].pj_per_cycle[2], 5.5);
  EXPECT_DOUBLE_EQ(energy.modules[1].pj_per_cycle[2], 17.5);
  EXPECT_DOUBLE_EQ(energy.modules[0].total() + energy.modules[1].total(), energy.pj_per_cycle);
  EXPECT_DOUBLE_EQ(energy.switching_pj, 18);
  EXPECT_DOUBLE_EQ(energy.internal_pj, 12);
  EXPECT_DOUBLE_EQ(energy.half_width_pj, 0.75);
}

}  // namespace
}  // namespace subbyte::sim
