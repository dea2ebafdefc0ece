// group_dequant multiplies a group sum by the significand of its scale, exactly, one scale bit per cycle. The numbers
// are in kernels/ARITHMETIC.md, section 3; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>

#include "kernels/arithmetic/int128.hpp"
#include "kernels/bitserial_pe.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// The scale as the unit's shift-and-add loop sees it.
struct ScaleSignificand {
  unsigned significand = 0;  ///< `bits` wide, consumed from the most significant bit on
  unsigned bits = 0;         ///< cycles of the loop: 8 for u8, 11 for FP16
  int exponent = 0;          ///< added to the group sum's exponent
  bool nonfinite = false;
};
ScaleSignificand scale_significand(std::uint16_t scale, bool scale_u8);

/// The result is worth product * 2^(exponent-50).
struct DequantResult {
  Int128 product = 0;
  int exponent = 0;
  bool nonfinite = false;
};
DequantResult dequantize(const PeState& group, std::uint16_t scale, bool scale_u8);

Trace group_dequant_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus group_dequant_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo group_dequant_info();

}  // namespace subbyte::kernels
