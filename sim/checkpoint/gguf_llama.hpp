// Reads what GGUF says of a Llama model: names, shape and tokenizer. Sources: github.com/ggml-org/llama.cpp
// gguf-py/gguf/constants.py (keys, names), convert_hf_to_gguf.py (order of q and k rows), llama-vocab.cpp (tokenizer
// keys).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/checkpoint/llama_config.hpp"
#include "sim/checkpoint/tokenizer.hpp"
#include "sim/files/gguf.hpp"

namespace subbyte::sim {

/// Turns "blk.0.attn_q.weight" into "model.layers.0.self_attn.q_proj.weight", and the names of norms and embeddings
/// likewise. Returns "" where a Llama model has no such tensor.
std::string gguf_to_hf(std::string_view name);
/// The inverse of it. Returns "" for a name that GGUF has no word for.
std::string hf_to_gguf(std::string_view name);

/// Returns the configuration that the metadata states, or a problem that names the key or tensor: another architecture,
/// a scaled rotation, biases, or experts.
LlamaDescription gguf_llama(const Gguf& gguf);

/// Reads tokenizer.ggml.* of the models "llama" (SentencePiece) and "gpt2" (byte-level BPE). Returns nothing when the
/// file has no tokenizer. Throws InputError for another model, and for vectors that do not fit each other.
std::optional<Tokenizer> gguf_tokenizer(const Gguf& gguf);

}  // namespace subbyte::sim
