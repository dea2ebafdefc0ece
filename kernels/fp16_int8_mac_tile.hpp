// fp16_int8_mac_tile: rows x cols units of FP16 activations, aligned to integers once per row, times signed bytes
// (FIGNA, HPCA'24). Family: kernels/parts/row_tile.hpp. Numbers: kernels/ARITHMETIC.md, section 7.
#pragma once

#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {

/// The member of the family: activations as integers of the row's largest exponent, weights as signed bytes, and sums
/// of their products as integers.
RowTileKind fp16_int8_mac_tile_kind(const Parameters& parameters);
/// Its Unit contract, for the catalogue.
UnitInfo fp16_int8_mac_tile_info();

}  // namespace subbyte::kernels
