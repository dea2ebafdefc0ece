// A checkpoint is a model as the tools see it: named linear layers, loaded one at a time as FP32.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/file_bytes.hpp"
#include "sim/checkpoint/llama_config.hpp"
#include "sim/files/stored_tensor.hpp"
#include "sim/files/tensor_values.hpp"

namespace subbyte::sim {

struct Tensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;  ///< row-major
};

/// A layer computes y = W x with W [rows = outputs][cols = inputs]. It is named by the Hugging Face Llama convention
/// without ".weight" ("model.layers.0.self_attn.q_proj", "lm_head"), whatever the file calls it; a .npy matrix is named
/// after its file.
struct LinearLayer {
  std::string name;
  std::size_t rows = 0;
  std::size_t cols = 0;
};

/// What a reader found. `layers[i]` is the tensor `sources[i]`, which is two-dimensional, not empty, convertible and
/// inside its file.
struct CheckpointContents {
  std::string path;
  std::vector<FileTensor> tensors;
  std::vector<LinearLayer> layers;
  std::vector<std::size_t> sources;
  LlamaDescription llama;
};

/// Every linear layer of a model, the classifier included (tied weights are listed again as "lm_head"); embeddings and
/// norms are parameters, but not layers. The files stay mapped; load() converts one tensor, or some of its rows.
/// Weights keep the file's row order (llama2.c and GGUF store q and k for RoPE on adjacent pairs, Hugging Face stores
/// them for RoPE on halves).
class Checkpoint {
 public:
  explicit Checkpoint(CheckpointContents contents) : contents_(std::move(contents)) {}

  const std::string& path() const { return contents_.path; }
  std::span<const LinearLayer> layers() const { return contents_.layers; }
  /// Finds a layer by its name, with or without ".weight", or by the tensor's name in the file. Throws
  /// InputError naming the nearest layer.
  const LinearLayer& layer(std::string_view name) const;
  /// Returns the layers whose name (or tensor name in the file) matches a shell pattern. Throws InputError when none
  /// does.
  std::vector<LinearLayer> matching(const std::string& glob) const;
  /// Returns the FP32 values as [rows][cols]. Throws InputError with tensor and offset for a weight that is not finite.
  Tensor load(std::string_view name) const;
  /// Returns some rows of a layer as [count][cols]. Throws as load() does; kKeep passes on what is not finite.
  std::vector<float> load_rows(std::string_view name, std::size_t first, std::size_t count,
                               NonFinite non_finite = NonFinite::kRefuse) const;

  /// Returns how a layer's weights are stored: kF32, kF16 or kBf16, and kF32 where they are converted from something
  /// else.
  DataType stored_type(std::string_view name) const;

  /// Returns every stored tensor, linear or not.
  std::span<const FileTensor> tensors() const { return contents_.tensors; }
  /// Returns any stored floating-point tensor by its Hugging Face name ("model.embed_tokens.weight",
  /// "model.norm.weight", "model.layers.0.input_layernorm.weight"), or a layer. Throws InputError that names the
  /// nearest name, and otherwise as load() does.
  Tensor parameter(std::string_view hf_name) const;

  /// Returns nothing where required_llama() throws.
  const std::optional<LlamaConfig>& llama() const { return contents_.llama.config; }
  /// Throws InputError that says what is missing, or which key asks for something that the forward pass does not
  /// compute.
  const LlamaConfig& required_llama() const;

 private:
  std::size_t index(std::string_view name) const;
  const FileTensor& source(std::size_t layer) const { return contents_.tensors[contents_.sources[layer]]; }
  CheckpointContents contents_;
};

/// This name stands for the model in configs/workloads/embedded/.
inline constexpr std::string_view kEmbedded = "embedded";

/// Recognises token and position embeddings of Hugging Face, GGUF and GPT-2 files, which are no linear layers.
bool is_embedding(std::string_view tensor_name);

/// Returns the model of all linear layers among `tensors`: those that are two-dimensional, named "*.weight", and no
/// embedding. `llama_name` gives the Hugging Face name of a tensor ("lm_head.weight") where the file's own convention
/// differs, and "" elsewhere. A missing classifier is the token embedding when `tied` is true. Throws InputError for a
/// linear layer that is empty or of a type that cannot be converted, for duplicate names, and when there is no linear
/// layer.
Checkpoint make_checkpoint(const FileBytes& file, const std::vector<StoredTensor>& tensors, bool tied,
                           std::string (*llama_name)(std::string_view) = nullptr, LlamaDescription llama = {});
/// Does the same over several files; names are the tensors' own. `path` stands in error texts.
Checkpoint make_checkpoint(std::string path, std::vector<FileTensor> tensors, bool tied, LlamaDescription llama = {});

}  // namespace subbyte::sim
