// int8_mac_tile has rows x cols units of INT8 activations times signed bytes into exact integer sums. It is a baseline
// for weights of any format whose levels are integers. Its family is in kernels/parts/row_tile.hpp. The numbers are in
// kernels/ARITHMETIC.md, section 7.
#pragma once

#include "kernels/contract/refusal.hpp"
#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {

RowTileKind int8_mac_tile_kind(const Parameters& parameters);
/// Returns nothing when weights of the format are bytes and its scales cross the ports, or else why not.
std::optional<Refusal> byte_tile_unsupported(const quant::Format& format);
UnitInfo int8_mac_tile_info();

}  // namespace subbyte::kernels
