#include "kernels/group_dequant.hpp"

#include <algorithm>

namespace subbyte::kernels {

ScaleSignificand scale_significand(std::uint16_t scale, bool scale_u8) {
  if (scale_u8) return {scale & 0xFFU, 8, 25, false};
  const unsigned field = (scale >> 10) & 0x1F;
  const unsigned significand = (scale & 0x3FFU) | (field != 0 ? 0x400 : 0);
  return {significand, 11, static_cast<int>(std::max(field, 1U)), field == 31};
}

DequantResult dequantize(const PeState& group, std::uint16_t scale, bool scale_u8) {
  const ScaleSignificand s = scale_significand(scale, scale_u8);
  if (group.nonfinite || s.nonfinite) return {0, 0, true};
  return {Int128{group.mantissa} * static_cast<int>(s.significand), group.exponent + s.exponent, false};
}

}  // namespace subbyte::kernels
