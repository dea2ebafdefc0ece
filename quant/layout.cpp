#include "quant/layout.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "quant/bit_stream.hpp"

namespace subbyte::quant {
namespace {

constexpr std::array kRows{
    LayoutInfo{"dense", 1, 0},
    LayoutInfo{"five-in-byte", 5, 8},
    LayoutInfo{"one-zero-in-four", 4, 5},
};

constexpr std::uint8_t kZero = 1;  // the ternary codes 0 1 2 are -1 0 +1
constexpr unsigned kNotOneZero = 32;

/// A short last block of four: the missing weights hold the zero if no given one does, else +1.
void complete(std::span<std::uint8_t, 4> block, std::size_t given) {
  bool zero = std::ranges::find(block.first(given), kZero) != block.first(given).end();
  for (std::size_t i = given; i < 4; ++i) {
    block[i] = zero ? 2 : kZero;
    zero = true;
  }
}

std::vector<std::uint8_t> pack_blocks_of_four(std::span<const std::uint8_t> codes) {
  std::vector<std::uint8_t> fields((codes.size() + 3) / 4);
  for (std::size_t block = 0; block < fields.size(); ++block) {
    std::array<std::uint8_t, 4> four{};
    const auto given = codes.subspan(4 * block, std::min<std::size_t>(4, codes.size() - 4 * block));
    std::ranges::copy(given, four.begin());
    complete(four, given.size());
    const unsigned bits = pack_one_zero_in_four(four);
    if (bits >= kNotOneZero) {
      throw std::invalid_argument("layout one-zero-in-four: columns " + std::to_string(4 * block) + ".." +
                                  std::to_string(4 * block + 3) + ", expected exactly one zero");
    }
    fields[block] = static_cast<std::uint8_t>(bits);
  }
  return fields;
}

void pack_fives(std::span<const std::uint8_t> codes, std::span<std::uint8_t> bytes) {
  for (std::size_t block = 0; block < bytes.size(); ++block) {
    std::array<std::uint8_t, 5> five{};
    std::ranges::copy(codes.subspan(5 * block, std::min<std::size_t>(5, codes.size() - 5 * block)), five.begin());
    if (std::ranges::max(five) > 2) {
      throw std::invalid_argument("layout five-in-byte: columns " + std::to_string(5 * block) + ".." +
                                  std::to_string(5 * block + 4) + ", expected ternary codes 0 1 2");
    }
    bytes[block] = pack_five_in_byte(five);
  }
}

}  // namespace

const LayoutInfo& layout_info(CodeLayout layout) { return kRows.at(static_cast<std::size_t>(layout)); }

std::size_t row_bytes(CodeLayout layout, unsigned code_bits, std::size_t cols) {
  const auto& info = layout_info(layout);
  const std::size_t blocks = (cols + info.codes_per_block - 1) / info.codes_per_block;
  return (blocks * (info.block_bits == 0 ? code_bits : info.block_bits) + 7) / 8;
}

void pack_row(CodeLayout layout, unsigned code_bits, std::span<const std::uint8_t> codes,
              std::span<std::uint8_t> bytes) {
  switch (layout) {
    case CodeLayout::kDense:
      return pack_bits(codes, code_bits, bytes);
    case CodeLayout::kFiveInByte:
      return pack_fives(codes, bytes);
    case CodeLayout::kOneZeroInFour:
      return pack_bits(pack_blocks_of_four(codes), 5, bytes);
  }
}

void unpack_row(CodeLayout layout, unsigned code_bits, std::span<const std::uint8_t> bytes,
                std::span<std::uint8_t> codes) {
  if (layout == CodeLayout::kDense) return unpack_bits(bytes, code_bits, codes);
  const bool fives = layout == CodeLayout::kFiveInByte;
  const std::size_t size = layout_info(layout).codes_per_block;
  for (std::size_t first = 0; first < codes.size(); first += size) {
    std::array<std::uint8_t, 5> block{};
    if (fives) {
      unpack_five_in_byte(bytes[first / size], block);
    } else {
      unpack_one_zero_in_four(read_bits(bytes, first / size, 5), std::span(block).first<4>());
    }
    std::copy_n(block.begin(), std::min(size, codes.size() - first), codes.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

unsigned read_code(CodeLayout layout, unsigned code_bits, std::span<const std::uint8_t> bytes, std::size_t col) {
  std::array<std::uint8_t, 5> block{};
  switch (layout) {
    case CodeLayout::kDense:
      return read_bits(bytes, col, code_bits);
    case CodeLayout::kFiveInByte:
      unpack_five_in_byte(bytes[col / 5], block);
      return block[col % 5];
    case CodeLayout::kOneZeroInFour:
      unpack_one_zero_in_four(read_bits(bytes, col / 4, 5), std::span(block).first<4>());
      return block[col % 4];
  }
  return 0;
}

unsigned pack_one_zero_in_four(std::span<const std::uint8_t, 4> codes) {
  unsigned zeros = 0;
  unsigned place = 0;
  unsigned others = 0;
  std::array<unsigned, 4> negative{};
  for (unsigned i = 0; i < 4; ++i) {
    if (codes[i] == kZero) {
      ++zeros;
      place = i;
    } else {
      negative[others++] = codes[i] == 0 ? 1 : 0;
    }
  }
  if (zeros != 1) return kNotOneZero;
  return negative[0] << 4 | place << 2 | (negative[0] ^ negative[2]) << 1 | (negative[0] ^ negative[1]);
}

void unpack_one_zero_in_four(unsigned bits, std::span<std::uint8_t, 4> codes) {
  const unsigned first = bits >> 4 & 1;
  const std::array<unsigned, 3> negative{first, first ^ (bits & 1), first ^ (bits >> 1 & 1)};
  const unsigned place = bits >> 2 & 3;
  unsigned next = 0;
  for (unsigned i = 0; i < 4; ++i) codes[i] = i == place ? kZero : negative[next++] != 0 ? 0 : 2;
}

std::uint8_t pack_five_in_byte(std::span<const std::uint8_t, 5> codes) {
  unsigned value = 0;
  for (const auto code : codes) value = 3 * value + code;
  return static_cast<std::uint8_t>((256 * value + 242) / 243);
}

void unpack_five_in_byte(std::uint8_t byte, std::span<std::uint8_t, 5> codes) {
  unsigned rest = byte;
  for (auto& code : codes) {
    code = static_cast<std::uint8_t>(rest * 3 >> 8);
    rest = rest * 3 & 0xFF;
  }
}

}  // namespace subbyte::quant
