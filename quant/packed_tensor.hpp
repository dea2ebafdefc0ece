// PackedTensor = Format x shape x bits. The only thing that travels from the quantizer to an engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quant/format.hpp"

namespace subbyte::quant {

/// Row-major weights [rows = output channels][cols = input channels]; y = W x.
///
/// Layout: `codes` holds, per row, a little-endian bit stream of code_bits per element, each row padded to whole bytes.
/// `scales`: per row and group, FP16 little-endian (2 bytes) or u8 (1 byte). `selectors` (2 bits) and `zeros` (code_bits
/// bits): per row a little-endian bit stream over the groups, padded to whole bytes; empty where the format has none.
/// `channel_scales`: one FP32 per row for kU8BelowChannel, else empty.
struct PackedTensor {
  Format format;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<std::uint8_t> codes;
  std::vector<std::uint8_t> scales;
  std::vector<std::uint8_t> selectors;
  std::vector<std::uint8_t> zeros;
  std::vector<float> channel_scales;

  std::size_t groups() const { return format.groups(cols); }
  std::size_t code_row_bytes() const { return (cols * format.alphabet.code_bits + 7) / 8; }
  std::size_t selector_row_bytes() const { return (groups() * format.selector_bits() + 7) / 8; }
  std::size_t zero_row_bytes() const {
    return format.scaling.zero_point ? (groups() * format.alphabet.code_bits + 7) / 8 : 0;
  }

  /// Raw code pattern of one element (unsigned, code_bits wide).
  unsigned code(std::size_t row, std::size_t col) const;
  /// Stored scale: the FP16 bit pattern, or the u8 value.
  std::uint16_t scale_bits(std::size_t row, std::size_t group) const;
  /// Stored scale as a number: the FP16 value, or the u8 as 1..255 (the channel scale is *not* applied).
  float scale_value(std::size_t row, std::size_t group) const;
  unsigned selector(std::size_t row, std::size_t group) const;
  unsigned zero(std::size_t row, std::size_t group) const;
  float channel_scale(std::size_t row) const { return channel_scales.empty() ? 1.0F : channel_scales[row]; }

  /// Raw codes of a whole row (fast path); `out` has cols elements.
  void unpack_row(std::size_t row, std::span<std::uint8_t> out) const;
  /// Decoded row in FP32: one RNE of the exact product level * scale (* channel scale); `out` has cols elements.
  void decode_row(std::size_t row, std::span<float> out) const;

  std::size_t bytes() const;
  /// 8 * bytes() / (rows * cols): codes, scales, selectors, zeros, channel scales and row padding.
  double bits_per_weight() const;
};

/// Throws std::invalid_argument when a buffer's size does not match format and shape, or a stored value is illegal
/// (u8 scale 0, non-finite scale); the text names the buffer, its size and the size expected.
void validate(const PackedTensor& tensor);

}  // namespace subbyte::quant
