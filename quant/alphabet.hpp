// The alphabet: a finite table of levels. What a code *is*; nothing about scales, bytes or hardware.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace subbyte::quant {

/// How a raw code of `code_bits` bits is read.
enum class CodeKind : std::uint8_t {
  kTwosComplement,  ///< symmetric integers: the code is the value
  kOffsetBinary,    ///< asymmetric integers: value = code - zero point
  kSignMagnitude,   ///< minifloats: sign bit above a magnitude index; the code of -0 may be a special value
};

/// Levels are exact dyadic rationals: numerator * 2^unit_exponent. `numerators` is indexed by the raw code (2^code_bits
/// entries; a code that no quantizer emits still has a defined level). For kOffsetBinary the numerator is the code itself
/// and the zero point is subtracted after. Where `special_code` is set, selector s replaces that code's level by
/// `special_numerators[s]` (BitMoD, HPCA'25, Table IV: the code of -0 carries one of four special values).
struct Alphabet {
  std::string name;
  unsigned code_bits = 0;
  CodeKind kind = CodeKind::kTwosComplement;
  int unit_exponent = 0;
  std::vector<std::int32_t> numerators;
  std::optional<unsigned> special_code;
  std::vector<std::int32_t> special_numerators;

  unsigned selectors() const { return special_code ? static_cast<unsigned>(special_numerators.size()) : 1; }

  /// Numerator of the level that `code` denotes under `selector` and `zero_point` (0 unless kOffsetBinary).
  /// Throws std::out_of_range for a code or selector outside the table.
  std::int32_t numerator(unsigned code, unsigned selector = 0, unsigned zero_point = 0) const;

  /// True when the code is one that a quantizer may emit (symmetric integers never emit -2^(b-1)).
  bool emitted(unsigned code) const;
};

/// Symmetric two's complement integers of b bits, levels -(2^(b-1)-1) .. 2^(b-1)-1 (2 <= b <= 8).
Alphabet symmetric_integer(unsigned bits);
/// Unsigned codes 0 .. 2^b-1 read as code - zero point (2 <= b <= 8).
Alphabet asymmetric_integer(unsigned bits);
/// BitMoD FP3 in E2M0 units (0 1 2 4; special ±3 ±6), selector order ER+ ER- EA+ EA-. HPCA'25, Table IV.
Alphabet bitmod_fp3();
/// BitMoD FP4 on the reference code's grid of *half* E2M1 units (0 1 2 3 4 6 8 12; special ±10 ±16), so that the scale is
/// the one the reference computes: scale_E2M1 = 2 * scale. unit_exponent is 0; selector order ER+ ER- EA+ EA-.
Alphabet bitmod_fp4();

}  // namespace subbyte::quant
