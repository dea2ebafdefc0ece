// Quantizes FP32 weights into a PackedTensor.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "quant/formats/packed_tensor.hpp"

namespace subbyte::quant {

struct GroupKernels;

/// A non-owning row-major matrix [rows][cols].
struct MatrixView {
  std::span<const float> values;
  std::size_t rows = 0;
  std::size_t cols = 0;
};

struct QuantizeOptions {
  /// One positive number per column (mean square of its activation, say), for the rules that weigh errors. When it is
  /// empty, all columns are equal.
  std::span<const float> importance{};
  /// max |w| of the whole tensor when `weights` is a block of its rows; formats with a tensor scale need it.
  std::optional<float> tensor_magnitude{};
  /// The row number of the first row, for error texts.
  std::size_t first_row = 0;
};

/// Quantizes by the rules of the format (scale, codes, selector). The result depends on nothing but the arguments, and
/// rows are independent but for the tensor scale, so that blocks of rows that are quantized apart and put together are
/// the whole. Throws std::invalid_argument with row and column for a weight that is not finite (formats whose scale has
/// a NaN store the group as NaN instead), and for one that the format's arithmetic cannot hold. Each row of the table
/// names its own source; the rules of ties and scales are in quant/rules/RULES.md.
PackedTensor quantize(const MatrixView& weights, const Format& format, const QuantizeOptions& options = {});

/// Does quantize() under the given inner loops, so that plain and vectorised loops can be compared; every table of
/// loops (quant/rules/group_kernels.hpp) gives the same bits.
PackedTensor quantize_with(const MatrixView& weights, const Format& format, const GroupKernels& kernels,
                           const QuantizeOptions& options = {});

/// Returns max |w| over the finite weights, from which a tensor scale is computed.
float tensor_magnitude(const MatrixView& weights);

}  // namespace subbyte::quant
