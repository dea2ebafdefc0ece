// fp4_dequant in time: an elastic pipeline of two stages, of which the first makes scale and levels and the second the
// values (kernels/TIMING.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/fp4_dequant.hpp"

namespace subbyte::models {

/// The data registers of an fp4_dequant's first stage; the configuration is read when they are loaded.
class Fp4DequantStage {
 public:
  explicit Fp4DequantStage(const kernels::Fp4DequantParams& params) : params_(params), levels_(params.lanes) {}
  void configure(kernels::ConfigWrite write) { kernels::configure(config_, write); }
  /// `code(lane)` returns the lane's four bits.
  template <class Code>
  void load(Code code, unsigned scale, unsigned selector) {
    multiplier_ = kernels::fp4_scale(params_, config_, scale);
    for (unsigned l = 0; l < params_.lanes; ++l) {
      levels_[l] = kernels::fp4_level(config_, code(l), scale, selector);
    }
  }
  std::uint16_t value(unsigned lane) const { return kernels::fp4_value(levels_[lane], multiplier_, params_.bf16); }

 private:
  kernels::Fp4DequantParams params_;
  kernels::Fp4DequantConfig config_;
  std::uint32_t multiplier_ = 0;
  std::vector<kernels::Fp4Level> levels_;
};

}  // namespace subbyte::models
