// The SystemC engine has cycle-accurate models of the units, whose bits come from the golden step functions of
// kernels/.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/contract/trace.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::models {

/// Returns the units that have a model, which are those of kernels/units.def, machines.def and without_rtl.def in their
/// order (a test compares them).
std::vector<std::string_view> modelled_units();

/// Runs the model of a unit on a stimulus: a timed trace, cycles as in kernels/TIMING.md. Parameters are completed by
/// resolve(). Runs are independent of each other (each has its own simulation context) and are serialised, because the
/// SystemC kernel is global to the process. Throws std::invalid_argument for a unit without a model, for an unknown
/// parameter, and for configuration writes to a unit without a configuration port; kernels::RunFailure naming the cycle
/// for a deadlock.
kernels::Trace run_systemc(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                           const kernels::Stimulus& stimulus, kernels::TraceWindow window = {});

}  // namespace subbyte::models
