// The inner loops of exact_linear for every instruction set that Highway finds; one is chosen at run time.
#pragma once

#include <cstddef>
#include <span>

namespace subbyte::kernels {

/// A block of tokens (already in double) against a few rows of weights, over `depth` inputs.
struct DotBlock {
  const double* x = nullptr;  ///< [tokens][x_stride]
  std::size_t x_stride = 0;
  std::size_t tokens = 0;
  const float* w = nullptr;  ///< [rows][w_stride]
  std::size_t w_stride = 0;
  std::size_t rows = 0;
  std::size_t depth = 0;
  double* sums = nullptr;  ///< [tokens][sums_stride]
  std::size_t sums_stride = 0;
};

/// Computes sums[t][r] += x[t] . w[r]. Each product meets at most dot_roundings(depth) roundings of a partial sum.
void simd_dot_block(const DotBlock& block);
std::size_t dot_roundings(std::size_t depth);
/// Computes out[i] = x[i].
void simd_widen(std::span<const float> x, double* out);

}  // namespace subbyte::kernels
