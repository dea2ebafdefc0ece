// ternary34_unpack: five-bit codes to four trits with exactly one zero each (quant/formats/layout.hpp,
// kOneZeroInFour). Numbers: kernels/ARITHMETIC.md, section 6. Interface and cycles: kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// One beat (kernels/contract/combinational.hpp): `groups` codes to 4 * groups trits. Every code is legal.
void ternary34_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo ternary34_unpack_info();

}  // namespace subbyte::kernels
