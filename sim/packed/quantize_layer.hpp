// Turns a layer of a model into packed weights, in blocks of rows on all cores.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "quant/rules/distortion.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/checkpoint/checkpoint.hpp"

namespace subbyte::sim {

struct QuantizedLayer {
  quant::PackedTensor tensor;
  quant::Distortion distortion;
};

/// Quantizes a layer. Beside the packed layer, each thread holds one block of FP32 rows (1 MiB, or one row). The
/// result, the distortion included, does not depend on `threads`. Groups that are not finite become NaN where the
/// format has a scale for it (quant::Distortion::not_finite counts them). Throws InputError that names file and layer
/// for weights that cannot be read or quantized.
QuantizedLayer quantize_layer(const Checkpoint& model, const LinearLayer& layer, const quant::Format& format,
                              unsigned threads);

/// Hands on the FP32 values of a layer that is left unquantized, block by block in order; returns their energy.
quant::Distortion copy_layer(const Checkpoint& model, const LinearLayer& layer,
                             const std::function<void(std::span<const float>)>& sink);

}  // namespace subbyte::sim
