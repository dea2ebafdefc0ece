// Writes the levels of a format as a weighted sum of the bits of its codes.
#pragma once

#include <optional>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::quant {

/// One bit of a code. It gives the digit for a 1 or a 0, which is worth 2^shift.
struct Plane {
  unsigned bit = 0;  ///< bit of the code, of which 0 is lowest
  unsigned shift = 0;
  int one = 1;  ///< -1, 0 or 1
  int zero = 0;

  bool operator==(const Plane&) const = default;
};

/// level(code) is the sum over planes of digit * 2^shift, minus the zero point where the format has one, in units of
/// 2^unit_exponent. The most significant plane comes first.
struct PlaneProgram {
  std::vector<Plane> planes;
  /// True when every plane is ±1 and weighs twice the next (odd integers v = 2q + 1 - 2^c). Then the sum of the first r
  /// planes is 2^(c-r) times the level of the code's top r bits.
  bool bipolar = false;
};

/// Returns nothing when the levels are not a weighted sum of the code's bits with powers of two as weights (minifloats
/// and other tables; codes whose level a selector changes; one scale per plane; levels that are not finite).
std::optional<PlaneProgram> plane_program(const Format& format);

}  // namespace subbyte::quant
