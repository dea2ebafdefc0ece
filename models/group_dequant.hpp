// group_dequant in time: the shift-and-add loop and the output register (kernels/TIMING.md).
#pragma once

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/group_dequant.hpp"

namespace subbyte::models {

/// The loop counter and the valid bits of a group_dequant. `scale_bits` is the number of loop steps, 8 or 11.
class DequantControl {
 public:
  struct Moves {
    bool finish = false;  ///< the work registers enter the output register
    bool load = false;    ///< the input enters the work registers
  };

  bool out_valid() const { return out_valid_; }
  bool in_ready(bool out_ready) const { return !busy_ || moves(out_ready); }
  Moves edge(bool in_valid, unsigned scale_bits, bool out_ready) {
    const bool move = moves(out_ready);
    const Moves done{move, in_valid && (!busy_ || move)};
    out_valid_ = (out_valid_ && !out_ready) || move;
    if (busy_ && count_ > 0) --count_;
    if (done.load) count_ = scale_bits - 1;
    busy_ = done.load || (busy_ && !move);
    return done;
  }

 private:
  bool moves(bool out_ready) const { return busy_ && count_ == 0 && (!out_valid_ || out_ready); }

  bool busy_ = false;
  bool out_valid_ = false;
  unsigned count_ = 0;
};

}  // namespace subbyte::models
