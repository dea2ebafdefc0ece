// safetensors files: u64 header length, JSON header, data. Source: github.com/huggingface/safetensors, README
// "Format".
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/file_bytes.hpp"
#include "sim/model.hpp"
#include "sim/stored_tensor.hpp"

namespace subbyte::sim {

struct Safetensors {
  std::vector<StoredTensor> tensors;            ///< by offset
  std::map<std::string, std::string> metadata;  ///< `__metadata__`
};

/// Reads and checks the whole header: as in the reference implementation, the tensors fill the data without
/// overlap or gap. Throws InputError with the offset of the wrong entry.
Safetensors read_safetensors(const FileBytes& file);
/// A Hugging Face model in one file; `tied`: a missing classifier is the token embedding. Throws InputError.
Model open_safetensors(const FileBytes& file, bool tied = true, LlamaDescription llama = {});

/// One tensor to write. `dtype` as in the format ("F32", "F16", "U8"); the bytes must fit dtype and shape.
struct SafetensorsEntry {
  std::string name;
  std::string dtype;
  std::vector<std::size_t> shape;
  std::span<const std::uint8_t> bytes;
};
/// Writes the entries in the order given, so that wider types should come first (alignment). Throws
/// InputError when the file cannot be written; it appears whole or not at all.
void write_safetensors(const std::string& path, std::span<const SafetensorsEntry> entries,
                       const std::map<std::string, std::string>& metadata);

}  // namespace subbyte::sim
