// What the tokenizers cut text into before they look anything up: UTF-8 characters, GPT-2's printable bytes,
// and the words of the byte-level regular expressions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Bytes of the character at `at`: a byte and the continuation bytes after it, at most four together
/// (llama2.c). Equal to the UTF-8 character wherever the text is UTF-8; at least 1.
std::size_t character_bytes(std::string_view text, std::size_t at);

/// GPT-2's bytes_to_unicode: the printable character, in UTF-8, that stands for a byte.
std::string printable_byte(std::uint8_t byte);
/// The bytes that a token in that alphabet stands for; a character outside the alphabet stays as it is.
std::string from_printable_bytes(std::string_view token);

/// Unicode general category L (letter), N (number), White_Space or other, of a code point.
enum class CharacterClass : std::uint8_t { kOther, kLetter, kNumber, kSpace };
CharacterClass character_class(std::uint32_t code_point);

/// A pre-tokenizer: GPT-2's regular expression and its successors, which differ in these places only.
///   's|'t|'re|'ve|'m|'ll|'d | PREFIX?\p{L}+ | \p{N}{1,n} or " ?\p{N}+" | " ?[^\s\p{L}\p{N}]+" | \s+(?!\S) |
///   \s+
struct PreTokenizer {
  std::string_view name;  ///< tokenizer.ggml.pre
  bool any_case;          ///< contractions match in capitals too
  bool any_prefix;        ///< a word may begin with any one character but a line break, letter or number, not only
                          ///< a space
  unsigned digits;        ///< at most so many digits in a piece; 0: any number, and a space before them
  bool split_digits;      ///< every number alone, before the regular expression is applied (SmolLM)
  bool line_breaks;       ///< punctuation takes the line breaks after it, white space ends at its last line break
  bool whole_words;       ///< a piece that is a token is that token, without merges
};
/// Nothing when the name is not known.
const PreTokenizer* find_pre_tokenizer(std::string_view name);
/// "a, b or c".
std::string pre_tokenizer_names();

/// The pieces, in order; together they are the text.
std::vector<std::string_view> split_words(std::string_view text, const PreTokenizer& rules);

}  // namespace subbyte::sim
