// What stands behind the PEs of a tile, in time: side data, dequantizers, column accumulators, and the output register
// (kernels/TIMING.md, bitserial_tile). It is the twin of rtl/parts/scale_and_sum.sv and private to models/.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "kernels/parts/scale_and_sum.hpp"
#include "models/column_accumulator.hpp"
#include "models/group_dequant.hpp"
#include "models/systemc/stream.hpp"

namespace subbyte::models {

/// Two entries that stay where they are. The valid bits of the stages beside it bound how many are in use.
class SideQueue {
 public:
  const kernels::GroupSide& front() const { return entries_[head_]; }
  kernels::GroupSide& push() { return entries_[(head_ + count_++) & 1]; }
  void pop() {
    head_ ^= 1;
    --count_;
  }

 private:
  std::array<kernels::GroupSide, 2> entries_;
  unsigned head_ = 0;
  unsigned count_ = 0;
};

/// The group_dequants of one row and the column accumulators move in lock-step across columns and ports, so control
/// exists once per row of a port and data exists once per PE.
class ScaleAndSum {
 public:
  explicit ScaleAndSum(const kernels::ArrayShape& array)
      : array_(array),
        drain_rows_(array.rows_per_port()),
        width_(array.ports() * array.cols),
        columns_(drain_rows_, width_),
        slots_(array.output().words()),
        work_(array.rows * array.cols),
        products_(array.rows * array.cols) {}

  /// Call it before the others in a cycle.
  void settle(bool out_ready) {
    columns_ready_ = columns_.in_ready(out_ready);
    sums_ready_ = true;
    for (unsigned i = 0; i < drain_rows_; ++i) sums_ready_ &= dequants_[i].in_ready(row_taken(i));
  }
  bool sums_ready() const { return sums_ready_; }
  bool out_valid() const { return columns_.out_valid(); }
  const std::uint64_t* out_data() const { return slots_.current(); }

  /// `sums` [rows*cols] are read when valid and ready. It goes downstream first, so that every part reads what its
  /// predecessor held before the edge; call it before the PEs move.
  void edge(bool sums_valid, std::span<const kernels::PeState> sums, bool out_ready) {
    const bool start = sums_valid && sums_ready_;
    const bool row_moved = edge_columns(out_ready);
    edge_dequants(start);
    if (row_moved) next_row();
    if (start) start_dequants(sums);
  }

  /// Returns the side data of a group whose sums come later; the caller fills it.
  kernels::GroupSide& push_side() { return sum_side_.push(); }

 private:
  bool row_taken(unsigned row) const { return row == drain_row_ && columns_ready_; }

  bool edge_columns(bool out_ready) {
    const ColumnAccumulators::Moves moves =
        columns_.edge(dequants_[drain_row_].out_valid(), dequant_side_.front().tile_last, out_ready);
    if (moves.output) std::memcpy(slots_.next().data(), columns_.out().data(), width_ * sizeof(std::uint32_t));
    if (!moves.load) return false;
    const std::span<std::uint32_t> value = columns_.stage1_value();
    const std::span<std::uint32_t> scale = columns_.stage1_scale();
    for (unsigned k = 0; k < width_; ++k) {
      value[k] = kernels::round_group(products_[drain_row_ * width_ + k]);
      scale[k] = dequant_side_.front().channel_scales[k % array_.cols];
    }
    return true;
  }

  void edge_dequants(bool start) {
    const unsigned scale_bits = start ? kernels::scale_significand(0, sum_side_.front().scale_u8).bits : 0;
    for (unsigned i = 0; i < drain_rows_; ++i) {
      const bool finish = dequants_[i].edge(start, scale_bits, row_taken(i)).finish;
      if (finish) std::copy_n(work_.begin() + i * width_, width_, products_.begin() + i * width_);
    }
  }

  void next_row() {
    drain_row_ = drain_row_ + 1 == drain_rows_ ? 0 : drain_row_ + 1;
    if (drain_row_ == 0) dequant_side_.pop();
  }

  // Products are stored as [row of a port][port][column], which is the order in which they drain.
  void start_dequants(std::span<const kernels::PeState> sums) {
    const kernels::GroupSide& side = sum_side_.front();
    for (unsigned r = 0; r < array_.rows; ++r) {
      const unsigned port = r / drain_rows_;
      kernels::DequantResult* row = work_.data() + (r % drain_rows_) * width_ + port * array_.cols;
      for (unsigned c = 0; c < array_.cols; ++c) {
        row[c] = kernels::dequantize(sums[r * array_.cols + c], side.scales[c], side.scale_u8);
      }
    }
    dequant_side_.push() = side;
    sum_side_.pop();
  }

  kernels::ArrayShape array_;
  unsigned drain_rows_;                     ///< rows of a port
  unsigned width_;                          ///< values that drain in one cycle: ports x columns
  std::array<DequantControl, 8> dequants_;  ///< one per row of a port
  unsigned drain_row_ = 0;
  SideQueue sum_side_;      ///< "meta A"
  SideQueue dequant_side_;  ///< "meta B"
  ColumnAccumulators columns_;
  OutputSlots slots_;
  bool columns_ready_ = false;
  bool sums_ready_ = false;
  std::vector<kernels::DequantResult> work_;
  std::vector<kernels::DequantResult> products_;
};

}  // namespace subbyte::models
