#include "sim/checkpoint/open_checkpoint.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "sim/base/file_roles.hpp"
#include "sim/base/paths.hpp"
#include "sim/checkpoint/gguf_llama.hpp"
#include "sim/checkpoint/llama2c.hpp"
#include "sim/files/gguf.hpp"
#include "sim/files/npy.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/files/tensor_values.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

/// Reads whether a model is tied from the config.json beside the weights; without one, a model is tied to whatever
/// classifier it lacks.
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

Checkpoint open_safetensors_beside(const FileBytes& file, const fs::path& folder) {
  Configuration configuration = read_configuration(folder / "config.json");
  return open_safetensors(file, configuration.tied, std::move(configuration.llama));
}

Checkpoint open_sharded_beside(const FileBytes& index, const fs::path& folder) {
  Configuration configuration = read_configuration(folder / "config.json");
  return open_sharded_safetensors(index, configuration.tied, std::move(configuration.llama));
}

Checkpoint open_directory(const fs::path& path) {
  note_input_folder(path.string());
  const fs::path weights = path / "model.safetensors";
  const fs::path index = path / "model.safetensors.index.json";
  if (fs::exists(weights)) return open_safetensors_beside(FileBytes::map(weights.string()), path);
  if (fs::exists(index)) return open_sharded_beside(FileBytes::map(index.string()), path);
  throw InputError(path.string(), "", "no model.safetensors and no model.safetensors.index.json in this directory");
}

/// A llama2.c file has no magic number, and its small sizes look like the header length of a safetensors file. A '{'
/// decides, unless the length is impossible.
bool looks_like_safetensors(const FileBytes& file) {
  if (file.size() < 9 || file.all()[8] != '{') return false;
  return file.read<std::uint64_t>(0, "the header length") < (1ULL << 32U);
}

Checkpoint open_file(const FileBytes& file) {
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

}  // namespace

Checkpoint open_checkpoint(const std::string& path) {
  if (path == kEmbedded) return open_directory(source_folder() / "configs/workloads/embedded");
  if (fs::is_directory(path)) return open_directory(path);
  return open_file(FileBytes::map(path));
}

Checkpoint open_npy(const FileBytes& file) {
  StoredTensor tensor = read_npy_header(file);
  if (tensor.shape.size() != 2 || tensor.elements() == 0) {
    file.fail(10,
              fmt::format("the shape is ({}), expected two positive extents (out, in)", fmt::join(tensor.shape, ", ")));
  }
  if (!is_floating(tensor.type)) {
    file.fail(10, fmt::format("the element type is '{}', expected '<f4', '<f2' or '<f8'", tensor.type_name));
  }
  tensor.name = std::filesystem::path(file.name()).stem().string();
  const std::string name = tensor.name;
  const LinearLayer layer{name, tensor.shape[0], tensor.shape[1]};
  return Checkpoint({file.name(), {{file, std::move(tensor), name}}, {layer}, {0}, {}});
}

Checkpoint open_safetensors(const FileBytes& file, bool tied, LlamaDescription llama) {
  return make_checkpoint(file, read_safetensors(file).tensors, tied, nullptr, std::move(llama));
}

Checkpoint open_sharded_safetensors(const FileBytes& file, bool tied, LlamaDescription llama) {
  return make_checkpoint(file.name(), read_sharded_safetensors(file), tied, std::move(llama));
}

Checkpoint open_gguf(const FileBytes& file) {
  const Gguf gguf = read_gguf(file);
  return make_checkpoint(file, gguf.tensors, true, gguf_to_hf, gguf_llama(gguf));
}

}  // namespace subbyte::sim
