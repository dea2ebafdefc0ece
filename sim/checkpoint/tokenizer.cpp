#include "sim/checkpoint/tokenizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "sim/checkpoint/tokenizer_pieces.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kUnknownText = "\xE2\x81\x87";  // U+2047, as SentencePiece prints it

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// Returns the byte of a token written "<0xNN>".
std::optional<std::uint8_t> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  unsigned value = 0;
  for (const char c : token.substr(3, 2)) {
    const auto digit = std::string_view("0123456789ABCDEF").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = 16 * value + static_cast<unsigned>(digit);
  }
  return static_cast<std::uint8_t>(value);
}

[[noreturn]] void fail_id(const std::string& name, std::string_view what, std::uint64_t id, std::size_t size) {
  throw InputError(name, std::string(what), fmt::format("id {}, expected one of {} tokens", id, size));
}

}  // namespace

Tokenizer::Tokenizer(Vocabulary vocabulary, std::string name)
    : vocabulary_(std::move(vocabulary)), name_(std::move(name)), byte_ids_(256) {
  if (vocabulary_.kind == TokenizerKind::kBestScore || vocabulary_.kind == TokenizerKind::kCharacters) {
    for (std::string& token : vocabulary_.tokens) replace_all(token, "\xE2\x96\x81", " ");
  }
  check();
  ids_.reserve(vocabulary_.tokens.size());
  for (std::size_t id = 0; id < size(); ++id) {
    // Of two equal tokens the first is meant, because the later one is a filler.
    ids_.try_emplace(vocabulary_.tokens[id], static_cast<std::uint32_t>(id));
  }
  index_bytes();
  if (vocabulary_.kind == TokenizerKind::kByteLevel) index_merges();
}

void Tokenizer::check() const {
  const Vocabulary& v = vocabulary_;
  if (v.tokens.empty() || v.tokens.size() >= UINT32_MAX) {
    throw InputError(name_, "tokens", fmt::format("{} tokens, expected at least 1", v.tokens.size()));
  }
  const auto sizes = [&](std::string_view what, std::size_t count) {
    if (count == v.tokens.size()) return;
    throw InputError(name_, std::string(what),
                     fmt::format("{} for {} tokens, expected one per token", count, v.tokens.size()));
  };
  if (v.kind == TokenizerKind::kBestScore) sizes("scores", v.scores.size());
  if (!v.types.empty()) sizes("token types", v.types.size());
  for (std::size_t id = 0; id < v.scores.size(); ++id) {
    if (!std::isfinite(v.scores[id]))
      throw InputError(name_, fmt::format("token {}", id), "the score is not a finite number");
  }
  if (v.bos && *v.bos >= v.tokens.size()) fail_id(name_, "BOS", *v.bos, v.tokens.size());
  if (v.unknown && *v.unknown >= v.tokens.size()) fail_id(name_, "unknown token", *v.unknown, v.tokens.size());
}

void Tokenizer::index_bytes() {
  const bool best_score = vocabulary_.kind == TokenizerKind::kBestScore;
  for (std::size_t id = 0; best_score && id < size(); ++id) {
    if (!vocabulary_.types.empty() && vocabulary_.types[id] != TokenType::kByte) continue;
    const auto byte = byte_of(vocabulary_.tokens[id]);
    if (byte && !byte_ids_[*byte]) byte_ids_[*byte] = static_cast<std::uint32_t>(id);
  }
  const bool byte_level = vocabulary_.kind == TokenizerKind::kByteLevel;
  for (unsigned byte = 0; (byte_level || best_score) && byte < 256; ++byte) {
    if (byte_level) byte_ids_[byte] = find(printable_byte(static_cast<std::uint8_t>(byte)));
    if (!byte_ids_[byte] && !vocabulary_.unknown) {
      throw InputError(name_, "tokens",
                       fmt::format("no token for the byte 0x{:02x}, expected all 256 bytes or an unknown token", byte));
    }
  }
}

std::optional<std::uint32_t> Tokenizer::find(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::uint32_t> Tokenizer::encode(std::string_view text) const {
  std::vector<std::uint32_t> ids;
  if (text.empty()) return ids;
  switch (vocabulary_.kind) {
    case TokenizerKind::kBestScore:
      encode_best_score(text, ids);
      break;
    case TokenizerKind::kByteLevel:
      encode_byte_level(text, ids);
      break;
    case TokenizerKind::kCharacters:
      encode_characters(text, ids);
      break;
    case TokenizerKind::kWords:
      encode_words(text, ids);
      break;
  }
  return ids;
}

void Tokenizer::encode_characters(std::string_view text, std::vector<std::uint32_t>& ids) const {
  const std::uint32_t unknown = vocabulary_.unknown.value_or(0);
  if (vocabulary_.add_space_prefix) ids.push_back(find(" ").value_or(unknown));
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_bytes(text, at));
    ids.push_back(find(character).value_or(unknown));
    at += character.size();
  }
}

void Tokenizer::encode_words(std::string_view text, std::vector<std::uint32_t>& ids) const {
  constexpr std::string_view kSpace = " \t\r\n";
  for (std::size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    // Looks for the longest token from here, which is a word, or the word before its punctuation.
    std::size_t length = end - at;
    std::optional<std::uint32_t> id = find(text.substr(at, length));
    while (!id && length > 1 && std::ispunct(static_cast<unsigned char>(text[at + length - 1])) != 0) {
      id = find(text.substr(at, --length));
    }
    if (!id) {
      if (!vocabulary_.unknown) {
        throw UnknownWord(fmt::format("the word '{}' is not among the {} words of {}, expected a text of these words",
                                      printable(text.substr(at, end - at)), size(), name_),
                          at);
      }
      id = vocabulary_.unknown;
      length = end - at;
    }
    ids.push_back(*id);
    at = text.find_first_not_of(kSpace, at + length);
  }
}

void Tokenizer::append_decoded(std::uint32_t id, std::string& text) const {
  const std::string& token = vocabulary_.tokens[id];
  const TokenType type = vocabulary_.types.empty() ? TokenType::kNormal : vocabulary_.types[id];
  if (id == vocabulary_.unknown || type == TokenType::kUnknown) {
    text += kUnknownText;
  } else if (type == TokenType::kControl) {
    return;
  } else if (vocabulary_.kind == TokenizerKind::kByteLevel && type == TokenType::kNormal) {
    text += from_printable_bytes(token);
  } else if (const auto byte = byte_of(token); byte && byte_ids_[*byte] == id) {
    text += static_cast<char>(*byte);
  } else {
    text += token;
  }
}

std::string Tokenizer::decode(std::span<const std::uint32_t> ids) const {
  const bool words = vocabulary_.kind == TokenizerKind::kWords;
  const bool prefixed = vocabulary_.add_space_prefix && (vocabulary_.kind == TokenizerKind::kBestScore ||
                                                         vocabulary_.kind == TokenizerKind::kCharacters);
  std::string text;
  bool begins = true;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= size()) fail_id(name_, fmt::format("position {}", i), ids[i], size());
    if (ids[i] == vocabulary_.bos) {
      begins = true;
      continue;
    }
    if (words && !begins) text += ' ';
    std::string piece;
    append_decoded(ids[i], piece);
    text += begins && prefixed && piece.starts_with(' ') ? piece.substr(1) : piece;
    begins = false;
  }
  return text;
}

}  // namespace subbyte::sim
