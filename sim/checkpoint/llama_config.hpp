// Shape and constants of a Llama-architecture model, from whichever file states them.
// Sources: llama2.c run.c (Config), transformers configuration_llama.py, configuration_mistral.py.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/file_bytes.hpp"
#include "sim/base/input_error.hpp"

namespace subbyte::sim {

/// Everything a forward pass of RMSNorm, RoPE, grouped-query attention and SwiGLU needs beside the tensors.
struct LlamaConfig {
  std::size_t dim = 0;
  std::size_t hidden = 0;  ///< inner width of the SwiGLU
  std::size_t layers = 0;
  std::size_t heads = 0;
  std::size_t kv_heads = 0;
  std::size_t head_dim = 0;
  std::size_t vocab = 0;
  std::size_t context = 0;  ///< longest sequence
  float rms_eps = 1e-5F;
  float rope_theta = 1e4F;
  /// True when the rows (2i, 2i+1) of q and k are pairs (llama2.c, GGUF), false when (i, i + head_dim / 2) are.
  bool rope_adjacent = false;
};

/// A model's configuration, or why it has none: the file does not say, or asks for what is not computed.
struct LlamaDescription {
  std::optional<LlamaConfig> config;
  std::optional<InputError> problem;
};

/// Reads a Hugging Face config.json of a Llama-like model (model_type llama or mistral). What the forward pass does not
/// compute (rope_scaling, biases, another activation, a partial rotation) becomes a `problem` that names the key. A
/// sliding window shortens the context to the window, within which it changes nothing. Throws InputError for bytes that
/// are not a JSON object.
LlamaDescription read_hf_config(const FileBytes& file);
/// Returns "tie_word_embeddings" of a config.json. It is true when it is not there, because a model shares whatever
/// classifier it lacks. Throws InputError.
bool read_hf_tied(const FileBytes& file);

}  // namespace subbyte::sim
