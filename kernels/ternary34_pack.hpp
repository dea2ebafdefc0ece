// ternary34_pack: four trits with exactly one zero to a five-bit code, or an error (quant/formats/layout.hpp,
// kOneZeroInFour). Numbers: kernels/ARITHMETIC.md, section 6. Interface and cycles: kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// One beat (kernels/contract/combinational.hpp): 4 * groups trits to `groups` codes and as many errors. With any
/// other number of zeros than one the code is 0 and the error set.
void ternary34_pack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo ternary34_pack_info();

}  // namespace subbyte::kernels
