#include "models/core.hpp"

namespace subbyte::models {

kernels::CoreTransfer MemoryControl::row() const {
  return {written_.first_row.address + token_ * layer_.output_row_words, written_.first_row.words};
}

void MemoryControl::begin() {
  step_ = {};
  if (fetched_ < layer_.steps()) step_ = kernels::core_step(params_, layer_, fetched_);
  if (fetched_ >= 2) written_ = kernels::core_step(params_, layer_, fetched_ - 2);
  enter(MemoryState::kIdle);
}

/// Goes to the next state that has something to do.
void MemoryControl::enter(MemoryState from) {
  if (from < MemoryState::kAskActivations && step_.activations.words > 0)
    state_ = MemoryState::kAskActivations;
  else if (from < MemoryState::kAskWeights && step_.weights.words > 0)
    state_ = MemoryState::kAskWeights;
  else if (from < MemoryState::kAnnounce && fetched_ >= 2 && written_.last_inputs)
    state_ = MemoryState::kAnnounce;
  else
    state_ = MemoryState::kWait;
  token_ = word_ = 0;
}

void MemoryControl::next_word() {
  if (++word_ < written_.first_row.words) return;
  word_ = 0;
  if (++token_ < written_.tokens)
    state_ = MemoryState::kAnnounce;
  else
    state_ = MemoryState::kWait;
}

void MemoryControl::edge(bool taken, bool received, std::uint32_t computed) {
  const bool outstanding = receives();
  if (received) --(activations_left_ > 0 ? activations_left_ : weights_left_);
  switch (state_) {
    case MemoryState::kOff:
      return;
    case MemoryState::kIdle:
      if (fetched_ < 2 || computed + 1 >= fetched_) begin();
      return;
    case MemoryState::kWait:
      if (outstanding) return;
      ++fetched_;
      word_ = 0;
      state_ = fetched_ == layer_.steps() + 2 ? MemoryState::kReport : MemoryState::kIdle;
      return;
    default:
      break;
  }
  if (!taken) return;
  if (state_ == MemoryState::kAskActivations) activations_left_ = step_.activations.words;
  if (state_ == MemoryState::kAskWeights) weights_left_ = step_.weights.words;
  if (state_ == MemoryState::kAskActivations || state_ == MemoryState::kAskWeights)
    enter(state_);
  else if (state_ == MemoryState::kAnnounce)
    state_ = MemoryState::kWrite;
  else if (state_ == MemoryState::kWrite)
    next_word();
  else if (++word_ == kernels::kCoreCauseCount)
    state_ = MemoryState::kOff;
}

}  // namespace subbyte::models
