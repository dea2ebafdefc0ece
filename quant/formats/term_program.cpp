#include "quant/formats/term_program.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

namespace subbyte::quant {
namespace {

constexpr unsigned kBoothDigits = 5;  // for the nine bits of code - zero

/// Returns canonical signed digits (non-adjacent form), the largest first.
std::vector<Term> signed_digits(std::int64_t level) {
  std::vector<Term> terms;
  std::int64_t rest = level;
  for (std::uint8_t shift = 0; rest != 0; ++shift, rest /= 2) {
    if (rest % 2 == 0) continue;
    const std::int64_t digit = (rest & 3) == 1 ? 1 : -1;
    terms.push_back({digit < 0, true, shift});
    rest -= digit;
  }
  std::ranges::reverse(terms);
  return terms;
}

Term booth_digit(std::int32_t value, unsigned t) {
  if (t >= kBoothDigits) return {};
  const auto bit = [&](int index) { return index < 0 ? 0 : (value >> index) & 1; };
  const int low = static_cast<int>(2 * t);
  const int digit = -2 * bit(low + 1) + bit(low) + bit(low - 1);
  if (digit == 0) return {};
  return {digit < 0, true, static_cast<std::uint8_t>(low + (std::abs(digit) == 2 ? 1 : 0))};
}

/// Returns code - zero, wrapped to nine bits. A packed code is extended from code_bits, a wider pattern from eight
/// bits.
std::int32_t booth_value(const TermProgram& program, unsigned code, unsigned zero_point) {
  const unsigned bits = code < 1U << program.code_bits ? program.code_bits : 8;
  auto value = static_cast<std::int32_t>(code & ((1U << bits) - 1));
  if (!program.unsigned_code && (value >> (bits - 1) & 1) != 0) value -= 1 << bits;
  value -= static_cast<std::int32_t>(zero_point & 0xFFU);
  value &= 0x1FF;
  return value >= 0x100 ? value - 0x200 : value;
}

[[noreturn]] void refuse(const Format& format, const std::string& what) {
  throw std::invalid_argument("format '" + format.name + "': " + what);
}

void check_one_table(const Format& format) {
  const auto& alphabet = format.alphabet;
  if (!alphabet.alternatives.empty()) {
    refuse(format, "a group chooses one of " + std::to_string(alphabet.selectors()) +
                       " tables of levels, a term program holds one table (and one special code)");
  }
  if (format.scaling.planes > 1) {
    refuse(format, std::to_string(format.scaling.planes) +
                       " scales per group, one per bit of a code; terms of one level share a scale");
  }
  if (alphabet.unit_divisor != 1) {
    refuse(format,
           "levels are multiples of 1/" + std::to_string(alphabet.unit_divisor) + ", which no sum of powers of two is");
  }
}

/// Returns the level as its user writes it, and beside it in the units that terms and shifts count.
std::string level_text(std::int64_t numerator, int unit_exponent) {
  if (unit_exponent == 0) return std::to_string(numerator);
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), std::ldexp(static_cast<double>(numerator), unit_exponent));
  return std::string(text.begin(), end.ptr) + " (" + std::to_string(numerator) + " times 2^" +
         std::to_string(unit_exponent) + ")";
}

/// Says what the hardware holds, and the level that asks for most of those that ask for more.
class Limits {
 public:
  Limits(unsigned max_terms, unsigned max_shift) : max_terms_(max_terms), max_shift_(max_shift) {}

  void see(std::int64_t level, const std::vector<Term>& terms) {
    unsigned shift = 0;
    for (const auto& term : terms) shift = std::max<unsigned>(shift, term.nonzero ? term.shift : 0);
    // What lies within a limit does not count; the first level that exceeds it by most does.
    const Excess excess{terms.size() > max_terms_ ? terms.size() : 0, shift > max_shift_ ? shift : 0};
    if (excess <= excess_) return;
    excess_ = excess;
    level_ = level;
    terms_ = terms.size();
    shift_ = shift;
  }

  void check(const Format& format) const {
    if (excess_ == Excess{}) return;
    refuse(format, "level " + level_text(level_, format.alphabet.unit_exponent) + " needs " + std::to_string(terms_) +
                       " terms with shifts up to " + std::to_string(shift_) + ", expected at most " +
                       std::to_string(max_terms_) + " terms and shift " + std::to_string(max_shift_));
  }

 private:
  using Excess = std::pair<std::size_t, unsigned>;

  unsigned max_terms_;
  unsigned max_shift_;
  Excess excess_{};
  std::int64_t level_ = 0;
  std::size_t terms_ = 0;
  unsigned shift_ = 0;
};

void check_booth(const Format& format, const TermProgram& program, Limits limits) {
  const auto& alphabet = format.alphabet;
  const auto see = [&](unsigned code, unsigned zero) {
    limits.see(alphabet.numerator(code, 0, zero), terms_of(program, code, 0, zero));
  };
  // Every difference of a code and a zero point is one of a code and 0, or of 0 and a zero point.
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (!alphabet.emitted(code)) continue;
    see(code, 0);
    if (format.scaling.zero_point) see(0, code);
  }
  limits.check(format);
}

bool is_number(LevelClass level_class) {
  return level_class == LevelClass::kFinite || level_class == LevelClass::kNegativeZero;
}

void pad(std::vector<std::vector<Term>>& entries, unsigned terms) {
  for (auto& entry : entries) entry.resize(terms);
}

}  // namespace

TermProgram lower(const Format& format, unsigned max_terms, unsigned max_shift) {
  check_one_table(format);
  const auto& alphabet = format.alphabet;
  TermProgram program;
  program.code_bits = alphabet.code_bits;
  program.table = !is_integer(alphabet.kind);
  program.unsigned_code = alphabet.kind == CodeKind::kOffsetBinary;
  if (!program.table) {
    program.terms = (alphabet.code_bits + (format.scaling.zero_point ? 1 : 0) + 1) / 2;
    check_booth(format, program, {max_terms, max_shift});
    return program;
  }
  Limits limits(max_terms, max_shift);
  const auto entry_of = [&](std::int64_t level) {
    auto terms = signed_digits(level);
    limits.see(level, terms);
    program.terms = std::max(program.terms, static_cast<unsigned>(terms.size()));
    return terms;
  };
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    const bool number = is_number(alphabet.level_class(code));
    program.entries.push_back(number ? entry_of(alphabet.numerators[code]) : std::vector<Term>{});
  }
  program.has_special = alphabet.special_code.has_value();
  program.special_code = alphabet.special_code.value_or(0);
  for (const auto level : alphabet.special_numerators) program.special_entries.push_back(entry_of(level));
  limits.check(format);
  program.terms = std::max(program.terms, 1U);
  pad(program.entries, program.terms);
  pad(program.special_entries, program.terms);
  return program;
}

std::vector<Term> terms_of(const TermProgram& program, unsigned code, unsigned selector, unsigned zero_point) {
  if (program.table) {
    const unsigned index = code % program.entries.size();
    if (!program.has_special || index != program.special_code) return program.entries[index];
    return program.special_entries[selector % program.special_entries.size()];
  }
  const auto value = booth_value(program, code, zero_point);
  std::vector<Term> terms;
  for (unsigned t = 0; t < program.terms; ++t) terms.push_back(booth_digit(value, t));
  return terms;
}

}  // namespace subbyte::quant
