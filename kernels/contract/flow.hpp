// What stands at the other end of a unit's streams: it says when input beats are offered and output beats are taken.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/contract/stimulus.hpp"

namespace subbyte::kernels {

/// A run asks it in the order of the cycles, so that it may remember what crossed. Two runs with flows of the same
/// stimulus see the same, as long as they do the same.
class Flow {
 public:
  virtual ~Flow() = default;
  /// Whether the next input beat is offered in `cycle`; asked in cycles in which none is offered yet.
  virtual bool offers(std::uint64_t cycle) = 0;
  /// Whether an output beat is taken in `cycle`.
  virtual bool takes(std::uint64_t cycle) = 0;
  /// An output beat crossed in `cycle`.
  virtual void taken(std::span<const std::uint64_t> beat, std::uint64_t cycle) = 0;
};

/// Returns the flow of a stimulus: what it names, or its stalls.
std::unique_ptr<Flow> flow_of(const Stimulus& stimulus);

}  // namespace subbyte::kernels
