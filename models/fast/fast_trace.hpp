// The engine `fast` for a stimulus of any unit that has one.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/contract/unit.hpp"

namespace subbyte::models {

/// Returns the units with a `fast` engine: the tiles, the core and the vector unit.
std::vector<std::string_view> fast_trace_units();

/// Returns a trace whose beats have no data, only their cycles and the numbers of cycles in them. Throws
/// std::invalid_argument for a unit without a `fast` engine.
kernels::Trace fast_trace(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                          const kernels::Stimulus& stimulus, kernels::TraceWindow window = {});

}  // namespace subbyte::models
