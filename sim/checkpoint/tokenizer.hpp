// Turns text into token ids and back, with the vocabularies that models bring: llama2.c, SentencePiece and byte-level
// BPE (GGUF, GPT-2), characters, and words. Sources: github.com/karpathy/llama2.c run.c (encode, decode); SentencePiece
// BPE as in github.com/ggml-org/llama.cpp llama-vocab.cpp; GPT-2 encoder.py (byte-level BPE).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/base/file_bytes.hpp"

namespace subbyte::sim {

/// The rule that cuts text into tokens.
enum class TokenizerKind : std::uint8_t {
  /// A text is cut into characters, and the adjacent pair of best score is merged, the leftmost first. What is no token
  /// becomes bytes.
  kBestScore,
  /// A regular expression cuts the text into words, which become bytes, and the pair of lowest rank is merged.
  kByteLevel,
  kCharacters,  ///< one token per character; a character that is absent is the unknown token
  /// Words stand between white space, and punctuation stands on its own. A word that is absent is an error.
  kWords,
};

/// Thrown by encode() for a word that a tokenizer of words does not know.
struct UnknownWord : InputError {
  UnknownWord(const std::string& text, std::size_t at) : InputError("", "", text), offset(at) {}
  std::size_t offset;  ///< in the text
};

/// The token types of GGUF (`tokenizer.ggml.token_type`).
enum class TokenType : std::uint8_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

/// What a tokenizer is built from. It is plain data, and a token's id is its index.
struct Vocabulary {
  TokenizerKind kind = TokenizerKind::kBestScore;
  /// The bytes of every token. For kBestScore and kCharacters a space is ' ' or U+2581, and a byte token is written
  /// "<0xNN>". For kByteLevel a token is in GPT-2's printable alphabet ("Ġthe").
  std::vector<std::string> tokens;
  std::vector<float> scores;            ///< kBestScore: one per token, of which the higher merges first
  std::vector<TokenType> types;         ///< when empty, all are normal and "<0xNN>" is a byte
  std::vector<std::string> merges;      ///< kByteLevel: "left right", the best first
  std::string pre_tokenizer = "gpt-2";  ///< kByteLevel: "gpt-2", "llama-bpe", "qwen2", "smollm" (tokenizer.ggml.pre)
  std::optional<std::uint32_t> bos;     ///< set only when a text is to begin with it (add_bos_token)
  std::optional<std::uint32_t> unknown;
  /// For kBestScore and kCharacters, whether a text begins with a space of its own, as in SentencePiece.
  bool add_space_prefix = true;
};

/// A value type. Text is bytes: what is not UTF-8 becomes byte tokens (or unknown characters) and is never an error.
class Tokenizer {
 public:
  /// `name` stands in error texts. Throws InputError when the vectors do not fit each other, when an id is outside the
  /// vocabulary, when a score is not a number, when a merge is not two tokens whose sum is a token, and when the
  /// pre-tokenizer is not known.
  explicit Tokenizer(Vocabulary vocabulary, std::string name = "tokenizer");

  /// Reads a llama2.c tokenizer (int32 longest token, then {float score, int32 length, bytes} per token), a character
  /// vocabulary (one character per line, whose line number is the id; anything after a tab is ignored), or a JSON
  /// object of words or byte-level tokens (with merges.txt beside it). The extensions .json and .vocab decide, and any
  /// other file is a llama2.c tokenizer; a GGUF file gives its own. Throws InputError with the offset or line of the
  /// damage.
  static Tokenizer open(const std::string& path);
  /// Finds the file that belongs to a model. A GGUF file with a tokenizer is its own. Otherwise it is the only one of
  /// tok*.bin, tok*.vocab and vocab.json in the folder of the model (or in the model, when it is a folder or
  /// "embedded"), or a GGUF model there that has one. Returns nothing when there is none. Throws InputError when there
  /// are several.
  static std::optional<std::string> beside(const std::string& model_path);

  /// Returns the token ids of the text, without BOS. An empty text has no tokens, not even the space prefix. Throws
  /// InputError, with its offset, for a word that a word vocabulary lacks.
  std::vector<std::uint32_t> encode(std::string_view text) const;
  /// Returns the text. BOS gives nothing, and the space prefix after it is taken away again; unknown tokens give
  /// U+2047. Words are joined by spaces. Throws InputError for an id outside the vocabulary.
  std::string decode(std::span<const std::uint32_t> ids) const;

  std::size_t size() const { return vocabulary_.tokens.size(); }
  /// Returns the token that begins a text, where the model wants one.
  std::optional<std::uint32_t> bos() const { return vocabulary_.bos; }
  TokenizerKind kind() const { return vocabulary_.kind; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  const std::string& name() const { return name_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Ids = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

  std::optional<std::uint32_t> find(std::string_view token) const;
  void check() const;
  void index_bytes();
  void index_merges();
  void append_decoded(std::uint32_t id, std::string& text) const;
  void encode_best_score(std::string_view text, std::vector<std::uint32_t>& ids) const;
  void encode_byte_level(std::string_view text, std::vector<std::uint32_t>& ids) const;
  void encode_characters(std::string_view text, std::vector<std::uint32_t>& ids) const;
  void encode_words(std::string_view text, std::vector<std::uint32_t>& ids) const;

  Vocabulary vocabulary_;
  std::string name_;
  Ids ids_;
  /// For kBestScore, the token of each byte; for kByteLevel too, where every byte must have one.
  std::vector<std::optional<std::uint32_t>> byte_ids_;
  /// For kByteLevel, a map from (left id << 32 | right id) to (rank, id of the sum).
  struct Merge {
    std::uint32_t rank;
    std::uint32_t id;
  };
  std::unordered_map<std::uint64_t, Merge> merges_;
};

}  // namespace subbyte::sim
