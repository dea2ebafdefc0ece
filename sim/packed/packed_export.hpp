// Packed layers as a GGUF file, bit for bit.
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
  std::string type;  ///< GGUF type of every packed layer ("TQ1_0"); empty: each format's first
  const Checkpoint* model =
      nullptr;             ///< what P was packed from: its other tensors, configuration and tokenizer go along
  bool keep_rows = false;  ///< without a model: the rows of q and k are adjacent pairs already
};

/// A tensor of the file, its bytes on demand.
struct ExportTensor {
  GgufField field;
  std::function<void(GgufWriter&)> write;
};

/// Every tensor to write. With a model in Hugging Face's row order the rows of q and k become adjacent pairs
/// (llama.cpp's order); without a model a layer of them is refused unless keep_rows. An NVFP4 tensor scale
/// other than 1 becomes "X.scale" where it is a decode scale, or the exact reciprocal of an encode scale.
/// Throws InputError naming the layer for a format or a shape that the type does not hold.
std::vector<ExportTensor> export_tensors(const PackedFile& packed, const ExportOptions& options);

/// The key-value section: all keys of a GGUF model but those of its types and place; else architecture, shape
/// and, where one lies beside the model, the tokenizer. Without a model only general.name. `notes` gets a
/// line for what could not be said.
GgufKeys export_keys(const PackedFile& packed, const ExportOptions& options, std::vector<std::string>& notes);

}  // namespace subbyte::sim
