// The linear layer without an arithmetic of its own. It rounds the exact dot product to FP32 once, so that what is
// measured with it is the format and not an accumulator.
#pragma once

#include <cstddef>
#include <span>

#include "quant/formats/packed_tensor.hpp"

namespace subbyte::kernels {

/// Computes y[t * out + o], the FP32 RNE of the exact sum over i of x[t * in + i] * w[o * in + i], where x
/// [tokens][in], w [out][in] and y [tokens][out] are row-major.
///
/// Subnormals are kept, and overflow gives Inf. An exact sum of zero is +0; another that rounds to zero keeps its sign.
/// NaN and Inf follow IEEE 754 (NaN for a NaN, Inf * 0 or Inf - Inf), and every NaN is 0x7FC00000. The result is
/// defined by its inputs alone: the same bits come out for every thread count and instruction set. Sums are taken in
/// double (products of FP32 are exact there) with a sound bound, and in fixed point where the bound leaves the rounding
/// open.
///
/// `threads` is how many threads may work, the caller included; 0 counts as 1. Throws std::invalid_argument when a span
/// has another size than its shape says, or `in` is 2^30 or more.
void exact_linear(std::span<const float> x, std::size_t tokens, std::span<const float> w, std::size_t out,
                  std::size_t in, std::span<float> y, unsigned threads = 1);

/// Does the same with the rows of a packed tensor, which are decoded (PackedTensor::decode_row) a few at a time; out =
/// rows and in = cols.
void exact_linear(const quant::PackedTensor& w, std::span<const float> x, std::size_t tokens, std::span<float> y,
                  unsigned threads = 1);

/// Returns one FP32 RNE of the exact dot product of two vectors of finite numbers in fixed point. It is the slow path
/// alone, for one output and for tests. Throws std::invalid_argument for unequal sizes, 2^30 elements or more, or a
/// number that is not finite.
float exact_dot(std::span<const float> x, std::span<const float> w);

}  // namespace subbyte::kernels
