// bitserial_tile has rows x cols PEs with one term encoder, group dequantizers and column accumulators. The numbers are
// in kernels/ARITHMETIC.md; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <cstdint>

#include "kernels/column_accumulator.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/group_dequant.hpp"
#include "kernels/parts/tile_beat.hpp"

namespace subbyte::kernels {

Trace bitserial_tile_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus bitserial_tile_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo bitserial_tile_info();

}  // namespace subbyte::kernels
