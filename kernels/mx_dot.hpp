// mx_dot computes the dot product of two OCP MX blocks, accumulated in FP32. The numbers are in kernels/ARITHMETIC.md,
// section 10 (OCP MX v1.0, section 6.2; the window is from arXiv 2510.25602, Table 5); interface and cycles are in
// kernels/TIMING.md.
#pragma once

#include <cstdint>

#include "kernels/parts/block_dot.hpp"

namespace subbyte::kernels {

/// The steps of the unit, which its SystemC model calls too.
class MxDot {
 public:
  explicit MxDot(const Parameters& parameters);
  const BlockLayout& layout() const { return layout_; }

  /// Stage 0: the block's sum and its scales.
  struct Block {
    BlockSum sum;         ///< nan also for a scale of 255
    unsigned scales = 0;  ///< the sum of both scale bytes
  };
  Block load(const BlockBeat& beat) const;
  /// Stage 1: the block's value as FP32.
  static std::uint32_t value(const Block& block);

 private:
  BlockLayout layout_;
  unsigned window_;
};

Trace mx_dot_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus mx_dot_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo mx_dot_info();

}  // namespace subbyte::kernels
