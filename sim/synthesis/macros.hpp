// Memory macros in a mapped unit. A module that carries the attribute memory_macro is no netlist: a caller's table says
// what it costs, and static timing sees it as one large cell whose outputs come an access time behind the clock.
#pragma once

#include <string>
#include <vector>

#include "sim/cells/cell_library.hpp"
#include "sim/synthesis/synthesis_result.hpp"
#include "sim/synthesis/yosys_json.hpp"

namespace subbyte::sim {

/// A macro as static timing sees it. Its inputs must be there at the clock edge (their setup is not in the tables of
/// macros) and load nothing.
struct MacroCell {
  std::string name;  ///< of its part
  std::vector<PartPort> ports;
  double access_ns = 0;
};

/// Returns the shape of a part that is a macro, from its parameters Width and Depth. Throws InputError where the RTL
/// has not both.
MemoryShape shape_of(const Part& part);

/// Returns the macros among the parts; where the table gives no access time it is 0. Throws as the table.
std::vector<MacroCell> macro_cells(const std::vector<Part>& parts, const MacroTable& table);

/// Returns the library with a cell for every macro.
CellLibrary with_macros(CellLibrary library, const std::vector<MacroCell>& macros);

/// Returns the netlist with the buses of macros' instances as single pins, which is how with_macros() has them.
std::string with_single_pins(const std::string& verilog, const std::vector<MacroCell>& macros);

/// Returns a text that tells lists of macros apart.
std::string key_of(const std::vector<MacroCell>& macros);

}  // namespace subbyte::sim
