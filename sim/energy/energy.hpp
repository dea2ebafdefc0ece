// Energy of a unit: its mapped netlist under real beats (packed weights, recorded activations), switching counted net
// by net.
#pragma once

#include "sim/cells/technology.hpp"
#include "sim/energy/energy_result.hpp"

namespace subbyte::sim {

/// Throws InputError for a library without tables, std::invalid_argument for one without an inverter that has timing.
FanoutOfFour fanout_of_four(const CellLibrary& library);

/// Synthesises, flattens, times, simulates and weighs; what was done before with the same contents comes from the cache
/// (sim/energy/energy_cache.hpp), except where the windows ask for output beats or to hear of cycles. `progress` hears
/// of work that is done, not of what is known. Throws InputError and std::invalid_argument as its steps do.
EnergyResult unit_energy(const EnergyRequest& request, const CellLibrary& library);

}  // namespace subbyte::sim
