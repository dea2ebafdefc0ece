#include "sim/checkpoint/gguf_llama.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace subbyte::sim {
namespace {

struct NameRow {
  std::string_view gguf;
  std::string_view hf;
};
constexpr NameRow kWhole[] = {{"token_embd.weight", "model.embed_tokens.weight"},
                              {"output_norm.weight", "model.norm.weight"},
                              {"output.weight", "lm_head.weight"}};
constexpr NameRow kInBlock[] = {
    {"attn_q", "self_attn.q_proj"},      {"attn_k", "self_attn.k_proj"},   {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"}, {"ffn_gate", "mlp.gate_proj"},    {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},       {"attn_norm", "input_layernorm"}, {"ffn_norm", "post_attention_layernorm"}};
constexpr std::string_view kGgufBlock = "blk.";
constexpr std::string_view kHfBlock = "model.layers.";
constexpr std::string_view kWeight = ".weight";

/// Turns "PREFIX<number>.PART.weight" into "OTHER<number>.OTHER_PART.weight".
std::string rename(std::string_view name, std::string_view prefix, std::string_view NameRow::*from,
                   std::string_view other, std::string_view NameRow::*to) {
  for (const NameRow& row : kWhole) {
    if (row.*from == name) return std::string(row.*to);
  }
  if (!name.starts_with(prefix) || !name.ends_with(kWeight)) return {};
  const std::size_t dot = name.find('.', prefix.size());
  if (dot + 1 > name.size() - kWeight.size()) return {};
  const std::string_view number = name.substr(prefix.size(), dot - prefix.size());
  const std::string_view part = name.substr(dot + 1, name.size() - kWeight.size() - dot - 1);
  const auto* row = std::ranges::find(kInBlock, part, from);
  if (row == std::end(kInBlock)) return {};
  return fmt::format("{}{}.{}{}", other, number, row->*to, kWeight);
}

/// Reads the keys "llama.X"; each wrong one is an error with its offset.
class Keys {
 public:
  explicit Keys(const GgufMetadata& metadata) : metadata_(metadata) {}

  static std::string key(std::string_view name) { return fmt::format("llama.{}", name); }
  std::size_t size_or(std::string_view name, std::size_t fallback) const {
    const auto value = metadata_.integer(key(name));
    constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
    if (value && *value - 1 >= kMost)
      metadata_.fail(key(name), fmt::format("is {}, expected an integer 1..{}", *value, kMost));
    return value ? static_cast<std::size_t>(*value) : fallback;
  }
  std::size_t size(std::string_view name) const {
    const std::size_t value = size_or(name, 0);
    if (value == 0) metadata_.fail(key(name), "is missing, expected a positive integer");
    return value;
  }
  float real_or(std::string_view name, double fallback) const {
    const double value = metadata_.number(key(name)).value_or(fallback);
    if (!(value > 0 && value <= std::numeric_limits<float>::max()))
      metadata_.fail(key(name), fmt::format("is {}, expected a positive number", value));
    return static_cast<float>(value);
  }
  void demand(std::string_view name, std::size_t expected) const {
    const auto value = metadata_.integer(key(name));
    if (value && *value != expected)
      metadata_.fail(key(name), fmt::format("is {}, expected {}: the forward pass has nothing else", *value, expected));
  }
  void demand_text(std::string_view name, std::string_view expected) const {
    const auto value = metadata_.text(key(name));
    if (value && *value != expected) {
      metadata_.fail(key(name), fmt::format("is '{}', expected '{}': the forward pass has nothing else",
                                            printable(*value), expected));
    }
  }

 private:
  const GgufMetadata& metadata_;
};

const StoredTensor* find_tensor(const Gguf& gguf, std::string_view name) {
  const auto found = std::ranges::find(gguf.tensors, name, &StoredTensor::name);
  return found == gguf.tensors.end() ? nullptr : &*found;
}

void check_architecture(const Gguf& gguf) {
  const std::string architecture = gguf.metadata.text("general.architecture").value_or("");
  if (architecture != "llama") {
    gguf.metadata.fail("general.architecture", architecture.empty()
                                                   ? "is missing, expected 'llama'"
                                                   : fmt::format("is '{}', expected 'llama'", printable(architecture)));
  }
  for (const StoredTensor& tensor : gguf.tensors) {
    if (!tensor.name.ends_with(".bias") && tensor.name != "rope_freqs.weight") continue;
    gguf.metadata.file().fail(
        tensor.offset,
        fmt::format("tensor '{}': the forward pass has no biases and no scaled rotation", printable(tensor.name)));
  }
}

/// Returns the size of the vocabulary from its tokens, or else from the rows of the embedding.
std::size_t vocabulary_size(const Gguf& gguf, const Keys& keys) {
  if (const StoredTensor* embedding = find_tensor(gguf, "token_embd.weight")) return embedding->shape.front();
  return keys.size("vocab_size");
}

LlamaConfig read_configuration(const Gguf& gguf) {
  check_architecture(gguf);
  const Keys keys(gguf.metadata);
  keys.demand("expert_count", 0);
  keys.demand_text("rope.scaling.type", "none");
  LlamaConfig c;
  c.dim = keys.size("embedding_length");
  c.hidden = keys.size("feed_forward_length");
  c.layers = keys.size("block_count");
  c.heads = keys.size("attention.head_count");
  c.kv_heads = keys.size_or("attention.head_count_kv", c.heads);
  if (c.heads % c.kv_heads != 0) {
    gguf.metadata.fail("llama.attention.head_count_kv",
                       fmt::format("is {}, expected a divisor of head_count {}", c.kv_heads, c.heads));
  }
  if (!gguf.metadata.contains("llama.attention.key_length") && c.dim % c.heads != 0) {
    gguf.metadata.fail("llama.attention.head_count",
                       fmt::format("is {}, expected a divisor of embedding_length {}", c.heads, c.dim));
  }
  c.head_dim = keys.size_or("attention.key_length", c.dim / c.heads);
  if (c.head_dim % 2 != 0)
    gguf.metadata.fail("llama.attention.key_length",
                       fmt::format("gives {} elements per head, expected an even number", c.head_dim));
  keys.demand("attention.value_length", c.head_dim);
  keys.demand("rope.dimension_count", c.head_dim);
  c.vocab = vocabulary_size(gguf, keys);
  c.context = keys.size("context_length");
  c.context = std::min(c.context, keys.size_or("attention.sliding_window", c.context));
  c.rms_eps = keys.real_or("attention.layer_norm_rms_epsilon", 1e-5);
  c.rope_theta = keys.real_or("rope.freq_base", 1e4);
  c.rope_adjacent = true;
  return c;
}

std::optional<std::uint32_t> token_id(const GgufMetadata& metadata, std::string_view key) {
  const auto id = metadata.integer(key);
  if (!id) return std::nullopt;
  if (*id > std::numeric_limits<std::uint32_t>::max())
    metadata.fail(key, fmt::format("is {}, expected a token id", *id));
  return static_cast<std::uint32_t>(*id);
}

std::vector<TokenType> token_types(const GgufMetadata& metadata) {
  constexpr std::string_view kKey = "tokenizer.ggml.token_type";
  std::vector<TokenType> types;
  for (const double value : metadata.numbers(kKey)) {
    // Newer files may have types that mean nothing to a tokenizer of text.
    if (!(value >= 0 && value <= 255 && value == std::floor(value)))
      metadata.fail(kKey, fmt::format("holds {}, expected 1..6", value));
    types.push_back(static_cast<TokenType>(static_cast<std::uint8_t>(value)));
  }
  return types;
}

struct TokenizerRow {
  std::string_view model;
  TokenizerKind kind;
  bool bos;  ///< the value of add_bos_token where the file does not say (llama-vocab.cpp)
};
constexpr TokenizerRow kTokenizers[] = {{"llama", TokenizerKind::kBestScore, true},
                                        {"gpt2", TokenizerKind::kByteLevel, false}};

}  // namespace

std::string gguf_to_hf(std::string_view name) {
  return rename(name, kGgufBlock, &NameRow::gguf, kHfBlock, &NameRow::hf);
}

std::string hf_to_gguf(std::string_view name) {
  return rename(name, kHfBlock, &NameRow::hf, kGgufBlock, &NameRow::gguf);
}

LlamaDescription gguf_llama(const Gguf& gguf) {
  try {
    return {read_configuration(gguf), std::nullopt};
  } catch (const InputError& error) {
    return {std::nullopt, error};
  }
}

std::optional<Tokenizer> gguf_tokenizer(const Gguf& gguf) {
  constexpr std::string_view kModel = "tokenizer.ggml.model";
  const GgufMetadata& metadata = gguf.metadata;
  const auto model = metadata.text(kModel);
  if (!model || *model == "none" || *model == "no_vocab") return std::nullopt;
  const auto* row = std::ranges::find(kTokenizers, std::string_view(*model), &TokenizerRow::model);
  if (row == std::end(kTokenizers))
    metadata.fail(kModel, fmt::format("is '{}', expected 'llama' or 'gpt2'", printable(*model)));
  Vocabulary vocabulary;
  vocabulary.kind = row->kind;
  vocabulary.tokens = metadata.texts("tokenizer.ggml.tokens");
  for (const double score : metadata.numbers("tokenizer.ggml.scores"))
    vocabulary.scores.push_back(static_cast<float>(score));
  vocabulary.types = token_types(metadata);
  vocabulary.merges = metadata.texts("tokenizer.ggml.merges");
  if (row->kind == TokenizerKind::kByteLevel)
    vocabulary.pre_tokenizer = metadata.text("tokenizer.ggml.pre").value_or(vocabulary.pre_tokenizer);
  if (metadata.boolean("tokenizer.ggml.add_bos_token").value_or(row->bos))
    vocabulary.bos = token_id(metadata, "tokenizer.ggml.bos_token_id");
  vocabulary.unknown = token_id(metadata, "tokenizer.ggml.unknown_token_id");
  vocabulary.add_space_prefix = metadata.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
  return Tokenizer(std::move(vocabulary), metadata.file().name());
}

}  // namespace subbyte::sim
