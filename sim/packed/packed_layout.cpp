#include "sim/packed/packed_layout.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "quant/formats/packed_tensor.hpp"
#include "sim/base/hash.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

struct RawRow {
  DataType type;
  std::string_view element;
  std::string_view format;
};
constexpr RawRow kRaw[] = {
    {DataType::kF32, "F32", "fp32"}, {DataType::kF16, "F16", "fp16"}, {DataType::kBf16, "BF16", "bf16"}};

const RawRow& raw_row(DataType type) {
  for (const RawRow& row : kRaw) {
    if (row.type == type) return row;
  }
  throw std::invalid_argument("an unquantized layer of a packed file is F32, F16 or BF16");
}

/// Reads one entry of the list; throws Json::exception or quant::FormatError.
PackedLayerInfo read_entry(const FileBytes& file, const Json& entry, const std::string& name, unsigned version) {
  const Json& rows = entry.at("rows");
  const Json& cols = entry.at("cols");
  const std::size_t limit = file.size() * 8;
  const bool sizes = rows.is_number_unsigned() && cols.is_number_unsigned() && rows.get<std::size_t>() - 1 < limit &&
                     cols.get<std::size_t>() - 1 < limit;
  if (!sizes) file.fail(8, fmt::format("layer '{}': rows and cols, expected 1..{}", printable(name), limit));
  PackedLayerInfo layer{name, {}, rows.get<std::size_t>(), cols.get<std::size_t>()};
  if (version < 2 || !entry.contains("raw")) {
    layer.format = parse_description(entry.at("format").get<std::string>());
    return layer;
  }
  const auto element = entry.at("raw").get<std::string>();
  layer.raw = raw_type(element);
  if (!layer.raw) {
    file.fail(8,
              fmt::format("layer '{}': raw is '{}', expected F32, F16 or BF16", printable(name), printable(element)));
  }
  return layer;
}

}  // namespace

std::string_view raw_element(DataType type) { return raw_row(type).element; }
std::string raw_format(DataType type) { return std::string(raw_row(type).format); }

std::optional<DataType> raw_type(std::string_view element) {
  for (const RawRow& row : kRaw) {
    if (row.element == element) return row.type;
  }
  return std::nullopt;
}

std::string PackedLayerInfo::format_id() const { return raw ? raw_format(*raw) : format.id(); }

std::vector<PackedBuffer> packed_buffers(const PackedLayerInfo& layer) {
  if (layer.raw) {
    const std::size_t width = element_bytes(*layer.raw);
    return {{layer.name + ".weight",
             std::string(raw_element(*layer.raw)),
             width,
             {layer.rows, layer.cols},
             layer.rows * layer.cols * width}};
  }
  std::vector<PackedBuffer> result;
  for (const quant::BufferSpec& spec : quant::buffers(layer.format, layer.cols)) {
    result.push_back({layer.name + "." + std::string(spec.name), std::string(spec.element), spec.element_bytes,
                      spec.shape(layer.rows), spec.bytes(layer.rows)});
  }
  return result;
}

PackedChecksum::PackedChecksum(const PackedMetadata& metadata) {
  for (const auto& [key, value] : metadata) {
    if (key == kPackedChecksum) continue;
    // The closing zero byte belongs to the text.
    hash_.add(std::string_view(key.c_str(), key.size() + 1));
    hash_.add(std::string_view(value.c_str(), value.size() + 1));
  }
}

void PackedChecksum::add(std::span<const std::uint8_t> bytes) { hash_.add(std::as_bytes(bytes)); }

std::string PackedChecksum::hex() const { return hash_.short_text(); }

std::string describe_layers(std::span<const PackedLayerInfo> layers) {
  Json description = Json::array();
  for (const PackedLayerInfo& layer : layers) {
    const auto what = layer.raw ? std::pair("raw", std::string(raw_element(*layer.raw)))
                                : std::pair("format", describe(layer.format));
    description.push_back(
        {{"name", layer.name}, {what.first, what.second}, {"rows", layer.rows}, {"cols", layer.cols}});
  }
  try {
    return description.dump();
  } catch (const Json::type_error&) {
    throw std::invalid_argument("a layer's name is not UTF-8, which safetensors files cannot hold");
  }
}

std::vector<PackedLayerInfo> read_layers(const FileBytes& file, const std::string& text, unsigned version) {
  std::vector<PackedLayerInfo> layers;
  std::set<std::string> seen;
  std::string name = "?";
  try {
    const auto description = Json::parse(text);
    if (!description.is_array() || description.empty()) file.fail(8, "the metadata 'layers' is not a list of layers");
    for (const Json& entry : description) {
      name = entry.at("name").get<std::string>();
      layers.push_back(read_entry(file, entry, name, version));
      if (!seen.insert(name).second) file.fail(8, fmt::format("layer '{}' appears twice", printable(name)));
    }
  } catch (const Json::exception&) {
    file.fail(8, version < 2 ? "the metadata 'layers' is not a JSON list of {name, format, rows, cols}"
                             : "the metadata 'layers' is not a JSON list of {name, format or raw, rows, cols}");
  } catch (const quant::FormatError& error) {
    file.fail(8, fmt::format("layer '{}': {}", printable(name), error.what()));
  }
  return layers;
}

}  // namespace subbyte::sim
