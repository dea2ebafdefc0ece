// Reads llama2.c checkpoints of version 0. Source: github.com/karpathy/llama2.c, export.py legacy_export and run.c
// memory_map_weights.
#pragma once

#include "sim/base/file_bytes.hpp"
#include "sim/checkpoint/checkpoint.hpp"

namespace subbyte::sim {

/// The file holds seven int32 (dim, hidden, layers, heads, kv heads, vocabulary, sequence length; a negative vocabulary
/// means a classifier of its own) and then FP32 tensors in a fixed order that must fill the file exactly. Linear layers
/// carry Hugging Face names; q and k keep the file's row order (RoPE on adjacent pairs). Throws InputError.
Checkpoint open_llama2c(const FileBytes& file);
/// Returns true when the first bytes are a plausible header of seven positive sizes (the vocabulary may be negative).
bool looks_like_llama2c(const FileBytes& file);

}  // namespace subbyte::sim
