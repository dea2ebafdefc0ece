// The core's two processes in time: which state memory is in (kernels/CORE.md). It has no data.
#pragma once

#include <cstdint>

#include "kernels/core/core_layer.hpp"

namespace subbyte::models {

/// Memory's states, in the order in which a step goes through them.
enum class MemoryState : std::uint8_t { kOff, kIdle, kAskActivations, kAskWeights, kAnnounce, kWrite, kWait, kReport };

/// Memory: asks for what a step reads and writes the results of the step before the last one.
class MemoryControl {
 public:
  MemoryControl(const kernels::CoreParams& params, const kernels::CoreLayer& layer) : params_(params), layer_(layer) {}

  MemoryState state() const { return state_; }
  std::uint32_t fetched() const { return fetched_; }
  bool receives() const { return activations_left_ > 0 || weights_left_ > 0; }
  bool receives_activations() const { return activations_left_ > 0; }
  bool awaits_activations() const { return state_ == MemoryState::kAskActivations || activations_left_ > 0; }
  bool awaits_weights() const { return state_ == MemoryState::kAskWeights || weights_left_ > 0; }
  bool writes() const { return state_ == MemoryState::kAnnounce || state_ == MemoryState::kWrite; }
  bool commands() const {
    return state_ == MemoryState::kAskActivations || state_ == MemoryState::kAskWeights || writes() ||
           state_ == MemoryState::kReport;
  }
  std::uint32_t step_number() const { return fetched_; }
  const kernels::CoreStep& step() const { return step_; }  ///< that is fetched
  const kernels::CoreStep& written_step() const { return written_; }
  std::uint32_t token() const { return token_; }  ///< of the block that is written
  std::uint32_t word() const { return word_; }    ///< of its row, or the line of the report
  kernels::CoreTransfer row() const;

  void start() { state_ = MemoryState::kIdle; }
  /// `computed` is as it was before the edge.
  void edge(bool taken, bool received, std::uint32_t computed);

 private:
  void begin();
  void enter(MemoryState from);
  void next_word();

  const kernels::CoreParams& params_;
  const kernels::CoreLayer& layer_;
  MemoryState state_ = MemoryState::kOff;
  std::uint32_t fetched_ = 0;
  kernels::CoreStep step_, written_;
  std::uint32_t activations_left_ = 0, weights_left_ = 0;
  std::uint32_t token_ = 0, word_ = 0;
};

}  // namespace subbyte::models
