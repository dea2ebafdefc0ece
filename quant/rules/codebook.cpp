#include "quant/rules/codebook.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace subbyte::quant {
namespace {

Grid grid_of(const Alphabet& alphabet, unsigned selector, TieRule ties) {
  std::vector<std::pair<double, std::uint8_t>> points;
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (!alphabet.emitted(code) || alphabet.level_class(code) != LevelClass::kFinite) continue;
    const double level = alphabet.level(code, selector);
    points.emplace_back(level, static_cast<std::uint8_t>(code));
  }
  std::ranges::sort(points);
  // Where two codes have one level (a special value that doubles another), the lower code stands for both.
  const auto same =
      std::unique(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  points.erase(same, points.end());
  Grid grid;
  double below = 0;
  for (const auto& [level, code] : points) {
    if (!grid.levels.empty()) {
      // The midpoint is exact, and a quotient by 3 that is not exact lies on its side of every float, rounded or not.
      const bool upper_is_even = code % 2 == 0;
      const double midpoint = (below + level) / 2 / alphabet.unit_divisor;
      grid.cuts.push_back({midpoint, ties == TieRule::kToEven && upper_is_even});
      grid.unit_borders.push_back(float_border(midpoint, grid.cuts.back().closed));
    }
    below = level;
    grid.levels.push_back(level / alphabet.unit_divisor);
    grid.codes.push_back(code);
    grid.max_magnitude = std::max(grid.max_magnitude, std::abs(grid.levels.back()));
  }
  return grid;
}

IntegerRange integer_range(const Format& format) {
  const auto& alphabet = format.alphabet;
  if (format.ties != TieRule::kToEven) {
    throw std::invalid_argument("format '" + format.name + "': integers round ties to even");
  }
  const int half = 1 << (alphabet.code_bits - 1);
  const bool offset = alphabet.kind == CodeKind::kOffsetBinary;
  IntegerRange range;
  range.low = offset ? 0 : alphabet.emitted(static_cast<unsigned>(half)) ? -half : 1 - half;
  range.high = offset ? 2 * half - 1 : half - 1;
  range.unit = std::ldexp(1.0, alphabet.unit_exponent);
  range.span = format.divisor != 0 ? format.divisor : range.high * range.unit;
  return range;
}

/// Every group of the format uses one minifloat as it is.
bool by_bits(const Format& format) {
  return format.alphabet.minifloat.has_value() && format.alphabet.selectors() == 1 && format.ties == TieRule::kToEven;
}

}  // namespace

Codebook codebook(const Format& format) {
  const auto& alphabet = format.alphabet;
  if (format.scaling.group == 0) {
    throw std::invalid_argument("format '" + format.name + "': a group of 0, expected at least 1");
  }
  const auto group = format.scaling.group;
  if (format.constraint == Constraint::kOneZeroInFour && group != kWholeRow && group % 4 != 0) {
    throw std::invalid_argument("format '" + format.id() + "': a group of " + std::to_string(group) +
                                ", expected a multiple of 4: one zero in four neighbours of one group");
  }
  Codebook book;
  if (alphabet.kind == CodeKind::kTwosComplement || alphabet.kind == CodeKind::kOffsetBinary) {
    // Alternatives (ANT) need grids beside the integers, because a selector cannot change an integer range.
    if (alphabet.selectors() == 1) {
      book.integers = integer_range(format);
      book.divisor = book.integers.span;
      return book;
    }
  }
  if (by_bits(format)) {
    book.minifloat = alphabet.minifloat;
    book.divisor = format.divisor != 0 ? format.divisor : alphabet.minifloat->largest();
    return book;
  }
  for (unsigned s = 0; s < alphabet.selectors(); ++s) book.grids.push_back(grid_of(alphabet, s, format.ties));
  if (format.divisor != 0) book.grids.front().max_magnitude = format.divisor;
  book.divisor = book.grids.front().max_magnitude;
  return book;
}

}  // namespace subbyte::quant
