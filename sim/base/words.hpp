// Words that people write as values, and values as words.
#pragma once

#include <concepts>
#include <limits>
#include <string>

namespace subbyte::sim {

/// Holds for what the value of an option can be read as.
template <typename T>
concept Word = std::same_as<T, std::string> || std::same_as<T, double> || std::integral<T>;

/// The numbers that are taken, both ends included; the error text names them. Without ends all numbers are taken.
template <Word T>
struct Range {
  T low = std::numeric_limits<T>::lowest(), high = std::numeric_limits<T>::max();
};

/// Reads a word as a value. Throws InputError at `place` for a word that is none or that is not in the range: "is
/// WORD, expected ...", where the range follows unless a text is given.
template <Word T>
T read_word(const std::string& place, const std::string& word, Range<T> range = {}, const std::string& expected = "");

/// Returns the word that reads as `value`.
template <Word T>
std::string word_of(const T& value);

}  // namespace subbyte::sim
