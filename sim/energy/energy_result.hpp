// Says what energy is asked and what it answers. The energy of a unit is that of its mapped netlist under real beats
// (packed weights, recorded activations), with switching counted net by net.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/netlist/gate_energy.hpp"
#include "sim/netlist/gate_stream.hpp"
#include "sim/netlist/glitch.hpp"
#include "sim/synthesis/synthesis_result.hpp"

namespace subbyte::sim {

/// An inverter that drives four of its kind, at a slope that repeats itself along such a chain.
struct FanoutOfFour {
  double delay_ns = 0;   ///< mean of both edges
  double energy_pj = 0;  ///< per transition of its output: 1/2 C V^2 of four inputs, and inside the cell
};

/// The routed length per sink in pitches of a cell (the square root of core area over cells). It was measured by place
/// and route of an FP16 multiplier and a bit-serial PE in osu018 with graywolf and qrouter, which gave 2.6 to 2.74.
inline constexpr double kPitchesPerSink = 2.7;
/// The area of cells over the area of the core that they are placed in, which a pitch is taken from; the rest is room
/// to route. It is a usual value that is assumed: the measurement above tells pitches of its core, not how full that
/// was.
inline constexpr double kUtilisation = 0.7;

struct EnergyRequest {
  const kernels::UnitInfo* unit = nullptr;
  kernels::Parameters parameters;
  kernels::Stimulus stimulus;
  double wire_ff_per_um = 0;  ///< 0 stands for no wires
  StreamWindows windows{.stagger_cycles = kStagger};
  bool zero_delay = false;  ///< whether glitches are left out: no edge is made again with delays
};

struct EnergyResult {
  SynthesisResult synthesis;
  StaticTiming timing;    ///< its endpoints only; loads and arrivals per net are not kept
  GateEnergy energy;      ///< with glitches, unless zero delay was asked for
  GateEnergy zero_delay;  ///< without them
  StreamCounts counts;
  FanoutOfFour fo4;
  std::size_t cells = 0;  ///< cells of the flattened netlist
  double wire_ff_per_sink = 0;
  std::optional<GlitchEnergy> glitches{};  ///< what is between the two; none at zero delay
  std::size_t stimulus_beats = 0;

  double pj_per_input_beat() const;
  double pj_per_output_beat() const;  ///< 0 when none came out in the counted cycles
  /// The beats that a window accepts in its counted cycles, on average.
  double beats_per_window() const { return static_cast<double>(counts.input_beats) / kGateLanes; }
  /// The 95 % confidence interval of energy.pj_per_cycle: that of the run without delays, widened where windows overlap
  /// (sim/energy/energy_windows.hpp), and that of the glitch factor from its sample of cycles. There is none where a
  /// short stimulus does not tell one.
  std::optional<double> half_width_pj() const;
  double leakage_pj_per_cycle() const { return energy.leakage_nw * 1e-3 / synthesis.clock_mhz; }
};

}  // namespace subbyte::sim
