#include "sim/checkpoint/tokenizer_pieces.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace subbyte::sim {
namespace {

constexpr std::uint32_t kNotUtf8 = 0xFFFFFFFF;

constexpr PreTokenizer kPreTokenizers[] = {
    // The columns are name, any_case, any_prefix, digits, split_digits, line_breaks and whole_words.
    {"gpt-2", false, false, 0, false, false, false},
    {"llama-bpe", true, true, 3, false, true, true},
    {"qwen2", true, true, 1, false, true, false},
    {"smollm", false, false, 0, true, false, false},
};

struct Character {
  std::size_t begin;
  std::uint32_t code_point;
  CharacterClass kind;
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Returns one UTF-8 sequence, or a byte that begins none.
std::pair<std::uint32_t, std::size_t> decode_utf8(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {kNotUtf8, 1};
  std::uint32_t value = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return {kNotUtf8, 1};
    value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool legal = value >= kLeast[length] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  return legal ? std::pair(value, length) : std::pair(kNotUtf8, std::size_t{1});
}

std::string to_utf8(std::uint32_t value) {
  if (value < 0x80) return {static_cast<char>(value)};
  return {static_cast<char>(0xC0U | value >> 6U), static_cast<char>(0x80U | (value & 0x3FU))};
}

/// This is bytes_to_unicode() of GPT-2. The bytes that print stand for themselves, the others stand for U+0100, U+0101
/// and so on in order.
std::array<std::uint32_t, 256> printable_table() {
  std::array<std::uint32_t, 256> table{};
  std::uint32_t next = 256;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    table[byte] = prints ? byte : next++;
  }
  return table;
}
const std::array<std::uint32_t, 256>& printable_bytes() {
  static const auto table = printable_table();
  return table;
}

/// The regular expression, written by hand. Each function returns the length of its alternative's match at `at`, or 0.
class Splitter {
 public:
  Splitter(std::string_view text, const PreTokenizer& rules) : text_(text), rules_(rules) {
    for (std::size_t at = 0; at < text.size();) {
      const auto [value, length] = decode_utf8(text.substr(at));
      characters_.push_back({at, value, value == kNotUtf8 ? CharacterClass::kOther : character_class(value)});
      at += length;
    }
  }

  void append(std::vector<std::string_view>& pieces) const {
    for (std::size_t at = 0; at < characters_.size();) {
      std::size_t length = 0;
      for (const auto rule : {&Splitter::contraction, &Splitter::word, &Splitter::number, &Splitter::punctuation,
                              &Splitter::white_space}) {
        length = (this->*rule)(at);
        if (length > 0) break;
      }
      const std::size_t begin = offset(at);
      at += length;
      pieces.push_back(text_.substr(begin, offset(at) - begin));
    }
  }

 private:
  std::size_t offset(std::size_t at) const { return at < characters_.size() ? characters_[at].begin : text_.size(); }
  bool is(std::size_t at, CharacterClass kind) const { return at < characters_.size() && characters_[at].kind == kind; }
  bool is_break(std::size_t at) const {
    return at < characters_.size() && (characters_[at].code_point == '\n' || characters_[at].code_point == '\r');
  }
  std::size_t run(std::size_t at, CharacterClass kind) const {
    std::size_t end = at;
    while (is(end, kind)) ++end;
    return end - at;
  }
  /// Matches " ?X+".
  std::size_t spaced_run(std::size_t at, CharacterClass kind) const {
    const std::size_t prefix = characters_[at].code_point == ' ' ? 1 : 0;
    const std::size_t length = run(at + prefix, kind);
    return length == 0 ? 0 : prefix + length;
  }

  std::size_t contraction(std::size_t at) const {
    if (characters_[at].code_point != '\'') return 0;
    for (const std::string_view ending : {"s", "t", "re", "ve", "m", "ll", "d"}) {
      const std::string_view here = text_.substr(offset(at) + 1, ending.size());
      const bool equal = std::ranges::equal(here, ending, [&](char a, char b) {
        return a == b || (rules_.any_case && a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
      });
      if (equal) return 1 + ending.size();
    }
    return 0;
  }
  std::size_t word(std::size_t at) const {
    if (!rules_.any_prefix) return spaced_run(at, CharacterClass::kLetter);
    const bool prefix = !is(at, CharacterClass::kLetter) && !is(at, CharacterClass::kNumber) && !is_break(at);
    const std::size_t length = run(at + (prefix ? 1 : 0), CharacterClass::kLetter);
    return length == 0 ? 0 : length + (prefix ? 1 : 0);
  }
  std::size_t number(std::size_t at) const {
    if (rules_.digits == 0) return spaced_run(at, CharacterClass::kNumber);
    return std::min<std::size_t>(run(at, CharacterClass::kNumber), rules_.digits);
  }
  std::size_t punctuation(std::size_t at) const {
    std::size_t length = spaced_run(at, CharacterClass::kOther);
    while (rules_.line_breaks && length > 0 && is_break(at + length)) ++length;
    return length;
  }
  /// Matches \s*[\r\n]+ (with line_breaks), \s+(?!\S), or \s+.
  std::size_t white_space(std::size_t at) const {
    const std::size_t length = run(at, CharacterClass::kSpace);
    for (std::size_t end = length; rules_.line_breaks && end > 0; --end) {
      if (is_break(at + end - 1)) return end;
    }
    const bool text_follows = at + length < characters_.size();
    return text_follows && length > 1 ? length - 1 : length;
  }

  std::string_view text_;
  const PreTokenizer& rules_;
  std::vector<Character> characters_;
};

}  // namespace

std::size_t character_bytes(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (length < 4 && at + length < text.size() && is_continuation(text[at + length])) ++length;
  return length;
}

std::string printable_byte(std::uint8_t byte) { return to_utf8(printable_bytes()[byte]); }

std::string from_printable_bytes(std::string_view token) {
  std::string bytes;
  while (!token.empty()) {
    const auto [value, length] = decode_utf8(token);
    const auto found = std::ranges::find(printable_bytes(), value);
    if (found != printable_bytes().end()) {
      bytes += static_cast<char>(found - printable_bytes().begin());
    } else {
      bytes += token.substr(0, length);
    }
    token.remove_prefix(length);
  }
  return bytes;
}

const PreTokenizer* find_pre_tokenizer(std::string_view name) {
  const auto* const found = std::ranges::find(kPreTokenizers, name, &PreTokenizer::name);
  return found == std::end(kPreTokenizers) ? nullptr : found;
}

std::string pre_tokenizer_names() {
  std::string names;
  for (const PreTokenizer& row : kPreTokenizers) {
    names += (names.empty() ? "" : &row == std::end(kPreTokenizers) - 1 ? " or " : ", ") + std::string(row.name);
  }
  return names;
}

std::vector<std::string_view> split_words(std::string_view text, const PreTokenizer& rules) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  for (std::size_t at = 0; rules.split_digits && at < text.size();) {
    const auto [value, length] = decode_utf8(text.substr(at));
    if (value != kNotUtf8 && character_class(value) == CharacterClass::kNumber) {
      Splitter(text.substr(begin, at - begin), rules).append(pieces);
      pieces.push_back(text.substr(at, length));
      begin = at + length;
    }
    at += length;
  }
  Splitter(text.substr(begin), rules).append(pieces);
  return pieces;
}

}  // namespace subbyte::sim
