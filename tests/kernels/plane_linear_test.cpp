// Tests dot products by planes and terms against the dense one and against exact rationals, over every row of the table
// whose levels are finite dyadic numbers, every view of nested ones, every selector and zero point.
#include "kernels/linear/plane_linear.hpp"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "quant/base/float16.hpp"
#include "quant/rules/quantize.hpp"

namespace subbyte::kernels {
namespace {

using Integer = boost::multiprecision::cpp_int;
using quant::Format;

Integer wide(Int128 value) {
  const bool negative = value < 0;
  const UInt128 magnitude = negative ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  const Integer parts =
      (Integer(static_cast<std::uint64_t>(magnitude >> 64)) << 64) + static_cast<std::uint64_t>(magnitude);
  return negative ? Integer(-parts) : parts;
}

/// Returns value * 2^-unit, which must be an integer.
Integer integer(double value, int unit) {
  const double scaled = std::ldexp(value, -unit);
  EXPECT_EQ(scaled, std::trunc(scaled)) << value << " in units of 2^" << unit;
  return Integer(scaled);
}

std::vector<std::uint16_t> any_halves(std::mt19937_64& random, std::size_t size) {
  std::vector<std::uint16_t> halves(size);
  for (auto& half : halves) {
    half = static_cast<std::uint16_t>(random());
    if (!quant::half_is_finite(half)) half &= 0xBFFF;
  }
  return halves;
}

std::vector<std::uint8_t> any_codes(std::mt19937_64& random, const quant::Alphabet& alphabet, std::size_t size) {
  std::vector<std::uint8_t> codes;
  while (codes.size() < size) {
    const auto code = static_cast<unsigned>(random() % alphabet.numerators.size());
    if (std::isfinite(alphabet.level(code))) codes.push_back(static_cast<std::uint8_t>(code));
  }
  return codes;
}

bool is_dyadic(const Format& format) { return format.alphabet.unit_divisor == 1 && format.scaling.planes == 1; }

/// Returns every row at its default options, and every view where the row has them.
std::vector<Format> all_formats() {
  std::vector<Format> formats;
  for (const auto& row : quant::format_table()) {
    if (!is_dyadic(row.format)) continue;
    formats.push_back(row.format);
    for (const auto& option : row.options) {
      if (option.name != "view") continue;
      for (const auto& value : option.values) formats.push_back(quant::parse_format(row.name + ":view=" + value));
    }
  }
  return formats;
}

/// Computes from the levels as numbers, in units of 2^(unit_exponent - 24).
Integer reference(const quant::Alphabet& alphabet, const GroupCodes& group, std::span<const std::uint16_t> halves) {
  Integer sum = 0;
  for (std::size_t i = 0; i < halves.size(); ++i) {
    sum += integer(alphabet.level(group.codes[i], group.selector, group.zero_point), alphabet.unit_exponent) *
           integer(static_cast<double>(quant::half_to_float(halves[i])), -24);
  }
  return sum;
}

void check_group(const Format& format, const GroupCodes& group, std::span<const std::uint16_t> halves,
                 const quant::TermProgram& terms, const std::optional<quant::PlaneProgram>& planes) {
  const auto x = fixed_point(halves);
  const Int128 dense = dense_dot(format.alphabet, group, x);
  ASSERT_EQ(wide(dense), reference(format.alphabet, group, halves)) << format.id();
  ASSERT_TRUE(term_dot(terms, group, x) == dense) << format.id();
  if (planes) {
    ASSERT_TRUE(plane_dot(*planes, group, x) == dense) << format.id();
  }
}

TEST(PlaneLinear, TermsAndPlanesAreTheDenseDotProductForEveryFormat) {
  std::mt19937_64 random(1);
  for (const auto& format : all_formats()) {
    const auto& alphabet = format.alphabet;
    const auto planes = quant::plane_program(format);
    const std::size_t zeros = format.scaling.zero_point ? alphabet.numerators.size() : 1;
    for (unsigned selector = 0; selector < alphabet.selectors(); ++selector) {
      const auto terms = group_program(format, selector);
      for (std::size_t size = 0; size < 40; ++size) {
        const auto codes = any_codes(random, alphabet, size);
        const auto zero = static_cast<unsigned>(random() % zeros);
        check_group(format, {codes, selector, zero}, any_halves(random, size), terms, planes);
      }
    }
  }
}

TEST(PlaneLinear, EveryCodeAloneIsItsLevel) {
  const std::vector<std::uint16_t> one{0x3C00};
  for (const auto& format : all_formats()) {
    const auto& alphabet = format.alphabet;
    const auto planes = quant::plane_program(format);
    const unsigned zeros = format.scaling.zero_point ? static_cast<unsigned>(alphabet.numerators.size()) : 1;
    for (unsigned selector = 0; selector < alphabet.selectors(); ++selector) {
      const auto terms = group_program(format, selector);
      for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
        if (!std::isfinite(alphabet.level(code))) continue;
        const std::vector<std::uint8_t> codes{static_cast<std::uint8_t>(code)};
        for (unsigned zero = 0; zero < zeros; zero += zeros / 8 + 1)
          check_group(format, {codes, selector, zero}, one, terms, planes);
      }
    }
  }
}

TEST(PlaneLinear, GroupSumsOfAPackedTensorAreThoseOfItsCodes) {
  std::mt19937_64 random(2);
  std::normal_distribution<float> normal(0, 0.05F);
  for (const auto& format : all_formats()) {
    const std::size_t cols = 2 * std::min<std::size_t>(format.scaling.group, 40) + 4;
    std::vector<float> weights(3 * cols);
    for (auto& weight : weights) weight = normal(random);
    const auto tensor = quant::quantize({weights, 3, cols}, format);
    const auto halves = any_halves(random, cols);
    for (std::size_t row = 0; row < 3; ++row) {
      const auto sums = group_sums(tensor, row, fixed_point(halves));
      ASSERT_EQ(sums.size(), tensor.groups());
      for (std::size_t group = 0; group < sums.size(); ++group) {
        std::vector<std::uint8_t> codes;
        const std::size_t first = group * format.scaling.group;
        const std::size_t end = std::min(cols, first + format.scaling.group);
        for (std::size_t col = first; col < end; ++col)
          codes.push_back(static_cast<std::uint8_t>(tensor.code(row, col)));
        const GroupCodes view{codes, tensor.selector(row, group), tensor.zero(row, group)};
        ASSERT_EQ(wide(sums[group]), reference(format.alphabet, view, std::span(halves).subspan(first, end - first)))
            << format.id() << " group " << group;
      }
    }
  }
}

/// Makes odd integers 2q + 1 - 2^c.
Format bipolar(unsigned bits) {
  Format format;
  format.name = "bipolar" + std::to_string(bits);
  std::vector<std::int64_t> levels;
  for (int q = 0; q < 1 << bits; ++q) levels.push_back(2 * q + 1 - (1 << bits));
  format.alphabet = quant::table_alphabet(format.name, bits, levels);
  return format;
}

TEST(PlaneLinear, TheFirstPlanesOfBipolarCodesAreTheNarrowerView) {
  std::mt19937_64 random(3);
  for (unsigned bits = 1; bits <= 8; ++bits) {
    const auto program = quant::plane_program(bipolar(bits));
    ASSERT_TRUE(program && program->bipolar) << bits;
    const auto codes = any_codes(random, bipolar(bits).alphabet, 50);
    const auto x = fixed_point(any_halves(random, 50));
    std::vector<Int128> partial;
    const Int128 whole = plane_dot(*program, {codes}, x, &partial);
    ASSERT_EQ(partial.size(), bits);
    EXPECT_TRUE(partial.back() == whole);
    for (unsigned view = 1; view <= bits; ++view) {
      std::vector<std::uint8_t> top;
      for (const auto code : codes) top.push_back(static_cast<std::uint8_t>(code >> (bits - view)));
      EXPECT_TRUE(partial[view - 1] == dense_dot(bipolar(view).alphabet, {top}, x)) << bits << " view " << view;
    }
  }
}

/// Does the same for the rows of the table that say they are prefix-closed, with their own alphabets and units.
TEST(PlaneLinear, TheFirstPlanesOfNestedRowsAreTheirViews) {
  std::mt19937_64 random(4);
  std::size_t views = 0;
  for (const auto& parent : all_formats()) {
    if (!parent.prefix_closed) continue;
    const unsigned bits = parent.alphabet.code_bits;
    const auto program = quant::plane_program(parent);
    ASSERT_TRUE(program) << parent.id();
    const auto codes = any_codes(random, parent.alphabet, 64);
    const auto halves = any_halves(random, 64);
    std::vector<Int128> partial;
    plane_dot(*program, {codes}, fixed_point(halves), &partial);
    for (const auto& view : all_formats()) {
      const unsigned kept = view.alphabet.code_bits;
      if (view.name != parent.name || kept > bits) continue;
      std::vector<std::uint8_t> top;
      for (const auto code : codes) top.push_back(static_cast<std::uint8_t>(code >> (bits - kept)));
      EXPECT_EQ(wide(partial[kept - 1]), reference(view.alphabet, {top}, halves)) << parent.id() << " " << view.id();
      EXPECT_EQ(view.alphabet.unit_exponent - parent.alphabet.unit_exponent, static_cast<int>(bits - kept))
          << view.id();
      ++views;
    }
  }
  if (views == 0) GTEST_SKIP() << "no prefix-closed row in the table";
}

// With one scale per plane, scales times sign sums are the dot product of the decoded weights, which powers of two keep
// exact.
TEST(PlaneLinear, PlanesWithTheirOwnScalesAreTheDecodedDotProduct) {
  std::mt19937_64 random(5);
  std::normal_distribution<float> normal(0, 0.05F);
  for (const auto& table_row : quant::format_table()) {
    const auto& format = table_row.format;
    if (format.scaling.planes == 1) continue;
    constexpr std::size_t kCols = 24;
    std::vector<float> weights(kCols);
    for (auto& weight : weights) weight = normal(random);
    const auto tensor = quant::quantize({weights, 1, kCols}, format);
    std::vector<float> decoded(kCols);
    tensor.decode_row(0, decoded);
    std::vector<std::uint8_t> codes(kCols);
    tensor.unpack_row(0, codes);
    const auto halves = any_halves(random, kCols);
    const auto sums = sign_sums(format.scaling.planes, codes, fixed_point(halves));
    Integer by_planes = 0;
    for (unsigned plane = 0; plane < format.scaling.planes; ++plane) {
      by_planes += wide(sums[plane]) * integer(tensor.multiplier(0, 0, plane), -127);
    }
    Integer dense = 0;
    for (std::size_t i = 0; i < kCols; ++i) {
      dense += integer(static_cast<double>(decoded[i]), -127) *
               integer(static_cast<double>(quant::half_to_float(halves[i])), -24);
    }
    EXPECT_EQ(by_planes, dense) << format.id();
  }
}

TEST(PlaneLinear, IntegersHavePlanesAndMinifloatsDoNot) {
  for (const char* id : {"int8", "int4", "int2", "int8-asym", "int3-asym"}) {
    const auto program = quant::plane_program(quant::parse_format(id));
    ASSERT_TRUE(program) << id;
    EXPECT_FALSE(program->bipolar);
    EXPECT_EQ(program->planes.front().one, quant::parse_format(id).scaling.zero_point ? 1 : -1);
  }
  EXPECT_FALSE(quant::plane_program(quant::parse_format("bitmod-fp4")));
  EXPECT_FALSE(quant::plane_program(quant::parse_format("bitmod-fp3")));
}

TEST(PlaneLinear, PartialSumsOfTermsEndInTheDotProduct) {
  const auto format = quant::parse_format("bitmod-fp4");
  const auto program = quant::lower(format);
  const std::vector<std::uint8_t> codes{7, 3};  // 12 = 16 - 4, 3 = 4 - 1
  std::vector<Int128> partial;
  term_dot(program, {codes}, std::vector<std::int64_t>{1, 10}, &partial);
  ASSERT_EQ(partial.size(), 2U);
  EXPECT_TRUE(partial[0] == 56 && partial[1] == 42);
}

TEST(PlaneLinear, RefusesWhatIsNoDotProduct) {
  const auto format = quant::parse_format("int4");
  const std::vector<std::uint8_t> codes{1, 2};
  const std::vector<std::int64_t> x{1, 2, 3};
  EXPECT_THROW(dense_dot(format.alphabet, {codes}, x), std::invalid_argument);
  EXPECT_THROW(term_dot(quant::lower(format), {codes}, x), std::invalid_argument);
  EXPECT_THROW(plane_dot(*quant::plane_program(format), {codes}, x), std::invalid_argument);
  EXPECT_THROW(fixed_point(std::vector<std::uint16_t>{0, 0x7C00}), std::invalid_argument);
  EXPECT_EQ(fixed_point(std::vector<std::uint16_t>{0x3C00, 0x8001, 0xFBFF}),
            (std::vector<std::int64_t>{1 << 24, -1, -(std::int64_t{0x7FF} << 29)}));
  const auto huge = quant::table_alphabet("huge", 1, {0, std::int64_t{1} << 62});
  const std::vector<std::uint8_t> ones(1 << 22, 1);
  const std::vector<std::int64_t> largest(ones.size(), std::int64_t{0x7FF} << 29);
  EXPECT_TRUE(dense_dot(huge, {std::span(ones).first(1 << 20)}, std::span(largest).first(1 << 20)) ==
              static_cast<Int128>(largest[0]) << 82);
  EXPECT_THROW(dense_dot(huge, {ones}, largest), std::overflow_error);
}

}  // namespace
}  // namespace subbyte::kernels
