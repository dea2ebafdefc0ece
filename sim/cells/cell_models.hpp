// Verilog models of library cells, from what their Liberty file says they do: what a mapped netlist is simulated with.
#pragma once

#include <set>
#include <string>

#include "sim/cells/cell_library.hpp"

namespace subbyte::sim {

/// One Verilog-2001 module per named cell, without delays: an output is an assign of its function, a flip-flop loads
/// next_state at the rising edge of clocked_on and obeys clear and preset (both at once: clear_preset_var1 and _var2).
/// Throws InputError naming library, cell and reason for a cell that the library does not have
/// or that has no such model: a latch, a bank, a three-state output, an output without a function, a function over
/// names that are no pins.
/// `random_state`: flip-flops start at random where RANDOM_STATE is defined. Simulators of four values need it: gates
/// do not see that an unknown cancels where the RTL's choice does.
std::string cell_models(const CellLibrary& library, const std::set<std::string>& cells, bool random_state = false);

}  // namespace subbyte::sim
