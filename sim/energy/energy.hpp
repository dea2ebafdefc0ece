// Measures the energy of a unit: its mapped netlist runs under real beats (packed weights, recorded activations), and
// switching is counted net by net.
#pragma once

#include "sim/cells/technology.hpp"
#include "sim/energy/energy_result.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {

/// Throws InputError for a library without tables, and std::invalid_argument for one without an inverter that has
/// timing.
FanoutOfFour fanout_of_four(const CellLibrary& library);

/// Synthesises, flattens, times, simulates and weighs a unit in the flow's library, at its clock and with its script.
/// What was done before with the same contents comes from the cache (sim/energy/energy_cache.hpp), except where the
/// windows ask for output beats or to hear of cycles. The flow's progress hears of work that is done, not of what is
/// known. Throws InputError and std::invalid_argument as its steps do.
EnergyResult unit_energy(const EnergyRequest& request, const SynthesisFlow& flow);
/// The same in a flow of its own. Throws as open_flow() besides.
EnergyResult unit_energy(const EnergyRequest& request, const CellLibrary& library,
                         const SynthesisOptions& options = {});

}  // namespace subbyte::sim
