// Opens files as checkpoints. The content of a path decides what it is.
#pragma once

#include <string>

#include "sim/checkpoint/checkpoint.hpp"

namespace subbyte::sim {

/// Opens safetensors, .npy, GGUF or llama2.c version 0 by content, a .json index of safetensors shards, a directory
/// with model.safetensors or model.safetensors.index.json, or "embedded". Throws InputError.
Checkpoint open_checkpoint(const std::string& path);

/// Reads one matrix [out][in] as a model of one layer, which is named after the file without ".npy". Throws InputError.
Checkpoint open_npy(const FileBytes& file);
/// Reads a Hugging Face model in one file. When `tied` is true, a missing classifier is the token embedding. Throws
/// InputError.
Checkpoint open_safetensors(const FileBytes& file, bool tied = true, LlamaDescription llama = {});
/// Does the same for a sharded model (read_sharded_safetensors). Throws InputError.
Checkpoint open_sharded_safetensors(const FileBytes& index, bool tied = true, LlamaDescription llama = {});
/// Reads the linear layers and every parameter, under Hugging Face Llama names where the GGUF name has one, with
/// quantized tensors decoded. A missing "output.weight" is the token embedding. A layer of a type that is not converted
/// is listed, and loading it is an error that names tensor and type. Throws InputError.
Checkpoint open_gguf(const FileBytes& file);

}  // namespace subbyte::sim
