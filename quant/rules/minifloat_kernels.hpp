// The vectorised loops of small floats and small groups, which are part of simd_kernels().
#pragma once

#include "quant/rules/group_kernels.hpp"

namespace subbyte::quant {

void encode_minifloat_simd(std::span<const float> weights, const Minifloat& minifloat, double scale,
                           std::span<std::uint8_t> codes);
void encode_fp32_simd(std::span<const float> weights, const Codebook& book, const Fp32Divisor& divisor,
                      std::span<std::uint8_t> codes);
SpecialErrors special_errors_simd(std::span<const float> weights, std::span<const double> magnitudes, double special,
                                  double scale);
BoundedSum precise_error_simd(std::span<const float> weights, const Grid& grid, double scale);

}  // namespace subbyte::quant
