// Tests what is told of a format of one's own that is wrong: every mistake at once, with its place and what was
// expected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& text) {
  try {
    parse_format_definition(text, "f.yaml");
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(FormatErrors, ErrorsOfNamesAndLevelsHaveTheirPlace) {
  EXPECT_THAT(error_of("name: x\n"), HasSubstr("f.yaml:1:1: 'alphabet' is missing, expected a mapping"));
  EXPECT_THAT(error_of("name: X y\nalphabet: {integer: 4}\n"),
              HasSubstr("f.yaml:1:7: 'name' is 'X y', expected 1..64 of"));
  EXPECT_THAT(error_of("name: int4\nalphabet: {integer: 4}\n"),
              HasSubstr("f.yaml:1:7: 'name' is 'int4', a format of the table"));
  EXPECT_THAT(
      error_of("name: x\nalphabet:\n  levels: [0, 0.1]\n"),
      HasSubstr("f.yaml:3:11: 'levels' [1] is 0.1, which no sum of a few powers of two is, expected at most 24"));
  EXPECT_THAT(error_of("name: x\nalphabet:\n  levels: [0, 0.1]\n"), HasSubstr("(0.10000000149011612, say)"));
  EXPECT_THAT(error_of("name: x\nalphabet:\n  levels: [0, 1e300]\n"),
              testing::EndsWith("expected at most 24 significant bits"));
  EXPECT_THAT(error_of("name: x\nalphabet:\n  levels: [0, 16777217]\n"),
              HasSubstr("f.yaml:3:11: 'levels' [1] is 16777217, which needs 25 significant bits"));
  EXPECT_THAT(error_of("name: x\nalphabet:\n  levels: [0, a]\n"), HasSubstr("'levels' [1] is a, expected a number"));
  EXPECT_THAT(error_of("name: x\nalphabet:\n  levels: [0, inf]\n"),
              HasSubstr("expected 0 or a number between 2^-64 and 2^64"));
  EXPECT_THAT(error_of("name: x\nalphabet: {levels: [0, 1, 1]}\n"), HasSubstr("[2] is 1, the level of code 1 already"));
  EXPECT_THAT(error_of("name: x\nalphabet: {levels: [0]}\n"), HasSubstr("has 1 levels, expected 2..256"));
  EXPECT_THAT(error_of("name: x\nalphabet: {levels: [0, 1], integer: 4}\n"),
              HasSubstr("f.yaml:2:11: 'alphabet' has 2 of levels, minifloat and integer, expected one"));
  EXPECT_EQ(error_of("name: x\nalphabet: {integer: 4}\n"), "no error");
}

TEST(FormatErrors, ErrorsHaveTheirPlaceAndTheExpectation) {
  EXPECT_THAT(error_of("name: x\nalphabet: {minifloat: e9m9}\n"),
              HasSubstr("f.yaml:2:23: 'minifloat' is e9m9, expected eXmY"));
  EXPECT_THAT(error_of("name: x\nalphabet: {minifloat: e6m1}\n"),
              HasSubstr("levels that span 64 bits from the lowest to the highest, expected at most 62"));
  EXPECT_THAT(error_of("name: x\nalphabet: {minifloat: e2m1, flavor: nan}\n"),
              HasSubstr("unknown key 'flavor', expected one of minifloat, bias, flavour"));
  EXPECT_THAT(error_of("name: x\nalphabet: {integer: 4}\nscaling: {stored: fp61}\n"),
              HasSubstr("f.yaml:3:19: 'stored' is fp61, expected one of fp16, bf16"));
  EXPECT_THAT(error_of("name: x\nalphabet: {integer: 4}\nscaling: {group: 0}\n"),
              HasSubstr("f.yaml:3:18: 'group' is 0, expected 1.."));
  EXPECT_THAT(error_of("name: x\nalphabet: {integer: 4}\nscaling: {rule: floor}\n"),
              HasSubstr("'stored' is not a power of two, expected e8m0"));
  EXPECT_THAT(error_of("name: x\nalphabet: {integer: 4, range: asymmetric}\n"),
              HasSubstr("expected minmax for an asymmetric integer"));
  EXPECT_THAT(error_of("name: x\nalphabet: {levels: [0, 1], special: {code: 7, values: [3]}}\n"),
              HasSubstr("f.yaml:2:44: 'code' is 7, expected 0..1"));
  EXPECT_THAT(
      error_of("name: x\nalphabet: {levels: [0, 1], special: {code: 1, values: [3, 4]}}\nscaling: {stored: fp32}\n"),
      HasSubstr("expected a scale of at most 16 bits beside special values"));
  EXPECT_THAT(
      error_of("name: x\nalphabet: {levels: [0, 1.1920928955078125e-7, 4194304]}\nscaling: {stored: fp32}\n"),
      HasSubstr("levels that span 46 bits from the lowest to the highest, expected at most 28 under fp32 scales"));
  EXPECT_THAT(error_of("name: x\nalphabet: {levels: [0, 1, 2, 3]}\nlayout: five-in-byte\n"),
              HasSubstr("f.yaml:3:9: 'layout' is five-in-byte, expected it for a list of three levels alone"));
  EXPECT_THAT(error_of("- 1\n"), HasSubstr("the document is a list, expected a mapping"));
}

TEST(FormatErrors, MistakesOfEveryKindAreToldAtOnce) {
  // What cannot be read stands beside what has no meaning, and nothing is told that follows from what was not read.
  EXPECT_EQ(error_of("name: int4\nalphabet: {levels: [x, 1, 1], bogus: 3}\n"
                     "scaling: {group: pear, rule: minmax, stored: e8m9}\nlayuot: dense\nties: odd\n"),
            "f.yaml:1:7: 'name' is 'int4', a format of the table, expected another name\n"
            "f.yaml:2:20: 'levels' [0] is x, expected a number\n"
            "f.yaml:2:20: 'levels' [2] is 1, the level of code 1 already, expected different levels\n"
            "f.yaml:2:31: unknown key 'bogus', expected one of levels, minifloat, integer, special\n"
            "f.yaml:3:18: 'group' is pear, expected a number or channel\n"
            "f.yaml:3:30: 'rule' is minmax, expected absmax: only asymmetric integers have a zero point\n"
            "f.yaml:3:46: 'stored' is e8m9, expected one of fp16, bf16, fp32, e8m0, ue4m3, ue5m3, u8; did you mean "
            "'e8m0'?\n"
            "f.yaml:4:1: unknown key 'layuot', expected one of name, summary, source, alphabet, scaling, layout, ties; "
            "did you mean 'layout'?\n"
            "f.yaml:5:7: 'ties' is odd, expected one of even, lower");
  EXPECT_EQ(error_of("name: X\n"),
            "f.yaml:1:1: 'alphabet' is missing, expected a mapping\n"
            "f.yaml:1:7: 'name' is 'X', expected 1..64 of a..z, 0..9, '-', '_' and '.'");
  EXPECT_EQ(error_of("name: x\nalphabet: {levels: 3}\nlayout: five-in-byte\n"),
            "f.yaml:2:20: 'levels' is 3, expected a list of texts");
  EXPECT_EQ(error_of("name: x\nalphabet: {minifloat: e9m9, range: asymmetric}\nscaling: {rule: floor, stored: x}\n")
                .find("f.yaml:2:23: 'minifloat' is e9m9"),
            0U);
}

TEST(FormatErrors, OneCauseIsOneMessage) {
  EXPECT_EQ(error_of(""), "f.yaml:1:1: the document is empty, expected a mapping");
  EXPECT_EQ(error_of("- 1\n"), "f.yaml:1:1: the document is a list, expected a mapping");
  EXPECT_EQ(error_of("name: [a]\nalphabet: {integer: 4}\n"), "f.yaml:1:7: 'name' is a list, expected a text");
  EXPECT_EQ(error_of("alphabet: {integer: 4}\n"), "f.yaml:1:1: 'name' is missing, expected a text");
  EXPECT_EQ(error_of("name: ''\nalphabet: {integer: 4}\n"),
            "f.yaml:1:7: 'name' is '', expected 1..64 of a..z, 0..9, '-', '_' and '.'");
  EXPECT_EQ(error_of("name: x\nalphabet: {levels: [0, 1], special: 3}\n"),
            "f.yaml:2:37: 'special' is 3, expected a mapping");
  EXPECT_EQ(error_of("name: x\nalphabet: {levels: [0, 1], special: {code: 1, values: []}}\n"),
            "f.yaml:2:55: 'values' is an empty list, expected a list of texts");
  EXPECT_EQ(error_of("name: x\nalphabet: {integer: 40, range: asymmetric}\nscaling: {rule: minmax}\n"),
            "f.yaml:2:21: 'integer' is 40, expected 2..8");
  EXPECT_EQ(error_of("name: x\nalphabet: {levels: [0, 1]}\nscaling: []\n"),
            "f.yaml:3:10: 'scaling' is a list, expected a mapping");
}

TEST(FormatErrors, ASuffixThatIsNoGroupIsNamed) {
  const auto error = [](const std::string& text) -> std::string {
    try {
      read_format(text);
      return "no error";
    } catch (const quant::FormatError& thrown) {
      return thrown.what();
    }
  };
  EXPECT_EQ(
      error("my.yaml:h16"),
      "format 'my.yaml:h16': cannot read 'h16', expected gN or gchannel behind a file, for example my.yaml:g64; a "
      "format of one's own has no other keys there");
  EXPECT_THAT(error("a/my.yml:scale=u8"), HasSubstr("cannot read 'scale=u8', expected gN or gchannel"));
  EXPECT_THAT(error("my.yaml:gx"), HasSubstr("group 'gx', expected g1..g"));
  EXPECT_THAT(error("./my:"), HasSubstr("cannot read '', expected gN"));
  EXPECT_EQ(error("int44"), error("int44:g3"));
  EXPECT_EQ(error("int44").find("unknown format 'int44', expected one of the "), 0U);
}

}  // namespace
}  // namespace subbyte::sim
