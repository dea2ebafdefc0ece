// A fixed-point sum that is wide enough to be exact. It decides comparisons that floating point leaves open.
#pragma once

#include <array>
#include <cstddef>

namespace subbyte::quant {

/// The sum of products of doubles, without rounding. Bins are 32 bits apart and 128 bits wide, and take up to 2^30
/// products.
class ExactSum {
 public:
  /// Adds a * b. Both must be finite and, unless 0, between 2^-200 and 2^200 in magnitude; throws std::out_of_range
  /// otherwise.
  void add_product(double a, double b);
  /// Returns the sign of the sum: -1, 0 or 1.
  int sign() const;

 private:
  __extension__ using Wide = __int128;
  static constexpr int kLowest = -512;
  std::array<Wide, 32> bins_{};
};

}  // namespace subbyte::quant
