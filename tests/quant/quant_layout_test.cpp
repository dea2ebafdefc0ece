// Tests layouts: every state and every byte, hostile bytes, ragged ends; and TL2 against its definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <set>

#include "quant/formats/layout.hpp"
#include "quant/formats/tl2_layout.hpp"

namespace subbyte::quant {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes packed(CodeLayout layout, const Bytes& codes) {
  Bytes bytes(row_bytes(layout, 2, codes.size()), 0xEE);
  pack_row(layout, 2, codes, bytes);
  return bytes;
}

Bytes unpacked(CodeLayout layout, const Bytes& bytes, std::size_t cols) {
  Bytes codes(cols, 0xEE);
  unpack_row(layout, 2, bytes, codes);
  return codes;
}

std::string error_of(CodeLayout layout, const Bytes& codes) {
  try {
    packed(layout, codes);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

/// The published table of STQ1_0 for sign 0 has 2 bits per lane, the lowest lane first; sign 1 negates.
TEST(OneZeroInFour, AllThirtyTwoStates) {
  constexpr std::array<unsigned, 16> kTable{0xA9, 0x89, 0x29, 0x09, 0xA6, 0x86, 0x26, 0x06,
                                            0x9A, 0x92, 0x1A, 0x12, 0x6A, 0x62, 0x4A, 0x42};
  for (unsigned bits = 0; bits < 32; ++bits) {
    const unsigned lanes = bits < 16 ? kTable.at(bits) : 0xAA - kTable.at(bits - 16);
    std::array<std::uint8_t, 4> codes{};
    unpack_one_zero_in_four(bits, codes);
    for (unsigned lane = 0; lane < 4; ++lane) EXPECT_EQ(codes.at(lane), lanes >> 2 * lane & 3) << bits;
    EXPECT_EQ(pack_one_zero_in_four(codes), bits);
  }
}

TEST(OneZeroInFour, OtherBlocksAreRefused) {
  unsigned held = 0;
  for (unsigned i = 0; i < 81; ++i) {
    const Bytes codes{static_cast<std::uint8_t>(i % 3), static_cast<std::uint8_t>(i / 3 % 3),
                      static_cast<std::uint8_t>(i / 9 % 3), static_cast<std::uint8_t>(i / 27)};
    const auto zeros = std::ranges::count(codes, 1);
    EXPECT_EQ(error_of(CodeLayout::kOneZeroInFour, codes) == "no error", zeros == 1);
    held += zeros == 1 ? 1 : 0;
  }
  EXPECT_EQ(held, 32U);
  Bytes long_row(70, 2);
  for (std::size_t i = 0; i < 70; i += 4) long_row[i] = 1;
  EXPECT_EQ(error_of(CodeLayout::kOneZeroInFour, long_row), "no error");
  for (const std::size_t block : {0U, 3U, 9U, 15U, 16U, 17U}) {
    auto wrong = long_row;
    wrong[4 * block + 1] = 1;
    EXPECT_EQ(error_of(CodeLayout::kOneZeroInFour, wrong),
              "layout one-zero-in-four: columns " + std::to_string(4 * block) + ".." + std::to_string(4 * block + 3) +
                  ", expected exactly one zero");
    wrong[4 * block + 1] = 3;
    EXPECT_NE(error_of(CodeLayout::kOneZeroInFour, wrong), "no error");
  }
}

/// By ggml's definition, trit n of a byte is (q 3^n mod 256) 3 >> 8.
TEST(FiveInByte, AllBytes) {
  std::set<unsigned> made;
  for (unsigned value = 0; value < 243; ++value) {
    Bytes codes;
    for (const unsigned power : {81U, 27U, 9U, 3U, 1U}) codes.push_back(static_cast<std::uint8_t>(value / power % 3));
    const auto bytes = packed(CodeLayout::kFiveInByte, codes);
    EXPECT_EQ(bytes.at(0), (256 * value + 242) / 243);
    EXPECT_EQ(unpacked(CodeLayout::kFiveInByte, bytes, 5), codes);
    made.insert(bytes.at(0));
  }
  EXPECT_EQ(made.size(), 243U);
  // The other 13 decode to the trits of the byte below them, so nothing is outside 0..2.
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto codes = unpacked(CodeLayout::kFiveInByte, {static_cast<std::uint8_t>(byte)}, 5);
    unsigned power = 1;
    for (unsigned n = 0; n < 5; ++n, power *= 3) EXPECT_EQ(codes[n], (byte * power % 256 * 3) >> 8);
    const unsigned canonical = packed(CodeLayout::kFiveInByte, codes).at(0);
    EXPECT_EQ(canonical, made.contains(byte) ? byte : byte - 1) << byte;
  }
}

TEST(FiveInByte, RefusesACodeOfThree) {
  for (std::size_t col = 0; col < 13; ++col) {
    Bytes codes(13, 1);
    codes[col] = 3;
    EXPECT_EQ(error_of(CodeLayout::kFiveInByte, codes), "layout five-in-byte: columns " + std::to_string(col / 5 * 5) +
                                                            ".." + std::to_string(col / 5 * 5 + 4) +
                                                            ", expected ternary codes 0 1 2");
  }
}

/// Takes every length; the buffers end where they must, which the sanitizers see.
TEST(Layouts, RoundTripEveryLength) {
  std::mt19937 random(3);
  for (std::size_t cols = 0; cols < 150; ++cols) {
    Bytes free(cols);
    for (auto& code : free) code = static_cast<std::uint8_t>(random() % 3);
    EXPECT_EQ(unpacked(CodeLayout::kFiveInByte, packed(CodeLayout::kFiveInByte, free), cols), free);
    Bytes sparse(cols);
    for (auto& code : sparse) code = random() % 2 == 0 ? 0 : 2;
    for (std::size_t first = 0; first < cols; first += 4) {
      const std::size_t zero = first + random() % 4;
      if (zero < cols) sparse[zero] = 1;
    }
    const auto bytes = packed(CodeLayout::kOneZeroInFour, sparse);
    EXPECT_EQ(unpacked(CodeLayout::kOneZeroInFour, bytes, cols), sparse);
    for (std::size_t col = 0; col < cols; ++col) {
      EXPECT_EQ(read_code(CodeLayout::kOneZeroInFour, 2, bytes, col), sparse[col]);
    }
  }
}

/// Any bytes unpack to codes that pack to the same weights.
TEST(Layouts, HostileBytesUnpack) {
  std::mt19937 random(4);
  for (const auto layout : {CodeLayout::kFiveInByte, CodeLayout::kOneZeroInFour}) {
    for (std::size_t cols = 1; cols < 100; ++cols) {
      Bytes bytes(row_bytes(layout, 2, cols));
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
      const auto codes = unpacked(layout, bytes, cols);
      EXPECT_LE(std::ranges::max(codes), 2);
      for (std::size_t col = 0; col < cols; ++col) EXPECT_EQ(read_code(layout, 2, bytes, col), codes[col]);
      EXPECT_EQ(unpacked(layout, packed(layout, codes), cols), codes);
    }
  }
}

Bytes ternary(const Tl2Shape& shape, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes codes(shape.rows * shape.cols);
  for (auto& code : codes) code = static_cast<std::uint8_t>(random() % 3);
  return codes;
}

TEST(Tl2, RoundTrips) {
  for (const auto& shape : {Tl2Shape{128, 96}, Tl2Shape{256, 224, 128}, Tl2Shape{256, 192, 256}, Tl2Shape{64, 64, 32},
                            Tl2Shape{64, 416, 64, 192}}) {
    const auto codes = ternary(shape, 8);
    const auto bytes = tl2_pack(shape, codes);
    EXPECT_EQ(bytes.size(), tl2_bytes(shape));
    EXPECT_EQ(tl2_unpack(shape, bytes), codes);
  }
}

/// Compares every weight with the written formulas: nibbles of |9a + 3b + c| come by runs of 32 rows, then signs, and
/// then pairs.
TEST(Tl2, PlacesOfEveryTriple) {
  const Tl2Shape shape{256, 96 * 2 + 64, 128};
  const auto codes = ternary(shape, 9);
  const auto bytes = tl2_pack(shape, codes);
  const auto value = [&](std::size_t row, std::size_t col) {
    return static_cast<int>(codes[row * shape.cols + col]) - 1;
  };
  const auto place = [](std::size_t row) {
    const std::size_t r = row % 32;
    return r / 8 == 1 ? r + 8 : r / 8 == 2 ? r - 8 : r;
  };
  for (std::size_t row = 0; row < shape.rows; ++row) {
    for (std::size_t t = 0; t < 64; ++t) {
      const int v = 9 * value(row, 3 * t) + 3 * value(row, 3 * t + 1) + value(row, 3 * t + 2);
      // The order is [row tile][block of 32 triples][group of 32 rows][pair of triples][row].
      const std::size_t run = ((row / 128 * 2 + t / 32) * 4 + row % 128 / 32) * 16 + t % 32 / 2;
      const unsigned byte = bytes[32 * run + place(row)];
      ASSERT_EQ(t % 2 == 0 ? byte >> 4 : byte & 15, static_cast<unsigned>(std::abs(v)));
      const std::size_t words = 256 * 32 + (((row / 128 * 2 + t / 32) * 4 + row % 128 / 32) * 4 + t % 32 / 8) * 32;
      const std::size_t lane = words + 2 * (row % 16);
      const unsigned word = bytes[lane] | bytes[lane + 1] << 8;
      const std::size_t eighth = t % 8;
      ASSERT_EQ(word >> (15 - (4 * (eighth / 2) + 2 * (eighth % 2) + (row % 32 >= 16 ? 1 : 0))) & 1, v < 0 ? 1U : 0U);
    }
    for (std::size_t pair = 0; pair < 32; ++pair) {
      const std::size_t col = 192 + 2 * pair;
      const std::size_t run = ((row / 128 * 2 + pair / 16) * 4 + row % 128 / 32) * 8 + pair % 16 / 2;
      const unsigned byte = bytes[256 * 32 + 256 * 8 + 32 * run + place(row)];
      ASSERT_EQ(pair % 2 == 0 ? byte >> 4 : byte & 15,
                static_cast<unsigned>(3 * value(row, col) + value(row, col + 1) + 4));
    }
  }
}

/// Puts all 27 triples in row 0 of one tile, of which the first and the last are worked by hand.
TEST(Tl2, AllTriples) {
  const Tl2Shape shape{32, 96, 32};
  Bytes codes(32 * 96, 1);
  for (std::size_t t = 0; t < 27; ++t) {
    codes[3 * t] = static_cast<std::uint8_t>(t / 9);
    codes[3 * t + 1] = static_cast<std::uint8_t>(t / 3 % 3);
    codes[3 * t + 2] = static_cast<std::uint8_t>(t % 3);
  }
  const auto bytes = tl2_pack(shape, codes);
  EXPECT_EQ(bytes.size(), 640U);
  EXPECT_EQ(bytes[0], 13 << 4 | 12);                                      // -13 -12
  EXPECT_EQ(bytes[13 * 32], 13 << 4 | 0);                                 // +13, then zeros
  EXPECT_EQ(bytes[512] | bytes[513] << 8, 0b1010101010101010);            // triples 0..7 of row 0 are negative
  EXPECT_EQ(bytes[512 + 32] | bytes[513 + 32] << 8, 0b1010101010000000);  // 8..12 are
  EXPECT_EQ(std::accumulate(bytes.begin() + 576, bytes.end(), 0), 0);
  EXPECT_EQ(tl2_unpack(shape, bytes), codes);
}

template <typename Call>
std::string tl2_error(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(Tl2, SizesAndErrors) {
  EXPECT_EQ(tl2_bytes({4096, 4096}), 4096U * 4032 * 5 / 24 + 4096 * 64 / 4);
  EXPECT_EQ(tl2_padded_bytes({4096, 4096}), 4096U * 864);
  EXPECT_EQ(tl2_error([] { tl2_bytes({100, 96}); }), "TL2: 100 rows, expected a multiple of 128");
  EXPECT_EQ(tl2_error([] { tl2_bytes({128, 100}); }), "TL2: 4 columns beside the triples, expected a multiple of 32");
  EXPECT_EQ(tl2_error([] { tl2_bytes({128, 96, 100}); }), "TL2: 100 rows in a tile, expected a multiple of 32");
  EXPECT_EQ(tl2_error([] { tl2_bytes({128, 96, 128, 20}); }), "TL2: 20 columns in a block, expected a multiple of 24");
  const Tl2Shape shape{32, 128, 32};
  Bytes bytes = tl2_pack(shape, Bytes(32 * 128, 1));
  bytes.push_back(0);
  EXPECT_EQ(tl2_unpack(shape, bytes), Bytes(32 * 128, 1));
  EXPECT_EQ(tl2_error([&] { tl2_unpack(shape, std::span(bytes).first(bytes.size() - 2)); }),
            "TL2: 895 bytes, expected at least 896");
  bytes[40] = 0x0E;
  EXPECT_EQ(tl2_error([&] { tl2_unpack(shape, bytes); }), "TL2: row 16, column 9: triple index 14, expected 0..13");
  EXPECT_EQ(tl2_error([&] { tl2_pack(shape, Bytes(32 * 128, 3)); }), "TL2: a code above 2, expected 0 1 2");
}

}  // namespace
}  // namespace subbyte::quant
