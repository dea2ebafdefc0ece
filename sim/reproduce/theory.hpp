// The closed forms of "INT v.s. FP" (arXiv 2510.25602, theorems 1 and 2), which give the QSNR of a block as a function
// of its crest factor kappa = max|X| / rms(X), for Gaussian X.
#pragma once

#include <functional>
#include <optional>

namespace subbyte::sim {

/// A floating-point element by its significand bits below the point, its exponent bias and its largest value.
struct FloatElement {
  int mantissa_bits;
  int bias;
  double largest;
};

/// Says how the scale of a block is stored.
struct BlockScale {
  double rho;          ///< stored scale over ideal scale: 1.5 stands for a power of two, 1.05 for E4M3
  unsigned block;      ///< elements per block, which count with E4M3 only, where the largest element is exact
  bool exact_largest;  ///< true for E4M3, where the largest element of a block has (almost) no error
};

/// Computes the QSNR of theorem 1 in dB. `bits` counts the sign, and the codes are symmetric.
double int_qsnr_db(int bits, const BlockScale& scale, double crest);
/// Computes the QSNR of theorem 2 in dB.
double float_qsnr_db(const FloatElement& element, const BlockScale& scale, double crest);
/// Returns the crest factor between `low` and `high` at which `difference` falls through 0, to 1e-9, or nothing where
/// it does not fall through 0.
std::optional<double> crossover(const std::function<double(double)>& difference, double low, double high);

}  // namespace subbyte::sim
