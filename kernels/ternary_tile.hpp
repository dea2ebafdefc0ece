// ternary_tile has rows x cols units that select and add, without a multiplier. They take FP16 activations, made
// integers once per row, or signed bytes, times ternary weights. Its family is in kernels/parts/row_tile.hpp. The
// numbers are in kernels/ARITHMETIC.md, section 7; interface and cycles are in kernels/TIMING.md.
#pragma once

#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {

/// With `sparse` = 1, weights come as five-bit codes of four with exactly one zero (section 6), and otherwise as trits.
/// With `act_int8` = 1, activations are signed bytes and the group sum is exact.
RowTileKind ternary_tile_kind(const Parameters& parameters);
UnitInfo ternary_tile_info();

}  // namespace subbyte::kernels
