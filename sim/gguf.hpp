// GGUF files, versions 2 and 3. Source: github.com/ggml-org/ggml, docs/gguf.md.
#pragma once

#include <vector>

#include "sim/file_bytes.hpp"
#include "sim/model.hpp"
#include "sim/stored_tensor.hpp"

namespace subbyte::sim {

/// Every tensor, shapes outermost first (GGUF stores them innermost first), by offset. F32, F16 and BF16 are
/// checked against the file and against each other; other types are kOther with the type's name. Throws
/// InputError.
std::vector<StoredTensor> read_gguf(const FileBytes& file);
/// The linear layers, under Hugging Face Llama names where the GGUF name has one. A missing "output.weight"
/// is the token embedding. Throws InputError; for a linear layer of another type it names the tensor and the
/// type.
Model open_gguf(const FileBytes& file);

}  // namespace subbyte::sim
