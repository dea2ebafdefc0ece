// bitserial_pe in time: its two pipeline stages and its output register (kernels/TIMING.md).
#pragma once

#include "kernels/bitserial_pe.hpp"
#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"

namespace subbyte::models {

/// The valid bits of a bitserial_pe. `Moves` tells what the data registers do at an edge, downstream first.
class PeControl {
 public:
  struct Moves {
    bool accumulate = false;  ///< stage 1 enters the accumulator
    /// ... and completes a group: the accumulator enters the output register and is cleared.
    bool finish = false;
    bool load = false;  ///< the input beat enters stage 1
  };

  bool out_valid() const { return out_valid_; }
  bool in_ready(bool out_ready) const { return !stage1_ || moves(out_ready); }
  Moves edge(bool in_valid, bool in_last, bool out_ready) {
    const bool move = moves(out_ready);
    const Moves done{move, move && last1_, in_valid && (!stage1_ || move)};
    out_valid_ = (out_valid_ && !out_ready) || done.finish;
    if (done.load) last1_ = in_last;
    stage1_ = done.load || (stage1_ && !move);
    return done;
  }

 private:
  bool moves(bool out_ready) const { return stage1_ && !(last1_ && out_valid_ && !out_ready); }

  bool stage1_ = false;
  bool last1_ = false;
  bool out_valid_ = false;
};

}  // namespace subbyte::models
