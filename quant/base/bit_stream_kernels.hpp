// The vectorised part of bit_stream.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace subbyte::quant {

/// Pack or unpack fields of 2 or 4 bits from the first on, as many as fill whole vectors, and return how many they
/// were, which is a multiple of 8.
std::size_t pack_whole_vectors(std::span<const std::uint8_t> fields, unsigned width, std::span<std::uint8_t> stream);
std::size_t unpack_whole_vectors(std::span<const std::uint8_t> stream, unsigned width, std::span<std::uint8_t> fields);

}  // namespace subbyte::quant
