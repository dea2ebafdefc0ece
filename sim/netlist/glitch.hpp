// Tells what glitches add. In some of the cycles of a zero-delay run the same netlist makes the same edge again with
// every gate's rise and fall delay, which are inertial (a pulse shorter than the gate's delay does not pass).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/netlist/gate_energy.hpp"
#include "sim/netlist/gate_stream.hpp"
#include "sim/netlist/gate_timed.hpp"

namespace subbyte::sim {

struct GlitchOptions {
  /// number of windows in each group of 64 that are timed first, in one cycle each; 1 to 64
  unsigned lanes = 8;
  /// The share of the factor that its interval is to be. From that of the first lanes it follows how many are timed;
  /// where they tell none, all 64 are.
  double half_width = 0.02;
};

/// Keeps settled values of a zero-delay run: of each group of 64 windows those before and after one counted edge, which
/// is another for every group.
class SampledEdges {
 public:
  SampledEdges(const GateSimulator& simulator, std::size_t nets, unsigned counted_cycles);
  /// Is called for StreamWindows::settled.
  void settled(bool counted);

  struct Edge {
    NetValues before, after;
  };
  const std::array<Edge, kGateWords>& edges() const { return edges_; }

 private:
  const GateSimulator& simulator_;
  std::size_t nets_;
  unsigned counted_cycles_;
  unsigned cycle_ = 0;  ///< of the counted ones; the one after the last is the values behind its edge
  std::array<Edge, kGateWords> edges_;
};

struct GlitchEnergy {
  double timed_pj_per_cycle = 0;       ///< dynamic energy with glitches
  double zero_delay_pj_per_cycle = 0;  ///< that of the same cycles without glitches
  std::uint64_t cycles = 0;            ///< timed, each of another window
  std::uint64_t timed_transitions = 0, zero_delay_transitions = 0;
  /// The 95 % confidence interval of factor(), from the lanes that were timed. There is none for a stimulus of fewer
  /// than 64 beats.
  std::optional<double> factor_half_width{};
  /// Where what glitches add is spent, as shares of it, by GateNetlist::modules and use, and its 1/2 C V^2.
  std::vector<std::array<double, kEnergyUses>> added_shares;
  double added_switching_share = 0;

  /// Returns what a zero-delay figure is to be multiplied by, which is 1 or more.
  double factor() const { return timed_pj_per_cycle / zero_delay_pj_per_cycle; }
};

/// Delays are those of the library's tables at each gate's load and slews (`inputs.timing`). `simulator` has made the
/// run in which the edges were sampled, with `beats` beats of stimulus; its states price the transitions. Throws
/// std::invalid_argument as gate_energy() does, and std::runtime_error where settled values differ from the zero-delay
/// ones.
GlitchEnergy glitch_energy(const EnergyInputs& inputs, const GateSimulator& simulator, const SampledEdges& edges,
                           std::size_t beats, const GlitchOptions& options = {});

/// The energy of a run without delays with what glitches add to it.
GateEnergy with_glitches(const GateEnergy& zero_delay, const GlitchEnergy& glitches);

}  // namespace subbyte::sim
