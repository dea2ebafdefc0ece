// Reads GGUF files, versions 2 and 3. Source: github.com/ggml-org/ggml, docs/gguf.md.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/file_bytes.hpp"
#include "sim/files/gguf_metadata.hpp"
#include "sim/files/stored_tensor.hpp"

namespace subbyte::sim {

struct Gguf {
  GgufMetadata metadata;
  std::vector<StoredTensor> tensors;  ///< by offset
  /// The key-value section as it stands, from its first key to the end of its last value.
  std::uint64_t metadata_begin = 0;
  std::uint64_t metadata_end = 0;
};

/// Returns every tensor with its shape outermost first (GGUF stores it innermost first). Tensors are checked against
/// the file and against each other; a type whose block size is not known occupies at least one byte. F32, F16, BF16 and
/// the quantized types of quant/formats/ggml_blocks.hpp are converted on demand; others are kOther with the type's
/// name. Type 42 is STQ1_0 (the number of its first files) where the room up to the next tensor is that of its blocks,
/// and else Q2_0. An F32 tensor "X.scale" beside an NVFP4 tensor "X.weight" is its tensor scale (llama.cpp). Throws
/// InputError.
Gguf read_gguf(const FileBytes& file);

}  // namespace subbyte::sim
