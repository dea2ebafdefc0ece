// dequant_mac_tile in time: an elastic pipeline of two stages with dequantizers, then the multiply-accumulate
// units (kernels/TIMING.md).
#pragma once

#include "kernels/dequant_mac_tile.hpp"
#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"

namespace subbyte::models {

kernels::Trace dequant_mac_tile_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                        kernels::TraceWindow window);

}  // namespace subbyte::models
