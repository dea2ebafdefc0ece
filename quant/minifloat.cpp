#include "quant/minifloat.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace subbyte::quant {
namespace {

/// Bits of the fields below the sign.
unsigned magnitude_mask(const Minifloat& format) {
  return (1U << (format.exponent_bits + format.mantissa_bits)) - 1;
}

}  // namespace

unsigned Minifloat::largest_code() const {
  const unsigned all = magnitude_mask(*this);
  switch (flavour) {
    case MinifloatFlavour::kFinite:
      return all;
    case MinifloatFlavour::kNanOnly:
      return all - 1;
    case MinifloatFlavour::kIeee:
      return all - (1U << mantissa_bits);
  }
  return all;
}

unsigned Minifloat::nan_code() const {
  switch (flavour) {
    case MinifloatFlavour::kFinite:
      return 0;
    case MinifloatFlavour::kNanOnly:
      return magnitude_mask(*this);
    case MinifloatFlavour::kIeee:
      // Without mantissa bits the highest exponent has one code: infinity.
      return mantissa_bits == 0 ? 0 : largest_code() + 1 + (1U << (mantissa_bits - 1));
  }
  return 0;
}

double Minifloat::decode(unsigned code) const {
  const unsigned magnitude = code & magnitude_mask(*this);
  const double sign = (code & sign_mask()) != 0 ? -1.0 : 1.0;
  if (magnitude > largest_code()) {
    const bool infinite = flavour == MinifloatFlavour::kIeee && magnitude == largest_code() + 1;
    return infinite ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  const unsigned exponent = magnitude >> mantissa_bits;
  const unsigned fraction = magnitude & ((1U << mantissa_bits) - 1);
  const unsigned significand = exponent == 0 ? fraction : fraction | 1U << mantissa_bits;
  return sign * std::ldexp(significand, unit_exponent() + static_cast<int>(std::max(exponent, 1U)) - 1);
}

unsigned Minifloat::encode(double value) const {
  if (std::isnan(value)) return nan_code() != 0 ? nan_code() : largest_code();
  const unsigned sign = std::signbit(value) ? sign_mask() : 0;
  const double magnitude = std::abs(value);
  if (magnitude >= largest()) return sign | largest_code();
  int exponent = 0;
  std::frexp(magnitude, &exponent);  // magnitude in [2^(exponent-1), 2^exponent)
  // The unit of the binade that holds the value, never below the subnormals' unit.
  const int step = std::max(exponent - 1 - static_cast<int>(mantissa_bits), unit_exponent());
  const double units = std::nearbyint(std::ldexp(magnitude, -step));  // exact scaling, ties to even
  // A carry out of the significand runs into the exponent field and is right there.
  const auto binade = static_cast<unsigned>(step - unit_exponent());
  const unsigned code = (binade << mantissa_bits) + static_cast<unsigned>(units);
  return sign | std::min(code, largest_code());
}

}  // namespace subbyte::quant
