// The quantizer with its inner loops given, so that plain and vectorised loops can be compared.
#pragma once

#include "quant/group_kernels.hpp"
#include "quant/quantize.hpp"

namespace subbyte::quant {

/// quantize() under the given loops; every table of loops gives the same bits.
PackedTensor quantize_with(const MatrixView& weights, const Format& format, const GroupKernels& kernels,
                           const QuantizeOptions& options = {});

}  // namespace subbyte::quant
