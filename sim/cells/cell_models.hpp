// Makes Verilog models of library cells from what their Liberty file says they do. A mapped netlist is simulated with
// them.
#pragma once

#include <set>
#include <string>

#include "sim/cells/cell_library.hpp"

namespace subbyte::sim {

/// Returns one Verilog-2001 module per named cell, without delays. An output is an assign of its function. A flip-flop
/// loads next_state at the rising edge of clocked_on and obeys clear and preset; when both are active,
/// clear_preset_var1 and clear_preset_var2 decide. Throws InputError that names library, cell and reason for a cell
/// that the library does not have or that has no such model: a latch, a bank, a three-state output, an output without a
/// function, or a function over names that are no pins.
/// With `random_state`, flip-flops start at random where RANDOM_STATE is defined. Simulators of four values need that,
/// because gates do not see that an unknown cancels where the RTL's choice does.
std::string cell_models(const CellLibrary& library, const std::set<std::string>& cells, bool random_state = false);

}  // namespace subbyte::sim
