// ternary2_unpack turns two-bit codes into trits (quant/formats/layout.hpp, kDense); the denser layouts are compared
// with it. The numbers are in kernels/ARITHMETIC.md, section 6; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Computes one beat (kernels/contract/combinational.hpp): `codes` codes become as many trits. Code 3, which no
/// quantizer emits, is read as 0.
void ternary2_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo ternary2_unpack_info();

}  // namespace subbyte::kernels
