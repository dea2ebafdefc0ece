// How the vector unit makes integers of a row (kernels/VECTOR.md, Quantization). All quotients are exact before they
// are rounded, so that the codes are those of the quantizer in quant/.
#pragma once

#include <cstdint>

namespace subbyte::kernels {

/// The scale of a group as an FP16 pattern: 0x7E00 for a group with an infinity or a NaN, and 0x7C00 where it
/// overflows. Under both, all codes are 0.
struct GroupScale {
  std::uint16_t half = 0;
  bool usable() const { return half < 0x7C00; }
};

/// `magnitude` is the FP32 pattern of max |x|.
GroupScale symmetric_scale(std::uint32_t magnitude, unsigned bits);
/// `largest` and `negated_least` are the FP32 patterns of max x and max -x.
GroupScale range_scale(std::uint32_t largest, std::uint32_t negated_least, unsigned bits);

/// Returns x / scale to the nearest integer, with ties to even, within -limit .. limit. Both are FP32 patterns of
/// finite numbers, and the scale is above zero.
int rounded_quotient(std::uint32_t x, std::uint32_t scale, int limit);

}  // namespace subbyte::kernels
