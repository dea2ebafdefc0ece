// Keeps packed weights on disk: one safetensors file holds all layers, with a checksum.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/base/file_bytes.hpp"
#include "sim/files/stored_tensor.hpp"
#include "sim/packed/packed_layout.hpp"

namespace subbyte::sim {

struct PackedLayer {
  std::string name;
  quant::PackedTensor tensor;
};

/// Writes, for each layer L, the tensors that quant::buffers() lists: L.codes U8 [rows][bytes], L.scales [rows][groups]
/// in the format's type, L.selectors and L.zeros U8 [rows][bytes], L.channel_scales F32 [rows], and L.tensor_scale F32
/// [1]. A layer that was left unquantized is L.weight [rows][cols] in F32, F16 or BF16. `__metadata__` holds strings
/// only: "format" "subbyte-packed", "layout_version" "2", "subbyte_version", "layers" (a JSON array of {name, format,
/// rows, cols}, with "raw": type in the place of format for an unquantized layer) and "xxh3_64" (16 hex digits over the
/// other strings, key and value each with a closing zero byte, in the order of their keys, and then every layer's
/// buffers in the order above). Version 1 has no unquantized layers and is read too. The file appears whole or not at
/// all; missing folders are made. Throws InputError when it cannot be written, and std::invalid_argument for layers
/// that are empty, repeated or fail quant::validate. PackedWriter writes the same layer by layer.
void write_packed_file(const std::string& path, std::span<const PackedLayer> layers);

/// A packed file that was opened, checked against its checksum, and is loaded one layer at a time.
class PackedFile {
 public:
  using Layer = PackedLayerInfo;

  /// Throws InputError when the file is not a packed file, when its layout version or a format is unknown, when a
  /// tensor is missing, has another shape or is left over, and when the checksum does not match.
  static PackedFile open(const std::string& path);
  static PackedFile parse(const FileBytes& file);

  const std::string& path() const { return file_.name(); }
  std::span<const Layer> layers() const { return layers_; }
  /// Returns the layer of that name; an empty name means the only layer. Throws InputError, which lists the names or
  /// tells the nearest one.
  const Layer& layer(std::string_view name) const;
  /// Throws InputError for a layer that is not quantized, and when quant::validate refuses the stored values.
  quant::PackedTensor load(std::string_view name) const;
  /// Returns FP32 values [rows][cols] of any layer, decoded or as they were left. Throws as load() does.
  std::vector<float> load_values(std::string_view name) const;

 private:
  PackedFile(FileBytes file, std::vector<Layer> layers, std::vector<StoredTensor> tensors)
      : file_(std::move(file)), layers_(std::move(layers)), tensors_(std::move(tensors)) {}
  FileBytes file_;
  std::vector<Layer> layers_;
  std::vector<StoredTensor> tensors_;
};

}  // namespace subbyte::sim
