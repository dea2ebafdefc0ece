// What stands in a packed file: its layers, their buffers, and its checksum. packed_file (which reads) and
// packed_writer share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quant/formats/format.hpp"
#include "sim/base/hash.hpp"
#include "sim/files/stored_tensor.hpp"

namespace subbyte::sim {

/// A layer's entry in the table of a packed file.
struct PackedLayerInfo {
  std::string name;
  quant::Format format;  ///< meaningless where `raw`
  std::size_t rows = 0;
  std::size_t cols = 0;
  /// kF32, kF16 or kBf16 of a layer that is left unquantized, as in the source.
  std::optional<DataType> raw = std::nullopt;

  /// Returns the format's id, or "fp32", "fp16" or "bf16".
  std::string format_id() const;
};

/// Returns the name of an unquantized type in the file ("BF16") and as a format ("bf16"). Throws std::invalid_argument
/// for another type.
std::string_view raw_element(DataType type);
std::string raw_format(DataType type);
/// Returns kF32, kF16 or kBf16 by its name in the file, and nothing for another name.
std::optional<DataType> raw_type(std::string_view element);

/// One buffer of a layer, in the order of the checksum.
struct PackedBuffer {
  std::string name;     ///< name of its tensor: "L.codes", or "L.weight" where raw
  std::string element;  ///< "U8", "F16", "BF16", "F32"
  std::size_t element_bytes = 1;
  std::vector<std::size_t> shape;
  std::size_t bytes = 0;
};
std::vector<PackedBuffer> packed_buffers(const PackedLayerInfo& layer);

using PackedMetadata = std::map<std::string, std::string>;
inline constexpr std::string_view kPackedFormat = "subbyte-packed";
inline constexpr std::string_view kPackedVersion = "2";
inline constexpr std::string_view kPackedChecksum = "xxh3_64";

/// Returns the XXH3-64 over the metadata but the checksum, each key and value closed by a zero byte, and then over
/// every buffer.
class PackedChecksum {
 public:
  explicit PackedChecksum(const PackedMetadata& metadata);
  void add(std::span<const std::uint8_t> bytes);
  std::string hex() const;

 private:
  ContentHash hash_;
};

/// Turn layers into a JSON list, and a JSON list into layers. Version 1 of the file has no raw layers. read_layers
/// throws InputError at offset 8.
std::string describe_layers(std::span<const PackedLayerInfo> layers);
std::vector<PackedLayerInfo> read_layers(const FileBytes& file, const std::string& text, unsigned version);

}  // namespace subbyte::sim
