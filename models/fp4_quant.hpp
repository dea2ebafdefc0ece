// fp4_quant in time: an elastic pipeline of four stages, amax | scale | thresholds | codes
// (kernels/TIMING.md).
#pragma once

#include "kernels/fp4_quant.hpp"
#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"

namespace subbyte::models {

kernels::Trace fp4_quant_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                 kernels::TraceWindow window);

}  // namespace subbyte::models
