#include "sim/config/format_alphabet.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "sim/config/format_words.hpp"

namespace subbyte::sim {
namespace {

using namespace words;  // NOLINT: they are this file's, in a file of their own

/// Reads decimal numbers exactly. One that a double would round is reported here, with a long double as the witness.
/// One that cannot be read is NaN, so that the others keep their codes; so is a list that is none.
std::vector<double> read_levels(ConfigNode& node, Key key) {
  std::vector<double> levels;
  std::size_t index = 0;
  for (const std::string& text : node.texts(key)) {
    const auto value = number<double>(text);
    const auto witness = number<long double>(text);
    const std::string at = fmt::format("[{}] is {}", index++, text);
    levels.push_back(std::numeric_limits<double>::quiet_NaN());
    if (!value) {
      node.problem(key.name, at + ", expected a number");
    } else if (witness && *witness != static_cast<long double>(*value)) {
      // The shortest text of the float itself would read as the level that is refused.
      const auto near = static_cast<double>(static_cast<float>(*value));
      node.problem(key.name,
                   fmt::format("{}, which no sum of a few powers of two is, expected at most 24 significant bits{}", at,
                               std::isfinite(near) ? fmt::format(" ({}, say)", near) : ""));
    } else {
      levels.back() = *value;
    }
  }
  if (levels.empty()) levels.push_back(std::numeric_limits<double>::quiet_NaN());
  return levels;
}

/// Reads "e2m1".
std::optional<quant::Minifloat> minifloat_of(const std::string& text) {
  const bool shaped = text.size() == 4 && text[0] == 'e' && text[2] == 'm';
  const auto exponent = shaped ? number<unsigned>(text.substr(1, 1)) : std::nullopt;
  const auto mantissa = shaped ? number<unsigned>(text.substr(3, 1)) : std::nullopt;
  if (!exponent || !mantissa || *exponent > 7 || *mantissa > 7 || *exponent + *mantissa < 1 ||
      *exponent + *mantissa > 7) {
    return std::nullopt;
  }
  return quant::Minifloat{*exponent, *mantissa, *exponent == 0 ? 0 : (1 << (*exponent - 1)) - 1};
}

void read_minifloat(ConfigNode& alphabet, quant::UserAlphabet& made) {
  const std::string text = alphabet.text(
      {"minifloat", "The levels are those of a floating-point format eXmY of 1..7 bits below the sign: e2m1, say."});
  made.minifloat = minifloat_of(text);
  if (!made.minifloat) {
    alphabet.problem("minifloat",
                     fmt::format("is {}, expected eXmY with 1..7 bits below the sign, for example e2m1", text));
    made.minifloat = quant::Minifloat{2, 1, 1};
  }
  const Key bias{"bias", "The bias of a minifloat's exponent; left out, it is that of IEEE 754, 2^(X-1) - 1."};
  made.minifloat->bias =
      static_cast<int>(alphabet.has("bias") ? alphabet.integer(bias, -64, 64)
                                            : alphabet.integer_or(bias, made.minifloat->bias, -64, 64));
  made.minifloat->flavour = named(
      alphabet,
      {"flavour",
       "What a minifloat's top exponent means: all numbers, one NaN at the top code, or infinities and NaNs as in IEEE "
       "754."},
      kFlavours);
}

}  // namespace

quant::UserAlphabet read_alphabet(ConfigNode& alphabet) {
  quant::UserAlphabet made;
  if (alphabet.has("levels"))
    made.levels = read_levels(alphabet, {"levels",
                                         "The level of each code in turn: 2..256 dyadic numbers, which a scale "
                                         "multiplies."});
  if (alphabet.has("minifloat")) read_minifloat(alphabet, made);
  if (alphabet.has("integer")) {
    made.integer_bits =
        static_cast<unsigned>(alphabet.integer({"integer", "The levels are integers of this many bits."}, 2, 8));
    made.asymmetric = named(
        alphabet, {"range", "Whether an integer's levels are symmetric about zero, or have a zero point per group."},
        kRanges);
  }
  return made;
}

void read_special(ConfigNode& special, quant::UserAlphabet& made) {
  made.special_code =
      static_cast<unsigned>(special.integer({"code", "The code whose level each group chooses."}, 0, 255));
  made.special_values = read_levels(special, {"values", "The levels that a group chooses from for that code."});
}

}  // namespace subbyte::sim
