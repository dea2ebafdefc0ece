// Lowers a format to terms, which are what is written into a term encoder's table and control word.
#pragma once

#include <cstdint>
#include <vector>

#include "quant/formats/format.hpp"
#include "quant/formats/term.hpp"

namespace subbyte::quant {

/// A term encoder's program. Table mode has `entries[code]` and, for the special code, `special_entries[selector]`,
/// each with `terms` terms, the largest first, padded with zero terms. Booth mode (integers) has radix-4 Booth digits
/// of code - zero point, the least significant first, and no table. `terms` is the number of cycles per weight.
struct TermProgram {
  bool table = false;
  bool unsigned_code = false;  ///< Booth mode: the code is zero-extended (asymmetric) instead of sign-extended
  unsigned code_bits = 0;
  unsigned terms = 0;
  std::vector<std::vector<Term>> entries;
  bool has_special = false;
  unsigned special_code = 0;
  std::vector<std::vector<Term>> special_entries;
};

inline constexpr unsigned kAnyTerms = 64;
inline constexpr unsigned kAnyShift = 63;

/// Returns whether codes of this kind are recoded (Booth) instead of looked up.
inline bool is_integer(CodeKind kind) { return kind == CodeKind::kTwosComplement || kind == CodeKind::kOffsetBinary; }

/// Lowers integers to Booth mode, and every other alphabet to table mode with canonical signed digits of its levels (in
/// units of 2^unit_exponent). A code that stands for no number (infinity, NaN) has no terms: whoever maps codes refuses
/// it. Throws std::invalid_argument when a level cannot be expressed in `max_terms` terms with shifts up to `max_shift`
/// (the text names the level and the number of terms that it needs), and for a format that no single table of dyadic
/// levels describes because it has one table per group (selectors of whole tables), one scale per plane, or a unit that
/// is not a power of two.
TermProgram lower(const Format& format, unsigned max_terms = kAnyTerms, unsigned max_shift = kAnyShift);

/// Returns the terms of one code, `program.terms` of them. For emitted codes sum(value) is numerator(code, selector,
/// zero_point). It is defined for every bit pattern: see kernels/ARITHMETIC.md, section 1.
std::vector<Term> terms_of(const TermProgram& program, unsigned code, unsigned selector, unsigned zero_point);

}  // namespace subbyte::quant
