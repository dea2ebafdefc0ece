// What stands in a packed file: its layers, their buffers, its checksum. Shared by packed_file (reading) and
// packed_writer.
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
  std::optional<DataType> raw = std::nullopt;  ///< kF32, kF16 or kBf16: left unquantized, as in the source

  /// The format's id, or "fp32", "fp16", "bf16".
  std::string format_id() const;
};

/// The name of an unquantized type in the file ("BF16") and as a format ("bf16"). Throws std::invalid_argument for
/// another.
std::string_view raw_element(DataType type);
std::string raw_format(DataType type);
/// kF32, kF16 or kBf16 by its name in the file; nothing for another name.
std::optional<DataType> raw_type(std::string_view element);

/// One buffer of a layer, in the order of the checksum.
struct PackedBuffer {
  std::string name;     ///< of its tensor: "L.codes"; "L.weight" where raw
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

/// XXH3-64 over the metadata but the checksum, each key and value closed by a zero byte, and then every buffer.
class PackedChecksum {
 public:
  explicit PackedChecksum(const PackedMetadata& metadata);
  void add(std::span<const std::uint8_t> bytes);
  std::string hex() const;

 private:
  ContentHash hash_;
};

/// Layers as a JSON list, and a JSON list as layers. Version 1 of the file has no raw layers. read_layers throws
/// InputError at offset 8.
std::string describe_layers(std::span<const PackedLayerInfo> layers);
std::vector<PackedLayerInfo> read_layers(const FileBytes& file, const std::string& text, unsigned version);

}  // namespace subbyte::sim
