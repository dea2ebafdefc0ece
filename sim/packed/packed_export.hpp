// Exports packed layers as a GGUF file, bit for bit.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/files/gguf_writer.hpp"
#include "sim/packed/packed_file.hpp"

namespace subbyte::sim {

struct ExportOptions {
  std::string type;  ///< GGUF type of every packed layer ("TQ1_0"); when empty, the first of each format
  /// What P was packed from. Its other tensors, configuration and tokenizer go along.
  const Checkpoint* model = nullptr;
  bool keep_rows = false;  ///< without a model: the rows of q and k are adjacent pairs already
};

/// A tensor of the file, whose bytes are made on demand.
struct ExportTensor {
  GgufField field;
  std::function<void(GgufWriter&)> write;
};

/// Returns every tensor to write. With a model in Hugging Face's row order the rows of q and k become adjacent pairs
/// (llama.cpp's order); without a model a layer of them is refused unless keep_rows is set. An NVFP4 tensor scale other
/// than 1 becomes "X.scale", as it is where it is a decode scale, and as the exact reciprocal where it is an encode
/// scale. Throws InputError that names the layer for a format or a shape that the type does not hold.
std::vector<ExportTensor> export_tensors(const PackedFile& packed, const ExportOptions& options);

/// Returns the key-value section. It holds all keys of a GGUF model but those of its types and place; for another model
/// it holds architecture, shape and, where one lies beside the model, the tokenizer. Without a model it holds only
/// general.name. `notes` gets a line for what could not be said.
GgufKeys export_keys(const PackedFile& packed, const ExportOptions& options, std::vector<std::string>& notes);

}  // namespace subbyte::sim
