// The valid bits of a group pipeline (kernels/TIMING.md), which is the twin of rtl/parts/group_control.sv.
#pragma once

namespace subbyte::models {

/// They stand for stage 0 (operands), stage 1 (the sum of a beat), the accumulator and the result register.
class GroupControl {
 public:
  struct Moves {
    bool accumulate = false;  ///< stage 1 enters the accumulator
    /// ... and ends a group: the total enters the result register, and the accumulator is cleared.
    bool finish = false;
    bool load1 = false;  ///< stage 0 enters stage 1
    bool load0 = false;  ///< the input enters stage 0
  };

  bool in_ready(bool out_ready) const { return !valid0_ || loads1(out_ready); }
  bool out_valid() const { return out_valid_; }
  /// Returns whether the beat in stage 0 ends a group, which is meaningful while it is there.
  bool last0() const { return last0_; }
  /// `complete` belongs to the beat in stage 0, and is false where stage 1 still waits for more of it (planes). Move
  /// the data downstream first.
  Moves edge(bool in_valid, bool in_last, bool complete, bool out_ready) {
    const bool accumulate = accumulates(out_ready);
    const Moves moves{accumulate, accumulate && last1_, loads1(out_ready), in_valid && in_ready(out_ready)};
    out_valid_ = moves.finish || (out_valid_ && !out_ready);
    valid1_ = moves.load1 ? complete : (valid1_ && !accumulate);
    if (moves.load1) last1_ = last0_;
    valid0_ = moves.load0 || (valid0_ && !moves.load1);
    if (moves.load0) last0_ = in_last;
    return moves;
  }

 private:
  bool accumulates(bool out_ready) const { return valid1_ && !(last1_ && out_valid_ && !out_ready); }
  bool loads1(bool out_ready) const { return valid0_ && (!valid1_ || accumulates(out_ready)); }

  bool valid0_ = false;
  bool valid1_ = false;
  bool last0_ = false;
  bool last1_ = false;
  bool out_valid_ = false;
};

}  // namespace subbyte::models
