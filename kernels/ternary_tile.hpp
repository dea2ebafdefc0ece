// ternary_tile: rows x cols units that select and add, without a multiplier: FP16 activations, made integers once per
// row, or signed bytes, times ternary weights. Family: kernels/parts/row_tile.hpp. Numbers: kernels/ARITHMETIC.md,
// section 7. Interface and cycles: kernels/TIMING.md.
#pragma once

#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {

/// `sparse` = 1: weights come as five-bit codes of four with exactly one zero (section 6), else as trits. `act_int8` =
/// 1: activations are signed bytes and the group sum is exact.
RowTileKind ternary_tile_kind(const Parameters& parameters);
UnitInfo ternary_tile_info();

}  // namespace subbyte::kernels
