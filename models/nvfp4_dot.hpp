// nvfp4_dot in time: a group pipeline (kernels/TIMING.md).
#pragma once

#include "kernels/nvfp4_dot.hpp"
#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"

namespace subbyte::models {

kernels::Trace nvfp4_dot_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                                 kernels::TraceWindow window);

}  // namespace subbyte::models
