// Tests the energy of glitches of mapped units: what it costs, its interval, and the run without delays.
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/catalogue.hpp"
#include "sim/cells/technology.hpp"
#include "sim/netlist/gate_stream.hpp"
#include "sim/netlist/glitch.hpp"
#include "sim/synthesis/synthesis.hpp"

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
    const GlitchEnergy energy = glitch_energy(mapped.unit, mapped.inputs(), stimulus);
    EXPECT_EQ(energy.cycles, 512U);
    EXPECT_GT(energy.factor(), 1.0) << name;
    EXPECT_LT(energy.factor(), 4.0) << name;
    EXPECT_EQ(energy.timed_transitions % 2, energy.zero_delay_transitions % 2);
    const GlitchEnergy again = glitch_energy(mapped.unit, mapped.inputs(), stimulus);
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
    runs.push_back(glitch_energy(mapped.unit, mapped.inputs(), stimulus));
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

// All 512 windows are timed, and their settled transitions are those that the bit-parallel simulator counted.
TEST(Glitch, TheRunWithoutDelaysIsTheStream) {
  const Mapped mapped("term_encoder");
  const auto stimulus = mapped.unit.random(mapped.point, {quant::parse_format("int8"), 2048, 3, {}, false});
  GlitchOptions options;
  options.windows = kGateLanes;
  options.counted_cycles = 16;
  const GlitchEnergy energy = glitch_energy(mapped.unit, mapped.inputs(), stimulus, options);
  GateSimulator simulator(mapped.netlist);
  StreamWindows windows;
  windows.counted_cycles = 16;
  const StreamCounts counts = run_stream(mapped.unit, mapped.netlist, simulator, stimulus, windows);
  const double streamed = gate_energy(mapped.inputs(), simulator, counts.lane_cycles).pj_per_cycle;
  EXPECT_NEAR(energy.zero_delay_pj_per_cycle, streamed,
              1e-3 * streamed);  // ports count from one edge later in the stream
}

}  // namespace
}  // namespace subbyte::sim
