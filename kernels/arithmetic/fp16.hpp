// Takes FP16 apart. This is the one decoder of the golden kernels.
#pragma once

#include <cstdint>

namespace subbyte::kernels {

/// IEEE 754 binary16. A finite number is worth ±significand * 2^(exponent - 25). Infinities and NaNs have exponent 31,
/// and their significand is 0x400 and the fraction.
struct Fp16 {
  bool negative = false;
  int exponent = 1;          ///< the exponent field; 1 for zero and subnormals, which have no hidden bit
  unsigned significand = 0;  ///< 11 bits, the hidden one included

  constexpr bool finite() const { return exponent != 31; }
  constexpr bool infinite() const { return exponent == 31 && significand == 0x400; }
  constexpr bool nan() const { return exponent == 31 && significand != 0x400; }
};

/// It has no branches, because it is in the innermost step of every scalar simulation.
[[gnu::always_inline]] constexpr Fp16 fp16_of(std::uint16_t bits) {
  const unsigned field = bits >> 10 & 0x1FU;
  const unsigned hidden = field != 0 ? 1 : 0;
  return {(bits & 0x8000U) != 0, static_cast<int>(field + (hidden ^ 1)), (bits & 0x3FFU) | hidden << 10};
}

}  // namespace subbyte::kernels
