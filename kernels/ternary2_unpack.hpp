// ternary2_unpack: two-bit codes to trits (quant/formats/layout.hpp, kDense), what the denser layouts are compared
// with. Numbers: kernels/ARITHMETIC.md, section 6. Interface and cycles: kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// One beat (kernels/contract/combinational.hpp): `codes` codes to as many trits. Code 3, which no quantizer emits, is
/// 0.
void ternary2_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo ternary2_unpack_info();

}  // namespace subbyte::kernels
