// Tells what quantization did to weights, in sums that add up over rows and layers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quant/formats/packed_tensor.hpp"

namespace subbyte::quant {

/// Sums over weights w and their decoded values d.
struct Distortion {
  double signal = 0;  ///< sum of w^2
  double noise = 0;   ///< sum of (w - d)^2
  double max_error = 0;
  std::size_t weights = 0;
  std::size_t not_finite = 0;  ///< weights whose decoded value is NaN; they are left out of the sums above

  double sqnr_db() const;  ///< 10 log10(signal / noise), which is infinite without error
  double mse() const { return noise / static_cast<double>(weights); }
  Distortion& operator+=(const Distortion& other);
};

/// Both are spans of equal size. Decoded weights that are not finite are counted, not summed.
Distortion distortion_of(std::span<const float> weights, std::span<const float> decoded);
/// `weights` is [rows][cols] like the tensor.
Distortion distortion_of(std::span<const float> weights, const PackedTensor& packed);

/// Returns 10 log10(|r|^2 / |r - y|^2) in dB: +inf for equal values, and -inf for a reference of zeros.
double sqnr_db(std::span<const double> reference, std::span<const float> y);

/// Returns the standard error of sqnr_db(), in dB, if the tokens are a sample: `reference` and `y` are [tokens][out],
/// and the error is that of a ratio of two means over tokens (first order). It is 0 for fewer than two tokens, and
/// where sqnr_db() is infinite.
double sqnr_standard_error_db(std::span<const double> reference, std::span<const float> y, std::size_t tokens);

/// Returns Y [tokens][out] in double from W row-major [out][in] and X [tokens][in] in FP16 (bit patterns). It is the
/// reference of an SQNR.
std::vector<double> reference_product(std::span<const float> w, std::size_t out, std::span<const std::uint16_t> x,
                                      std::size_t in);
/// Returns the weights that the packed tensor stands for.
std::vector<float> decoded(const PackedTensor& weights);

}  // namespace subbyte::quant
