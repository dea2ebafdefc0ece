#include "sim/packed/packed_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <set>
#include <stdexcept>

#include "quant/base/float16.hpp"
#include "sim/files/safetensors.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kSubbyteVersion = SUBBYTE_VERSION;
constexpr std::string_view kNoChecksum = "0000000000000000";

std::vector<PackedLayerInfo> checked(std::vector<PackedLayerInfo> layers) {
  std::set<std::string> seen;
  if (layers.empty()) throw std::invalid_argument("a packed file needs at least one layer");
  for (const PackedLayerInfo& layer : layers) {
    if (layer.rows == 0 || layer.cols == 0 || !seen.insert(layer.name).second)
      throw std::invalid_argument("layer '" + layer.name + "' is empty or appears twice");
  }
  return layers;
}

std::vector<PackedBuffer> all_buffers(std::span<const PackedLayerInfo> layers) {
  std::vector<PackedBuffer> all;
  for (const PackedLayerInfo& layer : layers) std::ranges::move(packed_buffers(layer), std::back_inserter(all));
  return all;
}

/// Returns the positions of `buffers` in the file. Wider elements come first, so that every tensor is aligned without
/// padding.
std::vector<std::size_t> file_order(std::span<const PackedBuffer> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return buffers[i].element_bytes; });
  return order;
}

std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U);
}

std::vector<std::uint8_t> encode_raw(std::span<const float> values, DataType type) {
  std::vector<std::uint8_t> bytes(values.size() * element_bytes(type));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (type == DataType::kF32) {
      std::memcpy(&bytes[4 * i], &values[i], sizeof(float));
    } else {
      const std::uint16_t bits = type == DataType::kF16 ? quant::half_from_float(values[i]) : to_bf16(values[i]);
      std::memcpy(&bytes[2 * i], &bits, sizeof(bits));
    }
  }
  return bytes;
}

}  // namespace

PackedWriter::PackedWriter(const std::string& path, std::vector<PackedLayerInfo> layers)
    : layers_(checked(std::move(layers))),
      metadata_{{"format", std::string(kPackedFormat)},
                {"layout_version", std::string(kPackedVersion)},
                {"subbyte_version", std::string(kSubbyteVersion)},
                {"layers", describe_layers(layers_)},
                {std::string(kPackedChecksum), std::string(kNoChecksum)}},
      out_(path),
      checksum_(metadata_) {
  const std::vector<PackedBuffer> buffers = all_buffers(layers_);
  std::vector<SafetensorsField> fields;
  offsets_.resize(buffers.size());
  std::uint64_t at = 0;
  for (const std::size_t i : file_order(buffers)) {
    fields.push_back({buffers[i].name, buffers[i].element, buffers[i].shape, buffers[i].bytes});
    offsets_[i] = at;
    at += buffers[i].bytes;
  }
  const std::string header = safetensors_header(fields, metadata_);
  const std::string place = fmt::format("\"{}\":\"{}\"", kPackedChecksum, kNoChecksum);
  // A layer's name cannot look like this, because its quotes are escaped inside the metadata, and tensors follow the
  // metadata.
  checksum_at_ = header.find(place) + place.size() - kNoChecksum.size() - 1;
  for (std::uint64_t& offset : offsets_) offset += header.size();
  out_.reserve(header.size() + at);
  out_.write(header);
}

const PackedLayerInfo& PackedWriter::next(bool raw) const {
  if (layer_ == layers_.size() || layers_[layer_].raw.has_value() != raw)
    throw std::invalid_argument("packed file: this layer was not announced");
  return layers_[layer_];
}

void PackedWriter::put(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  checksum_.add(bytes);
  out_.overwrite(offset, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void PackedWriter::finish_layer(std::size_t buffers) {
  ++layer_;
  buffer_ += buffers;
}

void PackedWriter::add(const quant::PackedTensor& tensor) {
  const PackedLayerInfo& layer = next(false);
  if (tensor.rows != layer.rows || tensor.cols != layer.cols || tensor.format.id() != layer.format.id())
    throw std::invalid_argument("packed file: the tensor of '" + layer.name + "' is not the one announced");
  const auto specs = quant::buffers(tensor.format, tensor.cols);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto bytes = quant::buffer_bytes(tensor, specs[i].name);
    if (bytes.size() != specs[i].bytes(tensor.rows))
      throw std::invalid_argument("packed file: a buffer of '" + layer.name +
                                  "' has another size than its format says");
    put(offsets_[buffer_ + i], bytes);
  }
  finish_layer(specs.size());
}

void PackedWriter::add_raw(std::span<const float> values) {
  const PackedLayerInfo& layer = next(true);
  const std::uint64_t size = layer.rows * layer.cols * element_bytes(*layer.raw);
  const std::vector<std::uint8_t> bytes = encode_raw(values, *layer.raw);
  if (bytes.size() > size - raw_bytes_)
    throw std::invalid_argument("packed file: more values than '" + layer.name + "' has");
  put(offsets_[buffer_] + raw_bytes_, bytes);
  raw_bytes_ += bytes.size();
  if (raw_bytes_ < size) return;
  raw_bytes_ = 0;
  finish_layer(1);
}

void PackedWriter::commit() {
  if (layer_ != layers_.size())
    throw std::invalid_argument("packed file: the layer '" + layers_[layer_].name + "' is missing");
  out_.overwrite(checksum_at_, checksum_.hex());
  out_.commit();
}

}  // namespace subbyte::sim
