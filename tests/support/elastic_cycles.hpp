// The cycles of an elastic pipeline in closed form (with stalls, a recurrence), written from its promise and not from
// its registers: it holds `stages` beats, a beat needs `stages` cycles, and one leaves per cycle.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/contract/stimulus.hpp"

namespace subbyte {

/// Returns the cycle of every output handshake, one per input beat.
inline std::vector<std::uint64_t> elastic_cycles(const kernels::Stimulus& stimulus, std::size_t stages) {
  const auto unstalled = [&](kernels::Side side, std::uint64_t cycle) {
    while (stimulus.stalls.stalled(side, cycle)) ++cycle;
    return cycle;
  };
  std::vector<std::uint64_t> out;
  std::uint64_t offered_from = stimulus.config.size();
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    const std::uint64_t offered = unstalled(kernels::Side::kInput, offered_from);
    const std::uint64_t taken = i < stages ? offered : std::max(offered, out[i - stages]);
    offered_from = taken + 1;
    const std::uint64_t ready = i == 0 ? taken + stages : std::max(taken + stages, out[i - 1] + 1);
    out.push_back(unstalled(kernels::Side::kOutput, ready));
  }
  return out;
}

}  // namespace subbyte
