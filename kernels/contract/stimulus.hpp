// A stimulus is everything that an engine is given. It is a pure value: two engines given equal stimuli must give equal
// traces.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "kernels/contract/beat.hpp"

namespace subbyte::kernels {

enum class Side : std::uint8_t { kInput = 0, kOutput = 1 };

/// Stalls are a pure function of (seed, side, cycle), so that each engine sees the same ones however it is written. On
/// the input, in a cycle with no pending beat, the driver presents the next beat unless stalled(kInput, cycle) is true;
/// a presented beat stays until it is accepted. On the output, out_ready_i = !stalled(kOutput, cycle).
struct StallPlan {
  std::uint64_t seed = 0;
  unsigned input_percent = 0;   ///< 0..99
  unsigned output_percent = 0;  ///< 0..99
  bool stalled(Side side, std::uint64_t cycle) const;
};

/// One write through the configuration port (cfg_valid_i, cfg_addr_i[7:0], cfg_data_i[31:0]).
struct ConfigWrite {
  std::uint8_t address = 0;
  std::uint32_t data = 0;
};

class Flow;

/// A run ends when every input beat was accepted, Stimulus::least_outputs output beats came, and this many cycles
/// passed without a handshake on either side.
inline constexpr std::uint64_t kQuietCycles = 256;
/// Before that, this many cycles without a handshake are a deadlock (RunFailure naming the cycle).
inline constexpr std::uint64_t kDeadlockCycles = 100000;

struct Stimulus {
  /// Write i happens at cycle i (the first rising edges after reset); beats are presented from cycle config.size() on.
  std::vector<ConfigWrite> config;
  BeatSource input;
  StallPlan stalls;
  /// The number of independent cases in `input`, for reports (a case is what the unit's header says it is).
  std::size_t cases = 0;
  /// For a unit that computes for long without a handshake: it must give this many output beats.
  std::size_t least_outputs = 0;
  std::uint64_t deadlock_cycles = kDeadlockCycles;
  /// Makes what stands at the other end of the streams in place of `stalls` (kernels/contract/flow.hpp); empty for
  /// stalls.
  std::function<std::unique_ptr<Flow>()> flow = {};
};

}  // namespace subbyte::kernels
