// matquant_slice slices an eight-bit code by MatQuant's clamped rounding half up (arXiv 2502.06786,
// quant/rules/nested.hpp). The numbers are in kernels/ARITHMETIC.md, section 11; interface and cycles are in
// kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Computes one beat (kernels/contract/combinational.hpp): from the top `bits` + 1 bits of `codes` offset codes it
/// makes slices of `bits` bits. Every pattern is legal.
void matquant_slice(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo matquant_slice_info();

}  // namespace subbyte::kernels
