// ternary34_unpack turns five-bit codes into four trits with exactly one zero each (quant/formats/layout.hpp,
// kOneZeroInFour). The numbers are in kernels/ARITHMETIC.md, section 6; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Computes one beat (kernels/contract/combinational.hpp): `groups` codes become 4 * groups trits. Every code is legal.
void ternary34_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo ternary34_unpack_info();

}  // namespace subbyte::kernels
