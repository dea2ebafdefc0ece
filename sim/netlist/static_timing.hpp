// Static timing of a mapped netlist over the library's tables (non-linear delay model). Arrival times and transitions
// are propagated edge by edge. The clock is ideal, and there is no interconnect unless a wire model is given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cells/cell_tables.hpp"
#include "sim/netlist/gate_netlist.hpp"

namespace subbyte::sim {

struct TimingOptions {
  /// The cell that drives every input port but the clock (first output over its first input). When it is empty, inputs
  /// are ideal. Its delay counts beyond the one without load, as in OpenSTA.
  std::string driving_cell;
  double output_load_ff = 0;  ///< the load of every output port
  std::string clock_port = "clk_i";
  double wire_ff_per_sink = 0;  ///< interconnect capacitance of a net, per input pin or output port on it
};

struct TimedEdge {
  double arrival_ns = 0;
  double slew_ns = 0;
  bool reached = false;  ///< whether any path reaches it
};

struct TimingEndpoint {
  double delay_ns = 0;   ///< arrival, with the setup added where it ends at a register
  std::string from, to;  ///< instance or port bit
};

struct StaticTiming {
  /// Loads per net, at nominal capacitances; delays are taken at the upper ends of capacitance ranges, as in sta.
  std::vector<PerEdge<double>> load_ff;
  std::vector<PerEdge<TimedEdge>> nets;     ///< per net, from inputs and registers
  std::optional<TimingEndpoint> worst;      ///< of all paths
  std::optional<TimingEndpoint> registers;  ///< from register to register
  std::optional<std::string> worst_path;    ///< instances of the worst path, one per line with edge and arrival
  /// For each of GateNetlist::modules, the worst of all paths that end in its own registers.
  std::vector<std::optional<TimingEndpoint>> ends_in_module;
};

/// `tables` are those of the library that the netlist is mapped to. Throws std::invalid_argument for a cell without
/// tables, for an output without a timing arc that drives something, and for a driving cell that does not exist.
StaticTiming static_timing(const GateNetlist& netlist, const LibraryTables& tables, const TimingOptions& options);

}  // namespace subbyte::sim
