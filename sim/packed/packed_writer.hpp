// Writes packed weights to disk layer by layer. No more than one layer is in memory, whatever the model's size is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "sim/base/output_file.hpp"
#include "sim/packed/packed_layout.hpp"

namespace subbyte::sim {

/// Writes the file that packed_file.hpp describes. The sizes are known from formats and shapes, so the header comes
/// first and its checksum last. Missing folders of `path` are made, the space is reserved, and the file appears whole
/// at commit() or not at all. Throws InputError when it cannot be written, and std::invalid_argument for layers that
/// are empty or repeated and for a tensor that is not the one announced.
class PackedWriter {
 public:
  PackedWriter(const std::string& path, std::vector<PackedLayerInfo> layers);

  /// Writes the next layer, in the order announced.
  void add(const quant::PackedTensor& tensor);
  /// Writes the next values, row-major, of the raw layer whose turn it is, any number at a time. They are stored in its
  /// type, rounded to nearest even where it cannot hold them.
  void add_raw(std::span<const float> values);
  /// Throws std::invalid_argument when a layer is missing.
  void commit();

 private:
  const PackedLayerInfo& next(bool raw) const;
  void put(std::uint64_t offset, std::span<const std::uint8_t> bytes);
  void finish_layer(std::size_t buffers);

  std::vector<PackedLayerInfo> layers_;
  PackedMetadata metadata_;
  std::uint64_t checksum_at_ = 0;
  std::vector<std::uint64_t> offsets_;  ///< of every buffer of every layer, in the order of the checksum
  OutputFile out_;
  PackedChecksum checksum_;
  std::size_t layer_ = 0;
  std::size_t buffer_ = 0;
  std::uint64_t raw_bytes_ = 0;  ///< bytes written of the current raw layer
};

}  // namespace subbyte::sim
