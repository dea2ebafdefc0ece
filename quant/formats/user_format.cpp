#include "quant/formats/user_format.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>

namespace subbyte::quant {
namespace {

constexpr int kDoubleBits = 53;

/// Returns the exponent of the lowest bit that is set; value is not 0.
int lowest_bit(double value) {
  int exponent = 0;
  const auto significand = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), kDoubleBits));
  return exponent - kDoubleBits + std::countr_zero(static_cast<std::uint64_t>(std::abs(significand)));
}

/// The levels and special values in one unit.
Alphabet rescaled(Alphabet alphabet, std::vector<double> levels, const UserAlphabet& definition) {
  const auto& specials = definition.special_values;
  if (definition.special_code) levels[*definition.special_code] = specials[0];
  std::vector<double> all = levels;
  all.insert(all.end(), specials.begin(), specials.end());
  const int unit = common_unit(all);
  const auto numerator = [&](double level) { return static_cast<std::int64_t>(std::ldexp(level, -unit)); };
  alphabet.unit_exponent = unit;
  std::ranges::transform(levels, alphabet.numerators.begin(), numerator);
  if (!definition.special_code) return alphabet;
  const unsigned code = *definition.special_code;
  alphabet.minifloat.reset();
  if (!alphabet.classes.empty()) alphabet.classes[code] = LevelClass::kFinite;
  std::erase(alphabet.unused, static_cast<std::uint8_t>(code));
  if (specials.size() == 1) {
    alphabet.numerators[code] = numerator(specials[0]);
    return alphabet;
  }
  alphabet.special_code = code;
  std::ranges::transform(specials, std::back_inserter(alphabet.special_numerators), numerator);
  return alphabet;
}

Alphabet alphabet_of(const UserFormat& definition) {
  const auto& alphabet = definition.alphabet;
  if (alphabet.integer_bits != 0) {
    return alphabet.asymmetric ? asymmetric_integer(alphabet.integer_bits) : symmetric_integer(alphabet.integer_bits);
  }
  if (alphabet.minifloat) {
    Alphabet made = minifloat_alphabet(definition.name, *alphabet.minifloat);
    return alphabet.special_code ? rescaled(made, levels_by_code(alphabet), alphabet) : made;
  }
  auto levels = alphabet.levels;
  const auto bits = static_cast<unsigned>(std::bit_width(levels.size() - 1));
  Alphabet made = table_alphabet(definition.name, bits, std::vector<std::int64_t>(levels.size()));
  levels.resize(std::size_t{1} << bits);
  return rescaled(std::move(made), std::move(levels), alphabet);
}

}  // namespace

std::vector<double> levels_by_code(const UserAlphabet& alphabet) {
  std::vector<double> levels = alphabet.levels;
  if (alphabet.minifloat) {
    for (unsigned code = 0; code < 1U << alphabet.minifloat->bits(); ++code) {
      const double level = alphabet.minifloat->decode(code);
      levels.push_back(std::isfinite(level) ? level : 0);
    }
  }
  return levels;
}

int common_unit(std::span<const double> values) {
  int unit = std::numeric_limits<int>::max();
  for (const double value : values) {
    if (value != 0) unit = std::min(unit, lowest_bit(value));
  }
  return unit == std::numeric_limits<int>::max() ? 0 : unit;
}

Format user_format(const UserFormat& definition) {
  const auto problems = problems_of(definition);
  if (!problems.empty()) {
    throw FormatError("format '" + definition.name + "': " + problems.front().where + " " + problems.front().text);
  }
  Format format;
  format.name = definition.name;
  format.source = definition.source;
  format.alphabet = alphabet_of(definition);
  format.scaling = definition.scaling;
  format.scaling.zero_point = definition.alphabet.asymmetric;
  format.layout = definition.layout;
  format.ties = definition.ties;
  format.rule = definition.rule;
  return format;
}

}  // namespace subbyte::quant
