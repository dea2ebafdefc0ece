#include "quant/base/minifloat.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace subbyte::quant {
namespace {

/// The bits of the fields below the sign.
unsigned magnitude_mask(const Minifloat& format) { return (1U << (format.exponent_bits + format.mantissa_bits)) - 1; }

/// The range of exponents that a normal double has.
double power_of_two(int exponent) { return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52); }

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
      // Without mantissa bits the highest exponent has one code, which is infinity.
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
  return sign * significand * power_of_two(unit_exponent() + static_cast<int>(std::max(exponent, 1U)) - 1);
}

unsigned Minifloat::encode(double value) const {
  if (std::isnan(value)) return nan_code() != 0 ? nan_code() : largest_code();
  const unsigned sign = std::signbit(value) ? sign_mask() : 0;
  const double magnitude = std::abs(value);
  if (magnitude >= largest()) return sign | largest_code();
  const bool fixed_point = exponent_bits == 0;
  if (fixed_point || magnitude < power_of_two(1 - bias)) {
    // Below the normal numbers the unit is one: the sum's last bits are the units, with ties to even and a carry
    // included.
    const double sum = magnitude * power_of_two(-unit_exponent()) + 0x1p52;
    return sign | static_cast<unsigned>(std::bit_cast<std::uint64_t>(sum) & 0xFF);
  }
  // The exponent field is above the fraction, so that a carry out of the rounding is right there.
  const unsigned dropped = 52 - mantissa_bits;
  const auto bits = std::bit_cast<std::uint64_t>(magnitude);
  const std::uint64_t offset = static_cast<std::uint64_t>(1023 - bias) << mantissa_bits;
  const std::uint64_t odd = ((bits >> dropped) - offset) & 1;
  const std::uint64_t rounded = bits + (1ULL << (dropped - 1)) - 1 + odd;
  return sign | static_cast<unsigned>((rounded >> dropped) - offset);
}

}  // namespace subbyte::quant
