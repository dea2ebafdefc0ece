// A layer of a model to packed weights, in blocks of rows on all cores.
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <span>

#include "quant/quantize.hpp"
#include "sim/model.hpp"

namespace subbyte::sim {

/// Energies of the weights and of the error; they add up over layers.
struct Distortion {
  double signal = 0;
  double noise = 0;

  /// Infinite without error.
  double sqnr_db() const { return 10 * std::log10(signal / noise); }
  Distortion& operator+=(const Distortion& other);
};

struct QuantizedLayer {
  quant::PackedTensor tensor;
  Distortion distortion;
};

/// Quantizes a layer. Beside the packed layer, each thread holds one block of FP32 rows (1 MiB, or one row). The result, the
/// distortion included, does not depend on `threads`. Throws InputError naming file and layer for weights that cannot be
/// read or quantized.
QuantizedLayer quantize_layer(const Model& model, const LinearLayer& layer, const quant::Format& format,
                              unsigned threads);

/// The FP32 values of a layer that is left unquantized, block by block in order; returns their energy.
Distortion copy_layer(const Model& model, const LinearLayer& layer,
                      const std::function<void(std::span<const float>)>& sink);

}  // namespace subbyte::sim
