// The alphabet is a finite table of levels. It says what a code *is*, and nothing about scales, bytes or hardware.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quant/base/minifloat.hpp"

namespace subbyte::quant {

/// Says how a raw code of `code_bits` bits is read.
enum class CodeKind : std::uint8_t {
  kTwosComplement,  ///< integers: the code is the value
  kOffsetBinary,    ///< asymmetric integers: value = code - zero point
  /// Minifloats: the sign bit stands above a magnitude index. The code of -0 may be a special value.
  kSignMagnitude,
  kTable,  ///< the code is an index into the levels, nothing more
};

/// Says what a code stands for when its numerator does not.
enum class LevelClass : std::uint8_t { kFinite, kNegativeZero, kPositiveInfinity, kNegativeInfinity, kNan };

/// Levels are exact: numerator * 2^unit_exponent / unit_divisor. They are dyadic rationals where unit_divisor is 1,
/// which holds for all but the grids of BitMoD's own MX rule. `numerators` is indexed by the raw code (2^code_bits
/// entries; a code that no quantizer emits still has a defined level). For kOffsetBinary the numerator is the code
/// itself, and the zero point is subtracted after. A selector changes levels for a whole group. It changes either one
/// code, `special_code`, whose level becomes `special_numerators[s]` (BitMoD, HPCA'25, Table IV; RaZeR), or all:
/// selector s > 0 takes `alternatives[s - 1]` instead of `numerators` (ANT's mixed types).
struct Alphabet {
  std::string name;
  unsigned code_bits = 0;  ///< 1..8
  CodeKind kind = CodeKind::kTwosComplement;
  int unit_exponent = 0;
  std::int32_t unit_divisor = 1;
  std::vector<std::int64_t> numerators;
  std::vector<LevelClass> classes;   ///< by code; when empty, all are finite
  std::vector<std::uint8_t> unused;  ///< codes that no quantizer emits, ascending
  std::optional<unsigned> special_code;
  std::vector<std::int64_t> special_numerators;
  std::vector<std::vector<std::int64_t>> alternatives;
  std::optional<Minifloat> minifloat;  ///< set when the levels are those of one: rounding goes by its bits

  unsigned selectors() const {
    return static_cast<unsigned>(special_code ? special_numerators.size() : alternatives.size() + 1);
  }

  /// Returns the numerator of the level that `code` denotes under `selector` and `zero_point` (0 unless kOffsetBinary),
  /// and 0 for a code whose class is not finite. Throws std::out_of_range for a code, selector or zero point outside
  /// the table.
  std::int64_t numerator(unsigned code, unsigned selector = 0, unsigned zero_point = 0) const;
  LevelClass level_class(unsigned code) const;
  /// Returns the level itself: numerator * 2^unit_exponent, *not* divided by unit_divisor, so that it is exact. -0,
  /// infinities and NaN are included.
  double level(unsigned code, unsigned selector = 0, unsigned zero_point = 0) const;

  /// Returns true when the code is one that a quantizer may emit.
  bool emitted(unsigned code) const;
};

/// Returns symmetric two's complement integers of b bits, levels -(2^(b-1)-1) .. 2^(b-1)-1 (2 <= b <= 8).
Alphabet symmetric_integer(unsigned bits);
/// Returns unsigned codes 0 .. 2^b-1, which are read as code - zero point (2 <= b <= 8).
Alphabet asymmetric_integer(unsigned bits);
/// Returns BitMoD FP3 in E2M0 units (0 1 2 4; special ±3 ±6), with selector order ER+ ER- EA+ EA-. Source: HPCA'25,
/// Table IV.
Alphabet bitmod_fp3();
/// Returns BitMoD FP4 on the reference code's grid of *half* E2M1 units (0 1 2 3 4 6 8 12; special ±10 ±16), so that
/// the scale is the one that the reference computes: scale_E2M1 = 2 * scale. unit_exponent is 0, and the selector order
/// is ER+ ER- EA+ EA-.
Alphabet bitmod_fp4();
/// Returns every code of a signed minifloat of at most 8 bits, -0, infinities and NaN included, in units of its
/// smallest subnormal.
Alphabet minifloat_alphabet(std::string name, const Minifloat& minifloat);
/// Returns codes with a sign bit above an index into `magnitudes` (a power of two of them, of which the first is 0).
/// The code of -0 takes one of `specials`, or is -0 and unused when there are none.
Alphabet sign_magnitude(std::string name, const std::vector<std::int64_t>& magnitudes,
                        std::vector<std::int64_t> specials = {});
/// Returns any table of 2^code_bits or fewer levels in units of 2^unit_exponent. Codes past the list are unused and are
/// worth 0.
Alphabet table_alphabet(std::string name, unsigned code_bits, std::vector<std::int64_t> numerators,
                        int unit_exponent = 0);

}  // namespace subbyte::quant
