// A layout is the bijection between the codes of a row and its bytes. Nothing numeric lives here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace subbyte::quant {

/// A row is a little-endian bit stream of blocks; every row is padded to whole bytes.
enum class CodeLayout : std::uint8_t {
  kDense,  ///< one code per block, code_bits wide
  /// Five ternary codes 0 1 2 are the byte q = ceil(256 v / 243), where v is their number in base 3 with the first code
  /// most significant. This is ggml TQ1_0's byte, so that code n is ((q 3^n mod 256) 3) >> 8.
  kFiveInByte,
  /// Four ternary codes with exactly one 1 (zero) are five bits. Bits 3:2 are the place z of the zero, bits 0 and 1 are
  /// set when the 2nd and the 3rd other sign differ from the first, and bit 4 is set when the first is negative.
  kOneZeroInFour,
};

struct LayoutInfo {
  std::string_view name;
  unsigned codes_per_block = 1;
  unsigned block_bits = 0;  ///< 0: the width of a code
};
const LayoutInfo& layout_info(CodeLayout layout);

/// Returns the bytes of a row of `cols` codes.
std::size_t row_bytes(CodeLayout layout, unsigned code_bits, std::size_t cols);
/// `bytes` has row_bytes(), and every code is below 2^code_bits. A last block that is not full is completed by codes
/// that decode ignores. Throws std::invalid_argument with the column of a block that the layout cannot hold.
void pack_row(CodeLayout layout, unsigned code_bits, std::span<const std::uint8_t> codes,
              std::span<std::uint8_t> bytes);
/// The inverse of pack_row(), where codes.size() is the number of columns. Every byte pattern unpacks to something.
void unpack_row(CodeLayout layout, unsigned code_bits, std::span<const std::uint8_t> bytes,
                std::span<std::uint8_t> codes);
/// Returns one code of a packed row.
unsigned read_code(CodeLayout layout, unsigned code_bits, std::span<const std::uint8_t> bytes, std::size_t col);

/// Returns the five bits of four ternary codes, or 32 or more when the number of zeros is not one.
unsigned pack_one_zero_in_four(std::span<const std::uint8_t, 4> codes);
void unpack_one_zero_in_four(unsigned bits, std::span<std::uint8_t, 4> codes);
std::uint8_t pack_five_in_byte(std::span<const std::uint8_t, 5> codes);
void unpack_five_in_byte(std::uint8_t byte, std::span<std::uint8_t, 5> codes);

}  // namespace subbyte::quant
