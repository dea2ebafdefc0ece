// ternary2_unpack in time: latency 0, no registers (kernels/TIMING.md).
#pragma once

#include "kernels/stimulus.hpp"
#include "kernels/ternary2_unpack.hpp"
#include "kernels/trace.hpp"

namespace subbyte::models {

kernels::Trace ternary2_unpack_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                       kernels::TraceWindow window);

}  // namespace subbyte::models
