// A unit's mapped netlist under the beats of a stimulus: every lane of the netlist simulator is a window of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/stimulus.hpp"
#include "kernels/unit.hpp"
#include "sim/gate_simulator.hpp"

namespace subbyte::sim {

struct StreamWindows {
  unsigned discarded_cycles = 32;  ///< after reset and configuration, before anything counts
  unsigned counted_cycles = 64;    ///< per lane
  unsigned sample_every = 4;       ///< cycles between two samples of the states
  std::size_t collected_lanes = 0; ///< lanes whose output beats are kept
  /// Optional: called in every cycle before its edge, when all has settled, those of reset and configuration included, and
  /// once after the last; `counted` is true in counted cycles and after the last.
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

/// Each lane resets, takes the configuration writes, then offers a beat in every cycle and takes every output; its window
/// starts at its share of the stimulus, which is repeated from its start where it ends. The netlist's ports are those of
/// kernels/TIMING.md. Throws std::invalid_argument for a port that is missing or of another width, and an empty stimulus.
StreamCounts run_stream(const kernels::UnitInfo& unit, const GateNetlist& netlist, GateSimulator& simulator,
                        const kernels::Stimulus& stimulus, const StreamWindows& windows);

}  // namespace subbyte::sim
