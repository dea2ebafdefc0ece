#include "sim/packed/packed_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>

#include "quant/base/float16.hpp"
#include "sim/checkpoint/gguf_llama.hpp"
#include "sim/files/gguf_blocks.hpp"
#include "sim/files/gguf_types.hpp"
#include "sim/files/tensor_values.hpp"

namespace subbyte::sim {
namespace {

using quant::PackedTensor;
using quant::TensorScale;

constexpr std::string_view kWeight = ".weight";

std::string without_weight(std::string_view name) {
  return std::string(name.ends_with(kWeight) ? name.substr(0, name.size() - kWeight.size()) : name);
}

std::string gguf_name(const std::string& layer) {
  const std::string name = layer + std::string(kWeight);
  const std::string known = hf_to_gguf(name);
  return known.empty() ? name : known;
}

/// Returns the heads of a layer whose rows are rotated, and nothing for another layer.
std::optional<std::size_t> rotated_heads(const std::string& layer, const LlamaConfig* config) {
  if (layer.ends_with("self_attn.q_proj")) return config == nullptr ? 0 : config->heads;
  if (layer.ends_with("self_attn.k_proj")) return config == nullptr ? 0 : config->kv_heads;
  return std::nullopt;
}

/// Row r of the file is row order[r] of the layer; an empty order keeps the rows as they are. Hugging Face pairs rows i
/// and i + half of a head, and GGUF pairs 2i and 2i + 1 (convert_hf_to_gguf.py, permute).
std::vector<std::size_t> row_order(const std::string& path, const std::string& layer, std::size_t rows,
                                   const ExportOptions& options) {
  const LlamaConfig* config = options.model != nullptr ? &options.model->required_llama() : nullptr;
  const auto heads = rotated_heads(layer, config);
  if (!heads || options.keep_rows) return {};
  if (config == nullptr) {
    throw InputError(path, fmt::format("layer '{}'", layer),
                     "its rows are in the order of a model that is not given; expected --model M, or "
                     "--keep-rows when they are "
                     "adjacent pairs (of a GGUF or llama2.c model) already");
  }
  if (config->rope_adjacent) return {};
  if (rows != *heads * config->head_dim) {
    throw InputError(path, fmt::format("layer '{}'", layer),
                     fmt::format("has {} rows, expected {} heads of {}", rows, *heads, config->head_dim));
  }
  std::vector<std::size_t> order(rows);
  const std::size_t half = config->head_dim / 2;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t in_head = r % config->head_dim;
    order[r] = r - in_head + (in_head % 2) * half + in_head / 2;
  }
  return order;
}

template <typename T>
void permute(std::vector<T>& values, std::span<const std::size_t> order) {
  const std::size_t width = values.size() / order.size();
  std::vector<T> moved(values.size());
  for (std::size_t r = 0; r < order.size(); ++r) std::copy_n(&values[order[r] * width], width, &moved[r * width]);
  values = std::move(moved);
}

void permute_rows(PackedTensor& tensor, std::span<const std::size_t> order) {
  if (order.empty()) return;
  for (auto* buffer : {&tensor.codes, &tensor.scales, &tensor.selectors, &tensor.zeros}) {
    if (!buffer->empty()) permute(*buffer, order);
  }
  if (!tensor.channel_scales.empty()) permute(tensor.channel_scales, order);
}

/// Returns what llama.cpp multiplies by; the tensor itself keeps scale 1.
float take_tensor_scale(const std::string& path, const std::string& layer, PackedTensor& tensor) {
  const float scale = tensor.tensor_scale;
  if (tensor.format.scaling.tensor_scale == TensorScale::kNone || scale == 1) return 1;
  tensor.tensor_scale = 1;
  if (tensor.format.scaling.tensor_scale == TensorScale::kDecode) return scale;
  int exponent = 0;
  if (std::frexp(scale, &exponent) != 0.5F) {
    throw InputError(
        path, fmt::format("layer '{}'", layer),
        fmt::format("divides by the tensor scale {}, and GGUF multiplies: its reciprocal is not exact; expected a "
                    "decode scale (global=decode) or a power of two",
                    scale));
  }
  return 1 / scale;
}

void write_bytes(GgufWriter& writer, const void* data, std::size_t bytes) {
  writer.write({static_cast<const std::uint8_t*>(data), bytes});
}

void add_quantized(const PackedFile& packed, const PackedLayerInfo& layer, const ExportOptions& options,
                   std::vector<ExportTensor>& tensors) {
  const auto order = row_order(packed.path(), layer.name, layer.rows, options);
  const std::string name = gguf_name(layer.name);
  const std::uint32_t type = block_type_of(packed.path(), layer.name, layer.format, options.type);
  const GgmlType& blocks = *ggml_type(type);
  if (layer.cols % blocks.weights != 0) {
    throw InputError(
        packed.path(), fmt::format("layer '{}'", layer.name),
        fmt::format("has rows of {} weights, expected a multiple of {} for {} blocks; a policy's 'skip' leaves a "
                    "layer unquantized",
                    layer.cols, blocks.weights, blocks.name));
  }
  if (layer.format.scaling.tensor_scale != TensorScale::kNone) {
    PackedTensor tensor = packed.load(layer.name);
    const float scale = take_tensor_scale(packed.path(), layer.name, tensor);
    if (scale != 1) {
      tensors.push_back({{without_weight(name) + ".scale", {1}, kGgmlF32, sizeof(float)},
                         [scale](GgufWriter& writer) { write_bytes(writer, &scale, sizeof(scale)); }});
    }
  }
  const auto write = [&packed, name = layer.name, order, type](GgufWriter& writer) {
    PackedTensor tensor = packed.load(name);
    take_tensor_scale(packed.path(), name, tensor);
    permute_rows(tensor, order);
    writer.write(encode_blocks(packed.path(), name, tensor, type));
  };
  tensors.push_back(
      {{name, {layer.rows, layer.cols}, type, layer.rows * (layer.cols / blocks.weights) * blocks.bytes}, write});
}

std::uint32_t element_type(DataType type) {
  if (type == DataType::kF16) return kGgmlF16;
  return type == DataType::kBf16 ? kGgmlBf16 : kGgmlF32;
}

/// Writes FP32 values as `type`; values that came from it convert back without rounding.
std::vector<std::uint8_t> element_values(std::span<const float> values, std::uint32_t type) {
  std::vector<std::uint8_t> bytes(values.size() * ggml_type(type)->bytes);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(values[i]);
    const std::uint16_t narrow =
        type == kGgmlF16 ? quant::half_from_float(values[i]) : static_cast<std::uint16_t>(bits >> 16U);
    if (type == kGgmlF32) {
      std::memcpy(&bytes[4 * i], &bits, sizeof(bits));
    } else {
      std::memcpy(&bytes[2 * i], &narrow, sizeof(narrow));
    }
  }
  return bytes;
}

/// Writes a matrix of numbers, whose row r is row order[r] of what `read` gives.
ExportTensor plain_matrix(std::string name, std::vector<std::size_t> shape, std::uint32_t type,
                          std::vector<std::size_t> order, std::function<std::vector<float>()> read) {
  std::uint64_t bytes = ggml_type(type)->bytes;
  for (const std::size_t extent : shape) bytes *= extent;
  const auto write = [type, order = std::move(order), read = std::move(read)](GgufWriter& writer) {
    std::vector<float> values = read();
    if (!order.empty()) permute(values, order);
    constexpr std::size_t kValues = std::size_t{1} << 20U;
    for (std::size_t at = 0; at < values.size(); at += kValues)
      writer.write(element_values(std::span(values).subspan(at, std::min(kValues, values.size() - at)), type));
  };
  return {{std::move(name), std::move(shape), type, bytes}, write};
}

ExportTensor copied_blocks(const FileTensor& tensor, const std::string& name) {
  const StoredBlocks& blocks = *tensor.stored.blocks;
  const std::uint64_t bytes = tensor.stored.elements() / blocks.weights * blocks.bytes;
  const auto write = [tensor, bytes](GgufWriter& writer) {
    constexpr std::uint64_t kChunk = std::uint64_t{1} << 20U;
    std::vector<std::uint8_t> chunk;
    for (std::uint64_t at = 0; at < bytes; at += kChunk) {
      chunk.resize(std::min(kChunk, bytes - at));
      tensor.file.copy(tensor.stored.offset + at, chunk, "tensor data");
      writer.write(chunk);
    }
  };
  return {{name, tensor.stored.shape, blocks.ggml_type, bytes}, write};
}

void add_packed_layer(const PackedFile& packed, const PackedLayerInfo& layer, const ExportOptions& options,
                      std::vector<ExportTensor>& tensors) {
  if (!layer.raw) return add_quantized(packed, layer, options, tensors);
  tensors.push_back(plain_matrix(gguf_name(layer.name), {layer.rows, layer.cols}, element_type(*layer.raw),
                                 row_order(packed.path(), layer.name, layer.rows, options),
                                 [&packed, name = layer.name] { return packed.load_values(name); }));
}

/// Adds a tensor of the model that the packed file does not replace. Vectors become F32, as llama.cpp has its norms.
void add_model_tensor(const FileTensor& tensor, const ExportOptions& options, std::vector<ExportTensor>& tensors) {
  const std::string known = hf_to_gguf(tensor.name);
  const std::string name = known.empty() ? tensor.stored.name : known;
  const StoredTensor& stored = tensor.stored;
  if (stored.blocks && stored.blocks->bytes != 0) return tensors.push_back(copied_blocks(tensor, name));
  if (!is_floating(stored.type)) {
    tensor.file.fail(stored.offset,
                     fmt::format("tensor '{}' has type {}, expected F32, F16, BF16 or a GGUF type of known size",
                                 printable(stored.name), printable(stored.type_name)));
  }
  const std::string layer = without_weight(tensor.name);
  const std::uint32_t type = stored.shape.size() == 1 ? kGgmlF32 : element_type(stored.type);
  const auto order = stored.shape.size() == 2 ? row_order(tensor.file.name(), layer, stored.shape[0], options)
                                              : std::vector<std::size_t>();
  tensors.push_back(
      plain_matrix(name, stored.shape, type, order, [tensor] { return to_floats(tensor.file, tensor.stored); }));
}

}  // namespace

std::vector<ExportTensor> export_tensors(const PackedFile& packed, const ExportOptions& options) {
  std::vector<ExportTensor> tensors;
  std::set<std::string> replaced;
  for (const PackedLayerInfo& layer : packed.layers()) {
    add_packed_layer(packed, layer, options, tensors);
    replaced.insert(gguf_name(layer.name));
    replaced.insert(without_weight(gguf_name(layer.name)) + ".scale");
  }
  if (options.model == nullptr) return tensors;
  options.model->required_llama();
  for (const FileTensor& tensor : options.model->tensors()) {
    const std::string known = hf_to_gguf(tensor.name);
    if (!replaced.contains(known.empty() ? tensor.stored.name : known)) add_model_tensor(tensor, options, tensors);
  }
  return tensors;
}

}  // namespace subbyte::sim
