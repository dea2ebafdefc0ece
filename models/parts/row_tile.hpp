// Tiles with integers inside, in time: a group pipeline stands in front of the back end of tiles (kernels/TIMING.md).
// One class of registers serves every member of the family (kernels/parts/row_tile.hpp). This is private to models/,
// because it includes SystemC.
#pragma once

#include <span>

#include "kernels/parts/row_tile.hpp"
#include "models/parts/group_control.hpp"
#include "models/parts/scale_and_sum.hpp"
#include "models/systemc/stream.hpp"

namespace subbyte::models {

class RowTile {
 public:
  RowTile(const kernels::Parameters& parameters, kernels::RowTileKindOf kind)
      : params_(kernels::RowTileParams::of(parameters, kind)),
        in_(params_),
        pes_(params_),
        back_(params_.array),
        planes_(params_.kind.planes ? kernels::configured_planes({}) : 1) {}

  Outputs settle(const Inputs& inputs) {
    back_.settle(inputs.out_ready);
    return {control_.in_ready(back_.sums_ready()), back_.out_valid(), back_.out_data()};
  }

  // It goes downstream first, so that every part reads what its predecessor held before the edge.
  void edge(const Inputs& inputs) {
    back_.edge(control_.out_valid(), pes_.results(), inputs.out_ready);
    const std::span<const std::uint64_t> beat{inputs.in_data, in_.shape.words()};
    const bool complete = plane_ + 1 >= planes_;
    const bool last = inputs.in_valid && complete && kernels::get_bits(beat, in_.group_last, 1) != 0;
    const bool last0 = control_.last0();
    const GroupControl::Moves moves = control_.edge(inputs.in_valid, last, complete0_, back_.sums_ready());
    if (moves.accumulate) pes_.accumulate(moves.finish);
    if (moves.load1) {
      pes_.sum(!first0_);
      if (last0) back_.push_side() = stage0_.side;
    }
    if (moves.load0) load(beat, complete);
  }

  void configure(kernels::ConfigWrite write) {
    if (params_.kind.planes) planes_ = kernels::configure_planes(planes_, write);
  }

 private:
  void load(std::span<const std::uint64_t> beat, bool complete) {
    kernels::unpack(params_, in_, beat, stage0_);
    pes_.load(stage0_, plane_ != 0);
    first0_ = plane_ == 0;
    complete0_ = complete;
    plane_ = complete ? 0 : plane_ + 1;
  }

  kernels::RowTileParams params_;
  kernels::RowTileLayout in_;
  GroupControl control_;
  kernels::RowPes pes_;
  ScaleAndSum back_;
  unsigned planes_;        ///< planes per chunk; 1 where the kind has none
  unsigned plane_ = 0;     ///< plane of the beat that comes next
  bool first0_ = true;     ///< the beat in stage 0 is the first plane of its chunk
  bool complete0_ = true;  ///< the beat in stage 0 is the last plane of its chunk
  kernels::RowTileBeat stage0_;
};

}  // namespace subbyte::models
