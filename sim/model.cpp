#include "sim/model.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "sim/gguf.hpp"
#include "sim/llama2c.hpp"
#include "sim/names.hpp"
#include "sim/npy.hpp"
#include "sim/safetensors.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kClassifier = "lm_head";

bool is_token_embedding(std::string_view name) {
  return name.ends_with("embed_tokens.weight") || name == "token_embd.weight" ||
         name.ends_with("tok_embeddings.weight");
}

void check_linear(const ModelTensor& tensor) {
  const StoredTensor& stored = tensor.stored;
  // A GGUF file of many types stays usable for those that are converted; the others are refused when they are
  // loaded.
  if (!is_floating(stored.type) && !stored.blocks) {
    tensor.file.fail(stored.offset, fmt::format("tensor '{}' has type {}, expected F32, F16 or BF16",
                                                printable(stored.name), printable(stored.type_name)));
  }
  if (stored.elements() == 0) {
    tensor.file.fail(stored.offset, fmt::format("tensor '{}' has shape [{}], expected positive extents",
                                                printable(stored.name), fmt::join(stored.shape, ", ")));
  }
}

/// Of the config.json beside the weights; without one, a model is tied to whatever classifier it lacks.
struct Configuration {
  bool tied = true;
  LlamaDescription llama;
};

Configuration read_configuration(const fs::path& path) {
  if (!fs::exists(path)) {
    return {true, {std::nullopt, InputError(path.string(), "", "is missing, expected the model's configuration")}};
  }
  const FileBytes file = FileBytes::map(path.string());
  return {read_hf_tied(file), read_hf_config(file)};
}

Model open_safetensors_beside(const FileBytes& file, const fs::path& folder) {
  Configuration configuration = read_configuration(folder / "config.json");
  return open_safetensors(file, configuration.tied, std::move(configuration.llama));
}

Model open_sharded_beside(const FileBytes& index, const fs::path& folder) {
  Configuration configuration = read_configuration(folder / "config.json");
  return open_sharded_safetensors(index, configuration.tied, std::move(configuration.llama));
}

Model open_directory(const fs::path& path) {
  const fs::path weights = path / "model.safetensors";
  const fs::path index = path / "model.safetensors.index.json";
  if (fs::exists(weights)) return open_safetensors_beside(FileBytes::map(weights.string()), path);
  if (fs::exists(index)) return open_sharded_beside(FileBytes::map(index.string()), path);
  throw InputError(path.string(), "", "no model.safetensors and no model.safetensors.index.json in this directory");
}

/// llama2.c files have no magic, and small sizes look like a header length: a '{' decides, unless the length
/// cannot be.
bool looks_like_safetensors(const FileBytes& file) {
  if (file.size() < 9 || file.all()[8] != '{') return false;
  return file.read<std::uint64_t>(0, "the header length") < (1ULL << 32U);
}

Model open_file(const FileBytes& file) {
  const std::string extension = fs::path(file.name()).extension().string();
  if (file.starts_with("GGUF") || extension == ".gguf") return open_gguf(file);
  if (file.starts_with("\x93NUMPY") || extension == ".npy") return open_npy(file);
  if (looks_like_index(file)) return open_sharded_beside(file, fs::path(file.name()).parent_path());
  if (looks_like_safetensors(file) || extension == ".safetensors") {
    return open_safetensors_beside(file, fs::path(file.name()).parent_path());
  }
  if (looks_like_llama2c(file) || extension == ".bin") return open_llama2c(file);
  file.fail(0,
            "not a model, expected safetensors ('{' at offset 8), .npy (\\x93NUMPY), GGUF or a llama2.c "
            "version 0 header");
}

std::string_view without_weight(std::string_view name) {
  return name.ends_with(kWeight) ? name.substr(0, name.size() - kWeight.size()) : name;
}

}  // namespace

bool is_embedding(std::string_view name) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"embed", "embd", "wte.weight", "wpe.weight"},
                             [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

std::size_t Model::index(std::string_view name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers().size(); ++i) {
    if (layers()[i].name == name || layers()[i].name == without_weight(name)) return i;
    names.push_back(layers()[i].name);
  }
  for (std::size_t i = 0; i < layers().size(); ++i) {
    const std::string& stored = source(i).stored.name;
    if (stored == name || without_weight(stored) == name) return i;
  }
  throw InputError(path(), "", fmt::format("no linear layer '{}'; {}", name, suggestion(name, names)));
}

const LinearLayer& Model::layer(std::string_view name) const { return layers()[index(name)]; }

std::vector<LinearLayer> Model::matching(const std::string& glob) const {
  std::vector<LinearLayer> found;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers().size(); ++i) {
    const std::string& stored = source(i).stored.name;
    const auto matches = [&](std::string_view name) {
      return ::fnmatch(glob.c_str(), std::string(name).c_str(), 0) == 0;
    };
    if (matches(layers()[i].name) || matches(stored) || matches(without_weight(stored))) found.push_back(layers()[i]);
    names.push_back(layers()[i].name);
  }
  if (found.empty()) {
    throw InputError(path(), "", fmt::format("no linear layer matches '{}'; {}", glob, suggestion(glob, names)));
  }
  return found;
}

Tensor Model::load(std::string_view name) const {
  const std::size_t i = index(name);
  return {layers()[i].name, source(i).stored.shape, to_floats(source(i).file, source(i).stored)};
}

std::vector<float> Model::load_rows(std::string_view name, std::size_t first, std::size_t count,
                                    NonFinite non_finite) const {
  const ModelTensor& tensor = source(index(name));
  return to_floats(tensor.file, tensor.stored, first, count, non_finite);
}

DataType Model::stored_type(std::string_view name) const {
  const DataType type = source(index(name)).stored.type;
  return type == DataType::kF16 || type == DataType::kBf16 ? type : DataType::kF32;
}

Tensor Model::parameter(std::string_view hf_name) const {
  std::vector<std::string> names;
  for (const ModelTensor& tensor : tensors()) {
    if (tensor.name == hf_name || without_weight(tensor.name) == hf_name)
      return {tensor.name, tensor.stored.shape, to_floats(tensor.file, tensor.stored)};
    names.push_back(tensor.name);
  }
  const auto tied = std::ranges::find(layers(), without_weight(hf_name), &LinearLayer::name);
  if (tied != layers().end()) return load(tied->name);
  throw InputError(path(), "", fmt::format("no tensor '{}'; {}", hf_name, suggestion(hf_name, names)));
}

const LlamaConfig& Model::required_llama() const {
  if (llama()) return *llama();
  if (contents_.llama.problem) throw *contents_.llama.problem;
  throw InputError(path(), "", "has no Llama configuration, expected llama2.c, GGUF or safetensors with a config.json");
}

Model open_model(const std::string& path) {
  if (path == kEmbedded) return open_directory(fs::path(SUBBYTE_SOURCE_DIR) / "configs/workloads/embedded");
  if (fs::is_directory(path)) return open_directory(path);
  return open_file(FileBytes::map(path));
}

Model make_model(const FileBytes& file, const std::vector<StoredTensor>& tensors, bool tied,
                 std::string (*llama_name)(std::string_view), LlamaDescription llama) {
  std::vector<ModelTensor> named;
  for (const StoredTensor& tensor : tensors) {
    const std::string renamed = llama_name == nullptr ? "" : llama_name(tensor.name);
    named.push_back({file, tensor, renamed.empty() ? tensor.name : renamed});
  }
  return make_model(file.name(), std::move(named), tied, std::move(llama));
}

Model make_model(std::string path, std::vector<ModelTensor> tensors, bool tied, LlamaDescription llama) {
  ModelContents contents{std::move(path), std::move(tensors), {}, {}, std::move(llama)};
  std::set<std::string, std::less<>> seen;
  const auto add = [&](std::size_t index, std::string_view name) {
    const ModelTensor& tensor = contents.tensors[index];
    check_linear(tensor);
    if (!seen.emplace(name).second)
      tensor.file.fail(tensor.stored.offset, fmt::format("two tensors are the layer '{}'", printable(name)));
    contents.layers.push_back({std::string(name), tensor.stored.shape[0], tensor.stored.shape[1]});
    contents.sources.push_back(index);
  };
  std::optional<std::size_t> embedding;
  for (std::size_t i = 0; i < contents.tensors.size(); ++i) {
    const ModelTensor& tensor = contents.tensors[i];
    const std::string& stored = tensor.stored.name;
    if (tensor.stored.shape.size() != 2 || !tensor.name.ends_with(kWeight) || tensor.name == kWeight) continue;
    if (is_token_embedding(stored)) embedding = i;
    if (!is_embedding(stored)) add(i, without_weight(tensor.name));
  }
  if (tied && embedding && !seen.contains(kClassifier)) add(*embedding, kClassifier);
  if (contents.layers.empty()) {
    throw InputError(contents.path, 0,
                     "no linear layer, expected two-dimensional tensors named '*.weight' that are not embeddings");
  }
  return Model(std::move(contents));
}

}  // namespace subbyte::sim
