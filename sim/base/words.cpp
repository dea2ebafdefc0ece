#include "sim/base/words.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <type_traits>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

/// Returns what is expected; `kind` also says that it is a number, to whoever wrote a word that is none.
template <typename T>
std::string range_text(const Range<T>& range, bool kind) {
  if (kind && (range.high != Range<T>().high || range.low != Range<T>().low))
    return (std::integral<T> ? "a whole number " : "a number ") +
           std::string(range.high == Range<T>().high ? "of " : "") + range_text(range, false);
  if (range.high != Range<T>().high) return fmt::format("{}..{}", range.low, range.high);
  if (range.low != Range<T>().low) return fmt::format("at least {}", range.low);
  if (!std::integral<T>) return "a number";
  return std::is_signed_v<T> ? "a whole number" : "a whole number of at least 0";
}

/// Whether all of a word is a number of the kind, in the range or not.
template <typename T>
bool is_number(const char* begin, const char* end) {
  std::conditional_t<std::integral<T>, std::int64_t, double> any{};  // with its sign
  const auto [stop, error] = std::from_chars(begin, end, any);
  return stop == end && error != std::errc::invalid_argument;
}

}  // namespace

template <Word T>
T read_word(const std::string& place, const std::string& word, Range<T> range, const std::string& expected) {
  if constexpr (std::same_as<T, std::string>)
    return word;
  else {
    T value{};
    const char* const begin = word.data() + (word.starts_with('+') ? 1 : 0);
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    const bool read = error == std::errc() && stop == end;
    if (!read || !(value >= range.low && value <= range.high))
      throw InputError("", place,
                       fmt::format("is {}, expected {}", word.empty() ? "''" : word,
                                   expected.empty() ? range_text(range, !is_number<T>(begin, end)) : expected));
    return value;
  }
}

template <Word T>
std::string word_of(const T& value) {
  return fmt::format("{}", value);
}

#define SUBBYTE_WORD(T)                                                                       \
  template T read_word(const std::string&, const std::string&, Range<T>, const std::string&); \
  template std::string word_of(const T&)
SUBBYTE_WORD(std::string);
SUBBYTE_WORD(double);
SUBBYTE_WORD(std::uint64_t);
SUBBYTE_WORD(std::int64_t);
SUBBYTE_WORD(unsigned);
#undef SUBBYTE_WORD

}  // namespace subbyte::sim
