#include "sim/checkpoint/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "quant/base/suggestion.hpp"
#include "sim/base/lists.hpp"
#include "sim/files/tensor_values.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kClassifier = "lm_head";

bool is_token_embedding(std::string_view name) {
  return name.ends_with("embed_tokens.weight") || name == "token_embd.weight" ||
         name.ends_with("tok_embeddings.weight");
}

void check_linear(const FileTensor& tensor) {
  const StoredTensor& stored = tensor.stored;
  // A GGUF file of many types stays usable for those that are converted; the others are refused when they are loaded.
  if (!is_floating(stored.type) && !stored.blocks) {
    tensor.file.fail(stored.offset, fmt::format("tensor '{}' has type {}, expected F32, F16 or BF16",
                                                printable(stored.name), printable(stored.type_name)));
  }
  if (stored.elements() == 0) {
    tensor.file.fail(stored.offset, fmt::format("tensor '{}' has shape [{}], expected positive extents",
                                                printable(stored.name), fmt::join(stored.shape, ", ")));
  }
}

std::string_view without_weight(std::string_view name) {
  return name.ends_with(kWeight) ? name.substr(0, name.size() - kWeight.size()) : name;
}

}  // namespace

bool is_embedding(std::string_view name) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"embed", "embd", "wte.weight", "wpe.weight"},
                             [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

std::size_t Checkpoint::index(std::string_view name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers().size(); ++i) {
    if (layers()[i].name == name || layers()[i].name == without_weight(name)) return i;
    names.push_back(layers()[i].name);
  }
  for (std::size_t i = 0; i < layers().size(); ++i) {
    const std::string& stored = source(i).stored.name;
    if (stored == name || without_weight(stored) == name) return i;
  }
  throw InputError(path(), "", fmt::format("no linear layer '{}'; {}", name, quant::suggestion(name, names)));
}

const LinearLayer& Checkpoint::layer(std::string_view name) const { return layers()[index(name)]; }

std::vector<LinearLayer> Checkpoint::matching(const std::string& glob) const {
  std::vector<LinearLayer> found;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers().size(); ++i) {
    const std::string& stored = source(i).stored.name;
    const auto matches = [&](std::string_view name) { return shell_match(glob, name); };
    if (matches(layers()[i].name) || matches(stored) || matches(without_weight(stored))) found.push_back(layers()[i]);
    names.push_back(layers()[i].name);
  }
  if (found.empty()) {
    throw InputError(path(), "", fmt::format("no linear layer matches '{}'; {}", glob, quant::suggestion(glob, names)));
  }
  return found;
}

Tensor Checkpoint::load(std::string_view name) const {
  const std::size_t i = index(name);
  return {layers()[i].name, source(i).stored.shape, to_floats(source(i).file, source(i).stored)};
}

std::vector<float> Checkpoint::load_rows(std::string_view name, std::size_t first, std::size_t count,
                                         NonFinite non_finite) const {
  const FileTensor& tensor = source(index(name));
  return to_floats(tensor.file, tensor.stored, first, count, non_finite);
}

DataType Checkpoint::stored_type(std::string_view name) const {
  const DataType type = source(index(name)).stored.type;
  return type == DataType::kF16 || type == DataType::kBf16 ? type : DataType::kF32;
}

Tensor Checkpoint::parameter(std::string_view hf_name) const {
  std::vector<std::string> names;
  for (const FileTensor& tensor : tensors()) {
    if (tensor.name == hf_name || without_weight(tensor.name) == hf_name)
      return {tensor.name, tensor.stored.shape, to_floats(tensor.file, tensor.stored)};
    names.push_back(tensor.name);
  }
  const auto tied = std::ranges::find(layers(), without_weight(hf_name), &LinearLayer::name);
  if (tied != layers().end()) return load(tied->name);
  throw InputError(path(), "", fmt::format("no tensor '{}'; {}", hf_name, quant::suggestion(hf_name, names)));
}

const LlamaConfig& Checkpoint::required_llama() const {
  if (llama()) return *llama();
  if (contents_.llama.problem) throw *contents_.llama.problem;
  throw InputError(path(), "", "has no Llama configuration, expected llama2.c, GGUF or safetensors with a config.json");
}

Checkpoint make_checkpoint(const FileBytes& file, const std::vector<StoredTensor>& tensors, bool tied,
                           std::string (*llama_name)(std::string_view), LlamaDescription llama) {
  std::vector<FileTensor> named;
  for (const StoredTensor& tensor : tensors) {
    const std::string renamed = llama_name == nullptr ? "" : llama_name(tensor.name);
    named.push_back({file, tensor, renamed.empty() ? tensor.name : renamed});
  }
  return make_checkpoint(file.name(), std::move(named), tied, std::move(llama));
}

Checkpoint make_checkpoint(std::string path, std::vector<FileTensor> tensors, bool tied, LlamaDescription llama) {
  CheckpointContents contents{std::move(path), std::move(tensors), {}, {}, std::move(llama)};
  std::set<std::string, std::less<>> seen;
  const auto add = [&](std::size_t index, std::string_view name) {
    const FileTensor& tensor = contents.tensors[index];
    check_linear(tensor);
    if (!seen.emplace(name).second)
      tensor.file.fail(tensor.stored.offset, fmt::format("two tensors are the layer '{}'", printable(name)));
    contents.layers.push_back({std::string(name), tensor.stored.shape[0], tensor.stored.shape[1]});
    contents.sources.push_back(index);
  };
  std::optional<std::size_t> embedding;
  for (std::size_t i = 0; i < contents.tensors.size(); ++i) {
    const FileTensor& tensor = contents.tensors[i];
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
  return Checkpoint(std::move(contents));
}

}  // namespace subbyte::sim
