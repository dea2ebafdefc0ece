// ternary34_pack turns four trits with exactly one zero into a five-bit code, or an error (quant/formats/layout.hpp,
// kOneZeroInFour). The numbers are in kernels/ARITHMETIC.md, section 6; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// Computes one beat (kernels/contract/combinational.hpp): 4 * groups trits become `groups` codes and as many errors.
/// With any other number of zeros than one the code is 0 and the error is set.
void ternary34_pack(const Parameters& parameters, std::span<const std::uint64_t> in, std::span<std::uint64_t> out);
UnitInfo ternary34_pack_info();

}  // namespace subbyte::kernels
