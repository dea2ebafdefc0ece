// Tests fp4_dequant: golden against doubles that are exact, reference vectors and the software decoder.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "quant/base/float16.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/fp4_dequant_cases.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte {
namespace {

using kernels::ConfigWrite;
using kernels::Fp4DequantParams;

/// Returns numbers at both ends of FP32 and in between, few-bit and full significands, and every special value.
std::vector<std::uint32_t> tensor_scales() {
  std::vector<std::uint32_t> scales{0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000,
                                    0x00800001, 0x3F800000, 0xBF800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000,
                                    0xFF800000, 0x7FC00000, 0x7F800001, 0xFFFFFFFF};
  kernels::Random random(4);
  for (int i = 0; i < 120; ++i) {
    scales.push_back(static_cast<std::uint32_t>(random.next()));
    const std::uint32_t field = 127 - 24 + random.below(32);
    scales.push_back(field << 23 | (static_cast<std::uint32_t>(random.next()) << random.below(23) & 0x7FFFFF));
    scales.push_back(static_cast<std::uint32_t>(random.next()) >> (9 + random.below(20)));
  }
  return scales;
}

TEST(Fp4Dequant, GoldenIsOneRoundingForEveryCodeAndScale) {
  for (const bool bf16 : {false, true}) {
    for (const bool tensor_scale : {true, false}) {
      const Fp4DequantParams p{1, bf16, tensor_scale};
      auto tensors = tensor_scales();
      if (!tensor_scale) tensors = {0x7F800000, 0x12345678};  // ignored
      for (const std::uint32_t tensor : tensors) {
        for (unsigned format = 0; format < 4; ++format) {
          const auto config = kernels::fp4_config_of({{0, format}, {1, tensor}});
          for (unsigned byte = 0; byte < 256; ++byte) {
            for (unsigned code = 0; code < 16; ++code) {
              const double level = fp4_level_reference(code);
              expect_value(kernels::fp4_dequantize(p, config, code, byte, code & 3),
                           expected_value(p, format, tensor, level, byte), bf16);
              ASSERT_FALSE(HasFatalFailure()) << bf16 << tensor_scale << " tensor " << std::hex << tensor << " format "
                                              << format << " byte " << byte << " code " << code;
            }
          }
        }
      }
    }
  }
}

// Every special value of every code is chosen by the field or by bit 7 of a UE4M3 byte.
TEST(Fp4Dequant, SpecialValuesTakeTheirCode) {
  for (unsigned control = 0; control < 256; ++control) {
    const unsigned format = control & 3;
    for (unsigned half_units = 0; half_units < 32; ++half_units) {
      std::vector<ConfigWrite> writes{{0, control | 0xABCDEF00}};
      for (unsigned s = 0; s < 4; ++s)
        writes.push_back({static_cast<std::uint8_t>(2 + s), (half_units + s * 37) | ~0x3FU});
      const auto config = kernels::fp4_config_of(writes);
      for (unsigned code = 0; code < 16; ++code) {
        for (unsigned selector = 0; selector < 4; ++selector) {
          for (const unsigned byte : {0x30U, 0xB0U}) {
            const bool special = (control & 4) != 0 && code == (control >> 3 & 15);
            const unsigned chosen = (control & 0x80) != 0 && format == 1 ? byte >> 7 : selector;
            const unsigned field = (half_units + chosen * 37) & 63;
            const double magnitude = special ? (field & 31) / 2.0 : kFp4Levels[code & 7];
            const bool negative = special ? field >= 32 : code >= 8;
            const Fp4DequantParams p{1, false, false};
            expect_value(kernels::fp4_dequantize(p, config, code, byte, selector),
                         expected_value(p, format, 0, negative ? -magnitude : magnitude, byte), false);
            ASSERT_FALSE(HasFatalFailure()) << control << ' ' << half_units << ' ' << code << ' ' << selector;
          }
        }
      }
    }
  }
}

TEST(Fp4Dequant, DecodeTablesOfTheReferenceVectors) {
  const auto path = tested_source() / "../shared/vectors/microscaling.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference vectors at " << path;
  nlohmann::json file;
  std::ifstream(path) >> file;
  const auto pattern = [](const nlohmann::json& row) {
    return static_cast<std::uint32_t>(std::stoul(row["f32"].get<std::string>(), nullptr, 16));
  };
  const char* scales[] = {"E8M0", "UE4M3", "UE5M3"};
  for (unsigned format = 0; format < 3; ++format) {
    const auto& rows = file["decode_tables"][scales[format]]["rows"];
    EXPECT_GE(rows.size(), 128U);
    for (const auto& row : rows) {
      const auto config = kernels::fp4_config_of({{0, format}});
      EXPECT_EQ(kernels::fp4_scale({}, config, row["code"].get<unsigned>()), pattern(row)) << scales[format] << row;
    }
  }
  for (const auto& row : file["decode_tables"]["E2M1"]["rows"]) {
    const auto value = kernels::fp4_dequantize({1, true, true}, {}, row["code"].get<unsigned>(), 0x38, 0);
    EXPECT_EQ(static_cast<std::uint32_t>(value) << 16, pattern(row)) << row;
  }
}

// ---- the software decoder ----

quant::PackedTensor packed(const quant::Format& format, std::uint64_t seed) {
  kernels::Random random(seed);
  std::vector<float> weights(64 * 512);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double row_size = std::exp2(static_cast<double>(i / 512 % 16) - 12);  // some rows below FP16's normal numbers
    weights[i] = static_cast<float>(random.gaussian() * row_size * std::exp2(0.3 * random.gaussian()));
  }
  return quant::quantize({weights, 64, 512}, format);
}

/// Returns the unit's answer for one weight.
std::uint16_t unit_value(const quant::PackedTensor& tensor, const kernels::Fp4Program& program, std::size_t row,
                         std::size_t col, std::uint32_t tensor_scale, std::uint8_t scale) {
  std::vector<ConfigWrite> writes = program.writes();
  writes.push_back({1, tensor_scale});
  const std::size_t group = col / tensor.format.scaling.group;
  return kernels::fp4_dequantize({1, false, true}, kernels::fp4_config_of(writes), tensor.code(row, col), scale,
                                 tensor.selector(row, group));
}

// decode_row() is FP32. With a tensor scale it has rounded once, so that FP16 of it is rounded twice, which differs
// from the unit's single rounding where the FP32 number is a tie of FP16 and the exact one is not. Without a tensor
// scale both agree always.
TEST(Fp4Dequant, SoftwareDecodesToTheSameFp16) {
  std::size_t subnormal = 0;
  for (const char* name :
       {"mxfp4", "mxfp4:mode=ceil", "nvfp4", "four-over-six", "fp4-ue5m3", "fp4-ue5m3:codebook=ieee", "razer"}) {
    const auto format = quant::parse_format(name);
    const auto tensor = packed(format, 11);
    const auto program = kernels::fp4_program(format);
    std::vector<float> decoded(tensor.cols);
    std::size_t rounded_twice = 0, special = 0;
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      tensor.decode_row(row, decoded);
      for (std::size_t col = 0; col < tensor.cols; ++col) {
        const std::size_t group = col / format.scaling.group;
        const std::uint16_t found =
            unit_value(tensor, program, row, col, std::bit_cast<std::uint32_t>(tensor.tensor_scale),
                       program.scale_byte(tensor.scale_bits(row, group)));
        const double exact =
            format.alphabet.level(tensor.code(row, col), tensor.selector(row, group)) * tensor.multiplier(row, group);
        ASSERT_EQ(found, quant::half_from_double(exact)) << name << ' ' << row << ' ' << col;
        special += tensor.code(row, col) == format.alphabet.special_code ? 1 : 0;
        subnormal += (found & 0x7C00) == 0 && (found & 0x3FF) != 0 ? 1 : 0;
        if (found == quant::half_from_float(decoded[col])) continue;
        ++rounded_twice;
        const double up = std::abs(value16(found, false));
        const double down = std::abs(value16(quant::half_from_float(decoded[col]), false));
        EXPECT_EQ(std::abs(decoded[col]), (up + down) / 2) << "not a tie of FP16";
        EXPECT_NE(static_cast<double>(decoded[col]), exact) << "not rounded by FP32";
      }
    }
    std::cout << name << ": " << tensor.rows * tensor.cols << " weights, " << rounded_twice
              << " differ from FP16 of FP32\n";
    if (format.scaling.tensor_scale == quant::TensorScale::kNone) {
      EXPECT_EQ(rounded_twice, 0U) << name;
    }
    EXPECT_EQ(special > 0, format.alphabet.special_code.has_value()) << name;
  }
  EXPECT_GT(subnormal, 100U);
}

// This tells how rare that is: 3/2 of every multiplier in one binade, which FP32 rounds in half of the cases.
TEST(Fp4Dequant, TwoRoundingsDifferWhereFp32EndsOnATie) {
  std::size_t differ = 0;
  for (std::uint32_t m = 0x3F800000; m < 0x40000000; ++m) {
    const float once = 1.5F * std::bit_cast<float>(m);
    const bool twice_is_other = kernels::fp4_value({false, 3}, m, false) != quant::half_from_float(once);
    const double units = std::ldexp(static_cast<double>(once), once < 2 ? 10 : 9);  // of FP16
    const bool tie = units - std::floor(units) == 0.5 &&
                     1.5 * static_cast<double>(std::bit_cast<float>(m)) != static_cast<double>(once);
    ASSERT_TRUE(tie || !twice_is_other) << m;
    differ += twice_is_other ? 1 : 0;
  }
  std::cout << differ << " of 8388608\n";
  EXPECT_GT(differ, 0U);
}

// FP16 group scales do not fit the scale byte. As the tensor scale, group by group, they give the decoded weights.
TEST(Fp4Dequant, BitmodWithItsScaleInTheTensorScale) {
  const auto format = quant::parse_format("bitmod-fp4");
  EXPECT_NE(text_of(kernels::fp4_dequant_info().unsupported({}, format)), "");
  auto levels = format;
  levels.scaling.stored = quant::ScaleFormat::kE8m0;
  const auto program = kernels::fp4_program(levels);
  const auto one = static_cast<std::uint8_t>(127 + program.level_exponent);
  const auto tensor = packed(format, 12);
  std::vector<float> decoded(tensor.cols);
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    tensor.decode_row(row, decoded);
    for (std::size_t col = 0; col < tensor.cols; ++col) {
      const auto scale = std::bit_cast<std::uint32_t>(tensor.scale_value(row, col / format.scaling.group));
      ASSERT_EQ(unit_value(tensor, program, row, col, scale, one), quant::half_from_float(decoded[col]))
          << row << ' ' << col;
    }
  }
}

}  // namespace
}  // namespace subbyte
