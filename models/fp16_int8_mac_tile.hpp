// fp16_int8_mac_tile in time (kernels/TIMING.md).
#pragma once

#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"
#include "kernels/unit.hpp"

namespace subbyte::models {

kernels::Trace fp16_int8_mac_tile_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                          kernels::TraceWindow window);

}  // namespace subbyte::models
