#include "sim/packed/compressed_tensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/files/safetensors.hpp"
#include "sim/files/tensor_values.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;
using quant::PackedTensor;
using quant::ScaleFormat;
using quant::TensorScale;

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kWeightPacked = ".weight_packed";
constexpr std::string_view kWeightScale = ".weight_scale";

/// The tensors by name, the configuration, and what the user said.
struct StoredModel {
  std::map<std::string, const FileTensor*, std::less<>> tensors;
  std::string method;  ///< quantization_config.quant_method, or ""
  std::optional<TensorScale> asked;

  const FileTensor* find(const std::string& name) const {
    const auto found = tensors.find(name);
    return found == tensors.end() ? nullptr : found->second;
  }
};

[[noreturn]] void fail(const FileTensor& tensor, const std::string& text) {
  tensor.file.fail(tensor.stored.offset,
                   fmt::format("tensor '{}' {} [{}]: {}", printable(tensor.stored.name),
                               printable(tensor.stored.type_name), fmt::join(tensor.stored.shape, ", "), text));
}

std::string quantization_method(const FileBytes* config) {
  if (config == nullptr) return {};
  Json json;
  try {
    json = Json::parse(config->all().begin(), config->all().end());
  } catch (const Json::parse_error& error) {
    config->fail(error.byte == 0 ? 0 : error.byte - 1, "not JSON, expected a model configuration");
  } catch (const Json::out_of_range&) {
    config->fail(0, "a number beyond any range");
  }
  const Json settings = json.is_object() ? json.value("quantization_config", Json()) : Json();
  const Json method = settings.is_object() ? settings.value("quant_method", Json()) : Json();
  return method.is_string() ? method.get<std::string>() : "";
}

/// What a tool stores under which element type.
struct ElementRow {
  std::string_view dtype;
  ScaleFormat scale;
  std::string_view format;
  unsigned bits;
};
constexpr ElementRow kElements[] = {
    {"U8", ScaleFormat::kUe4m3, "nvfp4", 4},          {"U8", ScaleFormat::kE8m0, "mxfp4", 4},
    {"F4", ScaleFormat::kUe4m3, "nvfp4", 4},          {"F4", ScaleFormat::kE8m0, "mxfp4", 4},
    {"F8_E4M3", ScaleFormat::kE8m0, "mxfp8-e4m3", 8}, {"F8_E5M2", ScaleFormat::kE8m0, "mxfp8-e5m2", 8}};

/// The tensors of one layer and its place in them.
struct Parts {
  FileTensor codes;
  FileTensor scales;
  std::optional<FileTensor> global = std::nullopt;
  TensorScale global_kind = TensorScale::kNone;
  std::size_t rows = 0;
  std::size_t row_bytes = 0;
  std::size_t groups = 0;
  std::size_t expert = 0;
};

/// Block scales in U8 are E8M0, or UE4M3 below a tensor scale.
ScaleFormat scale_format(const Parts& parts) {
  const std::string& type = parts.scales.stored.type_name;
  if (type == "F8_E4M3") return ScaleFormat::kUe4m3;
  if (type == "F8_E8M0") return ScaleFormat::kE8m0;
  if (type == "U8") return parts.global ? ScaleFormat::kUe4m3 : ScaleFormat::kE8m0;
  fail(parts.scales, "expected block scales F8_E4M3, F8_E8M0 or U8");
}

std::string global_option(const StoredModel& stored_model, const Parts& parts) {
  if (!parts.global) return "";
  TensorScale kind = stored_model.asked.value_or(parts.global_kind);
  if (kind == TensorScale::kNone) {
    fail(*parts.global,
         "config.json does not say which way round it is (quantization_config.quant_method "
         "'compressed-tensors': encode); "
         "expected --global-scale encode (weight = code * block scale / it) or decode (code * block scale * "
         "it)");
  }
  return kind == TensorScale::kEncode ? ":global=encode" : ":global=decode";
}

float global_value(const Parts& parts) {
  if (!parts.global) return 1;
  const StoredTensor& stored = parts.global->stored;
  if (stored.type != DataType::kF32 || stored.elements() != 1) fail(*parts.global, "expected one F32 number");
  const float value = to_floats(parts.global->file, stored).at(0);
  if (!(value > 0)) fail(*parts.global, fmt::format("is {}, expected a positive number", value));
  return value;
}

quant::Format layer_format(const StoredModel& stored_model, const Parts& parts) {
  const ScaleFormat scale = scale_format(parts);
  const std::string& dtype = parts.codes.stored.type_name;
  const auto* row = std::ranges::find_if(
      kElements, [&](const ElementRow& element) { return element.dtype == dtype && element.scale == scale; });
  if (row == std::end(kElements)) {
    fail(parts.codes, fmt::format("with block scales {} is no microscaling weight, expected U8 (two E2M1), F8_E4M3 or "
                                  "F8_E5M2 with block scales F8_E4M3, F8_E8M0 or U8",
                                  printable(parts.scales.stored.type_name)));
  }
  const std::size_t cols = parts.row_bytes * 8 / row->bits;
  if (parts.groups == 0 || cols == 0 || cols % parts.groups != 0)
    fail(parts.scales,
         fmt::format("{} block scales per row, expected a divisor of the {} weights", parts.groups, cols));
  if (scale == ScaleFormat::kE8m0 && parts.global) fail(*parts.global, "expected none with E8M0 block scales");
  try {
    return quant::parse_format(
        fmt::format("{}:g{}{}", row->format, cols / parts.groups, global_option(stored_model, parts)));
  } catch (const quant::FormatError& error) {
    fail(parts.codes, error.what());
  }
}

PackedTensor load_layer(const Parts& parts, const PackedLayerInfo& info) {
  PackedTensor tensor = quant::empty_tensor(info.format, info.rows, info.cols);
  parts.codes.file.copy(parts.codes.stored.offset + parts.expert * tensor.codes.size(), tensor.codes, "weights");
  parts.scales.file.copy(parts.scales.stored.offset + parts.expert * tensor.scales.size(), tensor.scales,
                         "block scales");
  tensor.tensor_scale = global_value(parts);
  try {
    quant::validate(tensor);
  } catch (const std::invalid_argument& error) {
    fail(parts.codes, error.what());
  }
  return tensor;
}

ImportedLayer quantized_layer(const StoredModel& stored_model, const std::string& name, const Parts& parts) {
  ImportedLayer layer{{name, {}, parts.rows, 0}, nullptr, parts.codes};
  try {
    layer.info.format = layer_format(stored_model, parts);
    layer.info.cols = parts.row_bytes * 8 / layer.info.format.alphabet.code_bits;
    if (layer.info.rows == 0) fail(parts.codes, "expected positive extents");
    global_value(parts);
    layer.load = [parts = parts, info = layer.info] { return load_layer(parts, info); };
  } catch (const InputError& error) {
    layer.problem = error;
  }
  return layer;
}

std::string shape_text(std::span<const std::size_t> shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

/// Reads the scales [rows][groups] of codes [rows][bytes].
void check_matrix(const Parts& parts) {
  const auto& codes = parts.codes.stored.shape;
  const auto& scales = parts.scales.stored.shape;
  if (codes.size() != 2) fail(parts.codes, "expected two dimensions [rows, bytes]");
  if (parts.codes.stored.type_name == "F4" && codes[1] % 2 != 0)
    fail(parts.codes, "expected an even number of columns");
  if (scales.size() != 2 || scales[0] != codes[0]) {
    fail(parts.scales,
         fmt::format("expected [{}, groups] for weights {} (not padded, not swizzled)", codes[0], shape_text(codes)));
  }
}

/// Returns a layer that cannot be read, with the reason.
ImportedLayer problem_layer(const std::string& name, const FileTensor& tensor, const InputError& problem) {
  return {{name, {}, 0, 0}, nullptr, tensor, problem};
}

/// Reads a layer of compressed-tensors or ModelOpt.
ImportedLayer matrix_layer(const StoredModel& stored_model, const FileTensor& codes, const std::string& base) try {
  const FileTensor* scales = stored_model.find(base + std::string(kWeightScale));
  if (scales == nullptr) fail(codes, fmt::format("has no '{}{}' beside it", printable(base), kWeightScale));
  Parts parts{codes, *scales};
  if (const FileTensor* decode = stored_model.find(base + ".weight_scale_2")) {
    parts.global = *decode;
    parts.global_kind = TensorScale::kDecode;
  } else if (const FileTensor* encode = stored_model.find(base + ".weight_global_scale")) {
    parts.global = *encode;
    parts.global_kind = stored_model.method == "compressed-tensors" ? TensorScale::kEncode : TensorScale::kNone;
  }
  check_matrix(parts);
  parts.rows = codes.stored.shape[0];
  // F4 counts elements, and U8 counts bytes of two.
  parts.row_bytes = codes.stored.shape[1] / (codes.stored.type_name == "F4" ? 2 : 1);
  parts.groups = scales->stored.shape[1];
  return quantized_layer(stored_model, base, parts);
} catch (const InputError& error) {
  return problem_layer(base, codes, error);
}

/// Returns, for "model.layers.0.mlp.experts.gate_up_proj" and expert 3, "model.layers.0.mlp.experts.3.gate_up_proj".
std::string expert_name(const std::string& base, std::size_t expert) {
  constexpr std::string_view kExperts = ".experts.";
  const std::size_t at = base.rfind(kExperts);
  if (at == std::string::npos) return fmt::format("{}.{}", base, expert);
  return fmt::format("{}{}.{}", base.substr(0, at + kExperts.size()), expert, base.substr(at + kExperts.size()));
}

/// Reads the layers of gpt-oss, of which each expert is one.
void add_blocks(const StoredModel& stored_model, const FileTensor& codes, const FileTensor& scales,
                const std::string& base, std::vector<ImportedLayer>& layers) {
  const auto& shape = codes.stored.shape;
  constexpr std::size_t kBlockBytes = 16;
  const bool moe = shape.size() == 4;
  const bool fits = (moe ? shape[0] <= kMostExperts : shape.size() == 3) && shape.back() == kBlockBytes &&
                    std::ranges::equal(scales.stored.shape, std::span(shape).first(shape.size() - 1));
  if (!fits) {
    const std::string text = fmt::format(
        "tensor '{}' {} with scales {}, expected [experts, rows, groups, 16] with [experts, "
        "rows, groups]",
        printable(codes.stored.name), shape_text(shape), shape_text(scales.stored.shape));
    layers.push_back(problem_layer(base, codes, InputError(codes.file.name(), codes.stored.offset, text)));
    return;
  }
  Parts parts{codes, scales};
  parts.rows = shape[shape.size() - 3];
  parts.groups = shape[shape.size() - 2];
  parts.row_bytes = parts.groups * kBlockBytes;
  const std::size_t experts = moe ? shape[0] : 1;
  if (codes.stored.elements() == 0) return;
  for (parts.expert = 0; parts.expert < experts; ++parts.expert) {
    layers.push_back(quantized_layer(stored_model, moe ? expert_name(base, parts.expert) : base, parts));
  }
}

std::string without(std::string_view name, std::string_view suffix) {
  return std::string(name.substr(0, name.size() - suffix.size()));
}

bool is_linear(const FileTensor& tensor) {
  const std::string& name = tensor.stored.name;
  return tensor.stored.shape.size() == 2 && name.ends_with(kWeight) && name != kWeight && !is_embedding(name);
}

ImportedLayer raw_layer(const FileTensor& tensor) {
  const StoredTensor& stored = tensor.stored;
  ImportedLayer layer{{without(stored.name, kWeight), {}, stored.shape[0], stored.shape[1]}, nullptr, tensor};
  const bool narrow = stored.type == DataType::kF16 || stored.type == DataType::kBf16;
  layer.info.raw = narrow ? stored.type : DataType::kF32;
  if (!is_floating(stored.type) || stored.elements() == 0) {
    layer.problem =
        InputError(tensor.file.name(), stored.offset,
                   fmt::format("tensor '{}' {} {} has no '{}_scale' beside it, expected F32, F16, BF16 or a "
                               "microscaling weight",
                               printable(stored.name), printable(stored.type_name), shape_text(stored.shape),
                               printable(stored.name)));
  }
  return layer;
}

/// Returns the layers that one tensor gives. Scales, embeddings and norms give none.
void add_layers(const StoredModel& stored_model, const FileTensor& tensor, std::vector<ImportedLayer>& layers) {
  const std::string& name = tensor.stored.name;
  if (name.ends_with(kWeightPacked)) {
    layers.push_back(matrix_layer(stored_model, tensor, without(name, kWeightPacked)));
    return;
  }
  for (const auto& [blocks, scales] : {std::pair(".blocks", ".scales"), std::pair("_blocks", "_scales")}) {
    if (!name.ends_with(blocks)) continue;
    const std::string base = without(name, blocks);
    if (const FileTensor* found = stored_model.find(base + scales))
      return add_blocks(stored_model, tensor, *found, base, layers);
  }
  if (!is_linear(tensor)) return;
  const bool scaled = stored_model.find(name + "_scale") != nullptr && !is_floating(tensor.stored.type);
  layers.push_back(scaled ? matrix_layer(stored_model, tensor, without(name, kWeight)) : raw_layer(tensor));
}

}  // namespace

std::vector<ImportedLayer> compressed_layers(std::span<const FileTensor> tensors, const FileBytes* config,
                                             const ImportOptions& options) {
  StoredModel stored_model{{}, quantization_method(config), options.global_scale};
  for (const FileTensor& tensor : tensors) stored_model.tensors.emplace(tensor.stored.name, &tensor);
  std::vector<ImportedLayer> layers;
  for (const FileTensor& tensor : tensors) add_layers(stored_model, tensor, layers);
  return layers;
}

}  // namespace subbyte::sim
