// column_accumulator in time: three stages, the row registers and the output register (kernels/TIMING.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/column_accumulator.hpp"
#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"

namespace subbyte::models {

/// `width` column_accumulators of `rows` rows that move in lock-step, with one control and `width` of every data
/// register.
class ColumnAccumulators {
 public:
  ColumnAccumulators(unsigned rows, unsigned width);

  bool in_ready(bool out_ready) const { return !valid1_ || moves2(out_ready); }
  bool out_valid() const { return out_valid_; }
  std::span<const std::uint32_t> out() const { return out_; }

  struct Moves {
    bool output = false;  ///< out() is new
    bool load = false;    ///< the caller fills stage1_value() and stage1_scale()
  };
  Moves edge(bool in_valid, bool in_last, bool out_ready);
  std::span<std::uint32_t> stage1_value() { return value1_; }
  std::span<std::uint32_t> stage1_scale() { return scale1_; }

 private:
  bool moves3(bool out_ready) const { return valid2_ && (!out_valid_ || out_ready); }
  bool moves2(bool out_ready) const { return valid1_ && (!last1_ || !valid2_ || moves3(out_ready)); }
  void move2();
  void move3();

  unsigned rows_;
  unsigned next_row_ = 0;
  bool valid1_ = false;
  bool last1_ = false;
  unsigned row1_ = 0;
  bool valid2_ = false;
  bool out_valid_ = false;
  std::vector<std::uint32_t> value1_, scale1_, sum2_, scale2_, out_;
  std::vector<std::uint32_t> sums_;  ///< [rows][width]
};

}  // namespace subbyte::models
