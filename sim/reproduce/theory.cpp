#include "sim/reproduce/theory.hpp"

#include <cmath>
#include <numbers>

namespace subbyte::sim {
namespace {

double decibels(double ratio) { return 10 * std::log10(ratio); }

}  // namespace

double int_qsnr_db(int bits, const BlockScale& scale, double crest) {
  const double uniform = decibels(3 * std::exp2(2.0 * bits)) - 2 * decibels(scale.rho * crest);
  const double block = scale.block;
  return scale.exact_largest ? uniform + decibels(block / (block - 1)) : uniform;
}

double float_qsnr_db(const FloatElement& element, const BlockScale& scale, double crest) {
  // Elements below `threshold`, which is in units of sigma, are subnormal. Their step is fixed; above, it is relative.
  const double threshold = scale.rho * crest * std::exp2(1 - element.bias) / element.largest;
  const double density = std::exp(-threshold * threshold / 2) / std::sqrt(2 * std::numbers::pi);
  const double normal_energy = 2 * threshold * density + std::erfc(threshold / std::numbers::sqrt2);
  const double subnormal = std::erf(threshold / std::numbers::sqrt2);
  const double alpha = 1 / (24 * std::exp2(2 * element.mantissa_bits));
  const double beta =
      std::exp2(2 * (1 - element.bias - element.mantissa_bits)) / (12 * element.largest * element.largest);
  const double spared = scale.exact_largest ? crest * crest / scale.block : 0;
  const double step = scale.rho * crest;
  return -decibels(alpha * (normal_energy - spared) + beta * step * step * subnormal);
}

std::optional<double> crossover(const std::function<double(double)>& difference, double low, double high) {
  if (!(difference(low) > 0) || !(difference(high) <= 0)) return std::nullopt;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (difference(middle) > 0 ? low : high) = middle;
  }
  return low;
}

}  // namespace subbyte::sim
