// plane_tile: rows x cols units that add or subtract FP16 activations, made integers once per row, by the bits of one
// plane of the weights per beat, most significant plane first; the number of planes is set by command (early stop).
// Family: kernels/parts/row_tile.hpp. Numbers: kernels/ARITHMETIC.md, section 7. Interface and cycles:
// kernels/TIMING.md. A prefix-closed bipolar code stopped after r planes is the code of the view of r bits
// (Any-Precision LLM, arXiv 2402.10517).
#pragma once

#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {

RowTileKind plane_tile_kind(const Parameters& parameters);
UnitInfo plane_tile_info();

/// Configuration for chunks of `planes` planes, 1..8: what a mapping writes for a format of as many bits.
std::vector<ConfigWrite> plane_tile_config(unsigned planes);

}  // namespace subbyte::kernels
