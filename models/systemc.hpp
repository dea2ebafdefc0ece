// The SystemC engine: cycle-accurate models of the units, bits by the golden step functions of kernels/.
#pragma once

#include <string_view>

#include "kernels/trace.hpp"
#include "kernels/unit.hpp"

namespace subbyte::models {

/// Runs the model of a unit of the catalogue on a stimulus: a timed trace, cycles as in kernels/TIMING.md.
/// Parameters are completed by resolve(). Runs are independent of each other (each has its own simulation
/// context) and are serialised, because the SystemC kernel is global to the process. Throws
/// std::invalid_argument for an unknown unit or parameter, and for configuration writes to a unit without a
/// configuration port; std::runtime_error naming the cycle for a deadlock.
kernels::Trace run_systemc(std::string_view unit, const kernels::Parameters& parameters,
                           const kernels::Stimulus& stimulus, kernels::TraceWindow window = {});

}  // namespace subbyte::models
