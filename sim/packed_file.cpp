#include "sim/packed_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "sim/names.hpp"
#include "sim/safetensors.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;
using Bytes = std::span<const std::uint8_t>;

constexpr std::string_view kFormat = "subbyte-packed";
constexpr std::string_view kLayoutVersion = "1";
constexpr std::string_view kSubbyteVersion = "0.1.0";
constexpr std::string_view kChecksum = "xxh3_64";

/// One buffer of a layer as it is stored; `width` is the extent of a row, 0 for one value per row.
struct Buffer {
  std::string suffix;
  std::string dtype;
  std::size_t element;
  std::size_t width;
  bool present;
};

/// In the order of the checksum.
std::vector<Buffer> buffers(const quant::Format& format, std::size_t cols) {
  quant::PackedTensor shape;
  shape.format = format;
  shape.cols = cols;
  const bool u8 = format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
  return {{".codes", "U8", 1, shape.code_row_bytes(), true},
          {".scales", u8 ? "U8" : "F16", u8 ? 1U : 2U, shape.groups(), true},
          {".selectors", "U8", 1, shape.selector_row_bytes(), shape.selector_row_bytes() != 0},
          {".zeros", "U8", 1, shape.zero_row_bytes(), shape.zero_row_bytes() != 0},
          {".channel_scales", "F32", 4, 0, u8}};
}

Bytes channel_bytes(const quant::PackedTensor& tensor) {
  return {reinterpret_cast<const std::uint8_t*>(tensor.channel_scales.data()),
          tensor.channel_scales.size() * sizeof(float)};
}

std::vector<Bytes> contents(const quant::PackedTensor& tensor) {
  return {tensor.codes, tensor.scales, tensor.selectors, tensor.zeros, channel_bytes(tensor)};
}

using Metadata = std::map<std::string, std::string>;

/// XXH3 over the metadata, each key and value closed by a zero byte, and then every buffer.
class Checksum {
 public:
  explicit Checksum(const Metadata& metadata) {
    XXH3_64bits_reset(&state_);
    for (const auto& [key, value] : metadata) {
      if (key == kChecksum) continue;
      // c_str(): the closing zero byte belongs to the text.
      XXH3_64bits_update(&state_, key.c_str(), key.size() + 1);
      XXH3_64bits_update(&state_, value.c_str(), value.size() + 1);
    }
  }
  void add(Bytes bytes) {
    if (!bytes.empty()) XXH3_64bits_update(&state_, bytes.data(), bytes.size());
  }
  std::string hex() const { return fmt::format("{:016x}", XXH3_64bits_digest(&state_)); }

 private:
  XXH3_state_t state_;
};

std::string describe(std::span<const PackedLayer> layers) {
  Json description = Json::array();
  for (const PackedLayer& layer : layers) {
    description.push_back({{"name", layer.name},
                           {"format", layer.tensor.format.id()},
                           {"rows", layer.tensor.rows},
                           {"cols", layer.tensor.cols}});
  }
  try {
    return description.dump();
  } catch (const Json::type_error&) {
    throw std::invalid_argument("a layer's name is not UTF-8, which safetensors files cannot hold");
  }
}

void check_layers(std::span<const PackedLayer> layers) {
  std::set<std::string> seen;
  if (layers.empty()) throw std::invalid_argument("a packed file needs at least one layer");
  for (const PackedLayer& layer : layers) {
    quant::validate(layer.tensor);
    if (layer.tensor.rows == 0 || layer.tensor.cols == 0 || !seen.insert(layer.name).second) {
      throw std::invalid_argument("layer '" + layer.name + "' is empty or appears twice");
    }
  }
}

/// Metadata of a packed file, or why it is not one.
const std::string& metadata(const FileBytes& file, const Safetensors& header, const std::string& key) {
  const auto found = header.metadata.find(key);
  if (found == header.metadata.end()) {
    file.fail(
        8, fmt::format(
               "not a packed file: the metadata lacks '{}', expected the output of `subbyte quantize`", key));
  }
  return found->second;
}

std::vector<PackedFile::Layer> read_description(const FileBytes& file, const std::string& text) {
  std::vector<PackedFile::Layer> layers;
  std::set<std::string> seen;
  std::string name = "?";
  try {
    const auto description = Json::parse(text);
    if (!description.is_array() || description.empty())
      file.fail(8, "the metadata 'layers' is not a list of layers");
    for (const Json& entry : description) {
      name = entry.at("name").get<std::string>();
      const Json& rows = entry.at("rows");
      const Json& cols = entry.at("cols");
      const std::size_t limit = file.size() * 8;
      const bool sizes = rows.is_number_unsigned() && cols.is_number_unsigned() &&
                         rows.get<std::size_t>() - 1 < limit && cols.get<std::size_t>() - 1 < limit;
      if (!sizes)
        file.fail(8, fmt::format("layer '{}': rows and cols, expected 1..{}", printable(name), limit));
      if (!seen.insert(name).second) file.fail(8, fmt::format("layer '{}' appears twice", printable(name)));
      layers.push_back({name, quant::parse_format(entry.at("format").get<std::string>()),
                        rows.get<std::size_t>(), cols.get<std::size_t>()});
    }
  } catch (const Json::exception&) {
    file.fail(8, "the metadata 'layers' is not a JSON list of {name, format, rows, cols}");
  } catch (const quant::FormatError& error) {
    file.fail(8, fmt::format("layer '{}': {}", printable(name), error.what()));
  }
  return layers;
}

using TensorMap = std::map<std::string, StoredTensor, std::less<>>;

/// The stored buffers of a layer in checksum order; an absent one is empty.
std::vector<Bytes> find_buffers(const FileBytes& file, const TensorMap& tensors,
                                const PackedFile::Layer& layer, std::size_t* found) {
  std::vector<Bytes> result;
  for (const Buffer& buffer : buffers(layer.format, layer.cols)) {
    result.emplace_back();
    if (!buffer.present) continue;
    const std::string name = layer.name + buffer.suffix;
    const auto tensor = tensors.find(name);
    std::vector<std::size_t> shape{layer.rows};
    if (buffer.width != 0) shape.push_back(buffer.width);
    if (tensor == tensors.end() || tensor->second.type_name != buffer.dtype ||
        tensor->second.shape != shape) {
      file.fail(tensor == tensors.end() ? 8 : tensor->second.offset,
                fmt::format("layer '{}' ({}): the tensor '{}' is {}, expected {} [{}]", printable(layer.name),
                            layer.format.id(), printable(name),
                            tensor == tensors.end() ? "missing"
                                                    : fmt::format("{} [{}]", tensor->second.type_name,
                                                                  fmt::join(tensor->second.shape, ", ")),
                            buffer.dtype, fmt::join(shape, ", ")));
    }
    result.back() =
        file.slice(tensor->second.offset, tensor->second.elements() * buffer.element, "a packed buffer");
    ++*found;
  }
  return result;
}

TensorMap by_name(std::span<const StoredTensor> tensors) {
  TensorMap map;
  for (const StoredTensor& tensor : tensors) map.emplace(tensor.name, tensor);
  return map;
}

void verify_checksum(const FileBytes& file, const Safetensors& header,
                     std::span<const PackedFile::Layer> layers) {
  const TensorMap tensors = by_name(header.tensors);
  Checksum checksum(header.metadata);
  std::size_t found = 0;
  for (const PackedFile::Layer& layer : layers) {
    for (const Bytes bytes : find_buffers(file, tensors, layer, &found)) checksum.add(bytes);
  }
  if (found != tensors.size()) {
    file.fail(8, fmt::format("{} tensors, expected the {} of the layers listed", tensors.size(), found));
  }
  const std::string& stored = metadata(file, header, std::string(kChecksum));
  if (stored != checksum.hex()) {
    file.fail(
        8, fmt::format("checksum mismatch: the contents give {}, expected the stored {}; the file is damaged",
                       checksum.hex(), printable(stored)));
  }
}

}  // namespace

void write_packed_file(const std::string& path, std::span<const PackedLayer> layers) {
  check_layers(layers);
  Metadata metadata = {{"format", std::string(kFormat)},
                       {"layout_version", std::string(kLayoutVersion)},
                       {"subbyte_version", std::string(kSubbyteVersion)},
                       {"layers", describe(layers)}};
  Checksum checksum(metadata);
  std::vector<SafetensorsEntry> entries;
  for (const PackedLayer& layer : layers) {
    const auto data = contents(layer.tensor);
    const auto rows = buffers(layer.tensor.format, layer.tensor.cols);
    for (std::size_t i = 0; i < data.size(); ++i) {
      checksum.add(data[i]);
      if (!rows[i].present) continue;
      std::vector<std::size_t> shape{layer.tensor.rows};
      if (rows[i].width != 0) shape.push_back(rows[i].width);
      entries.push_back({layer.name + rows[i].suffix, rows[i].dtype, shape, data[i]});
    }
  }
  // Wider types first, so that every tensor is aligned to its element without padding.
  const auto width = [](const SafetensorsEntry& entry) {
    return entry.dtype == "F32" ? 4 : entry.dtype == "F16" ? 2 : 1;
  };
  std::ranges::stable_sort(entries, std::ranges::greater{}, width);
  metadata[std::string(kChecksum)] = checksum.hex();
  write_safetensors(path, entries, metadata);
}

PackedFile PackedFile::open(const std::string& path) { return parse(FileBytes::map(path)); }

PackedFile PackedFile::parse(const FileBytes& file) {
  Safetensors header = read_safetensors(file);
  if (const std::string& format = metadata(file, header, "format"); format != kFormat) {
    file.fail(8, fmt::format("not a packed file: the metadata 'format' is '{}', expected '{}'",
                             printable(format), kFormat));
  }
  if (const std::string& version = metadata(file, header, "layout_version"); version != kLayoutVersion) {
    file.fail(8, fmt::format("layout version '{}', expected '{}'", printable(version), kLayoutVersion));
  }
  std::vector<Layer> layers = read_description(file, metadata(file, header, "layers"));
  verify_checksum(file, header, layers);
  return PackedFile(file, std::move(layers), std::move(header.tensors));
}

const PackedFile::Layer& PackedFile::layer(std::string_view name) const {
  if (name.empty() && layers_.size() == 1) return layers_.front();
  // A layer may itself be called X.weight (of a file X.weight.npy): the name as given comes first.
  const std::string_view short_name = name.ends_with(".weight") ? name.substr(0, name.size() - 7) : name;
  for (const std::string_view wanted : {name, short_name}) {
    const auto found = std::ranges::find(layers_, wanted, &Layer::name);
    if (found != layers_.end()) return *found;
  }
  std::vector<std::string> names;
  for (const Layer& layer : layers_) names.push_back(layer.name);
  if (name.empty()) {
    throw InputError(
        path(), "--layer",
        fmt::format("the file holds {} layers, name one of: {}", names.size(), fmt::join(names, ", ")));
  }
  throw InputError(path(), "--layer", fmt::format("no layer '{}'; {}", name, suggestion(name, names)));
}

quant::PackedTensor PackedFile::load(std::string_view name) const {
  const Layer& entry = layer(name);
  std::size_t found = 0;
  const auto data = find_buffers(file_, by_name(tensors_), entry, &found);
  quant::PackedTensor tensor;
  tensor.format = entry.format;
  tensor.rows = entry.rows;
  tensor.cols = entry.cols;
  tensor.codes.assign(data[0].begin(), data[0].end());
  tensor.scales.assign(data[1].begin(), data[1].end());
  tensor.selectors.assign(data[2].begin(), data[2].end());
  tensor.zeros.assign(data[3].begin(), data[3].end());
  tensor.channel_scales.resize(data[4].size() / sizeof(float));
  if (!data[4].empty()) std::memcpy(tensor.channel_scales.data(), data[4].data(), data[4].size());
  try {
    quant::validate(tensor);
  } catch (const std::invalid_argument& error) {
    throw InputError(path(), "layer '" + entry.name + "'", error.what());
  }
  return tensor;
}

}  // namespace subbyte::sim
