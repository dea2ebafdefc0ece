// Little-endian bit streams. Element i occupies bits i*width .. i*width+width-1, and bit k of byte j is bit 8j+k.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace subbyte::quant {

/// Returns field `index` of `width` bits (1..8). The stream holds at least (index + 1) * width bits.
inline unsigned read_bits(std::span<const std::uint8_t> stream, std::size_t index, unsigned width) {
  const std::size_t bit = index * width;
  const std::size_t byte = bit / 8;
  unsigned window = stream[byte];
  if (bit % 8 + width > 8) window |= static_cast<unsigned>(stream[byte + 1]) << 8;
  return window >> (bit % 8) & ((1U << width) - 1);
}

/// Packs `fields` (each below 2^width) into `stream`, which has ceil(size * width / 8) bytes; padding bits
/// are 0.
void pack_bits(std::span<const std::uint8_t> fields, unsigned width, std::span<std::uint8_t> stream);
/// The inverse of pack_bits(): reads the first fields.size() fields of `stream`.
void unpack_bits(std::span<const std::uint8_t> stream, unsigned width, std::span<std::uint8_t> fields);

}  // namespace subbyte::quant
