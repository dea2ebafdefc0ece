// Joules of the vector unit's operations on a core. The unit has no netlist, so that its operations are counted and
// weighed by a table; its row buffer is made of macros, and its operands and results pass through the buffers of
// activations and outputs. Beside it the tiles' clocks run on and everything leaks, as wherever they wait.
#pragma once

#include "sim/cost/core_cost.hpp"
#include "sim/cost/core_energy.hpp"

namespace subbyte::sim {

/// Returns the energy of a layer of operations; `tile` is any that was measured, of which the clock and the leakage
/// count.
LayerEnergy vector_energy(const Design& design, std::size_t tokens, const CoreCost& cost, const UnitPower& tile);

/// Adds what the row buffer leaks in cycles of the array.
void add_row_buffer_leakage(const Design& design, std::uint64_t cycles, std::vector<EnergyPart>& parts);

}  // namespace subbyte::sim
