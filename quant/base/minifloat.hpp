// Minifloats by one rule: elements (E2M1 ... E5M2, any ExMy) and unsigned scales (UE4M3, UE5M3, E3M3).
#pragma once

#include <cstdint>

namespace subbyte::quant {

/// Says what the largest codes mean.
enum class MinifloatFlavour : std::uint8_t {
  kFinite,   ///< every code is a number (OCP FP4, FP6)
  kNanOnly,  ///< all ones is NaN, and there are no infinities: "FN" (OCP FP8 E4M3, Table 1)
  kIeee,     ///< the highest exponent is reserved for infinities (signed only) and NaN (OCP FP8 E5M2)
};

/// The value of a code with fields (s, e, m) is (-1)^s 2^(max(e,1) - bias - mantissa_bits) ({e != 0, m}), with gradual
/// underflow. With no exponent bits the code is a fixed-point number in units of 2^(1 - bias - mantissa_bits).
struct Minifloat {
  unsigned exponent_bits = 0;  ///< 0..8
  unsigned mantissa_bits = 0;  ///< 0..7; all fields together have at most 8 bits
  int bias = 0;
  MinifloatFlavour flavour = MinifloatFlavour::kFinite;
  bool is_signed = true;

  unsigned bits() const { return exponent_bits + mantissa_bits + (is_signed ? 1U : 0U); }
  unsigned sign_mask() const { return is_signed ? 1U << (exponent_bits + mantissa_bits) : 0U; }
  /// Returns the code of the largest finite magnitude.
  unsigned largest_code() const;
  /// Returns the code of NaN, or 0 when the flavour has none (0 is never a NaN).
  unsigned nan_code() const;
  int unit_exponent() const { return 1 - bias - static_cast<int>(mantissa_bits); }
  double largest() const { return decode(largest_code()); }

  /// Returns the value of a code, which is exact; -0, infinities and NaN are included.
  double decode(unsigned code) const;
  /// Rounds to nearest, with ties to the even code, and saturates at the largest finite magnitude. -0 and the sign of
  /// values that round to zero are kept; an unsigned minifloat takes |x|. Infinity saturates; NaN gives nan_code(), or
  /// the largest code where there is none (PTX cvt.rn.satfinite). It is exact for every double.
  unsigned encode(double value) const;
};

}  // namespace subbyte::quant
