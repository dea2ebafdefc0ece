// int8_mac_tile: rows x cols units of INT8 activations times signed bytes into integer sums, exact; a baseline for
// weights of any format whose levels are integers. Family: kernels/parts/row_tile.hpp. Numbers: kernels/ARITHMETIC.md,
// section 7.
#pragma once

#include "kernels/contract/refusal.hpp"
#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {

RowTileKind int8_mac_tile_kind(const Parameters& parameters);
/// Nothing when weights of the format are bytes and its scales cross the ports, else why not.
std::optional<Refusal> byte_tile_unsupported(const quant::Format& format);
UnitInfo int8_mac_tile_info();

}  // namespace subbyte::kernels
