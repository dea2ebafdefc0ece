// plane_tile has rows x cols units that add or subtract FP16 activations, which are made integers once per row, by the
// bits of one plane of the weights per beat, the most significant plane first. The number of planes is set by command
// (early stop). Its family is in kernels/parts/row_tile.hpp. The numbers are in kernels/ARITHMETIC.md, section 7;
// interface and cycles are in kernels/TIMING.md. A prefix-closed bipolar code that is stopped after r planes is the
// code of the view of r bits (Any-Precision LLM, arXiv 2402.10517).
#pragma once

#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {

RowTileKind plane_tile_kind(const Parameters& parameters);
UnitInfo plane_tile_info();

/// Returns the configuration for chunks of `planes` planes, 1..8. A mapping writes it for a format of as many bits.
std::vector<ConfigWrite> plane_tile_config(unsigned planes);

}  // namespace subbyte::kernels
