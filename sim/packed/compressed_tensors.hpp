// Reads microscaling weights in safetensors, as the tools that made them store them. Every two codes of four bits share
// a byte, with the even element in the low nibble.
//   compressed-tensors (vLLM, llm-compressor): L.weight_packed U8, L.weight_scale F8_E4M3 | U8 (E8M0),
//     L.weight_global_scale F32, the *encode* scale: weight = code * (block scale / global scale)
//   TensorRT Model-Optimizer: L.weight U8, L.weight_scale, L.weight_scale_2 F32, the *decode* scale: weight =
//     code * block scale * decode scale
//   gpt-oss: X.blocks | X_blocks U8 [experts, rows, groups, 16], X.scales | X_scales U8 (E8M0, bias 127)
//   MXFP8 (compressed-tensors, ModelOpt): L.weight F8_E4M3 | F8_E5M2 [rows, cols], L.weight_scale U8
//     [rows, cols / 32]
// Sources: github.com/vllm-project/compressed-tensors, compressors/quantized_compressors/nvfp4_quantized.py;
// github.com/NVIDIA/TensorRT-Model-Optimizer, qtensor/nvfp4_tensor.py; github.com/openai/gpt-oss,
// torch/weights.py.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/packed/packed_layout.hpp"

namespace subbyte::sim {

/// This is more experts than any model has, and a layer costs far more memory than an expert of one block costs its
/// file.
inline constexpr std::size_t kMostExperts = 1U << 16U;

/// A layer of another tool's file, to be packed or copied.
struct ImportedLayer {
  PackedLayerInfo info;
  std::function<quant::PackedTensor()> load;  ///< loads a quantized layer; for another, `source` holds the values
  FileTensor source;
  std::optional<InputError> problem = std::nullopt;  ///< why the layer cannot be read
};

struct ImportOptions {
  /// Which way round a tensor scale is stored, whatever the file says.
  std::optional<quant::TensorScale> global_scale;
};

/// Returns every layer of a checkpoint. `config` is its config.json, where there is one.
/// quantization_config.quant_method in it tells which way round L.weight_global_scale is; without it, or with another
/// method, the layer's problem names the option --global-scale. Layers that are not quantized are listed raw. Throws
/// InputError for a config.json that is not JSON.
std::vector<ImportedLayer> compressed_layers(std::span<const FileTensor> tensors, const FileBytes* config,
                                             const ImportOptions& options);

}  // namespace subbyte::sim
