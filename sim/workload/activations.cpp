#include "sim/workload/activations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "quant/base/float16.hpp"
#include "quant/base/suggestion.hpp"
#include "sim/base/paths.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/files/npy.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/files/tensor_values.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

StoredTensor find_layer(const FileBytes& file, std::string_view layer) {
  std::vector<std::string> names;
  for (const StoredTensor& tensor : read_safetensors(file).tensors) {
    if (tensor.name == layer) return tensor;
    names.push_back(tensor.name);
  }
  throw InputError(file.name(), "",
                   fmt::format("no activations for the layer '{}'; {}", layer, quant::suggestion(layer, names)));
}

void check_shape(const FileBytes& file, const StoredTensor& tensor, std::size_t cols) {
  const bool two = tensor.shape.size() == 2 && tensor.shape[0] > 0 && tensor.shape[1] == cols;
  if (!two || (tensor.type != DataType::kF16 && tensor.type != DataType::kF32)) {
    file.fail(tensor.offset,
              fmt::format("activations of type {} and shape [{}], expected F16 or F32 [tokens][{}], the layer's inputs",
                          printable(tensor.type_name), fmt::join(tensor.shape, ", "), cols));
  }
}

struct Found {
  FileBytes file;
  StoredTensor tensor;
};

Found find_activations(const std::string& path, std::string_view layer, std::size_t cols) {
  const bool embedded = path == kEmbedded;
  FileBytes file = FileBytes::map(
      embedded ? (source_folder() / "configs/workloads/embedded/activations.safetensors").string() : path);
  if (layer.ends_with(".weight")) layer.remove_suffix(7);
  const bool npy = file.starts_with("\x93NUMPY") || fs::path(path).extension() == ".npy";
  StoredTensor tensor = npy ? read_npy_header(file) : find_layer(file, layer);
  check_shape(file, tensor, cols);
  return {std::move(file), std::move(tensor)};
}

}  // namespace

std::size_t activation_tokens(const std::string& path, std::string_view layer, std::size_t cols) {
  return find_activations(path, layer, cols).tensor.shape[0];
}

Activations load_activations(const std::string& path, std::string_view layer, std::size_t cols) {
  const auto [file, tensor] = find_activations(path, layer, cols);
  Activations result{tensor.shape[0], cols, {}};
  result.bits.reserve(tensor.elements());
  for (const float value : to_floats(file, tensor)) {
    const std::uint16_t bits = quant::half_from_float(value);
    if (!quant::half_is_finite(bits)) {
      file.fail(tensor.offset,
                fmt::format("activation {} (element {}) overflows FP16, expected at most 65504 in magnitude", value,
                            result.bits.size()));
    }
    result.bits.push_back(bits);
  }
  return result;
}

}  // namespace subbyte::sim
