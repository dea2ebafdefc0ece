// The edges of what stands behind the PEs of a tile with group sums (kernels/TIMING.md, bitserial_tile): result
// registers, group_dequants, and column accumulators. It has times and no data.
//
// Each register is free for its next content at the edge that moves the present one on, so every time is a
// maximum of "my input is there" and "my successor has moved".
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/contract/stimulus.hpp"

namespace subbyte::models {

/// Returns the first cycle from `cycle` on in which the side is not stalled.
inline std::uint64_t first_free(const kernels::StallPlan& stalls, kernels::Side side, std::uint64_t cycle) {
  while (stalls.stalled(side, cycle)) ++cycle;
  return cycle;
}

class TileBackEnd {
 public:
  /// `drain_rows` is the number of rows of a port.
  TileBackEnd(unsigned drain_rows, const kernels::StallPlan& stalls)
      : rows_(drain_rows), stalls_(stalls), taken_(drain_rows, 0) {}

  /// Takes a group whose sum is ready in stage 1 of the PEs at edge `ready` at the earliest, and appends the edges of
  /// its output beats. Returns the edge that frees stage 1.
  std::uint64_t add(std::uint64_t ready, unsigned scale_bits, bool tile_last, std::vector<std::uint64_t>& out) {
    const std::uint64_t stage1_free = std::max(ready, result_free_);
    result_free_ = std::max(stage1_free + 1, dequants_free_);
    std::uint64_t all_moved = 0;
    for (unsigned row = 0; row < rows_; ++row) {
      // The product moves to the output register when that was drained of the group before.
      const std::uint64_t moved = std::max(result_free_ + scale_bits, taken_[row]);
      all_moved = std::max(all_moved, moved);
      taken_[row] = drain(moved + 1, tile_last, out);
    }
    dequants_free_ = all_moved;
    return stage1_free;
  }

  /// Calls see(edge) for every edge that later ones depend on.
  template <typename See>
  void visit(See see) const {
    for (const std::uint64_t edge : {result_free_, dequants_free_, sum1_free_, sum2_free_, output_free_}) see(edge);
    for (const std::uint64_t edge : taken_) see(edge);
  }

 private:
  /// Returns the edge at which the accumulators take a row that is offered from `offered` on.
  std::uint64_t drain(std::uint64_t offered, bool last, std::vector<std::uint64_t>& out) {
    const std::uint64_t taken = std::max(offered, sum1_free_);
    sum1_free_ = taken + 1;
    if (!last) return taken;
    sum1_free_ = std::max(sum1_free_, sum2_free_);
    sum2_free_ = std::max(sum1_free_ + 1, output_free_);
    output_free_ = first_free(stalls_, kernels::Side::kOutput, sum2_free_ + 1);
    out.push_back(output_free_);
    return taken;
  }

  unsigned rows_;
  const kernels::StallPlan& stalls_;
  /// The edge at which the PEs' result registers can be loaded; the others are named alike.
  std::uint64_t result_free_ = 0;
  std::uint64_t dequants_free_ = 0;
  std::vector<std::uint64_t> taken_;  ///< per row: edge that took the latest product
  std::uint64_t sum1_free_ = 0;
  std::uint64_t sum2_free_ = 0;
  std::uint64_t output_free_ = 0;
};

}  // namespace subbyte::models
