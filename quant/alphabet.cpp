#include "quant/alphabet.hpp"

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

Alphabet sign_magnitude(std::string name, const std::vector<std::int32_t>& magnitudes,
                        std::vector<std::int32_t> specials) {
  Alphabet alphabet;
  alphabet.name = std::move(name);
  alphabet.kind = CodeKind::kSignMagnitude;
  for (std::size_t codes = 1; codes < 2 * magnitudes.size(); codes *= 2) ++alphabet.code_bits;
  alphabet.numerators = magnitudes;
  for (const auto magnitude : magnitudes) alphabet.numerators.push_back(-magnitude);
  if (!specials.empty()) alphabet.special_code = static_cast<unsigned>(magnitudes.size());
  alphabet.special_numerators = std::move(specials);
  return alphabet;
}

}  // namespace

std::int32_t Alphabet::numerator(unsigned code, unsigned selector, unsigned zero_point) const {
  if (code >= numerators.size()) throw outside(*this, "code", code, numerators.size());
  if (selector >= selectors()) throw outside(*this, "selector", selector, selectors());
  if (code == special_code) return special_numerators[selector];
  if (kind != CodeKind::kOffsetBinary) return numerators[code];
  if (zero_point >= numerators.size()) throw outside(*this, "zero point", zero_point, numerators.size());
  return numerators[code] - static_cast<std::int32_t>(zero_point);
}

bool Alphabet::emitted(unsigned code) const {
  if (code >= numerators.size()) return false;
  const unsigned sign = 1U << (code_bits - 1);
  if (kind == CodeKind::kOffsetBinary || code != sign) return true;
  return special_code == code;
}

Alphabet symmetric_integer(unsigned bits) {
  check_bits(bits);
  Alphabet alphabet;
  alphabet.name = "int" + std::to_string(bits);
  alphabet.code_bits = bits;
  const std::int32_t half = 1 << (bits - 1);
  for (std::int32_t code = 0; code < 2 * half; ++code) {
    alphabet.numerators.push_back(code < half ? code : code - 2 * half);
  }
  return alphabet;
}

Alphabet asymmetric_integer(unsigned bits) {
  check_bits(bits);
  Alphabet alphabet;
  alphabet.name = "uint" + std::to_string(bits);
  alphabet.code_bits = bits;
  alphabet.kind = CodeKind::kOffsetBinary;
  for (std::int32_t code = 0; code < 1 << bits; ++code) alphabet.numerators.push_back(code);
  return alphabet;
}

Alphabet bitmod_fp3() { return sign_magnitude("bitmod-fp3", {0, 1, 2, 4}, {3, -3, 6, -6}); }

Alphabet bitmod_fp4() { return sign_magnitude("bitmod-fp4", {0, 1, 2, 3, 4, 6, 8, 12}, {10, -10, 16, -16}); }

}  // namespace subbyte::quant
