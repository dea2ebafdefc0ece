#include "sim/model.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
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

/// Token and position embeddings of Hugging Face, GGUF and GPT-2 files.
bool is_embedding(std::string_view name) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"embed", "embd", "wte.weight", "wpe.weight"},
      [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

bool is_token_embedding(std::string_view name) {
  return name.ends_with("embed_tokens.weight") || name == "token_embd.weight" ||
         name.ends_with("tok_embeddings.weight");
}

void check_linear(const FileBytes& file, const StoredTensor& tensor) {
  if (!is_floating(tensor.type)) {
    file.fail(tensor.offset, fmt::format("tensor '{}' has type {}, expected F32, F16 or BF16",
                                         printable(tensor.name), printable(tensor.type_name)));
  }
  if (tensor.elements() == 0) {
    file.fail(tensor.offset, fmt::format("tensor '{}' has shape [{}], expected positive extents",
                                         printable(tensor.name), fmt::join(tensor.shape, ", ")));
  }
}

/// "tie_word_embeddings" of the model's config.json; a model without one shares whatever classifier it lacks.
bool read_tied(const fs::path& config) {
  if (!fs::exists(config)) return true;
  const FileBytes file = FileBytes::map(config.string());
  try {
    const auto json = nlohmann::json::parse(file.all().begin(), file.all().end());
    return json.value("tie_word_embeddings", true);
  } catch (const nlohmann::json::parse_error& error) {
    file.fail(error.byte == 0 ? 0 : error.byte - 1, "not JSON, expected a model configuration");
  } catch (const nlohmann::json::exception&) {
    file.fail(0, "expected an object whose tie_word_embeddings is true or false");
  }
}

Model open_directory(const fs::path& path) {
  const fs::path weights = path / "model.safetensors";
  if (!fs::exists(weights)) {
    const bool sharded = fs::exists(path / "model.safetensors.index.json");
    throw InputError(path.string(), "",
                     sharded ? "the model is sharded, expected one model.safetensors (merge the shards first)"
                             : "no model.safetensors in this directory");
  }
  return open_safetensors(FileBytes::map(weights.string()), read_tied(path / "config.json"));
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
  if (looks_like_safetensors(file) || extension == ".safetensors") {
    return open_safetensors(file, read_tied(fs::path(file.name()).parent_path() / "config.json"));
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

Model::Model(FileBytes file, std::vector<StoredTensor> tensors, std::vector<std::string> names)
    : file_(std::move(file)), tensors_(std::move(tensors)) {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    layers_.push_back({std::move(names.at(i)), tensors_[i].shape.at(0), tensors_[i].shape.at(1)});
  }
}

std::size_t Model::index(std::string_view name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].name == name || layers_[i].name == without_weight(name)) return i;
    names.push_back(layers_[i].name);
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (tensors_[i].name == name || without_weight(tensors_[i].name) == name) return i;
  }
  throw InputError(path(), "", fmt::format("no linear layer '{}'; {}", name, suggestion(name, names)));
}

const LinearLayer& Model::layer(std::string_view name) const { return layers_[index(name)]; }

std::vector<LinearLayer> Model::matching(const std::string& glob) const {
  std::vector<LinearLayer> found;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::string& stored = tensors_[i].name;
    const auto matches = [&](std::string_view name) {
      return ::fnmatch(glob.c_str(), std::string(name).c_str(), 0) == 0;
    };
    if (matches(layers_[i].name) || matches(stored) || matches(without_weight(stored)))
      found.push_back(layers_[i]);
    names.push_back(layers_[i].name);
  }
  if (found.empty()) {
    throw InputError(path(), "",
                     fmt::format("no linear layer matches '{}'; {}", glob, suggestion(glob, names)));
  }
  return found;
}

Tensor Model::load(std::string_view name) const {
  const std::size_t i = index(name);
  return {layers_[i].name, tensors_[i].shape, to_floats(file_, tensors_[i])};
}

Model open_model(const std::string& path) {
  if (path == kEmbedded) return open_directory(fs::path(SUBBYTE_SOURCE_DIR) / "configs/workloads/embedded");
  if (fs::is_directory(path)) return open_directory(path);
  return open_file(FileBytes::map(path));
}

Model make_model(const FileBytes& file, const std::vector<StoredTensor>& tensors, bool tied,
                 std::string (*llama_name)(std::string_view)) {
  std::vector<StoredTensor> linear;
  std::vector<std::string> names;
  std::set<std::string, std::less<>> seen;
  const auto add = [&](const StoredTensor& tensor, std::string_view name) {
    check_linear(file, tensor);
    if (!seen.emplace(name).second)
      file.fail(tensor.offset, fmt::format("two tensors are the layer '{}'", printable(name)));
    linear.push_back(tensor);
    names.emplace_back(name);
  };
  const StoredTensor* embedding = nullptr;
  for (const StoredTensor& tensor : tensors) {
    if (tensor.shape.size() != 2 || !tensor.name.ends_with(kWeight) || tensor.name == kWeight) continue;
    if (is_token_embedding(tensor.name)) embedding = &tensor;
    if (is_embedding(tensor.name)) continue;
    const std::string renamed = llama_name == nullptr ? "" : llama_name(tensor.name);
    add(tensor, without_weight(renamed.empty() ? tensor.name : renamed));
  }
  if (tied && embedding != nullptr && !seen.contains(kClassifier)) add(*embedding, kClassifier);
  if (linear.empty()) {
    file.fail(0,
              "no linear layer, expected two-dimensional tensors named '*.weight' that are not embeddings");
  }
  return Model(file, std::move(linear), std::move(names));
}

}  // namespace subbyte::sim
