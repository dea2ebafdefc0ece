// Words that people write as values, and values as words.
#pragma once

#include <concepts>
#include <limits>
#include <string>

namespace subbyte::sim {

/// What an option's value can be read as.
template <typename T>
concept Word = std::same_as<T, std::string> || std::same_as<T, double> || std::integral<T>;

/// The numbers that are taken, both ends among them; the error text names them. Without ends: all.
template <Word T>
struct Range {
  T low = std::numeric_limits<T>::lowest(), high = std::numeric_limits<T>::max();
};

/// A word as a value. Throws InputError at `place` for a word that is none, or not in the range: "is WORD, expected
/// ...", which is the range unless a text is given.
template <Word T>
T read_word(const std::string& place, const std::string& word, Range<T> range = {}, const std::string& expected = "");

/// The word that reads as `value`.
template <Word T>
std::string word_of(const T& value);

}  // namespace subbyte::sim
