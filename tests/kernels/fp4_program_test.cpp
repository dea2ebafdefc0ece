// Tests configurations of fp4_dequant for formats: what the page says the unit makes of them against what the format
// says.
#include "kernels/parts/fp4_program.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "quant/formats/user_format.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte::kernels {
namespace {

/// Computes kernels/ARITHMETIC.md 9, in units of 1, from the words that the writes leave in the registers.
double level_of(const std::vector<ConfigWrite>& writes, unsigned code, unsigned selector) {
  std::uint32_t registers[6] = {1};
  for (const ConfigWrite& write : writes) registers[write.address] = write.data;
  const bool remap = (registers[0] >> 2 & 1) != 0;
  const unsigned special_code = registers[0] >> 3 & 15;
  const std::uint32_t field = registers[2 + selector];
  if (remap && code == special_code) return (field & 0x20 ? -1.0 : 1.0) * (field & 0x1F) / 2;
  const unsigned e = code >> 1 & 3;
  const unsigned m = code & 1;
  const double magnitude = e == 0 ? m / 2.0 : std::ldexp(1 + m / 2.0, static_cast<int>(e) - 1);
  return (code & 8) != 0 ? -magnitude : magnitude;
}

double scale_of(unsigned kind, unsigned byte) {
  if (kind == 0)
    return byte == 255 ? std::numeric_limits<double>::quiet_NaN() : std::ldexp(1, static_cast<int>(byte) - 127);
  const unsigned bits = kind == 1 ? byte & 0x7F : byte;
  if (bits == (kind == 1 ? 0x7FU : 0xFFU)) return std::numeric_limits<double>::quiet_NaN();
  const int least = kind == 1 ? -9 : -17;
  const int e = static_cast<int>(bits >> 3);
  return e == 0 ? std::ldexp(bits & 7, least) : std::ldexp(8 + (bits & 7), e + least - 1);
}

void expect_decodes(const quant::Format& format) {
  SCOPED_TRACE(format.id());
  const Fp4Program program = fp4_program(format);
  const auto writes = program.writes();
  for (unsigned code = 0; code < 16; ++code) {
    for (unsigned s = 0; s < format.alphabet.selectors(); ++s) {
      const double level = std::ldexp(level_of(writes, code, s), program.level_exponent);
      EXPECT_EQ(level, format.alphabet.level(code, s)) << "code " << code << " selector " << s;
      EXPECT_EQ(std::signbit(level), std::signbit(format.alphabet.level(code, s))) << "code " << code;
    }
  }
  const quant::ScaleInfo& info = quant::scale_info(format.scaling.stored);
  for (std::uint32_t pattern = 0; pattern < 1U << info.bits; ++pattern) {
    const double expected = info.decode(pattern);
    const double value = scale_of(program.control() & 3, program.scale_byte(pattern));
    const bool infinite = std::isinf(expected);  // of the IEEE UE5M3, which no quantizer stores
    if (info.format == quant::ScaleFormat::kUe4m3 && pattern >= 0x80) continue;  // bit 7 is no part of it
    EXPECT_TRUE(std::isnan(expected) || infinite ? std::isnan(value) : value == expected)
        << "pattern " << pattern << ": " << value << ", expected " << expected;
  }
}

TEST(Fp4Program, DecodesTheFormatsOfTheTableThatItAccepts) {
  std::set<std::string> accepted;
  for (const auto& row : quant::format_table()) {
    const std::string why = text_of(fp4_unsupported(row.format));
    if (!why.empty()) {
      EXPECT_THROW(fp4_program(row.format), std::invalid_argument);
      continue;
    }
    accepted.insert(row.name);
    expect_decodes(row.format);
  }
  EXPECT_EQ(accepted, (std::set<std::string>{"mxfp4", "nvfp4", "fp4-ue5m3", "four-over-six", "razer"}));
  expect_decodes(quant::parse_format("fp4-ue5m3:codebook=ieee"));
}

/// Makes BitMoD's grid under a one-byte scale, which the table does not have.
quant::Format bitmod_under(quant::ScaleFormat stored) {
  quant::Format format = quant::parse_format("bitmod-fp4");
  format.scaling.stored = stored;
  return format;
}

TEST(Fp4Program, BitmodSpecialValuesAreHalfUnitsAndAllLevelsTwice) {
  for (const auto stored : {quant::ScaleFormat::kE8m0, quant::ScaleFormat::kUe4m3, quant::ScaleFormat::kUe5m3}) {
    const quant::Format format = bitmod_under(stored);
    expect_decodes(format);
    const Fp4Program program = fp4_program(format);
    EXPECT_EQ(program.level_exponent, 1);
    EXPECT_EQ(program.special_code, 8U);
    EXPECT_EQ(program.specials, (std::array<std::uint8_t, 4>{10, 0x20 | 10, 16, 0x20 | 16}));
  }
  EXPECT_EQ(fp4_program(bitmod_under(quant::ScaleFormat::kE8m0)).control(), 0b0'1000'1'00U);
  EXPECT_EQ(fp4_program(quant::parse_format("mxfp4")).control(), 0U);
  EXPECT_EQ(fp4_program(quant::parse_format("nvfp4")).control(), 1U);
  EXPECT_EQ(fp4_program(quant::parse_format("fp4-ue5m3")).control(), 2U);
}

TEST(Fp4Program, AnyOneCodeMayBeRemapped) {
  quant::UserFormat user;
  user.name = "mine";
  user.alphabet.levels = {0, 4, 8, 12, 16, 24, 32, 48, 0.5, -4, -8, -12, -16, -24, -32, -48};
  user.scaling.stored = quant::ScaleFormat::kE8m0;
  user.scaling.group = 32;
  user.rule = quant::ScaleRule::kPowerFloor;
  quant::Format format = quant::user_format(user);
  EXPECT_NE(text_of(fp4_unsupported(format)).find("half units"), std::string::npos) << text_of(fp4_unsupported(format));
  user.alphabet.levels[8] = 20;
  format = quant::user_format(user);
  expect_decodes(format);
  EXPECT_EQ(fp4_program(format).level_exponent, 3);
  EXPECT_EQ(fp4_program(format).specials[0], 5);
  EXPECT_EQ(fp4_program(format).specials[3], 5);
}

TEST(Fp4Program, SaysWhyNot) {
  const auto why = [](const char* id) { return text_of(fp4_unsupported(quant::parse_format(id))); };
  EXPECT_EQ(why("int4"), "group scales in fp16, fp4_dequant reads e8m0, ue4m3 and ue5m3");
  EXPECT_EQ(why("bitmod-fp4:scale=u8"), "group scales in u8, fp4_dequant reads e8m0, ue4m3 and ue5m3");
  EXPECT_EQ(why("int3"), "codes of 3 bits, fp4_dequant reads E2M1 codes of 4");
  EXPECT_EQ(why("bitmod-mx4"), "levels that are multiples of 1/3, fp4_dequant has half units alone");
  EXPECT_EQ(why("mxint4"), "level 1.5 at code 6, E2M1 has 2 there, and code 5 is remapped already");
  EXPECT_EQ(why("bcq4"), "a scale per bit of a code, fp4_dequant has one per group");
  quant::Format wide = bitmod_under(quant::ScaleFormat::kE8m0);
  wide.alphabet.special_numerators[2] = 32;
  EXPECT_EQ(text_of(fp4_unsupported(wide)),
            "special value 32 is 32 half units, fp4_dequant holds whole ones from -31 to 31");
}

}  // namespace
}  // namespace subbyte::kernels
