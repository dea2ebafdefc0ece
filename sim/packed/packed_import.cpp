#include "sim/packed/packed_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "quant/base/suggestion.hpp"
#include "sim/base/file_roles.hpp"
#include "sim/base/lists.hpp"
#include "sim/checkpoint/gguf_llama.hpp"
#include "sim/files/gguf_blocks.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/files/tensor_values.hpp"
#include "sim/packed/tl2_files.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kExperts = "_exps.weight";
constexpr std::string_view kClassifier = "lm_head";

std::string without_weight(std::string_view name) { return std::string(name.substr(0, name.size() - kWeight.size())); }

/// Returns a tensor, or one outermost index of it, as a matrix of its own.
StoredTensor matrix_of(const StoredTensor& tensor, std::size_t index) {
  StoredTensor matrix = tensor;
  if (tensor.shape.size() != 3) return matrix;
  matrix.shape.erase(matrix.shape.begin());
  const std::size_t bytes = matrix.blocks ? matrix.elements() / matrix.blocks->weights * matrix.blocks->bytes
                                          : matrix.elements() * element_bytes(matrix.type);
  matrix.offset += index * bytes;
  if (matrix.blocks && matrix.blocks->scales.size() > 1) matrix.blocks->scales = {tensor.blocks->scales[index]};
  return matrix;
}

ImportedLayer gguf_layer(const FileBytes& file, const StoredTensor& matrix, const std::string& name) {
  ImportedLayer layer{{name, {}, matrix.shape[0], matrix.shape[1]}, nullptr, {file, matrix, name}};
  try {
    if (matrix.elements() == 0) file.fail(matrix.offset, fmt::format("tensor '{}' is empty", printable(matrix.name)));
    if (matrix.type == DataType::kBlocks) {
      layer.info.format = load_blocks(file, matrix, 0, 1).format;
      layer.load = [file, matrix] { return load_blocks(file, matrix, 0, matrix.shape[0]); };
    } else if (is_floating(matrix.type)) {
      layer.info.raw = matrix.type;
    } else {
      file.fail(matrix.offset, fmt::format("tensor '{}' has type {}, expected F32, F16, BF16 or one of {}",
                                           printable(matrix.name), printable(matrix.type_name), block_type_names()));
    }
  } catch (const InputError& error) {
    layer.problem = error;
  }
  return layer;
}

/// Returns, for "blk.0.ffn_up_exps.weight" and expert 3, "model.layers.0.mlp.experts.3.up_proj", and without a Hugging
/// Face name "NAME.3".
std::string expert_name(const std::string& name, std::size_t expert) {
  if (name.ends_with(kExperts)) {
    const std::string hf = gguf_to_hf(name.substr(0, name.size() - kExperts.size()) + std::string(kWeight));
    const std::size_t mlp = hf.find(".mlp.");
    if (mlp != std::string::npos)
      return fmt::format("{}.mlp.experts.{}.{}", hf.substr(0, mlp), expert, without_weight(hf.substr(mlp + 5)));
  }
  return fmt::format("{}.{}", without_weight(name), expert);
}

/// Makes one layer per outermost index.
void add_experts(const FileBytes& file, const StoredTensor& tensor, std::vector<ImportedLayer>& layers) {
  const std::size_t experts = tensor.shape[0];
  const bool sized = !tensor.blocks || tensor.blocks->bytes != 0;
  if (experts > kMostExperts || !sized) {
    const std::string name = without_weight(tensor.name);
    const std::string text =
        fmt::format("tensor '{}' {} [{}], expected at most {} experts of a known type", printable(tensor.name),
                    tensor.type_name, fmt::join(tensor.shape, ", "), kMostExperts);
    layers.push_back({{name, {}, 0, 0}, nullptr, {file, tensor, name}, InputError(file.name(), tensor.offset, text)});
    return;
  }
  for (std::size_t i = 0; i < experts; ++i)
    layers.push_back(gguf_layer(file, matrix_of(tensor, i), expert_name(tensor.name, i)));
}

std::string layer_name(const std::string& name) {
  const std::string hf = gguf_to_hf(name);
  return without_weight(hf.empty() ? name : hf);
}

std::vector<FileTensor> single_file(const FileBytes& file) {
  std::vector<FileTensor> tensors;
  for (StoredTensor& stored : read_safetensors(file).tensors) {
    std::string name = stored.name;
    tensors.push_back({file, std::move(stored), std::move(name)});
  }
  return tensors;
}

std::vector<ImportedLayer> checkpoint_layers(const FileBytes& file, const ImportOptions& options) {
  const fs::path config = fs::path(file.name()).parent_path() / "config.json";
  const auto tensors = looks_like_index(file) ? read_sharded_safetensors(file) : single_file(file);
  if (!fs::exists(config)) return compressed_layers(tensors, nullptr, options);
  const FileBytes text = FileBytes::map(config.string());
  return compressed_layers(tensors, &text, options);
}

fs::path weights_in(const fs::path& folder) {
  for (const char* name : {"model.safetensors", "model.safetensors.index.json"}) {
    if (fs::exists(folder / name)) return folder / name;
  }
  throw InputError(folder.string(), "", "no model.safetensors and no model.safetensors.index.json in this directory");
}

}  // namespace

std::vector<ImportedLayer> gguf_layers(const FileBytes& file, const Gguf& gguf) {
  std::vector<ImportedLayer> layers;
  const StoredTensor* embedding = nullptr;
  for (const StoredTensor& tensor : gguf.tensors) {
    if (tensor.name == "token_embd.weight" && tensor.shape.size() == 2) embedding = &tensor;
    if (!tensor.name.ends_with(kWeight) || tensor.name == kWeight || is_embedding(tensor.name)) continue;
    if (tensor.shape.size() == 2) layers.push_back(gguf_layer(file, tensor, layer_name(tensor.name)));
    if (tensor.shape.size() == 3 && tensor.elements() != 0) add_experts(file, tensor, layers);
  }
  const auto classifier = [](const ImportedLayer& layer) { return layer.info.name == kClassifier; };
  if (embedding != nullptr && std::ranges::none_of(layers, classifier))
    layers.push_back(gguf_layer(file, *embedding, std::string(kClassifier)));
  return layers;
}

std::vector<ImportedLayer> open_import(const std::string& path, const ImportOptions& options) {
  if (fs::is_directory(path)) note_input_folder(path);
  const auto tl2 = fs::is_directory(path) ? tl2_files(path) : std::vector<std::string>();
  std::vector<ImportedLayer> layers;
  for (const std::string& file : tl2) layers.push_back(read_tl2(file));
  if (!layers.empty()) return layers;
  if (path.ends_with(".tl2.json")) return {read_tl2(path)};
  const FileBytes file = FileBytes::map(fs::is_directory(path) ? weights_in(path).string() : path);
  if (file.starts_with("GGUF")) return gguf_layers(file, read_gguf(file));
  return checkpoint_layers(file, options);
}

std::vector<ImportedLayer> select_layers(const std::string& path, std::vector<ImportedLayer> layers,
                                         const std::string& glob) {
  std::vector<std::string> names;
  for (const ImportedLayer& layer : layers) names.push_back(layer.info.name);
  std::erase_if(layers, [&](const ImportedLayer& layer) { return !shell_match(glob, layer.info.name); });
  if (layers.empty()) {
    throw InputError(path, "",
                     names.empty()
                         ? std::string("no linear layer in this file")
                         : fmt::format("no linear layer matches '{}'; {}", glob, quant::suggestion(glob, names)));
  }
  for (const ImportedLayer& layer : layers) {
    if (layer.problem) throw *layer.problem;
  }
  return layers;
}

void write_layer(const ImportedLayer& layer, PackedWriter& writer) {
  if (layer.load) {
    writer.add(layer.load());
    return;
  }
  constexpr std::size_t kValues = std::size_t{1} << 20U;
  const std::size_t rows = std::max<std::size_t>(1, kValues / layer.info.cols);
  for (std::size_t at = 0; at < layer.info.rows; at += rows) {
    const std::size_t count = std::min(rows, layer.info.rows - at);
    writer.add_raw(to_floats(layer.source.file, layer.source.stored, at, count));
  }
}

}  // namespace subbyte::sim
