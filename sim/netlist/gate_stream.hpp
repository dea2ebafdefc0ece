// A unit's mapped netlist under the beats of a stimulus: every lane of the netlist simulator is a window of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/netlist/gate_simulator.hpp"

namespace subbyte::sim {

struct StreamWindows {
  /// Lanes offer their first beat up to so many cycles after one another, or a loop of a few cycles per beat would
  /// stand at the same place in all of them; then the discarded cycles begin.
  unsigned stagger_cycles = 0;
  unsigned discarded_cycles = 32;   ///< after reset, configuration and stagger, before anything counts
  unsigned counted_cycles = 64;     ///< per lane
  unsigned sample_every = 5;        ///< cycles between two samples of the states; no multiple of a usual loop's length
  std::size_t collected_lanes = 0;  ///< lanes whose output beats are kept
  /// Optional: called in every cycle before its edge, when all has settled, those of reset and configuration included,
  /// and once after the last; `counted` is true in counted cycles and after the last.
  std::function<void(bool counted)> settled{};
};

struct StreamCounts {
  std::uint64_t lane_cycles = 0;   ///< counted cycles, all lanes
  std::uint64_t input_beats = 0;   ///< accepted in them
  std::uint64_t output_beats = 0;  ///< handed over in them
  /// Per collected lane the first beat of its window and the output beats of all its cycles.
  std::vector<std::size_t> first_beats;
  std::vector<kernels::Beats> outputs;
};

/// The beat at which a lane's window starts: somewhere in the lane's 512th of the stimulus, low-discrepancy (van der
/// Corput), so that windows stand at every place of a group, a row or a tile however long these are.
std::size_t first_beat(std::size_t lane, std::size_t beats);

/// Divisible by the usual numbers of cycles per beat, which are small: then as many windows stand at each of them.
inline constexpr unsigned kStagger = 60;

/// Each lane resets, takes the configuration writes, waits for its share of the stagger, then offers a beat in every
/// cycle and takes every output; the stimulus is repeated from its start where it ends. The netlist's ports are those
/// of kernels/TIMING.md. Throws std::invalid_argument for a port that is missing or of another width, and an empty
/// stimulus.
StreamCounts run_stream(const kernels::UnitInfo& unit, const GateNetlist& netlist, GateSimulator& simulator,
                        const kernels::Stimulus& stimulus, const StreamWindows& windows);

}  // namespace subbyte::sim
