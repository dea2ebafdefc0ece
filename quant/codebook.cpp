#include "quant/codebook.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace subbyte::quant {
namespace {

Grid grid_of(const Alphabet& alphabet, unsigned selector, TieRule ties) {
  std::vector<std::pair<double, std::uint8_t>> points;
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (!alphabet.emitted(code)) continue;
    const double level = std::ldexp(alphabet.numerator(code, selector), alphabet.unit_exponent);
    points.emplace_back(level, static_cast<std::uint8_t>(code));
  }
  std::ranges::sort(points);
  Grid grid;
  for (const auto& [level, code] : points) {
    if (!grid.levels.empty()) {
      const bool upper_is_even = code % 2 == 0;
      grid.cuts.push_back({(grid.levels.back() + level) / 2, ties == TieRule::kToEven && upper_is_even});
    }
    grid.levels.push_back(level);
    grid.codes.push_back(code);
    grid.max_magnitude = std::max(grid.max_magnitude, std::abs(level));
  }
  return grid;
}

}  // namespace

Codebook codebook(const Format& format) {
  const auto& alphabet = format.alphabet;
  if (format.scaling.group == 0) {
    throw std::invalid_argument("format '" + format.name + "': a group of 0, expected at least 1");
  }
  Codebook book;
  if (alphabet.kind == CodeKind::kSignMagnitude) {
    for (unsigned s = 0; s < alphabet.selectors(); ++s)
      book.grids.push_back(grid_of(alphabet, s, format.ties));
    return book;
  }
  if (format.ties != TieRule::kToEven || alphabet.unit_exponent != 0) {
    throw std::invalid_argument("format '" + format.name +
                                "': integers are in units of 1 and round ties to even");
  }
  const int half = 1 << (alphabet.code_bits - 1);
  const bool offset = alphabet.kind == CodeKind::kOffsetBinary;
  book.integers.low = offset ? 0 : 1 - half;
  book.integers.high = offset ? 2 * half - 1 : half - 1;
  book.integers.span = book.integers.high;
  return book;
}

}  // namespace subbyte::quant
