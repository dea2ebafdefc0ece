// Fields wider than 64 bits: the product of an exact group sum and a scale has 75.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/beat.hpp"

namespace subbyte::kernels {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// Writes the low `bits` (1..128) bits of `value` at `offset`.
inline void set_wide(std::span<std::uint64_t> words, unsigned offset, unsigned bits, Int128 value) {
  set_bits(words, offset, bits < 64 ? bits : 64, static_cast<std::uint64_t>(value));
  if (bits > 64) set_bits(words, offset + 64, bits - 64, static_cast<std::uint64_t>(value >> 64));
}

/// Reads `bits` (1..128) bits at `offset` and sign-extends.
inline Int128 get_wide_signed(std::span<const std::uint64_t> words, unsigned offset, unsigned bits) {
  if (bits <= 64) return get_signed(words, offset, bits);
  const Int128 high = get_signed(words, offset + 64, bits - 64);
  return static_cast<Int128>(static_cast<UInt128>(high) << 64 | get_bits(words, offset, 64));
}

}  // namespace subbyte::kernels
