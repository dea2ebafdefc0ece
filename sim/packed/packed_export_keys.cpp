// Writes the key-value section of an exported GGUF file.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "sim/checkpoint/gguf_llama.hpp"
#include "sim/checkpoint/tokenizer.hpp"
#include "sim/packed/packed_export.hpp"

namespace subbyte::sim {
namespace {

/// These keys speak of the other file: its place among several, its types, and its alignment.
bool is_of_file(std::string_view key) {
  return key == "general.alignment" || key == "general.file_type" || key.starts_with("split.");
}

GgufKeys copied_keys(const Gguf& gguf) {
  GgufKeys keys;
  std::vector<GgufEntry> entries;
  for (const auto& [key, entry] : gguf.metadata.entries()) {
    if (!is_of_file(key)) entries.push_back(entry);
  }
  std::ranges::sort(entries, {}, &GgufEntry::key);
  for (const GgufEntry& entry : entries)
    keys.copy(gguf.metadata.file().slice(entry.key, entry.end - entry.key, "a metadata entry"));
  return keys;
}

void add_configuration(const LlamaConfig& config, GgufKeys& keys) {
  const auto size = [&](std::string_view key, std::size_t value) {
    keys.add(fmt::format("llama.{}", key), static_cast<std::uint32_t>(value));
  };
  size("vocab_size", config.vocab);
  size("context_length", config.context);
  size("embedding_length", config.dim);
  size("block_count", config.layers);
  size("feed_forward_length", config.hidden);
  size("rope.dimension_count", config.head_dim);
  size("attention.head_count", config.heads);
  size("attention.head_count_kv", config.kv_heads);
  size("attention.key_length", config.head_dim);
  size("attention.value_length", config.head_dim);
  keys.add("llama.attention.layer_norm_rms_epsilon", config.rms_eps);
  keys.add("llama.rope.freq_base", config.rope_theta);
}

/// SentencePiece writes a space as U+2581. llama2.c writes a space, and puts its control tokens between newlines.
std::string piece(std::string token, TokenType type) {
  if (type == TokenType::kControl) {
    std::erase(token, '\n');
    return token;
  }
  std::string text;
  for (const char c : token) text += c == ' ' ? std::string("\u2581") : std::string(1, c);
  return text;
}

void add_tokenizer(const Vocabulary& vocabulary, GgufKeys& keys) {
  const bool pieces = vocabulary.kind == TokenizerKind::kBestScore;
  std::vector<std::string> tokens = vocabulary.tokens;
  std::vector<std::int32_t> types(tokens.size(), static_cast<std::int32_t>(TokenType::kNormal));
  for (std::size_t i = 0; i < vocabulary.types.size(); ++i) types[i] = static_cast<std::int32_t>(vocabulary.types[i]);
  for (std::size_t i = 0; pieces && i < tokens.size(); ++i)
    tokens[i] = piece(tokens[i], static_cast<TokenType>(types[i]));
  keys.add("tokenizer.ggml.model", pieces ? "llama" : "gpt2");
  keys.add("tokenizer.ggml.pre", pieces ? "default" : std::string_view(vocabulary.pre_tokenizer));
  keys.add("tokenizer.ggml.tokens", std::span<const std::string>(tokens));
  if (pieces) keys.add("tokenizer.ggml.scores", std::span<const float>(vocabulary.scores));
  keys.add("tokenizer.ggml.token_type", std::span<const std::int32_t>(types));
  if (!pieces) keys.add("tokenizer.ggml.merges", std::span<const std::string>(vocabulary.merges));
  if (vocabulary.bos) keys.add("tokenizer.ggml.bos_token_id", *vocabulary.bos);
  if (vocabulary.unknown) keys.add("tokenizer.ggml.unknown_token_id", *vocabulary.unknown);
  keys.add("tokenizer.ggml.add_bos_token", vocabulary.bos.has_value());
  if (pieces) keys.add("tokenizer.ggml.add_space_prefix", vocabulary.add_space_prefix);
}

/// Returns the tokenizer beside the model, where GGUF has one of its kind.
void add_tokenizer_beside(const Checkpoint& model, GgufKeys& keys, std::vector<std::string>& notes) {
  const auto path = Tokenizer::beside(model.path());
  if (!path) {
    notes.push_back(fmt::format("no tokenizer beside {}: none in the file", model.path()));
    return;
  }
  const Tokenizer tokenizer = Tokenizer::open(*path);
  const bool known = tokenizer.kind() == TokenizerKind::kBestScore || tokenizer.kind() == TokenizerKind::kByteLevel;
  if (known) {
    add_tokenizer(tokenizer.vocabulary(), keys);
  } else {
    notes.push_back(
        fmt::format("GGUF has no tokenizer like {}: none in the file, give it to `evaluate --tokenizer`", *path));
  }
}

}  // namespace

GgufKeys export_keys(const PackedFile& packed, const ExportOptions& options, std::vector<std::string>& notes) {
  if (options.model != nullptr) {
    const std::string& path = options.model->path();
    if (std::filesystem::is_regular_file(path)) {
      const FileBytes file = FileBytes::map(path);
      if (file.starts_with("GGUF")) return copied_keys(read_gguf(file));
    }
  }
  GgufKeys keys;
  keys.add("general.architecture", "llama");
  keys.add("general.name", std::filesystem::path(packed.path()).stem().string());
  keys.add("general.quantization_version", std::uint32_t{2});
  if (options.model == nullptr) {
    notes.emplace_back(
        "without --model the file holds the packed layers alone: no embedding, norms, shape or tokenizer");
    return keys;
  }
  add_configuration(options.model->required_llama(), keys);
  add_tokenizer_beside(*options.model, keys, notes);
  return keys;
}

}  // namespace subbyte::sim
