// A model as the tools see it: named linear layers, loaded one at a time as FP32.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/file_bytes.hpp"
#include "sim/stored_tensor.hpp"

namespace subbyte::sim {

struct Tensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;  ///< row-major
};

/// y = W x with W [rows = outputs][cols = inputs]. Named by the Hugging Face Llama convention without
/// ".weight"
/// ("model.layers.0.self_attn.q_proj", "lm_head") whatever the file calls it; a .npy matrix is named after
/// its file.
struct LinearLayer {
  std::string name;
  std::size_t rows = 0;
  std::size_t cols = 0;
};

/// Every linear layer of a model, the classifier included (tied weights are listed again as "lm_head");
/// embeddings and norms are left out. The file stays mapped; load() converts one layer. Weights keep the
/// file's row order (llama2.c and GGUF store q and k for RoPE on adjacent pairs, Hugging Face for halves).
class Model {
 public:
  /// Stored tensors and the linear layers among them, in the same order. Readers call this; they have
  /// validated that tensors[i] is two-dimensional, not empty, convertible and inside the file.
  Model(FileBytes file, std::vector<StoredTensor> tensors, std::vector<std::string> names);

  const std::string& path() const { return file_.name(); }
  std::span<const LinearLayer> layers() const { return layers_; }
  /// Finds a layer by its name, with or without ".weight", or by the tensor's name in the file. Throws
  /// InputError naming the nearest layer.
  const LinearLayer& layer(std::string_view name) const;
  /// Layers whose name (or tensor name in the file) matches a shell pattern; throws InputError when none
  /// does.
  std::vector<LinearLayer> matching(const std::string& glob) const;
  /// FP32 values [rows][cols]. Throws InputError with tensor and offset for a weight that is not finite.
  Tensor load(std::string_view name) const;

 private:
  std::size_t index(std::string_view name) const;
  FileBytes file_;
  std::vector<StoredTensor> tensors_;
  std::vector<LinearLayer> layers_;
};

/// The name that stands for the model in configs/workloads/embedded/.
inline constexpr std::string_view kEmbedded = "embedded";

/// Opens safetensors, .npy, GGUF or llama2.c version 0 by content, a directory with model.safetensors, or
/// "embedded". Throws InputError.
Model open_model(const std::string& path);

/// The model of all linear layers among `tensors`: two-dimensional, named "*.weight", no embedding.
/// `llama_name` gives the Hugging Face name of a tensor where the file's own convention differs, else "". A
/// missing classifier is the token embedding when `tied`. Throws InputError for a linear layer that is empty
/// or of a type that cannot be converted, for duplicate names, and when there is no linear layer.
Model make_model(const FileBytes& file, const std::vector<StoredTensor>& tensors, bool tied,
                 std::string (*llama_name)(std::string_view) = nullptr);

}  // namespace subbyte::sim
