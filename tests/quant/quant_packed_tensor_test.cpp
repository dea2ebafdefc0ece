// Tests layout, sizes and validation of packed tensors.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "quant/base/bit_stream.hpp"
#include "tests/support/quant/quant_cases.hpp"

namespace subbyte::quant {
namespace {

TEST(BitStream, RoundTripsEveryWidthAndLength) {
  std::mt19937 random(5);
  for (unsigned width = 1; width <= 8; ++width) {
    for (std::size_t size = 0; size < 40; ++size) {
      std::vector<std::uint8_t> fields(size);
      for (auto& field : fields) field = static_cast<std::uint8_t>(random() & ((1U << width) - 1));
      std::vector<std::uint8_t> stream((size * width + 7) / 8, 0xFF);
      pack_bits(fields, width, stream);
      std::vector<std::uint8_t> again(size);
      unpack_bits(stream, width, again);
      EXPECT_EQ(again, fields);
      for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(read_bits(stream, i, width), fields[i]);
      if (size * width % 8 != 0) {
        EXPECT_EQ(stream.back() >> (size * width % 8), 0);
      }
    }
  }
}

TEST(BitStream, IsLittleEndian) {
  std::vector<std::uint8_t> stream(2);
  pack_bits(std::vector<std::uint8_t>{0b001, 0b010, 0b111, 0b100}, 3, stream);
  EXPECT_EQ(stream, (std::vector<std::uint8_t>{0b11010001, 0b00001001}));
}

/// Makes a tensor small enough to be worked by hand: the scale is 1, FP4 codes are in nibbles, and the special value is
/// 16 under selector EA+ (2).
TEST(PackedTensor, BytesOfASmallRow) {
  const std::vector<float> weights = {16, -12, 1, 0, 3, -2};
  const auto tensor = quantize({weights, 1, 6}, parse_format("bitmod-fp4:g4"));
  EXPECT_EQ(tensor.code(0, 0), 8U);
  EXPECT_EQ(tensor.code(0, 1), 15U);
  EXPECT_EQ(tensor.codes[0], 0xF8);
  EXPECT_EQ(tensor.codes[1], 0x01);
  EXPECT_EQ(tensor.scale_bits(0, 0), 0x3C00);
  EXPECT_EQ(tensor.scales[0], 0x00);
  EXPECT_EQ(tensor.scales[1], 0x3C);
  EXPECT_EQ(tensor.selector(0, 0), 2U);
  EXPECT_EQ(tensor.selectors.size(), 1U);
  EXPECT_EQ(tensor.selectors[0] & 3, 2);
}

TEST(PackedTensor, SizesAreThoseOfTheLayout) {
  const auto gaussian = cases::corners(1, 6e4F).front();  // 3 x 70
  const auto bits = [&](const std::string& id) {
    const auto tensor = quantize(gaussian.view(), parse_format(id));
    validate(tensor);
    EXPECT_DOUBLE_EQ(tensor.bits_per_weight(), 8.0 * static_cast<double>(tensor.bytes()) / 210);
    return tensor.bytes();
  };
  // Each row has codes, scales, selectors or zero points, and the channel scale.
  EXPECT_EQ(bits("bitmod-fp4:g16"), 3U * (35 + 5 * 2 + 2));
  EXPECT_EQ(bits("bitmod-fp3:g16:scale=u8"), 3U * (27 + 5 + 2 + 4));
  EXPECT_EQ(bits("int3-asym:g16"), 3U * (27 + 5 * 2 + 2));
  EXPECT_EQ(bits("int5:g128"), 3U * (44 + 2));
}

TEST(PackedTensor, RowsUnpackToTheirCodes) {
  for (const auto& row : format_table()) {
    auto format = row.format;
    format.scaling.group = 16;
    for (const auto& weights : cases::corners(2, 3e4F)) {
      const auto tensor = quantize(weights.view(), format);
      std::vector<std::uint8_t> codes(tensor.cols);
      for (std::size_t r = 0; r < tensor.rows; ++r) {
        tensor.unpack_row(r, codes);
        for (std::size_t col = 0; col < tensor.cols; ++col) ASSERT_EQ(codes[col], tensor.code(r, col));
      }
    }
  }
}

/// Decoding codes gives the same bits as level * scale * channel scale, for codes that no quantizer emits too.
TEST(PackedTensor, EveryCodeDecodesUnderEverySelectorAndZero) {
  for (const auto& row : format_table()) {
    SCOPED_TRACE(row.name);
    const auto& alphabet = row.format.alphabet;
    const auto& scaling = row.format.scaling;
    // Codes go one by one under one FP16 scale; the other layouts and scales have their own tests.
    if (row.format.layout != CodeLayout::kDense || scaling.stored != ScaleFormat::kFp16 || scaling.planes > 1) continue;
    const std::size_t codes = alphabet.numerators.size();
    PackedTensor tensor{row.format, 1, codes, {}, {0x00, 0x35}, {}, {}, {}};  // FP16 0.3125
    tensor.format.scaling.group = codes;
    std::vector<std::uint8_t> all(codes);
    for (std::size_t code = 0; code < codes; ++code) all[code] = static_cast<std::uint8_t>(code);
    tensor.codes.resize(tensor.code_row_bytes());
    pack_bits(all, alphabet.code_bits, tensor.codes);
    tensor.selectors.resize(tensor.selector_row_bytes());
    tensor.zeros.resize(tensor.zero_row_bytes());
    for (unsigned s = 0; s < alphabet.selectors(); ++s) {
      for (unsigned zero = 0; zero < (row.format.scaling.zero_point ? codes : 1); ++zero) {
        if (alphabet.selectors() > 1) tensor.selectors[0] = static_cast<std::uint8_t>(s);
        if (row.format.scaling.zero_point) tensor.zeros[0] = static_cast<std::uint8_t>(zero);
        validate(tensor);
        std::vector<float> decoded(codes);
        tensor.decode_row(0, decoded);
        for (unsigned code = 0; code < codes; ++code) {
          if (alphabet.level_class(code) == LevelClass::kNan) {
            EXPECT_TRUE(std::isnan(decoded[code]));
            continue;
          }
          const double exact = 0.3125 * alphabet.level(code, s, zero) / alphabet.unit_divisor;
          EXPECT_EQ(decoded[code], static_cast<float>(exact)) << code;
        }
      }
    }
  }
}

std::string error_of(const PackedTensor& tensor) {
  try {
    validate(tensor);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

PackedTensor small(const std::string& id) {
  const std::vector<float> weights(2 * 20, 0.5F);
  return quantize({weights, 2, 20}, parse_format(id));
}

TEST(Validate, NamesTheBufferItsSizeAndTheExpectation) {
  auto tensor = small("bitmod-fp4:g8");
  EXPECT_EQ(error_of(tensor), "no error");
  tensor.codes.pop_back();
  EXPECT_EQ(error_of(tensor), "packed tensor: codes has 19 elements, expected 2 rows x 10");
  tensor = small("bitmod-fp4:g8");
  tensor.selectors.push_back(0);
  EXPECT_EQ(error_of(tensor), "packed tensor: selectors has 3 elements, expected 2 rows x 1");
  tensor = small("int4-asym:g8");
  tensor.zeros.clear();
  EXPECT_EQ(error_of(tensor), "packed tensor: zeros has 0 elements, expected 2 rows x 2");
  tensor = small("int4:g8");
  tensor.scales.resize(3);
  EXPECT_EQ(error_of(tensor), "packed tensor: scales has 3 elements, expected 2 rows x 6");
  tensor = small("int4:g8:scale=u8");
  tensor.channel_scales.clear();
  EXPECT_EQ(error_of(tensor), "packed tensor: channel_scales has 0 elements, expected 2 rows x 1");
}

TEST(Validate, RefusesIllegalScales) {
  auto tensor = small("int4:g8");
  tensor.scales[2 * 4 + 1] = 0x7C;
  tensor.scales[2 * 4] = 0x00;
  EXPECT_EQ(error_of(tensor),
            "packed tensor: scales: row 1, group 1: illegal value 31744, expected a finite FP16 with sign bit 0");
  tensor = small("int4:g8:scale=u8");
  tensor.scales[1] = 0;
  EXPECT_EQ(error_of(tensor), "packed tensor: scales: row 0, group 1: illegal value 0, expected 1..255");
  tensor = small("int4:g8:scale=u8");
  tensor.channel_scales[1] = -1;
  EXPECT_EQ(error_of(tensor),
            "packed tensor: channel_scales: row 1: illegal value -1.000000, expected a finite number above 0");
}

TEST(Validate, RefusesAbsurdShapes) {
  PackedTensor tensor{parse_format("int4"), ~std::size_t{0}, 3, {}, {}, {}, {}, {}};
  EXPECT_NE(error_of(tensor), "no error");
  tensor.rows = std::size_t{1} << 40;
  tensor.cols = std::size_t{1} << 40;
  EXPECT_NE(error_of(tensor), "no error");
  tensor = small("int4");
  tensor.format.scaling.group = 0;
  EXPECT_NE(error_of(tensor), "no error");
}

}  // namespace
}  // namespace subbyte::quant
