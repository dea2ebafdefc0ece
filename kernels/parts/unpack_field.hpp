// Consecutive fields of a beat as an array.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "kernels/contract/beat.hpp"

namespace subbyte::kernels {

static_assert(std::endian::native == std::endian::little);

/// `count` fields of `bits` bits from bit `offset` on; overwrites `out`, whose memory is reused.
template <class T>
void unpack_field(std::span<const std::uint64_t> beat, unsigned offset, unsigned bits, unsigned count,
                  std::vector<T>& out) {
  out.resize(count);
  if (offset % 8 == 0 && bits == 8 * sizeof(T)) {
    // Beats are little-endian words and so is every host this compiles on.
    std::memcpy(out.data(), reinterpret_cast<const unsigned char*>(beat.data()) + offset / 8, count * sizeof(T));
    return;
  }
  for (unsigned i = 0; i < count; ++i) out[i] = static_cast<T>(get_bits(beat, offset + bits * i, bits));
}

}  // namespace subbyte::kernels
