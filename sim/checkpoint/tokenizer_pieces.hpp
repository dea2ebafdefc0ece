// Cuts text into what the tokenizers look up: UTF-8 characters, GPT-2's printable bytes, and the words of the
// byte-level regular expressions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Returns the number of bytes of the character at `at`, which is at least 1: a byte and the continuation bytes after
/// it, at most four together (llama2.c). That is the UTF-8 character wherever the text is UTF-8.
std::size_t character_bytes(std::string_view text, std::size_t at);

/// GPT-2's bytes_to_unicode returns the printable character, in UTF-8, that stands for a byte.
std::string printable_byte(std::uint8_t byte);
/// Returns the bytes that a token in that alphabet stands for; a character outside the alphabet stays as it is.
std::string from_printable_bytes(std::string_view token);

/// Returns the Unicode class of a code point: general category L (letter) or N (number), White_Space, or other.
enum class CharacterClass : std::uint8_t { kOther, kLetter, kNumber, kSpace };
CharacterClass character_class(std::uint32_t code_point);

/// A pre-tokenizer: GPT-2's regular expression and its successors, which differ in these places only.
///   's|'t|'re|'ve|'m|'ll|'d | PREFIX?\p{L}+ | \p{N}{1,n} or " ?\p{N}+" | " ?[^\s\p{L}\p{N}]+" | \s+(?!\S) |
///   \s+
struct PreTokenizer {
  std::string_view name;  ///< tokenizer.ggml.pre
  bool any_case;          ///< contractions match in capitals too
  /// A word may begin with any one character but a line break, letter or number, and not only with a space.
  bool any_prefix;
  /// A piece has at most this many digits. With 0 it has any number of them and a space before them.
  unsigned digits;
  /// Every number stands alone, before the regular expression is applied (SmolLM).
  bool split_digits;
  /// Punctuation takes the line breaks after it, and white space ends at its last line break.
  bool line_breaks;
  bool whole_words;  ///< a piece that is a token is that token, without merges
};
/// Returns nothing when the name is not known.
const PreTokenizer* find_pre_tokenizer(std::string_view name);
/// Returns the names as "a, b or c".
std::string pre_tokenizer_names();

/// Returns the pieces in order; together they are the text.
std::vector<std::string_view> split_words(std::string_view text, const PreTokenizer& rules);

}  // namespace subbyte::sim
