// Static timing of a mapped netlist over the library's tables (non-linear delay model): arrival times and transitions
// propagated edge by edge, ideal clock, no interconnect unless a wire model is given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cells/cell_tables.hpp"
#include "sim/netlist/gate_netlist.hpp"

namespace subbyte::sim {

struct TimingOptions {
  /// Cell that drives every input port but the clock (first output over its first input); empty: ideal inputs. Its
  /// delay counts beyond that without load, as in OpenSTA.
  std::string driving_cell;
  double output_load_ff = 0;  ///< of every output port
  std::string clock_port = "clk_i";
  double wire_ff_per_sink = 0;  ///< interconnect capacitance of a net, per input pin or output port on it
};

struct TimedEdge {
  double arrival_ns = 0;
  double slew_ns = 0;
  bool reached = false;  ///< by any path
};

struct TimingEndpoint {
  double delay_ns = 0;   ///< arrival, and setup where it ends at a register
  std::string from, to;  ///< instance or port bit
};

struct StaticTiming {
  /// per net, nominal; delays are at the upper ends of capacitance ranges, as sta's
  std::vector<PerEdge<double>> load_ff;
  std::vector<PerEdge<TimedEdge>> nets;     ///< per net, from inputs and registers
  std::optional<TimingEndpoint> worst;      ///< of all paths
  std::optional<TimingEndpoint> registers;  ///< from register to register
  std::optional<std::string> worst_path;    ///< instances of the worst path, one per line with edge and arrival
  /// For each of GateNetlist::modules, the worst of all paths that end in its own registers.
  std::vector<std::optional<TimingEndpoint>> ends_in_module;
};

/// `tables` is of the library that the netlist is mapped to. Throws std::invalid_argument for a cell without tables, an
/// output without a timing arc that drives something, or a driving cell that does not exist.
StaticTiming static_timing(const GateNetlist& netlist, const LibraryTables& tables, const TimingOptions& options);

}  // namespace subbyte::sim
