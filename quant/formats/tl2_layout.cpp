#include "quant/formats/tl2_layout.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace subbyte::quant {
namespace {

constexpr std::size_t kGroupRows = 32;    // a vector of bytes, one row each
constexpr std::size_t kTripleBlock = 24;  // eight triples: the signs of 32 rows are 32 bytes
constexpr std::size_t kPairBlock = 32;

[[noreturn]] void fail(const std::string& text) { throw std::invalid_argument("TL2: " + text); }

void expect_multiple(const char* what, std::size_t value, std::size_t of) {
  if (of != 0 && value % of == 0) return;
  fail(std::to_string(value) + " " + what + ", expected a multiple of " + std::to_string(of));
}

void check(const Tl2Shape& shape) {
  if (shape.tile_rows == 0 || shape.block_cols == 0) fail("a tile of no rows or a block of no columns");
  expect_multiple("rows in a tile", shape.tile_rows, kGroupRows);
  expect_multiple("columns in a block", shape.block_cols, kTripleBlock);
  expect_multiple("rows", shape.rows, shape.tile_rows);
  expect_multiple("columns beside the triples", shape.cols - shape.triple_cols(), kPairBlock);
  std::size_t weights = 0;
  if (__builtin_mul_overflow(shape.rows, shape.cols, &weights) || weights > SIZE_MAX / 16) {
    fail(std::to_string(shape.rows) + " x " + std::to_string(shape.cols) + " weights do not fit the address space");
  }
}

/// The order in which the kernel's unpack instructions want the rows of a group is quarters 0 2 1 3.
std::size_t row_of_byte(std::size_t byte) {
  const std::size_t quarter = byte / 8;
  const std::size_t swapped = quarter == 1 ? 2 : quarter == 2 ? 1 : quarter;
  return 8 * swapped + byte % 8;
}

/// Says where a part of the matrix lies: columns first .. first + cols in blocks of `block` columns, in runs of `step`
/// columns.
struct Part {
  std::size_t first;
  std::size_t cols;
  std::size_t block;
  std::size_t step;
};

/// Calls visit(row, col) for the first row and column of every run, in the order row tiles, blocks of columns, groups
/// of 32 rows, runs.
template <typename Visit>
void for_each_run(const Tl2Shape& shape, const Part& part, Visit visit) {
  for (std::size_t tile = 0; tile < shape.rows; tile += shape.tile_rows) {
    for (std::size_t block = 0; block < part.cols; block += part.block) {
      for (std::size_t row = tile; row < tile + shape.tile_rows; row += kGroupRows) {
        for (std::size_t col = block; col < block + part.block; col += part.step) visit(row, part.first + col);
      }
    }
  }
}

Part triples(const Tl2Shape& shape, std::size_t step) { return {0, shape.triple_cols(), shape.block_cols, step}; }
Part pairs(const Tl2Shape& shape) { return {shape.triple_cols(), shape.cols - shape.triple_cols(), kPairBlock, 4}; }

int triple_value(const std::uint8_t* codes) { return 9 * (codes[0] - 1) + 3 * (codes[1] - 1) + codes[2] - 1; }
unsigned pair_value(const std::uint8_t* codes) { return 3U * codes[0] + codes[1]; }

void set_triple(int value, std::uint8_t* codes) {
  const int offset = value + 13;
  codes[0] = static_cast<std::uint8_t>(offset / 9);
  codes[1] = static_cast<std::uint8_t>(offset / 3 % 3);
  codes[2] = static_cast<std::uint8_t>(offset % 3);
}

/// Returns the bit of the sign of triple t of row r in a run of eight triples; the 16 words of 16 bits are
/// little-endian.
struct SignPlace {
  std::size_t byte;
  unsigned bit;
};
SignPlace sign_place(std::size_t t, std::size_t row) {
  const std::size_t bit = 15 - (2 * t + row / 16);
  return {2 * (row % 16) + bit / 8, static_cast<unsigned>(bit % 8)};
}

unsigned checked(unsigned nibble, unsigned limit, const char* what, std::size_t row, std::size_t col) {
  if (nibble < limit) return nibble;
  fail("row " + std::to_string(row) + ", column " + std::to_string(col) + ": " + what + " index " +
       std::to_string(nibble) + ", expected 0.." + std::to_string(limit - 1));
}

}  // namespace

std::size_t tl2_bytes(const Tl2Shape& shape) {
  check(shape);
  return shape.rows * shape.triple_cols() * 5 / 24 + shape.rows * (shape.cols - shape.triple_cols()) / 4;
}

std::size_t tl2_padded_bytes(const Tl2Shape& shape) {
  const std::size_t bytes = tl2_bytes(shape);
  if (shape.cols < 256) fail(std::to_string(shape.cols) + " columns, expected at least 256 in a file");
  return std::max(bytes, (shape.cols - 256) * shape.rows / 3 * 5 / 8 + 64 * shape.rows);
}

std::vector<std::uint8_t> tl2_pack(const Tl2Shape& shape, std::span<const std::uint8_t> codes) {
  std::vector<std::uint8_t> bytes(tl2_bytes(shape));
  if (codes.size() != shape.rows * shape.cols) {
    fail(std::to_string(codes.size()) + " codes, expected " + std::to_string(shape.rows) + " x " +
         std::to_string(shape.cols));
  }
  if (std::ranges::any_of(codes, [](std::uint8_t code) { return code > 2; })) fail("a code above 2, expected 0 1 2");
  auto* out = bytes.data();
  const auto at = [&](std::size_t row, std::size_t col) { return codes.data() + row * shape.cols + col; };
  for_each_run(shape, triples(shape, 6), [&](std::size_t row, std::size_t col) {
    for (std::size_t byte = 0; byte < kGroupRows; ++byte) {
      const auto* six = at(row + row_of_byte(byte), col);
      *out++ = static_cast<std::uint8_t>(std::abs(triple_value(six)) << 4 | std::abs(triple_value(six + 3)));
    }
  });
  for_each_run(shape, triples(shape, kTripleBlock), [&](std::size_t row, std::size_t col) {
    for (std::size_t t = 0; t < 8; ++t) {
      for (std::size_t r = 0; r < kGroupRows; ++r) {
        const auto place = sign_place(t, r);
        out[place.byte] |= static_cast<std::uint8_t>((triple_value(at(row + r, col + 3 * t)) < 0 ? 1 : 0) << place.bit);
      }
    }
    out += kGroupRows;
  });
  for_each_run(shape, pairs(shape), [&](std::size_t row, std::size_t col) {
    for (std::size_t byte = 0; byte < kGroupRows; ++byte) {
      const auto* four = at(row + row_of_byte(byte), col);
      *out++ = static_cast<std::uint8_t>(pair_value(four) << 4 | pair_value(four + 2));
    }
  });
  return bytes;
}

std::vector<std::uint8_t> tl2_unpack(const Tl2Shape& shape, std::span<const std::uint8_t> bytes) {
  const std::size_t expected = tl2_bytes(shape);
  if (bytes.size() < expected) {
    fail(std::to_string(bytes.size()) + " bytes, expected at least " + std::to_string(expected));
  }
  std::vector<std::uint8_t> codes(shape.rows * shape.cols);
  const auto* in = bytes.data();
  const auto* signs = in + shape.rows * shape.triple_cols() / 6;
  const auto at = [&](std::size_t row, std::size_t col) { return codes.data() + row * shape.cols + col; };
  for_each_run(shape, triples(shape, kTripleBlock), [&](std::size_t row, std::size_t col) {
    for (std::size_t t = 0; t < 8; ++t) {
      for (std::size_t byte = 0; byte < kGroupRows; ++byte) {
        const std::size_t r = row_of_byte(byte);
        const unsigned nibble = in[t / 2 * kGroupRows + byte] >> (t % 2 == 0 ? 4 : 0) & 0xFU;
        const auto value = static_cast<int>(checked(nibble, 14, "triple", row + r, col + 3 * t));
        const auto place = sign_place(t, r);
        set_triple((signs[place.byte] >> place.bit & 1) != 0 ? -value : value, at(row + r, col + 3 * t));
      }
    }
    in += 4 * kGroupRows;
    signs += kGroupRows;
  });
  in = signs;
  for_each_run(shape, pairs(shape), [&](std::size_t row, std::size_t col) {
    for (std::size_t byte = 0; byte < kGroupRows; ++byte, ++in) {
      const std::size_t r = row_of_byte(byte);
      for (std::size_t pair = 0; pair < 2; ++pair) {
        const unsigned nibble = checked(*in >> (pair == 0 ? 4 : 0) & 0xFU, 9, "pair", row + r, col + 2 * pair);
        at(row + r, col + 2 * pair)[0] = static_cast<std::uint8_t>(nibble / 3);
        at(row + r, col + 2 * pair)[1] = static_cast<std::uint8_t>(nibble % 3);
      }
    }
  });
  return codes;
}

}  // namespace subbyte::quant
