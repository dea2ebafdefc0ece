// matquant_slice in time: latency 0, no registers (kernels/TIMING.md).
#pragma once

#include "kernels/matquant_slice.hpp"
#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"

namespace subbyte::models {

kernels::Trace matquant_slice_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                      kernels::TraceWindow window);

}  // namespace subbyte::models
