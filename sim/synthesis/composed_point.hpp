// The point at which paths across modules are timed.
#pragma once

#include "kernels/contract/unit.hpp"

namespace subbyte::sim {

/// Returns the parameters with as few rows, columns and tiles as the unit takes (two rows, two columns, one tile) and
/// with buffers that shrink with the array, so that a memory of the small array is as large as one of the whole one.
/// Every other parameter, and what the unit does not take smaller, stays.
kernels::Parameters composed_point(const kernels::UnitInfo& info, const kernels::Parameters& parameters);

}  // namespace subbyte::sim
