// Quantizers: FP32 weights to a PackedTensor.
#pragma once

#include <cstddef>
#include <span>

#include "quant/packed_tensor.hpp"

namespace subbyte::quant {

/// Non-owning row-major matrix [rows][cols].
struct MatrixView {
  std::span<const float> values;
  std::size_t rows = 0;
  std::size_t cols = 0;
};

/// Quantizes by the rules of the format (scale, codes, selector). Deterministic. Throws std::invalid_argument with row and
/// column for a non-finite weight, and for a weight that overflows FP16 where the format's arithmetic needs it.
/// Sources: BitMoD, HPCA'25, Algorithm 1 and its artifact (kFp16); rules of ties and scales are in quant/README.md.
PackedTensor quantize(const MatrixView& weights, const Format& format);

}  // namespace subbyte::quant
