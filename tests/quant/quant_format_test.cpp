// Tests format names (reading, canonical ids, error texts) and alphabets as they were published.
#include <gtest/gtest.h>

#include <set>

#include "quant/formats/format.hpp"

namespace subbyte::quant {
namespace {

std::string error_of(const std::string& id) {
  try {
    parse_format(id);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseFormat, DefaultsAreExactAndFp16InGroupsOf128) {
  const auto format = parse_format("bitmod-fp4");
  EXPECT_EQ(format.scaling.group, 128U);
  EXPECT_EQ(format.scaling.stored, ScaleFormat::kFp16);
  EXPECT_EQ(format.arithmetic, Arithmetic::kExact);
  EXPECT_EQ(format.ties, TieRule::kToLower);
  EXPECT_FALSE(format.scaling.zero_point);
  EXPECT_TRUE(parse_format("int4-asym").scaling.zero_point);
  EXPECT_EQ(parse_format("int4").ties, TieRule::kToEven);
}

TEST(ParseFormat, IdsAreCanonicalWhateverTheOrder) {
  EXPECT_EQ(parse_format("bitmod-fp3:scale=u8:g32:arith=fp16").id(), "bitmod-fp3:g32:arith=fp16:scale=u8");
  EXPECT_EQ(parse_format("int8:arith=exact:scale=fp16").id(), "int8:g128");
}

TEST(ParseFormat, EveryIdReadsBack) {
  for (const auto& row : format_table()) {
    EXPECT_EQ(row.name, row.format.name);
    EXPECT_FALSE(row.summary.empty());
    EXPECT_FALSE(row.source.empty());
    for (const std::string group : {"", ":g1", ":g37", ":g2147483647"}) {
      std::vector<std::string> choices{""};
      for (const auto& option : row.options) {
        const std::size_t size = choices.size();  // every combination of the defaults and the last values
        for (std::size_t i = 0; i < size; ++i)
          choices.push_back(choices[i] + ":" + option.name + "=" + option.values.back());
      }
      for (const auto& keys : choices) {
        const auto format = parse_format(row.name + group + keys);
        const auto again = parse_format(format.id());
        EXPECT_EQ(again.id(), format.id());
        EXPECT_EQ(again.name, format.name);
        EXPECT_EQ(again.scaling.group, format.scaling.group);
        EXPECT_EQ(again.scaling.stored, format.scaling.stored);
        EXPECT_EQ(again.scaling.zero_point, format.scaling.zero_point);
        EXPECT_EQ(again.arithmetic, format.arithmetic);
        EXPECT_EQ(again.alphabet.numerators, format.alphabet.numerators);
      }
    }
  }
}

TEST(ParseFormat, ErrorsNameTheNearestAndTheExpectation) {
  const std::string unknown = error_of("bitmod-fp5:g128");
  EXPECT_TRUE(unknown.starts_with("unknown format 'bitmod-fp5', expected one of the ")) << unknown;
  EXPECT_TRUE(unknown.ends_with("; did you mean 'bitmod-fp4'?")) << unknown;
  EXPECT_EQ(error_of("int8:scales=u8"),
            "format 'int8:scales=u8': unknown key 'scales', expected one of arith, scale; did you mean 'scale'?");
  EXPECT_EQ(error_of("int8:scale=fp8"),
            "format 'int8:scale=fp8': unknown value 'fp8' of scale, expected one of fp16, u8; did you mean 'fp16'?");
  EXPECT_EQ(error_of("int8:g0"), "format 'int8:g0': group 'g0', expected g1..g2147483647 or gchannel");
  EXPECT_EQ(error_of("int8:g12x"), "format 'int8:g12x': group 'g12x', expected g1..g2147483647 or gchannel");
  EXPECT_EQ(error_of("int8:g99999999999999999999"),
            "format 'int8:g99999999999999999999': group 'g99999999999999999999', expected g1..g2147483647 or gchannel");
  EXPECT_EQ(error_of("int8:g64:g32"), "format 'int8:g64:g32': group is given twice, expected once");
  EXPECT_EQ(error_of("int8:arith=fp16:arith=exact"),
            "format 'int8:arith=fp16:arith=exact': arith is given twice, expected once");
  EXPECT_EQ(error_of("int8:"),
            "format 'int8:': cannot read '', expected gN or key=value, for example g128 or scale=u8");
  EXPECT_NE(error_of(""), "no error");
  EXPECT_NE(error_of(":g128"), "no error");
  EXPECT_NE(error_of("INT8"), "no error");
}

TEST(Format, NominalBitsAreThePapers) {
  EXPECT_DOUBLE_EQ(parse_format("bitmod-fp3:scale=u8").nominal_bits_per_weight(), 3.078125);
  EXPECT_DOUBLE_EQ(parse_format("bitmod-fp4:scale=u8").nominal_bits_per_weight(), 4.078125);
  EXPECT_DOUBLE_EQ(parse_format("int6:scale=u8").nominal_bits_per_weight(), 6.0625);
  EXPECT_DOUBLE_EQ(parse_format("int8:g64").nominal_bits_per_weight(), 8.25);
  EXPECT_DOUBLE_EQ(parse_format("int4-asym").nominal_bits_per_weight(), 4.1875);
}

TEST(Alphabet, BitmodLevelsAreThoseOfTableIV) {
  const auto levels = [](const Alphabet& alphabet, unsigned selector) {
    std::set<int> found;
    for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
      EXPECT_TRUE(alphabet.emitted(code));
      found.insert(alphabet.numerator(code, selector));
    }
    return found;
  };
  const std::vector<int> fp3 = {3, -3, 6, -6};
  const std::vector<int> fp4 = {10, -10, 16, -16};
  for (unsigned s = 0; s < 4; ++s) {
    std::set<int> three = {-4, -2, -1, 0, 1, 2, 4};
    std::set<int> four = {-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12};
    three.insert(fp3[s]);
    four.insert(fp4[s]);
    EXPECT_EQ(levels(bitmod_fp3(), s), three);
    EXPECT_EQ(levels(bitmod_fp4(), s), four);
    EXPECT_EQ(bitmod_fp3().numerator(4, s), fp3[s]);
    EXPECT_EQ(bitmod_fp4().numerator(8, s), fp4[s]);
  }
  EXPECT_EQ(bitmod_fp4().numerator(7), 12);
  EXPECT_EQ(bitmod_fp4().numerator(15), -12);
}

TEST(Alphabet, IntegersReadTheirCodes) {
  const auto signed5 = symmetric_integer(5);
  EXPECT_EQ(signed5.numerator(0b11111), -1);
  EXPECT_EQ(signed5.numerator(0b01111), 15);
  EXPECT_FALSE(signed5.emitted(0b10000));
  EXPECT_EQ(signed5.numerator(0b10000), -16);
  const auto offset = asymmetric_integer(4);
  EXPECT_TRUE(offset.emitted(8));
  EXPECT_EQ(offset.numerator(3, 0, 15), -12);
}

TEST(Alphabet, OutsideTheTableThrows) {
  EXPECT_THROW((void)bitmod_fp3().numerator(8), std::out_of_range);
  EXPECT_THROW((void)bitmod_fp3().numerator(0, 4), std::out_of_range);
  EXPECT_THROW((void)symmetric_integer(4).numerator(0, 1), std::out_of_range);
  EXPECT_THROW((void)asymmetric_integer(3).numerator(0, 0, 8), std::out_of_range);
  EXPECT_FALSE(symmetric_integer(4).emitted(16));
  EXPECT_THROW(symmetric_integer(9), std::invalid_argument);
  EXPECT_THROW(asymmetric_integer(1), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::quant
