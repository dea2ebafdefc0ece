// Tests lowering to terms: sums, counts, digits, every bit pattern, and error texts.
#include <gtest/gtest.h>

#include "quant/formats/term_program.hpp"

namespace subbyte::quant {
namespace {

std::int64_t sum(const std::vector<Term>& terms) {
  std::int64_t total = 0;
  for (const auto& term : terms) total += term.value();
  return total;
}

/// Returns formats that one table of dyadic levels describes; all others are refused.
bool has_one_table(const Format& format) {
  return format.alphabet.alternatives.empty() && format.alphabet.unit_divisor == 1 && format.scaling.planes == 1;
}

TEST(TermProgram, TermsSumToTheLevelOfEveryEmittedCode) {
  for (const auto& row : format_table()) {
    if (!has_one_table(row.format)) {
      EXPECT_THROW(lower(row.format), std::invalid_argument) << row.name;
      continue;
    }
    const auto& alphabet = row.format.alphabet;
    const auto program = lower(row.format);
    const unsigned zeros = row.format.scaling.zero_point ? static_cast<unsigned>(alphabet.numerators.size()) : 1;
    for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
      for (unsigned selector = 0; selector < alphabet.selectors(); ++selector) {
        for (unsigned zero = 0; zero < zeros; ++zero) {
          const auto terms = terms_of(program, code, selector, zero);
          ASSERT_EQ(terms.size(), program.terms);
          if (!alphabet.emitted(code)) continue;
          ASSERT_EQ(sum(terms), alphabet.numerator(code, selector, zero)) << row.name << ' ' << code << ' ' << zero;
        }
      }
    }
  }
}

TEST(TermProgram, CyclesPerWeightAreThoseOfTheDesign) {
  const std::vector<std::pair<std::string, unsigned>> cycles = {{"bitmod-fp3", 2}, {"bitmod-fp4", 2}, {"int3", 2},
                                                                {"int4", 2},       {"int5", 3},       {"int6", 3},
                                                                {"int8", 4},       {"int3-asym", 2},  {"int4-asym", 3}};
  for (const auto& [name, terms] : cycles) EXPECT_EQ(lower(parse_format(name)).terms, terms) << name;
}

TEST(TermProgram, TableTermsAreCanonicalSignedDigitsLargestFirst) {
  const auto program = lower(parse_format("bitmod-fp4"));
  ASSERT_TRUE(program.table);
  EXPECT_EQ(program.entries.size(), 16U);
  EXPECT_EQ(program.special_code, 8U);
  const Term zero;
  EXPECT_EQ(terms_of(program, 0, 0, 0), (std::vector<Term>{zero, zero}));
  EXPECT_EQ(terms_of(program, 7, 0, 0), (std::vector<Term>{{false, true, 4}, {true, true, 2}}));   // 12 = 16 - 4
  EXPECT_EQ(terms_of(program, 13, 0, 0), (std::vector<Term>{{true, true, 3}, {false, true, 1}}));  // -6 = -8 + 2
  EXPECT_EQ(terms_of(program, 8, 1, 0), (std::vector<Term>{{true, true, 3}, {true, true, 1}}));    // -10 = -8 - 2
  EXPECT_EQ(terms_of(program, 8, 2, 0), (std::vector<Term>{{false, true, 4}, zero}));              // 16
  for (const auto& row : format_table()) {
    if (!has_one_table(row.format)) continue;
    const auto lowered = lower(row.format);
    for (const auto& entry : lowered.entries) {
      for (std::size_t t = 1; t < entry.size(); ++t) {
        EXPECT_TRUE(!entry[t].nonzero || (entry[t - 1].nonzero && entry[t - 1].shift > entry[t].shift + 1));
      }
    }
  }
}

TEST(TermProgram, BoothDigitsAreLeastSignificantFirst) {
  const auto program = lower(parse_format("int8"));
  EXPECT_FALSE(program.table);
  const Term zero;
  EXPECT_EQ(terms_of(program, 6, 0, 0), (std::vector<Term>{{true, true, 1}, {false, true, 3}, zero, zero}));
  EXPECT_EQ(terms_of(program, 0x80, 0, 0), (std::vector<Term>{zero, zero, zero, {true, true, 7}}));
}

/// kernels/ARITHMETIC.md, section 1: patterns beyond the packed code have a meaning too.
TEST(TermProgram, EveryPatternIsDefined) {
  for (const auto& row : format_table()) {
    if (!has_one_table(row.format)) continue;
    const auto program = lower(row.format);
    for (unsigned code = 0; code < 256; ++code) {
      for (unsigned zero : {0U, 1U, 7U, 255U, 256U}) {
        for (unsigned selector = 0; selector < 5; ++selector) {
          EXPECT_EQ(terms_of(program, code, selector, zero).size(), program.terms);
        }
      }
    }
  }
  const auto table = lower(parse_format("bitmod-fp3"));
  EXPECT_EQ(terms_of(table, 8 + 3, 0, 9), terms_of(table, 3, 0, 0));
  const auto booth = lower(parse_format("int5"));
  EXPECT_EQ(sum(terms_of(booth, 0xFF, 0, 0)), -1);  // already extended to eight bits
  EXPECT_EQ(sum(terms_of(booth, 0x1F, 0, 0)), -1);  // as packed
}

TEST(TermProgram, CodesThatAreNoNumbersHaveNoTerms) {
  Format format;
  format.name = "e5m2";
  format.alphabet = minifloat_alphabet("e5m2", {5, 2, 15, MinifloatFlavour::kIeee, true});
  const auto program = lower(format);
  EXPECT_EQ(program.terms, 2U);
  EXPECT_EQ(sum(terms_of(program, 0x7C, 0, 0)), 0);                         // infinity
  EXPECT_EQ(sum(terms_of(program, 0xFF, 0, 0)), 0);                         // NaN
  EXPECT_EQ(sum(terms_of(program, 0x80, 0, 0)), 0);                         // -0
  EXPECT_EQ(sum(terms_of(program, 0xFB, 0, 0)), -(std::int64_t{7} << 29));  // -57344 in units of 2^-16
}

std::string error_of(const Format& format, unsigned max_terms, unsigned max_shift) {
  try {
    lower(format, max_terms, max_shift);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(TermProgram, RefusesWhatIsNoTableOfDyadicLevels) {
  Format format = parse_format("bitmod-fp3");
  format.name = "f";
  format.alphabet = sign_magnitude("f", {0, 1, 2, 4});
  EXPECT_EQ(error_of(format, 4, 7), "no error");
  format.scaling.planes = 3;
  EXPECT_EQ(error_of(format, 4, 7),
            "format 'f': 3 scales per group, one per bit of a code; terms of one level share a scale");
  format.scaling.planes = 1;
  format.alphabet.unit_divisor = 3;
  EXPECT_EQ(error_of(format, 4, 7), "format 'f': levels are multiples of 1/3, which no sum of powers of two is");
  format.alphabet.unit_divisor = 1;
  format.alphabet.alternatives = {format.alphabet.numerators};
  EXPECT_EQ(error_of(format, 4, 7),
            "format 'f': a group chooses one of 2 tables of levels, a term program holds one table (and one "
            "special code)");
}

TEST(TermProgram, NamesTheLevelThatNeedsMostTerms) {
  Format format;
  format.name = "f";
  format.alphabet = table_alphabet("f", 3, {0, 3, 1 << 9, 0x155, -0x155, 21});
  EXPECT_EQ(error_of(format, 2, 7),
            "format 'f': level 341 needs 5 terms with shifts up to 8, expected at most 2 terms and shift 7");
  EXPECT_EQ(error_of(format, 5, 8),
            "format 'f': level 512 needs 1 terms with shifts up to 9, expected at most 5 terms and shift 8");
  EXPECT_EQ(error_of(format, 5, 9), "no error");
  format.alphabet = minifloat_alphabet("f", {4, 3, 7, MinifloatFlavour::kNanOnly, true});
  EXPECT_EQ(
      error_of(format, 4, 15),
      "format 'f': level 352 (180224 times 2^-9) needs 3 terms with shifts up to 18, expected at most 4 terms and "
      "shift 15");
}

TEST(TermProgram, RefusesWhatTheHardwareCannotHold) {
  EXPECT_EQ(error_of(parse_format("bitmod-fp4"), 2, 4), "no error");
  EXPECT_EQ(error_of(parse_format("bitmod-fp4"), 1, 7),
            "format 'bitmod-fp4': level 3 needs 2 terms with shifts up to 2, expected at most 1 terms and shift 7");
  EXPECT_EQ(error_of(parse_format("bitmod-fp4"), 2, 3),
            "format 'bitmod-fp4': level 12 needs 2 terms with shifts up to 4, expected at most 2 terms and "
            "shift 3");
  EXPECT_NE(error_of(parse_format("int8"), 3, 7), "no error");
  EXPECT_NE(error_of(parse_format("int8"), 4, 6), "no error");
  auto wide = parse_format("int4-asym");
  wide.alphabet = asymmetric_integer(8);
  EXPECT_NE(error_of(wide, 4, 7), "no error");
  EXPECT_EQ(error_of(wide, 5, 8), "no error");
}

}  // namespace
}  // namespace subbyte::quant
