// Runs a unit's mapped netlist under the beats of a stimulus. Every lane of the netlist simulator is a window of its
// own.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/netlist/gate_simulator.hpp"

namespace subbyte::sim {

struct StreamWindows {
  /// Lanes offer their first beat up to so many cycles after one another, because a loop of a few cycles per beat would
  /// otherwise stand at the same place in all of them. Then the discarded cycles begin.
  unsigned stagger_cycles = 0;
  unsigned discarded_cycles = 32;  ///< after reset, configuration and stagger, before anything counts
  unsigned counted_cycles = 64;    ///< per lane
  /// Cycles between two samples of the states. It is no multiple of a usual loop's length.
  unsigned sample_every = 5;
  std::size_t collected_lanes = 0;  ///< lanes whose output beats are kept
  /// Is optional. It is called in every cycle before its edge, when all has settled, also in those of reset and
  /// configuration, and once after the last; `counted` is true in counted cycles and after the last.
  std::function<void(bool counted)> settled{};
};

struct StreamCounts {
  std::uint64_t lane_cycles = 0;   ///< counted cycles of all lanes together
  std::uint64_t input_beats = 0;   ///< beats accepted in the counted cycles
  std::uint64_t output_beats = 0;  ///< beats handed over in the counted cycles
  /// For each collected lane, the first beat of its window and the output beats of all its cycles.
  std::vector<std::size_t> first_beats;
  std::vector<kernels::Beats> outputs;
};

/// Returns the beat at which a lane's window starts: somewhere in the lane's 512th of the stimulus, by a
/// low-discrepancy sequence (van der Corput), so that windows stand at every place of a group, a row or a tile, however
/// long these are.
std::size_t first_beat(std::size_t lane, std::size_t beats);

/// It is divisible by the usual numbers of cycles per beat, which are small, so that as many windows stand at each of
/// them.
inline constexpr unsigned kStagger = 60;

/// Each lane resets, takes the configuration writes, waits for its share of the stagger, and then offers a beat in
/// every cycle and takes every output; the stimulus is repeated from its start where it ends. The netlist's ports are
/// those of kernels/TIMING.md. Throws std::invalid_argument for a port that is missing or of another width, and for an
/// empty stimulus.
StreamCounts run_stream(const kernels::UnitInfo& unit, const GateNetlist& netlist, GateSimulator& simulator,
                        const kernels::Stimulus& stimulus, const StreamWindows& windows);

}  // namespace subbyte::sim
