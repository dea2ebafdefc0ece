// Quantizers: FP32 weights to a PackedTensor.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "quant/formats/packed_tensor.hpp"

namespace subbyte::quant {

struct GroupKernels;

/// Non-owning row-major matrix [rows][cols].
struct MatrixView {
  std::span<const float> values;
  std::size_t rows = 0;
  std::size_t cols = 0;
};

struct QuantizeOptions {
  /// One positive number per column (mean square of its activation, say), for the rules that weigh errors; empty: all
  /// equal.
  std::span<const float> importance{};
  /// max |w| of the whole tensor when `weights` is a block of its rows; needed by formats with a tensor scale.
  std::optional<float> tensor_magnitude{};
  /// Row number of the first row, for error texts.
  std::size_t first_row = 0;
};

/// Quantizes by the rules of the format (scale, codes, selector). The result depends on nothing but the arguments, and
/// rows are independent but for the
/// tensor scale, so that blocks of rows quantized apart and put together are the whole. Throws std::invalid_argument
/// with row and column for a weight that is not finite (formats whose scale has a NaN store the group as NaN instead),
/// and for one that the format's arithmetic cannot hold. Sources: each row of the table names its own; rules of ties
/// and scales are in quant/rules/RULES.md.
PackedTensor quantize(const MatrixView& weights, const Format& format, const QuantizeOptions& options = {});

/// quantize() under the given inner loops, so that plain and vectorised loops can be compared; every table of loops
/// (quant/rules/group_kernels.hpp) gives the same bits.
PackedTensor quantize_with(const MatrixView& weights, const Format& format, const GroupKernels& kernels,
                           const QuantizeOptions& options = {});

/// max |w| over the finite weights: what a tensor scale is computed from.
float tensor_magnitude(const MatrixView& weights);

}  // namespace subbyte::quant
