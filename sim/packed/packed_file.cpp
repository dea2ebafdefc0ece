#include "sim/packed/packed_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "quant/base/suggestion.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/files/tensor_values.hpp"
#include "sim/packed/packed_writer.hpp"

namespace subbyte::sim {
namespace {

/// Returns the metadata of a packed file, or throws why it is not one.
const std::string& metadata(const FileBytes& file, const Safetensors& header, const std::string& key) {
  const auto found = header.metadata.find(key);
  if (found == header.metadata.end()) {
    file.fail(
        8, fmt::format("not a packed file: the metadata lacks '{}', expected the output of `subbyte quantize`", key));
  }
  return found->second;
}

unsigned read_version(const FileBytes& file, const Safetensors& header) {
  if (const std::string& format = metadata(file, header, "format"); format != kPackedFormat) {
    file.fail(8, fmt::format("not a packed file: the metadata 'format' is '{}', expected '{}'", printable(format),
                             kPackedFormat));
  }
  const std::string& version = metadata(file, header, "layout_version");
  if (version == "1") return 1;
  if (version == kPackedVersion) return 2;
  file.fail(8, fmt::format("layout version '{}', expected '1' or '{}'", printable(version), kPackedVersion));
}

using TensorMap = std::map<std::string, StoredTensor, std::less<>>;

TensorMap by_name(std::span<const StoredTensor> tensors) {
  TensorMap map;
  for (const StoredTensor& tensor : tensors) map.emplace(tensor.name, tensor);
  return map;
}

/// Returns where a buffer lies, checked against type and shape.
std::uint64_t find_buffer(const FileBytes& file, const TensorMap& tensors, const PackedLayerInfo& layer,
                          const PackedBuffer& buffer) {
  const auto tensor = tensors.find(buffer.name);
  const bool missing = tensor == tensors.end();
  if (!missing && tensor->second.type_name == buffer.element && tensor->second.shape == buffer.shape)
    return tensor->second.offset;
  const std::string found =
      missing ? "missing" : fmt::format("{} [{}]", tensor->second.type_name, fmt::join(tensor->second.shape, ", "));
  file.fail(
      missing ? 8 : tensor->second.offset,
      fmt::format("layer '{}' ({}): the tensor '{}' is {}, expected {} [{}]", printable(layer.name), layer.format_id(),
                  printable(buffer.name), found, buffer.element, fmt::join(buffer.shape, ", ")));
}

/// Reads in blocks, so that a large file does not become resident.
void add_buffer(PackedChecksum& checksum, const FileBytes& file, std::uint64_t offset, std::uint64_t size) {
  constexpr std::uint64_t kBlock = std::uint64_t{1} << 20U;
  std::vector<std::uint8_t> block(std::min(kBlock, size));
  for (std::uint64_t at = 0; at < size; at += kBlock) {
    const auto part = std::span(block).first(std::min(kBlock, size - at));
    file.copy(offset + at, part, "a packed buffer");
    checksum.add(part);
  }
}

void verify_checksum(const FileBytes& file, const Safetensors& header, std::span<const PackedLayerInfo> layers) {
  const TensorMap tensors = by_name(header.tensors);
  PackedChecksum checksum(header.metadata);
  std::size_t found = 0;
  for (const PackedLayerInfo& layer : layers) {
    for (const PackedBuffer& buffer : packed_buffers(layer)) {
      add_buffer(checksum, file, find_buffer(file, tensors, layer, buffer), buffer.bytes);
      ++found;
    }
  }
  if (found != tensors.size()) {
    file.fail(8, fmt::format("{} tensors, expected the {} of the layers listed", tensors.size(), found));
  }
  const std::string& stored = metadata(file, header, std::string(kPackedChecksum));
  if (stored != checksum.hex()) {
    file.fail(8, fmt::format("checksum mismatch: the contents give {}, expected the stored {}; the file is damaged",
                             checksum.hex(), printable(stored)));
  }
}

}  // namespace

void write_packed_file(const std::string& path, std::span<const PackedLayer> layers) {
  std::vector<PackedLayerInfo> infos;
  for (const PackedLayer& layer : layers) {
    quant::validate(layer.tensor);
    infos.push_back({layer.name, layer.tensor.format, layer.tensor.rows, layer.tensor.cols});
  }
  PackedWriter writer(path, std::move(infos));
  for (const PackedLayer& layer : layers) writer.add(layer.tensor);
  writer.commit();
}

PackedFile PackedFile::open(const std::string& path) { return parse(FileBytes::map(path)); }

PackedFile PackedFile::parse(const FileBytes& file) {
  Safetensors header = read_safetensors(file);
  const unsigned version = read_version(file, header);
  std::vector<Layer> layers = read_layers(file, metadata(file, header, "layers"), version);
  verify_checksum(file, header, layers);
  return PackedFile(file, std::move(layers), std::move(header.tensors));
}

const PackedFile::Layer& PackedFile::layer(std::string_view name) const {
  if (name.empty() && layers_.size() == 1) return layers_.front();
  // A layer may itself be called X.weight (one of a file X.weight.npy), so the name as given comes first.
  const std::string_view short_name = name.ends_with(".weight") ? name.substr(0, name.size() - 7) : name;
  for (const std::string_view wanted : {name, short_name}) {
    const auto found = std::ranges::find(layers_, wanted, &Layer::name);
    if (found != layers_.end()) return *found;
  }
  std::vector<std::string> names;
  for (const Layer& layer : layers_) names.push_back(layer.name);
  if (name.empty()) {
    throw InputError(path(), "--layer",
                     fmt::format("the file holds {} layers, name one of: {}", names.size(), fmt::join(names, ", ")));
  }
  throw InputError(path(), "--layer", fmt::format("no layer '{}'; {}", name, quant::suggestion(name, names)));
}

quant::PackedTensor PackedFile::load(std::string_view name) const {
  const Layer& entry = layer(name);
  if (entry.raw) {
    throw InputError(path(), "layer '" + entry.name + "'",
                     fmt::format("was left unquantized ({}), expected a quantized layer", entry.format_id()));
  }
  const TensorMap tensors = by_name(tensors_);
  const std::vector<PackedBuffer> stored = packed_buffers(entry);
  const auto specs = quant::buffers(entry.format, entry.cols);
  auto tensor = quant::empty_tensor(entry.format, entry.rows, entry.cols);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    std::vector<std::uint8_t> bytes(stored[i].bytes);
    file_.copy(find_buffer(file_, tensors, entry, stored[i]), bytes, "a packed buffer");
    quant::set_buffer(tensor, specs[i].name, bytes);
  }
  try {
    quant::validate(tensor);
  } catch (const std::invalid_argument& error) {
    throw InputError(path(), "layer '" + entry.name + "'", error.what());
  }
  return tensor;
}

std::vector<float> PackedFile::load_values(std::string_view name) const {
  const Layer& entry = layer(name);
  if (entry.raw)
    return to_floats(file_, *std::ranges::find(tensors_, packed_buffers(entry)[0].name, &StoredTensor::name));
  const quant::PackedTensor tensor = load(entry.name);
  std::vector<float> values(tensor.rows * tensor.cols);
  for (std::size_t r = 0; r < tensor.rows; ++r)
    tensor.decode_row(r, std::span(values).subspan(r * tensor.cols, tensor.cols));
  return values;
}

}  // namespace subbyte::sim
