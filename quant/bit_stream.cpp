#include "quant/bit_stream.hpp"

namespace subbyte::quant {

void pack_bits(std::span<const std::uint8_t> fields, unsigned width, std::span<std::uint8_t> stream) {
  std::uint32_t window = 0;
  unsigned filled = 0;
  std::size_t out = 0;
  for (const auto field : fields) {
    window |= static_cast<std::uint32_t>(field) << filled;
    filled += width;
    if (filled >= 8) {
      stream[out++] = static_cast<std::uint8_t>(window);
      window >>= 8;
      filled -= 8;
    }
  }
  if (filled > 0) stream[out] = static_cast<std::uint8_t>(window);
}

void unpack_bits(std::span<const std::uint8_t> stream, unsigned width, std::span<std::uint8_t> fields) {
  const std::uint32_t mask = (1U << width) - 1;
  std::uint32_t window = 0;
  unsigned filled = 0;
  std::size_t in = 0;
  for (auto& field : fields) {
    if (filled < width) {
      window |= static_cast<std::uint32_t>(stream[in++]) << filled;
      filled += 8;
    }
    field = static_cast<std::uint8_t>(window & mask);
    window >>= width;
    filled -= width;
  }
}

}  // namespace subbyte::quant
