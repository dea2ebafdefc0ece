// Reads layers that other tools have packed already, bit for bit: GGUF's quantized types, and safetensors of the
// compressed-tensors, ModelOpt and gpt-oss conventions (sim/packed/compressed_tensors.hpp).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/base/input_error.hpp"
#include "sim/files/gguf.hpp"
#include "sim/packed/compressed_tensors.hpp"
#include "sim/packed/packed_layout.hpp"
#include "sim/packed/packed_writer.hpp"

namespace subbyte::sim {

/// Returns the layers of a GGUF file. They are the two-dimensional "*.weight" tensors that are no embeddings, under
/// their Hugging Face names where they have one, with a tied classifier as "lm_head". A three-dimensional tensor gives
/// one layer per outermost index ("experts": "blk.0.ffn_up_exps.weight" gives "model.layers.0.mlp.experts.0.up_proj"
/// ...). Rows keep the file's order.
std::vector<ImportedLayer> gguf_layers(const FileBytes& file, const Gguf& gguf);

/// Returns the layers of a GGUF file, a safetensors file, an index of shards, a .tl2.json (sim/packed/tl2_files.hpp),
/// or a directory of one of the last three. Throws InputError.
std::vector<ImportedLayer> open_import(const std::string& path, const ImportOptions& options);

/// Returns the layers whose names match a shell pattern. Throws InputError when none does, or when one of them has a
/// problem.
std::vector<ImportedLayer> select_layers(const std::string& path, std::vector<ImportedLayer> layers,
                                         const std::string& glob);

/// Writes the layer whose turn it is; no more than one tensor is in memory. Throws InputError.
void write_layer(const ImportedLayer& layer, PackedWriter& writer);

}  // namespace subbyte::sim
