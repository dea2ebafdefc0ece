// nvfp4_dot computes the dot product of two NVFP4 or NVINT4 blocks, accumulated in FP32. The numbers are in
// kernels/ARITHMETIC.md, section 10 (arXiv 2509.25149, appendix B; for NVINT4 arXiv 2510.25602); interface and cycles
// are in kernels/TIMING.md.
#pragma once

#include <cstdint>

#include "kernels/parts/block_dot.hpp"

namespace subbyte::kernels {

/// The steps of the unit, which its SystemC model calls too.
class Nvfp4Dot {
 public:
  explicit Nvfp4Dot(const Parameters& parameters);
  const BlockLayout& layout() const { return layout_; }

  /// Stage 0: the block's sum and its scales.
  struct Block {
    std::int32_t sum = 0;  ///< sum of the elements' products, in units of 2^`unit`
    int unit = 0;
    std::uint32_t significands = 0;  ///< the product of the scales' significands, at most 225
    int exponents = 0;               ///< the sum of their exponents
    bool nan = false;
  };
  Block load(const BlockBeat& beat) const;
  /// Stage 1: the block's value, which FP32 holds exactly.
  static std::uint32_t value(const Block& block);

 private:
  BlockLayout layout_;
};

Trace nvfp4_dot_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus nvfp4_dot_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo nvfp4_dot_info();

}  // namespace subbyte::kernels
