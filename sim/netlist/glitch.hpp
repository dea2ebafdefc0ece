// Tells what glitches add. The same netlist runs under the same beats with every gate's rise and fall delay, which are
// inertial (a pulse shorter than the gate's delay does not pass), beside the zero-delay count of the same cycles.
#pragma once

#include <optional>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/netlist/gate_energy.hpp"

namespace subbyte::sim {

struct GlitchOptions {
  unsigned windows = 8;  ///< shares of the stimulus, each of which starts from reset
  unsigned discarded_cycles = 32;
  unsigned counted_cycles = 64;  ///< per window
};

struct GlitchEnergy {
  double timed_pj_per_cycle = 0;       ///< dynamic energy with glitches
  double zero_delay_pj_per_cycle = 0;  ///< that of the same cycles without glitches
  std::uint64_t cycles = 0;            ///< counted
  std::uint64_t timed_transitions = 0, zero_delay_transitions = 0;
  /// The 95 % confidence interval of factor(), from up to eight groups of windows. There is none for one window, or for
  /// a stimulus so short that windows share beats.
  std::optional<double> factor_half_width{};

  /// Returns what a zero-delay figure is to be multiplied by, which is 1 or more.
  double factor() const { return timed_pj_per_cycle / zero_delay_pj_per_cycle; }
};

/// Delays are those of the library's tables at each gate's load and slews (`inputs.timing`). Throws
/// std::invalid_argument as run_stream() and gate_energy() do, and std::runtime_error where settled values differ from
/// the zero-delay ones.
GlitchEnergy glitch_energy(const kernels::UnitInfo& unit, const EnergyInputs& inputs, const kernels::Stimulus& stimulus,
                           const GlitchOptions& options = {});

}  // namespace subbyte::sim
