// Packed weights on disk: one safetensors file for all layers, with a checksum.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quant/packed_tensor.hpp"
#include "sim/file_bytes.hpp"
#include "sim/stored_tensor.hpp"

namespace subbyte::sim {

struct PackedLayer {
  std::string name;
  quant::PackedTensor tensor;
};

/// Per layer L the tensors L.codes U8 [rows][bytes], L.scales F16 or U8 [rows][groups], L.selectors and
/// L.zeros U8 [rows][bytes], L.channel_scales F32 [rows]; absent where empty. `__metadata__` holds strings
/// only: "format" "subbyte-packed", "layout_version" "1", "subbyte_version", "layers" (a JSON array of {name,
/// format, rows, cols}) and "xxh3_64" (16 hex digits over the other strings, key and value each with a closing
/// zero byte, in the order of their keys, and then every layer's buffers in the order above). The file appears whole or not at all. Throws InputError when it cannot be written,
/// std::invalid_argument for layers that are empty, repeated or fail quant::validate.
void write_packed_file(const std::string& path, std::span<const PackedLayer> layers);

/// A packed file that was opened, checked against its checksum, and is loaded one layer at a time.
class PackedFile {
 public:
  struct Layer {
    std::string name;
    quant::Format format;
    std::size_t rows = 0;
    std::size_t cols = 0;
  };

  /// Throws InputError: not a packed file, unknown layout version or format, a tensor missing, of another
  /// shape or left over, checksum mismatch.
  static PackedFile open(const std::string& path);
  static PackedFile parse(const FileBytes& file);

  const std::string& path() const { return file_.name(); }
  std::span<const Layer> layers() const { return layers_; }
  /// With an empty name, the only layer. Throws InputError listing the names, or naming the nearest.
  const Layer& layer(std::string_view name) const;
  /// Throws InputError when quant::validate refuses the stored values.
  quant::PackedTensor load(std::string_view name) const;

 private:
  PackedFile(FileBytes file, std::vector<Layer> layers, std::vector<StoredTensor> tensors)
      : file_(std::move(file)), layers_(std::move(layers)), tensors_(std::move(tensors)) {}
  FileBytes file_;
  std::vector<Layer> layers_;
  std::vector<StoredTensor> tensors_;
};

}  // namespace subbyte::sim
