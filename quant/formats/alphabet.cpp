#include "quant/formats/alphabet.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace subbyte::quant {
namespace {

std::out_of_range outside(const Alphabet& alphabet, const char* what, unsigned value, std::size_t limit) {
  return std::out_of_range("alphabet '" + alphabet.name + "': " + what + " " + std::to_string(value) +
                           ", expected 0.." + std::to_string(limit - 1));
}

void check_bits(unsigned bits) {
  if (bits < 2 || bits > 8) {
    throw std::invalid_argument("integer alphabet: " + std::to_string(bits) + " bits, expected 2..8");
  }
}

LevelClass class_of(double value) {
  if (std::isnan(value)) return LevelClass::kNan;
  if (std::isinf(value)) return value > 0 ? LevelClass::kPositiveInfinity : LevelClass::kNegativeInfinity;
  return value == 0 && std::signbit(value) ? LevelClass::kNegativeZero : LevelClass::kFinite;
}

}  // namespace

std::int64_t Alphabet::numerator(unsigned code, unsigned selector, unsigned zero_point) const {
  if (code >= numerators.size()) throw outside(*this, "code", code, numerators.size());
  if (selector >= selectors()) throw outside(*this, "selector", selector, selectors());
  if (special_code == code) return special_numerators[selector];
  if (selector > 0 && !alternatives.empty()) return alternatives[selector - 1][code];
  if (kind != CodeKind::kOffsetBinary) return numerators[code];
  if (zero_point >= numerators.size()) throw outside(*this, "zero point", zero_point, numerators.size());
  return numerators[code] - static_cast<std::int64_t>(zero_point);
}

LevelClass Alphabet::level_class(unsigned code) const {
  if (code >= numerators.size()) throw outside(*this, "code", code, numerators.size());
  return classes.empty() ? LevelClass::kFinite : classes[code];
}

double Alphabet::level(unsigned code, unsigned selector, unsigned zero_point) const {
  const auto exact = static_cast<double>(numerator(code, selector, zero_point));
  switch (level_class(code)) {
    case LevelClass::kFinite:
      return std::ldexp(exact, unit_exponent);
    case LevelClass::kNegativeZero:
      return -0.0;
    case LevelClass::kPositiveInfinity:
      return std::numeric_limits<double>::infinity();
    case LevelClass::kNegativeInfinity:
      return -std::numeric_limits<double>::infinity();
    case LevelClass::kNan:
      return std::numeric_limits<double>::quiet_NaN();
  }
  return exact;
}

bool Alphabet::emitted(unsigned code) const {
  if (code >= numerators.size() || std::ranges::binary_search(unused, code)) return false;
  const auto kind_of_level = level_class(code);
  return kind_of_level == LevelClass::kFinite || kind_of_level == LevelClass::kNegativeZero;
}

Alphabet symmetric_integer(unsigned bits) {
  check_bits(bits);
  Alphabet alphabet;
  alphabet.name = "int" + std::to_string(bits);
  alphabet.code_bits = bits;
  const std::int64_t half = 1 << (bits - 1);
  for (std::int64_t code = 0; code < 2 * half; ++code) {
    alphabet.numerators.push_back(code < half ? code : code - 2 * half);
  }
  alphabet.unused = {static_cast<std::uint8_t>(half)};
  return alphabet;
}

Alphabet asymmetric_integer(unsigned bits) {
  check_bits(bits);
  Alphabet alphabet;
  alphabet.name = "uint" + std::to_string(bits);
  alphabet.code_bits = bits;
  alphabet.kind = CodeKind::kOffsetBinary;
  for (std::int64_t code = 0; code < 1 << bits; ++code) alphabet.numerators.push_back(code);
  return alphabet;
}

Alphabet bitmod_fp3() { return sign_magnitude("bitmod-fp3", {0, 1, 2, 4}, {3, -3, 6, -6}); }

Alphabet bitmod_fp4() { return sign_magnitude("bitmod-fp4", {0, 1, 2, 3, 4, 6, 8, 12}, {10, -10, 16, -16}); }

Alphabet minifloat_alphabet(std::string name, const Minifloat& minifloat) {
  if (!minifloat.is_signed || minifloat.bits() > 8 || minifloat.bits() < 2) {
    throw std::invalid_argument("minifloat alphabet '" + name + "': " + std::to_string(minifloat.bits()) +
                                " bits, expected a sign and 2..8 bits");
  }
  Alphabet alphabet;
  alphabet.name = std::move(name);
  alphabet.code_bits = minifloat.bits();
  alphabet.kind = CodeKind::kSignMagnitude;
  alphabet.unit_exponent = minifloat.unit_exponent();
  alphabet.minifloat = minifloat;
  for (unsigned code = 0; code < 1U << alphabet.code_bits; ++code) {
    const double value = minifloat.decode(code);
    alphabet.classes.push_back(class_of(value));
    const bool finite = std::isfinite(value);
    alphabet.numerators.push_back(finite ? static_cast<std::int64_t>(std::ldexp(value, -alphabet.unit_exponent)) : 0);
  }
  return alphabet;
}

Alphabet sign_magnitude(std::string name, const std::vector<std::int64_t>& magnitudes,
                        std::vector<std::int64_t> specials) {
  Alphabet alphabet;
  alphabet.name = std::move(name);
  alphabet.kind = CodeKind::kSignMagnitude;
  for (std::size_t codes = 1; codes < 2 * magnitudes.size(); codes *= 2) ++alphabet.code_bits;
  alphabet.numerators = magnitudes;
  for (const auto magnitude : magnitudes) alphabet.numerators.push_back(-magnitude);
  if (specials.empty()) {
    alphabet.classes.assign(alphabet.numerators.size(), LevelClass::kFinite);
    alphabet.classes[magnitudes.size()] = LevelClass::kNegativeZero;
    alphabet.unused = {static_cast<std::uint8_t>(magnitudes.size())};
  } else {
    alphabet.special_code = static_cast<unsigned>(magnitudes.size());
  }
  alphabet.special_numerators = std::move(specials);
  return alphabet;
}

Alphabet table_alphabet(std::string name, unsigned code_bits, std::vector<std::int64_t> numerators, int unit_exponent) {
  const std::size_t codes = std::size_t{1} << code_bits;
  if (code_bits < 1 || code_bits > 8 || numerators.empty() || numerators.size() > codes) {
    throw std::invalid_argument("alphabet '" + name + "': " + std::to_string(numerators.size()) + " levels in " +
                                std::to_string(code_bits) + " bits, expected 1..8 bits and 1..2^bits levels");
  }
  Alphabet alphabet;
  alphabet.name = std::move(name);
  alphabet.code_bits = code_bits;
  alphabet.kind = CodeKind::kTable;
  alphabet.unit_exponent = unit_exponent;
  for (std::size_t code = numerators.size(); code < codes; ++code)
    alphabet.unused.push_back(static_cast<std::uint8_t>(code));
  numerators.resize(codes);
  alphabet.numerators = std::move(numerators);
  return alphabet;
}

}  // namespace subbyte::quant
