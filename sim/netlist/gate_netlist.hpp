// A mapped netlist as a graph: library cells and the nets between them. It is read from the structural Verilog that
// sim/synthesis/yosys_json.hpp writes, and its hierarchy is flattened.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cells/cell_library.hpp"

namespace subbyte::sim {

using Net = std::uint32_t;
/// The graph. Constants are nets of their own.
inline constexpr Net kNetLow = 0;
inline constexpr Net kNetHigh = 1;
inline constexpr Net kNoNet = UINT32_MAX;

struct GateInstance {
  std::uint32_t cell = 0;    ///< index into GateNetlist::cells
  std::uint32_t module = 0;  ///< index into GateNetlist::modules of the module it stands in
  std::vector<Net> pins;     ///< in the order of LibertyCell::pins; kNoNet where unconnected
  std::string name;          ///< hierarchical, '/' between levels
};

struct GatePort {
  std::string name;
  bool input = false;
  std::vector<Net> bits;  ///< bit 0 first
};

struct GateNetlist {
  std::string top;
  std::vector<const LibertyCell*> cells;  ///< the cells in use
  std::vector<std::string> modules;       ///< the top first
  std::vector<GateInstance> instances;
  std::vector<GatePort> ports;
  std::size_t nets = 2;

  /// Returns the port of that name, or nullptr when there is none.
  const GatePort* port(std::string_view name) const;
};

/// Flattens `top` of `verilog`, whose cells are of `library` (which outlives the result). Throws std::invalid_argument
/// for text that is not of the subset, for a module or cell that neither the text nor the library has (an unmapped
/// cell), for a module that contains itself, for a pin that a cell does not have, for a net that two outputs drive, and
/// for more than 2^24 cells and assigns.
GateNetlist flatten_netlist(std::string_view verilog, const std::string& top, const CellLibrary& library);

/// Returns the instances in an order in which every combinational cell follows what drives it; flip-flops are left out.
/// Throws std::invalid_argument that names an instance of a combinational cycle.
std::vector<std::uint32_t> combinational_order(const GateNetlist& netlist);

/// Registers are timed and weighed as rising-edge flip-flops on one ideal clock. Throws std::invalid_argument that
/// names the instance for a flip-flop that loads otherwise (through a buffer, an inverter or a gate, at the falling
/// edge, or where there is no such port) and for any other cell that reads the clock.
void check_clock(const GateNetlist& netlist, std::string_view clock_port);

/// Returns the index of a pin in LibertyCell::pins; throws std::invalid_argument that names the cell.
std::size_t pin_index(const LibertyCell& cell, std::string_view pin);

}  // namespace subbyte::sim
