// ternary5_unpack turns bytes into five trits each (quant/formats/layout.hpp, kFiveInByte: the byte of ggml TQ1_0). The
// numbers are in kernels/ARITHMETIC.md, section 6; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Computes one beat (kernels/contract/combinational.hpp): `bytes` bytes become 5 * bytes trits. Every byte is legal.
void ternary5_unpack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo ternary5_unpack_info();

}  // namespace subbyte::kernels
