#include "quant/formats/layout.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>

#include "quant/base/bit_stream.hpp"

namespace subbyte::quant {
namespace {

constexpr std::array kRows{
    LayoutInfo{"dense", 1, 0},
    LayoutInfo{"five-in-byte", 5, 8},
    LayoutInfo{"one-zero-in-four", 4, 5},
};

constexpr std::uint8_t kZero = 1;  // the ternary codes 0 1 2 are -1 0 +1
constexpr unsigned kNotOneZero = 32;

/// Completes a short last block of four: the missing weights hold the zero if no given one does, and otherwise +1.
void complete(std::span<std::uint8_t, 4> block, std::size_t given) {
  bool zero = std::ranges::find(block.first(given), kZero) != block.first(given).end();
  for (std::size_t i = given; i < 4; ++i) {
    block[i] = zero ? 2 : kZero;
    zero = true;
  }
}

/// Writes words of little-endian bytes, in one store each where the machine is little-endian.
template <typename Word, std::size_t Size>
void store(const std::array<Word, Size>& words, std::uint8_t* bytes) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(bytes, words.data(), sizeof(words));
  } else {
    for (std::size_t i = 0; i < sizeof(words); ++i) {
      bytes[i] = static_cast<std::uint8_t>(words[i / sizeof(Word)] >> 8 * (i % sizeof(Word)));
    }
  }
}

std::uint64_t load(const std::uint8_t* bytes, std::size_t size) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i) word |= std::uint64_t{bytes[i]} << 8 * i;
  return word;
}

/// Does the same for a size that the compiler knows, in one load.
template <std::size_t Size>
std::uint64_t load(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < Size; ++i) word |= std::uint64_t{bytes[i]} << 8 * i;
  return word;
}

/// Returns five bits by the four two-bit codes, of which the first is lowest.
std::array<std::uint8_t, 256> make_fours() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned index = 0; index < table.size(); ++index) {
    std::array<std::uint8_t, 4> codes{};
    for (unsigned i = 0; i < 4; ++i) codes.at(i) = static_cast<std::uint8_t>(index >> 2 * i & 3);
    const bool ternary = std::ranges::max(codes) <= 2;
    table.at(index) = static_cast<std::uint8_t>(ternary ? pack_one_zero_in_four(codes) : kNotOneZero);
  }
  return table;
}

/// Returns the four codes of five bits, one per byte.
std::array<std::uint32_t, 32> make_unpacked_fours() {
  std::array<std::uint32_t, 32> table{};
  for (unsigned bits = 0; bits < table.size(); ++bits) {
    std::array<std::uint8_t, 4> codes{};
    unpack_one_zero_in_four(bits, codes);
    table.at(bits) = static_cast<std::uint32_t>(load<4>(codes.data()));
  }
  return table;
}

/// Returns the five codes of a byte, one per byte.
std::array<std::uint64_t, 256> make_unpacked_fives() {
  std::array<std::uint64_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) {
    std::array<std::uint8_t, 8> codes{};
    unpack_five_in_byte(static_cast<std::uint8_t>(byte), std::span(codes).first<5>());
    table.at(byte) = load<8>(codes.data());
  }
  return table;
}

std::array<std::uint8_t, 243> make_fives() {
  std::array<std::uint8_t, 243> table{};
  for (unsigned value = 0; value < table.size(); ++value) {
    table.at(value) = static_cast<std::uint8_t>((256 * value + 242) / 243);
  }
  return table;
}

[[noreturn]] void refuse_block(CodeLayout layout, std::size_t block, const char* expected) {
  const auto& info = layout_info(layout);
  const std::size_t first = block * info.codes_per_block;
  throw std::invalid_argument("layout " + std::string(info.name) + ": columns " + std::to_string(first) + ".." +
                              std::to_string(first + info.codes_per_block - 1) + ", expected " + expected);
}

/// Returns the five bits of four codes, each below 4, or kNotOneZero.
unsigned fields_of(std::uint64_t four) {
  static const auto table = make_fours();
  return table[(four | four >> 6 | four >> 12 | four >> 18) & 0xFF];
}

void pack_fours(std::span<const std::uint8_t> codes, std::span<std::uint8_t> bytes) {
  constexpr auto kLayout = CodeLayout::kOneZeroInFour;
  const std::size_t eights = codes.size() / 32;  // eight blocks are five bytes
  for (std::size_t i = 0; i < eights; ++i) {
    std::uint64_t stream = 0;
    unsigned wrong = 0;
    for (unsigned block = 0; block < 8; ++block) {
      const unsigned bits = fields_of(load<4>(codes.data() + 32 * i + 4 * block));
      wrong |= bits;
      stream |= std::uint64_t{bits} << 5 * block;
    }
    if (wrong >= kNotOneZero) {
      std::size_t block = 8 * i;
      while (fields_of(load<4>(codes.data() + 4 * block)) < kNotOneZero) ++block;
      refuse_block(kLayout, block, "exactly one zero");
    }
    for (unsigned byte = 0; byte < 5; ++byte) bytes[5 * i + byte] = static_cast<std::uint8_t>(stream >> 8 * byte);
  }
  const auto rest = codes.subspan(32 * eights);
  std::array<std::uint8_t, 8> fields{};
  const std::size_t blocks = (rest.size() + 3) / 4;
  for (std::size_t block = 0; block < blocks; ++block) {
    std::array<std::uint8_t, 4> four{};
    const std::size_t given = std::min<std::size_t>(4, rest.size() - 4 * block);
    std::ranges::copy(rest.subspan(4 * block, given), four.begin());
    if (given < 4) complete(four, given);
    const unsigned bits = fields_of(load<4>(four.data()));
    if (bits >= kNotOneZero) refuse_block(kLayout, 8 * eights + block, "exactly one zero");
    fields.at(block) = static_cast<std::uint8_t>(bits);
  }
  pack_bits(std::span(fields).first(blocks), 5, bytes.subspan(5 * eights));
}

void unpack_fours(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> codes) {
  static const auto table = make_unpacked_fours();
  const std::size_t eights = codes.size() / 32;
  for (std::size_t i = 0; i < eights; ++i) {
    const std::uint64_t stream = load<5>(bytes.data() + 5 * i);
    std::array<std::uint32_t, 8> words{};
    for (unsigned block = 0; block < 8; ++block) words[block] = table[stream >> 5 * block & 31];
    store(words, codes.data() + 32 * i);
  }
  for (std::size_t col = 32 * eights; col < codes.size(); ++col) {
    codes[col] = static_cast<std::uint8_t>(table[read_bits(bytes, col / 4, 5)] >> 8 * (col % 4));
  }
}

/// Takes five codes below 3 as one number in base 3: in the product, byte 4 is the sum of code i times 3^(4-i), and no
/// lower byte overflows.
void pack_fives(std::span<const std::uint8_t> codes, std::span<std::uint8_t> bytes) {
  static const auto table = make_fives();
  constexpr std::uint64_t kPowers = 0x511B090301;  // 81 27 9 3 1
  for (std::size_t block = 0; block < bytes.size(); ++block) {
    const std::size_t given = std::min<std::size_t>(5, codes.size() - 5 * block);
    const auto five = given == 5 ? load<5>(codes.data() + 5 * block) : load(codes.data() + 5 * block, given);
    // Codes are below 4, and a 3 has both bits set.
    if ((five & five >> 1 & 0x0101010101) != 0) refuse_block(CodeLayout::kFiveInByte, block, "ternary codes 0 1 2");
    bytes[block] = table[five * kPowers >> 32 & 0xFF];
  }
}

void unpack_fives(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> codes) {
  static const auto table = make_unpacked_fives();
  std::size_t col = 0;
  for (; col + 8 <= codes.size(); col += 5) {
    const std::array<std::uint64_t, 1> five{table[bytes[col / 5]]};
    store(five, codes.data() + col);  // it writes three bytes too many, which the next block overwrites
  }
  for (; col < codes.size(); ++col) codes[col] = static_cast<std::uint8_t>(table[bytes[col / 5]] >> 8 * (col % 5));
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
      return pack_fours(codes, bytes);
  }
}

void unpack_row(CodeLayout layout, unsigned code_bits, std::span<const std::uint8_t> bytes,
                std::span<std::uint8_t> codes) {
  switch (layout) {
    case CodeLayout::kDense:
      return unpack_bits(bytes, code_bits, codes);
    case CodeLayout::kFiveInByte:
      return unpack_fives(bytes, codes);
    case CodeLayout::kOneZeroInFour:
      return unpack_fours(bytes, codes);
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
