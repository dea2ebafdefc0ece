// The closed forms of "INT v.s. FP" (arXiv 2510.25602, theorems 1 and 2): QSNR of a block as a function of
// its crest factor kappa = max|X| / rms(X), for Gaussian X.
#pragma once

#include <functional>
#include <optional>

namespace subbyte::sim {

/// A floating-point element: significand bits below the point, exponent bias, largest value.
struct FloatElement {
  int mantissa_bits;
  int bias;
  double largest;
};

/// How the block's scale is stored.
struct BlockScale {
  double rho;          ///< stored over ideal scale: 1.5 stands for a power of two, 1.05 for E4M3
  unsigned block;      ///< elements; used with E4M3 only, where the largest element is exact
  bool exact_largest;  ///< E4M3: the block's largest element has (almost) no error
};

/// Theorem 1, in dB; `bits` with sign, symmetric codes.
double int_qsnr_db(int bits, const BlockScale& scale, double crest);
/// Theorem 2, in dB.
double float_qsnr_db(const FloatElement& element, const BlockScale& scale, double crest);
/// The crest factor between `low` and `high` where `difference` falls through 0 (to 1e-9); nothing when it
/// does not.
std::optional<double> crossover(const std::function<double(double)>& difference, double low, double high);

}  // namespace subbyte::sim
