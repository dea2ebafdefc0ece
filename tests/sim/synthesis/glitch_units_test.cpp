// Tests the energy of glitches of mapped units: against the stream without delays, against one lane at a time, and its
// interval.
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/catalogue.hpp"
#include "sim/cells/technology.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/catalogue_sample.hpp"
#include "tests/support/gates/lane_timed.hpp"
#include "tests/support/gates/sampled_glitches.hpp"

namespace subbyte::sim {
namespace {

struct Mapped {
  const kernels::UnitInfo& unit;
  Technology technology;
  kernels::Parameters point;
  GateNetlist netlist;
  StaticTiming timing;

  explicit Mapped(const std::string& name)
      : unit(kernels::unit(name)),
        technology(read_technology("osu018")),
        point(kernels::resolve(unit, unit.small_point)),
        netlist(flatten_netlist(map_netlist(unit, point, technology.library).verilog, name, technology.library)) {
    TimingOptions options;
    options.driving_cell = smallest_buffer(technology.library).name;
    timing = static_timing(netlist, technology.library.tables(), options);
  }
  EnergyInputs inputs() const { return {netlist, technology.library.tables(), timing, technology.library.voltage_v}; }
};

// Delays change nothing but the number of transitions, so the run without them is that of the stream.
TEST(Glitch, AUnitPaysForItsGlitchesAndTwiceTheSame) {
  for (const auto& [name, format] :
       {std::pair{"nvfp4_dot", "nvfp4"}, {"term_encoder", "int8"}, {"ternary34_unpack", "sherry"}}) {
    const Mapped mapped(name);
    const auto stimulus = mapped.unit.random(mapped.point, {quant::parse_format(format), 2048, 3, {}, false});
    const GlitchEnergy energy = tests::sampled_glitches(mapped.unit, mapped.inputs(), stimulus);
    EXPECT_GT(energy.factor(), 1.0) << name;
    EXPECT_LT(energy.factor(), 4.0) << name;
    EXPECT_EQ(energy.timed_transitions % 2, energy.zero_delay_transitions % 2);
    const GlitchEnergy again = tests::sampled_glitches(mapped.unit, mapped.inputs(), stimulus);
    EXPECT_EQ(again.timed_pj_per_cycle, energy.timed_pj_per_cycle);
    EXPECT_EQ(again.timed_transitions, energy.timed_transitions);
  }
}

// Other beats of the same kind give factors that the interval promises.
TEST(Glitch, TheIntervalOfAFactorHoldsItsExpectation) {
  const Mapped mapped("term_encoder");
  std::vector<GlitchEnergy> runs;
  double mean = 0;
  constexpr unsigned kSeeds = 40;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const auto stimulus = mapped.unit.random(mapped.point, {quant::parse_format("int8"), 2048, seed, {}, false});
    runs.push_back(tests::sampled_glitches(mapped.unit, mapped.inputs(), stimulus));
    mean += runs.back().factor() / kSeeds;
  }
  unsigned held = 0;
  double widest = 0;
  for (const GlitchEnergy& run : runs) {
    held += std::abs(run.factor() - mean) <= run.factor_half_width.value() ? 1 : 0;
    widest = std::max(widest, *run.factor_half_width);
  }
  EXPECT_GE(held, 34U);  // of 40, at 95 %
  EXPECT_LT(widest, 0.1 * mean);
}

// The lanes of a word are as many stimuli, each of which has the transitions that it has alone.
TEST(Glitch, AWordOfLanesIsItsLanes) {
  for (const auto& [name, format] : {std::pair{"nvfp4_dot", "nvfp4"}, {"term_encoder", "int8"}}) {
    const Mapped mapped(name);
    const auto stimulus = mapped.unit.random(mapped.point, {quant::parse_format(format), 2048, 3, {}, false});
    GateSimulator simulator(mapped.netlist);
    StreamWindows windows{.stagger_cycles = kStagger, .counted_cycles = 12};
    std::vector<NetValues> frames;
    windows.settled = [&](bool counted) {
      if (!counted) return;
      NetValues& frame = frames.emplace_back(mapped.netlist.nets);
      for (Net net = 0; net < mapped.netlist.nets; ++net) frame[net] = simulator.value(net)[3];
    };
    run_stream(mapped.unit, mapped.netlist, simulator, stimulus, windows);
    const GateDelays delays = gate_delays(mapped.netlist, mapped.technology.library.tables(), mapped.timing);
    const TimedNetlist netlist(mapped.netlist, delays);
    TimedSimulator words(netlist);
    tests::LaneTimed lanes(mapped.netlist, delays);
    words.load(frames[0]);
    for (std::size_t f = 1; f < frames.size(); ++f) words.cycle(frames[f]);
    for (unsigned lane = 0; lane < 64; ++lane) {
      lanes.load(frames[0], lane);
      for (std::size_t f = 1; f < frames.size(); ++f) lanes.cycle(frames[f], lane);
    }
    std::uint64_t all = 0;
    for (Net net = 0; net < mapped.netlist.nets; ++net) {
      ASSERT_EQ(words.transitions(net), lanes.transitions(net)) << name << ", net " << net;
      all += words.transitions(net);
    }
    EXPECT_GT(all, 100'000U) << name;
    EXPECT_LT(words.events(), all) << "lanes that change together are one event";
  }
}

// All windows' sampled edges are timed, and their transitions without delays are those that the stream has in them.
TEST(Glitch, TheRunWithoutDelaysIsTheStream) {
  const Mapped mapped("term_encoder");
  const auto stimulus = mapped.unit.random(mapped.point, {quant::parse_format("int8"), 2048, 3, {}, false});
  const GlitchEnergy energy = tests::sampled_glitches(mapped.unit, mapped.inputs(), stimulus, {.lanes = 64});
  EXPECT_EQ(energy.cycles, 512U);
  GateSimulator simulator(mapped.netlist);
  const StreamCounts counts =
      run_stream(mapped.unit, mapped.netlist, simulator, stimulus, {.stagger_cycles = kStagger});
  const double streamed = gate_energy(mapped.inputs(), simulator, counts.lane_cycles).pj_per_cycle;
  EXPECT_NEAR(energy.zero_delay_pj_per_cycle, streamed, 0.05 * streamed);  // 512 of its 32768 cycles
}

}  // namespace
}  // namespace subbyte::sim
