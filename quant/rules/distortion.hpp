// What quantization did to weights: sums that add up over rows and layers.
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
  std::size_t not_finite = 0;  ///< weights whose decoded value is NaN: left out of the sums above

  double sqnr_db() const;  ///< 10 log10(signal / noise); infinite without error
  double mse() const { return noise / static_cast<double>(weights); }
  Distortion& operator+=(const Distortion& other);
};

/// Spans of equal size. Decoded weights that are not finite are counted, not summed.
Distortion distortion_of(std::span<const float> weights, std::span<const float> decoded);
/// `weights` [rows][cols] as the tensor's.
Distortion distortion_of(std::span<const float> weights, const PackedTensor& packed);

/// 10 log10(|r|^2 / |r - y|^2) in dB; +inf for equal values, -inf for a reference of zeros.
double sqnr_db(std::span<const double> reference, std::span<const float> y);

/// Y [tokens][out] in double: W row-major [out][in], X [tokens][in] in FP16 (bit patterns). The reference of an SQNR.
std::vector<double> reference_product(std::span<const float> w, std::size_t out, std::span<const std::uint16_t> x,
                                      std::size_t in);
/// The weights that the packed tensor stands for.
std::vector<float> decoded(const PackedTensor& weights);

}  // namespace subbyte::quant
