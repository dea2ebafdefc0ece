// matquant_slice: the slice of an eight-bit code by MatQuant's clamped rounding half up (arXiv 2502.06786,
// quant/rules/nested.hpp). Numbers: kernels/ARITHMETIC.md, section 11. Interface and cycles: kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// One beat (kernels/contract/combinational.hpp): the top `bits` + 1 bits of `codes` offset codes to slices of `bits`
/// bits. Every pattern is legal.
void matquant_slice(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo matquant_slice_info();

}  // namespace subbyte::kernels
