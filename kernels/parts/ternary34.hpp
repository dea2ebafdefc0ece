// What ternary34_unpack and ternary34_pack share: groups of four trits with exactly one zero, and their five-bit codes
// (quant/formats/layout.hpp, kOneZeroInFour).
#pragma once

#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

/// The number of bits of the code of a group.
inline constexpr unsigned kTernary34Bits = 5;
/// Returns the parameter `groups`, which is the number of groups per beat.
unsigned ternary34_groups(const Parameters& parameters);
Field ternary34_code_field(const Parameters& parameters);
Field ternary34_trit_field(const Parameters& parameters);
/// Returns everything of the unit but its shapes, its golden function and its stimuli.
UnitInfo ternary34_info(const char* name, const char* summary);

}  // namespace subbyte::kernels
