// The registers of mx_dot and nvfp4_dot. This is private to models/, because it includes SystemC.
#pragma once

#include "kernels/parts/block_dot.hpp"
#include "models/parts/group_control.hpp"
#include "models/systemc/stream.hpp"

namespace subbyte::models {

/// `Dot` has the steps: kernels::MxDot or kernels::Nvfp4Dot.
template <class Dot>
class BlockDot {
 public:
  explicit BlockDot(const kernels::Parameters& parameters)
      : dot_(parameters), words_(dot_.layout().shape().words()), slots_(1) {}

  Outputs settle(const Inputs& inputs) const {
    return {control_.in_ready(inputs.out_ready), control_.out_valid(), slots_.current()};
  }

  void edge(const Inputs& inputs) {
    kernels::BlockBeat beat;
    if (inputs.in_valid) beat = dot_.layout().read({inputs.in_data, words_});
    const GroupControl::Moves moves = control_.edge(inputs.in_valid, beat.last, true, inputs.out_ready);
    if (moves.accumulate) {
      total_ = kernels::fp32_add(total_, value1_);
      if (moves.finish) {
        slots_.next()[0] = total_;
        total_ = 0;
      }
    }
    if (moves.load1) value1_ = dot_.value(block0_);
    if (moves.load0) block0_ = dot_.load(beat);
  }

 private:
  Dot dot_;
  std::size_t words_;
  GroupControl control_;
  typename Dot::Block block0_;
  std::uint32_t value1_ = 0;
  std::uint32_t total_ = 0;
  OutputSlots slots_;
};

}  // namespace subbyte::models
