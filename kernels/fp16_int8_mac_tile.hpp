// fp16_int8_mac_tile has rows x cols units of FP16 activations, which are aligned to integers once per row, times
// signed bytes (FIGNA, HPCA'24). Its family is in kernels/parts/row_tile.hpp. The numbers are in kernels/ARITHMETIC.md,
// section 7.
#pragma once

#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {

/// The member of the family. Its activations are integers of the row's largest exponent, its weights are signed bytes,
/// and the sums of their products are integers.
RowTileKind fp16_int8_mac_tile_kind(const Parameters& parameters);
/// Returns its Unit contract, for the catalogue.
UnitInfo fp16_int8_mac_tile_info();

}  // namespace subbyte::kernels
