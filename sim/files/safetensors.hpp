// Reads and writes safetensors files, which are a u64 header length, a JSON header, and the data. Source:
// github.com/huggingface/safetensors, README "Format".
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/base/file_bytes.hpp"
#include "sim/files/stored_tensor.hpp"

namespace subbyte::sim {

struct Safetensors {
  std::vector<StoredTensor> tensors;            ///< by offset
  std::map<std::string, std::string> metadata;  ///< `__metadata__`
};

/// Reads and checks the whole header. As in the reference implementation, the tensors must fill the data without
/// overlap or gap. Throws InputError with the offset of the wrong entry.
Safetensors read_safetensors(const FileBytes& file);
/// Returns the bytes of a tensor that read_safetensors returned.
std::uint64_t stored_bytes(const StoredTensor& tensor);

/// Reads every tensor of a sharded Hugging Face model: model.safetensors.index.json, whose weight_map names each
/// tensor's shard, a file in the folder of the index or below. Throws InputError with file and offset for a file that
/// is not such an index, for a shard that is missing or outside the folder, for a tensor that is not in its shard, in
/// two shards or not listed, and for a metadata.total_size that is not the tensors' size.
std::vector<FileTensor> read_sharded_safetensors(const FileBytes& index);
/// Returns true for a JSON object, which an index is and a model never starts with.
bool looks_like_index(const FileBytes& file);

/// One tensor to write. `dtype` is as in the format ("F32", "F16", "U8"); the bytes must fit dtype and shape.
struct SafetensorsEntry {
  std::string name;
  std::string dtype;
  std::vector<std::size_t> shape;
  std::span<const std::uint8_t> bytes;
};
/// One tensor of a header: an entry without its data.
struct SafetensorsField {
  std::string name;
  std::string dtype;
  std::vector<std::size_t> shape;
  std::uint64_t bytes = 0;
};
/// Returns the length and header of a file of these tensors, in this order, which is what precedes the data. The
/// metadata stand first. Throws nlohmann::json::type_error for a name that is not UTF-8.
std::string safetensors_header(std::span<const SafetensorsField> fields,
                               const std::map<std::string, std::string>& metadata);
/// Writes the entries in the order given, so that wider types should come first (for alignment). Throws InputError when
/// the file cannot be written; it appears whole or not at all.
void write_safetensors(const std::string& path, std::span<const SafetensorsEntry> entries,
                       const std::map<std::string, std::string>& metadata);

}  // namespace subbyte::sim
