#include "quant/formats/plane_program.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>

namespace subbyte::quant {
namespace {

/// Returns the plane of a bit that adds `rise` to the level, or none when no power of two does.
std::optional<Plane> plane_of(unsigned bit, std::int64_t rise, bool bipolar) {
  const auto magnitude = static_cast<std::uint64_t>(rise < 0 ? -rise : rise);
  if (!std::has_single_bit(magnitude)) return std::nullopt;
  const auto shift = static_cast<unsigned>(std::countr_zero(magnitude));
  const int sign = rise < 0 ? -1 : 1;
  if (!bipolar) return Plane{bit, shift, sign, 0};
  if (shift == 0) return std::nullopt;
  return Plane{bit, shift - 1, sign, -sign};
}

std::int64_t level_of(const PlaneProgram& program, unsigned code) {
  std::int64_t level = 0;
  for (const Plane& plane : program.planes) {
    const int digit = (code >> plane.bit & 1) != 0 ? plane.one : plane.zero;
    level += digit * (std::int64_t{1} << plane.shift);
  }
  return level;
}

bool doubling(const std::vector<Plane>& planes) {
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const std::size_t expected = planes.size() - 1 - i;
    if (planes[i].bit != expected || planes[i].shift != expected || planes[i].one != 1 || planes[i].zero != -1)
      return false;
  }
  return true;
}

bool all_finite(const Alphabet& alphabet) {
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (alphabet.level_class(code) != LevelClass::kFinite) return false;
  }
  return true;
}

}  // namespace

std::optional<PlaneProgram> plane_program(const Format& format) {
  const Alphabet& alphabet = format.alphabet;
  if (alphabet.special_code || !alphabet.alternatives.empty() || format.scaling.planes != 1 || !all_finite(alphabet)) {
    return std::nullopt;
  }
  // Without a digit for code 0 the planes are ±1, and code 0 is minus their sum.
  const auto first = static_cast<std::int64_t>(alphabet.numerators[0]);
  PlaneProgram program;
  for (unsigned bit = alphabet.code_bits; bit-- > 0;) {
    const auto rise = static_cast<std::int64_t>(alphabet.numerators[std::size_t{1} << bit]) - first;
    const auto plane = plane_of(bit, rise, first != 0);
    if (!plane) return std::nullopt;
    program.planes.push_back(*plane);
  }
  std::ranges::stable_sort(program.planes, std::ranges::greater(), &Plane::shift);
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (level_of(program, code) != static_cast<std::int64_t>(alphabet.numerators[code])) return std::nullopt;
  }
  program.bipolar = doubling(program.planes);
  return program;
}

}  // namespace subbyte::quant
