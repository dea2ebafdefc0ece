// The alphabet is a finite table of levels. It says what a code *is*, and nothing about scales, bytes or hardware.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quant/base/minifloat.hpp"

namespace subbyte::quant {

/// How a raw code of `code_bits` bits is read.
enum class CodeKind : std::uint8_t {
  kTwosComplement,  ///< integers: the code is the value
  kOffsetBinary,    ///< asymmetric integers: value = code - zero point
  kSignMagnitude,   ///< minifloats: sign bit above a magnitude index; the code of -0 may be a special value
  kTable,           ///< the code is an index into the levels, nothing more
};

/// What a code stands for when its numerator does not say it.
enum class LevelClass : std::uint8_t { kFinite, kNegativeZero, kPositiveInfinity, kNegativeInfinity, kNan };

/// Levels are exact: numerator * 2^unit_exponent / unit_divisor; dyadic rationals where unit_divisor is 1, which is all
/// but the grids of BitMoD's own MX rule. `numerators` is indexed by the raw code (2^code_bits entries; a code that no
/// quantizer emits still has a defined level). For kOffsetBinary the numerator is the code itself and the zero point is
/// subtracted after. A selector changes levels for a whole group: either of one code, `special_code`, whose level
/// becomes `special_numerators[s]` (BitMoD, HPCA'25, Table IV; RaZeR), or of all: selector s > 0 takes `alternatives[s
/// - 1]` instead of `numerators` (ANT's mixed types).
struct Alphabet {
  std::string name;
  unsigned code_bits = 0;  ///< 1..8
  CodeKind kind = CodeKind::kTwosComplement;
  int unit_exponent = 0;
  std::int32_t unit_divisor = 1;
  std::vector<std::int64_t> numerators;
  std::vector<LevelClass> classes;   ///< by code; empty: all finite
  std::vector<std::uint8_t> unused;  ///< codes that no quantizer emits, ascending
  std::optional<unsigned> special_code;
  std::vector<std::int64_t> special_numerators;
  std::vector<std::vector<std::int64_t>> alternatives;
  std::optional<Minifloat> minifloat;  ///< set when the levels are those of one: rounding goes by its bits

  unsigned selectors() const {
    return static_cast<unsigned>(special_code ? special_numerators.size() : alternatives.size() + 1);
  }

  /// Numerator of the level that `code` denotes under `selector` and `zero_point` (0 unless kOffsetBinary); 0 for a
  /// code whose class is not finite. Throws std::out_of_range for a code, selector or zero point outside the table.
  std::int64_t numerator(unsigned code, unsigned selector = 0, unsigned zero_point = 0) const;
  LevelClass level_class(unsigned code) const;
  /// The level itself: numerator * 2^unit_exponent, *not* divided by unit_divisor, so that it is exact; -0, infinities
  /// and NaN included.
  double level(unsigned code, unsigned selector = 0, unsigned zero_point = 0) const;

  /// True when the code is one that a quantizer may emit.
  bool emitted(unsigned code) const;
};

/// Symmetric two's complement integers of b bits, levels -(2^(b-1)-1) .. 2^(b-1)-1 (2 <= b <= 8).
Alphabet symmetric_integer(unsigned bits);
/// Unsigned codes 0 .. 2^b-1 read as code - zero point (2 <= b <= 8).
Alphabet asymmetric_integer(unsigned bits);
/// BitMoD FP3 in E2M0 units (0 1 2 4; special ±3 ±6), selector order ER+ ER- EA+ EA-. HPCA'25, Table IV.
Alphabet bitmod_fp3();
/// BitMoD FP4 on the reference code's grid of *half* E2M1 units (0 1 2 3 4 6 8 12; special ±10 ±16), so that the scale
/// is the one the reference computes: scale_E2M1 = 2 * scale. unit_exponent is 0; selector order ER+ ER- EA+ EA-.
Alphabet bitmod_fp4();
/// Every code of a signed minifloat of at most 8 bits, -0, infinities and NaN included; units of its smallest
/// subnormal.
Alphabet minifloat_alphabet(std::string name, const Minifloat& minifloat);
/// Sign bit above an index into `magnitudes` (a power of two of them, the first 0). The code of -0 takes one of
/// `specials`, or is -0 and unused when there are none.
Alphabet sign_magnitude(std::string name, const std::vector<std::int64_t>& magnitudes,
                        std::vector<std::int64_t> specials = {});
/// Any table of 2^code_bits or fewer levels in units of 2^unit_exponent; codes past the list are unused and worth 0.
Alphabet table_alphabet(std::string name, unsigned code_bits, std::vector<std::int64_t> numerators,
                        int unit_exponent = 0);

}  // namespace subbyte::quant
