// What a quantizer needs of a format, derived once: the levels that each selector offers, in ascending order.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "quant/formats/format.hpp"

namespace subbyte::quant {

/// A level starts where its cut ends: weight w takes the last level whose cut is below w (or equal to w, if `closed` is
/// set). Cuts are midpoints, in units of the scale; the first level has none.
struct Cut {
  double midpoint = 0;
  bool closed = false;  ///< a weight exactly on the cut goes up
};

/// Returns the float f for which w > f says the same of every float w as w > border does (or w >= border, when closed).
inline float float_border(double border, bool closed) {
  const auto nearest = static_cast<float>(border);
  if (closed ? nearest < border : nearest <= border) return nearest;
  // It is the next float below.
  const auto bits = std::bit_cast<std::uint32_t>(nearest);
  if (nearest == 0) return -std::numeric_limits<float>::denorm_min();
  return std::bit_cast<float>(nearest > 0 ? bits - 1 : bits + 1);
}

/// The levels of one selector.
struct Grid {
  std::vector<double> levels;       ///< ascending; exact where the alphabet's unit_divisor is 1
  std::vector<std::uint8_t> codes;  ///< raw code of each level
  std::vector<Cut> cuts;            ///< cuts[i] lies between levels[i] and levels[i + 1]
  double max_magnitude = 0;         ///< the reference's qmax
  std::vector<float> unit_borders;  ///< float_border of each cut under a scale of 1; may be left out
};

/// The range of integer codes, which need no grid: code = clamp(RNE(w / scale) + zero, low, high).
struct IntegerRange {
  int low = 0;
  int high = 0;
  double span = 1;  ///< steps per max|w| (symmetric), or per max - min (asymmetric)
  double unit = 1;  ///< what one step is worth, which is 2^unit_exponent
};

/// Says how weights become codes: by exactly one of grids (one per selector), integers, or the bits of a minifloat.
struct Codebook {
  std::vector<Grid> grids;
  IntegerRange integers;
  std::optional<Minifloat> minifloat;
  double divisor = 1;  ///< divisor of the scale: what max|w| is worth in units of the levels, under selector 0
};

/// Throws std::invalid_argument where the format asks for a rule that is not defined (integer ties not to
/// even, a group of 0).
Codebook codebook(const Format& format);

}  // namespace subbyte::quant
