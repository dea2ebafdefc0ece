// Tests ggml's blocks: bytes against a decoder written from ggml's description, round trips, refusals; and its two
// quantizers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "quant/base/float16.hpp"
#include "quant/formats/ggml_blocks.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/quant/quant_cases.hpp"

namespace subbyte::quant {
namespace {

using Bytes = std::vector<std::uint8_t>;

float half_at(const std::uint8_t* bytes) { return half_to_float(static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8)); }

/// Returns the value of one weight of a block, with a formula per type.
double expected(std::string_view type, const std::uint8_t* b, std::size_t i) {
  constexpr double kE2m1[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6};
  if (type == "Q4_0") return half_at(b) * ((i < 16 ? b[2 + i] & 15 : b[2 + i - 16] >> 4) - 8);
  if (type == "Q8_0") return half_at(b) * static_cast<std::int8_t>(b[2 + i]);
  if (type == "TQ1_0") {
    const std::size_t byte = i < 160 ? i % 32 : i < 240 ? 32 + (i - 160) % 16 : 48 + (i - 240) % 4;
    const std::size_t trit = i < 160 ? i / 32 : i < 240 ? (i - 160) / 16 : (i - 240) / 4;
    unsigned q = b[byte];
    for (std::size_t n = 0; n < trit; ++n) q = q * 3 & 255;
    return half_at(b + 52) * (static_cast<int>(q * 3 >> 8) - 1);
  }
  if (type == "TQ2_0") return half_at(b + 64) * ((b[i / 128 * 32 + i % 32] >> 2 * (i % 128 / 32) & 3) - 1);
  if (type == "MXFP4") return std::ldexp(kE2m1[i < 16 ? b[1 + i] & 15 : b[1 + i - 16] >> 4], b[0] - 127);
  if (type == "NVFP4") {
    const std::uint8_t scale = b[i / 16];
    const double value = scale < 8 ? std::ldexp(scale, -9) : std::ldexp(8 + scale % 8, scale / 8 - 10);
    const std::uint8_t byte = b[4 + i / 16 * 8 + i % 8];
    return value * kE2m1[i % 16 < 8 ? byte & 15 : byte >> 4];
  }
  constexpr unsigned kLanes[] = {0xA9, 0x89, 0x29, 0x09, 0xA6, 0x86, 0x26, 0x06,
                                 0x9A, 0x92, 0x1A, 0x12, 0x6A, 0x62, 0x4A, 0x42};
  const std::size_t g = i / 64 * 16 + i % 16;
  const unsigned lanes = kLanes[b[g / 2] >> 4 * (g % 2) & 15];
  const bool negated = (b[32 + g / 8] >> g % 8 & 1) != 0;
  const int level = static_cast<int>(lanes >> 2 * (i % 64 / 16) & 3) - 1;
  return half_at(b + 40) * (negated ? -level : level);
}

/// Draws random bytes that the type allows: scales are finite and of the right sign, trits canonical, and no code is 3.
Bytes random_blocks(const BlockType& type, std::size_t blocks, std::mt19937& random) {
  Bytes bytes(type.bytes * blocks);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  for (std::size_t block = 0; block < blocks; ++block) {
    auto* b = bytes.data() + block * type.bytes;
    const auto name = type.name;
    const std::size_t scale = name == "TQ1_0" ? 52 : name == "TQ2_0" ? 64 : name == "STQ1_0" ? 40 : 0;
    if (name == "MXFP4") {
      b[0] = static_cast<std::uint8_t>(random() % 255);
    } else if (name == "NVFP4") {
      for (int g = 0; g < 4; ++g) b[g] = static_cast<std::uint8_t>(random() % 0x7F);
    } else {
      b[scale + 1] = static_cast<std::uint8_t>(random() % 0x7C | (name == "Q4_0" ? random() % 2 << 7 : 0));
    }
    if (name == "TQ2_0") {
      for (int m = 0; m < 64; ++m) b[m] &= static_cast<std::uint8_t>(~(b[m] >> 1 & 0x55));
    }
    for (int m = 0; name == "TQ1_0" && m < 52; ++m) {
      const unsigned value = m < 48 ? random() % 243 : random() % 81 * 3;
      b[m] = static_cast<std::uint8_t>((256 * value + 242) / 243);
    }
  }
  return bytes;
}

TEST(GgmlBlocks, DecodeAsDescribedAndRoundTrip) {
  std::mt19937 random(2);
  for (const auto& type : block_types()) {
    SCOPED_TRACE(std::string(type.name));
    const std::size_t rows = 5;
    const std::size_t blocks = 3;
    const auto bytes = random_blocks(type, rows * blocks, random);
    const auto tensor = import_blocks(type, rows, blocks * type.weights, bytes);
    EXPECT_EQ(export_blocks(type, tensor), bytes);
    std::vector<float> row(tensor.cols);
    for (std::size_t r = 0; r < rows; ++r) {
      tensor.decode_row(r, row);
      for (std::size_t col = 0; col < tensor.cols; ++col) {
        const auto* block = bytes.data() + (r * blocks + col / type.weights) * type.bytes;
        ASSERT_EQ(row[col], static_cast<float>(expected(type.name, block, col % type.weights))) << r << ' ' << col;
      }
    }
  }
}

/// What the quantizers of the formats make can be exported and read back.
TEST(GgmlBlocks, QuantizedTensorsGoThrough) {
  std::mt19937_64 random(5);
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<float> weights(3 * 512);
  for (auto& weight : weights) weight = normal(random);
  const std::vector<std::pair<std::string, std::string>> pairs{{"Q4_0", "q4_0"},
                                                               {"Q8_0", "q8_0"},
                                                               {"Q8_0", "int8:g32"},
                                                               {"TQ1_0", "ternary:g256"},
                                                               {"TQ2_0", "sherry:g256"},
                                                               {"TQ1_0", "ternary-5in8:g256:rule=mse"},
                                                               {"MXFP4", "mxfp4:mode=even"}};
  for (const auto& [type, id] : pairs) {
    const auto tensor = quantize({weights, 3, 512}, parse_format(id));
    const auto again = import_blocks(*block_type(type), 3, 512, export_blocks(*block_type(type), tensor));
    std::vector<float> first(512);
    std::vector<float> second(512);
    tensor.decode_row(2, first);
    again.decode_row(2, second);
    EXPECT_EQ(first, second) << type << ' ' << id;
  }
}

TEST(GgmlBlocks, IdsAndTheirCollision) {
  EXPECT_EQ(block_type(39U, 64, 34)->name, "MXFP4");
  EXPECT_EQ(block_type(43U, 512, 84)->name, "STQ1_0");
  EXPECT_EQ(block_type(42U, 512, 84)->name, "STQ1_0");
  EXPECT_EQ(block_type(42U, 512, 144), nullptr);  // Q2_0: 64 weights in 18 bytes
  EXPECT_EQ(block_type(14U, 256, 210), nullptr);
  EXPECT_EQ(block_type("Q5_K"), nullptr);
}

template <typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(GgmlBlocks, RefusesWithItsName) {
  const auto import = [](const char* name, std::size_t cols, const Bytes& bytes) {
    return error_of([&] { import_blocks(*block_type(name), 1, cols, bytes); });
  };
  EXPECT_EQ(import("Q4_0", 40, Bytes(18)), "Q4_0 blocks: 40 columns, expected a multiple of 32");
  EXPECT_EQ(import("Q4_0", 64, Bytes(35)), "Q4_0 blocks: 35 bytes, expected 36 for 1 x 64 weights");
  Bytes two_bits(2 * 66);
  two_bits[66] = 0x30;
  EXPECT_EQ(import("TQ2_0", 512, two_bits),
            "TQ2_0 blocks: row 0, block 1: a code of 3, expected the ternary codes 0 1 2");
  Bytes infinite(34);
  infinite[1] = 0x7C;
  EXPECT_NE(import("Q8_0", 32, infinite).find("row 0, group 0: illegal value 31744"), std::string::npos);
  Bytes scale(36);
  scale[2] = 0x80;
  EXPECT_NE(import("NVFP4", 64, scale).find("row 0, group 2: illegal value 128"), std::string::npos);
  EXPECT_NE(error_of([] {
              import_blocks(*block_type("Q8_0"), ~std::size_t{0}, 1 << 20, Bytes(34));
            }).find("do not fit the address space"),
            std::string::npos);
}

TEST(GgmlBlocks, ExportNamesWhatItCannotHold) {
  const std::vector<float> weights(512, 0.5F);
  const auto fails = [&](const char* name, const std::string& id) {
    return error_of([&] { export_blocks(*block_type(name), quantize({weights, 1, 512}, parse_format(id))); });
  };
  EXPECT_EQ(fails("Q8_0", "int8:g64"), "Q8_0 blocks: cannot hold 'int8:g64': its group, expected those of 'q8_0:g32'");
  EXPECT_EQ(fails("Q4_0", "int4:g32"), "Q4_0 blocks: cannot hold 'int4:g32': its levels, expected those of 'q4_0:g32'");
  EXPECT_EQ(fails("STQ1_0", "ternary:g256"),
            "STQ1_0 blocks: row 0, block 0: expected exactly one zero in each four weights that are 16 apart");
  EXPECT_NE(fails("NVFP4", "nvfp4:g16").find("cannot hold a tensor scale"), std::string::npos);
}

/// This is worked from ggml's C: the first of the largest magnitudes gives the sign, and 8.5 is added in FP32 and
/// truncated.
TEST(GgmlQuantizer, Q4ByHand) {
  std::vector<float> weights(32, 0.0F);
  weights[0] = 1;
  weights[1] = -4;
  weights[2] = 4;
  weights[3] = 0.25F;
  weights[4] = -0.25F;
  weights[5] = std::nextafter(0.25F, 0.0F);  // below the border of 9, but 8.5 + 0.49999997 is 9 in FP32
  const auto tensor = quantize({weights, 1, 32}, parse_format("q4_0"));
  EXPECT_EQ(tensor.scale_value(0, 0), 0.5F);  // -4 / -8
  std::vector<unsigned> codes;
  for (std::size_t col = 0; col < 7; ++col) codes.push_back(tensor.code(0, col));
  EXPECT_EQ(codes, (std::vector<unsigned>{10, 0, 15, 9, 8, 9, 8}));
  for (auto& weight : weights) weight = -weight;
  EXPECT_EQ(quantize({weights, 1, 32}, parse_format("q4_0")).scale_value(0, 0), -0.5F);
  const std::vector<float> zeros(32, 0.0F);
  const auto zero = quantize({zeros, 1, 32}, parse_format("q4_0"));
  EXPECT_EQ(zero.scale_bits(0, 0), 0x8000U);  // 0 / -8, as ggml stores it
  EXPECT_EQ(zero.code(0, 3), 8U);
}

TEST(GgmlQuantizer, Q8RoundsHalvesAwayFromZero) {
  std::vector<float> weights(32, 0.0F);
  weights[0] = -127;
  weights[1] = 0.5F;
  weights[2] = -0.5F;
  weights[3] = 2.5F;
  weights[4] = std::nextafter(0.5F, 0.0F);
  weights[5] = std::nextafter(-2.5F, 0.0F);
  const auto tensor = quantize({weights, 1, 32}, parse_format("q8_0"));
  EXPECT_EQ(tensor.scale_value(0, 0), 1);
  std::vector<unsigned> codes;
  for (std::size_t col = 0; col < 7; ++col) codes.push_back(tensor.code(0, col));
  EXPECT_EQ(codes, (std::vector<unsigned>{0x81, 1, 0xFF, 3, 0, 0xFE, 0}));
}

}  // namespace
}  // namespace subbyte::quant
