// Vectorised part of bit_stream.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace subbyte::quant {

/// Fields of 2 or 4 bits, from the first on, as many as fill whole vectors; returns how many they were, a
/// multiple of 8.
std::size_t pack_whole_vectors(std::span<const std::uint8_t> fields, unsigned width, std::span<std::uint8_t> stream);
std::size_t unpack_whole_vectors(std::span<const std::uint8_t> stream, unsigned width, std::span<std::uint8_t> fields);

}  // namespace subbyte::quant
