// mx_dot in time: a group pipeline (kernels/TIMING.md).
#pragma once

#include "kernels/mx_dot.hpp"
#include "kernels/stimulus.hpp"
#include "kernels/trace.hpp"

namespace subbyte::models {

kernels::Trace mx_dot_systemc(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                              kernels::TraceWindow window);

}  // namespace subbyte::models
