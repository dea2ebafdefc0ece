// The netlist engine runs a unit that is mapped to library cells like its RTL. What synthesis measures is then what was
// verified, and what the synthesis tool mistranslates is found.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "kernels/contract/unit.hpp"
#include "sim/cells/technology.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {

/// The complete parameters at which a unit's netlist is verified: tiles (units with rows and cols) at 2 x 2 with their
/// other defaults, and every other unit at its small point.
kernels::Parameters netlist_point(const kernels::UnitInfo& unit);

/// Up to this many cells a netlist is Verilated, with its streams asserted. Compiling a larger one takes minutes (20 MB
/// of C++ for 18000 cells), and Icarus runs it at 50 cycles a second, so it runs in sim/netlist/gate_simulator.hpp.
inline constexpr std::size_t kVerilatedCells = 4000;

/// The engine `netlist` in one technology. Its library is read, the flow is opened and every netlist is mapped once.
class NetlistEngine {
 public:
  /// `rtl_dir` is what is mapped: a folder laid out like rtl/, or that of the tree when it is empty. Throws InputError
  /// for a library or a tool that is not fit.
  NetlistEngine(Technology technology, const std::filesystem::path& rtl_dir);
  /// Maps the unit at these parameters when they are first asked for, and runs the netlist. Several threads may call
  /// it.
  kernels::Trace run(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                     const kernels::Stimulus& stimulus, kernels::TraceWindow window);
  /// Maps the unit, and Verilates its netlist where it is small enough for that.
  void prepare(const kernels::UnitInfo& unit, const kernels::Parameters& parameters);

 private:
  const std::string& verilog_of(const kernels::UnitInfo& unit, const kernels::Parameters& parameters);

  const OpenTechnology technology_;
  std::mutex mutex_;
  std::map<std::pair<const kernels::UnitInfo*, kernels::Parameters>, std::string>
      verilog_;  ///< entries are never erased, so that references stay
};

/// The trace of engine `netlist`, of either kind. `verilog` is map_netlist()'s. Throws InputError for a cell without a
/// model, kernels::RunFailure for a deadlock and what depends on the state before reset.
kernels::Trace run_netlist(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                           const kernels::Stimulus& stimulus, kernels::TraceWindow window, const std::string& verilog,
                           const CellLibrary& library);

/// Runs the netlist behind the bench of the RTL, with models of its cells. It is Verilated and cached by its content.
kernels::Trace run_netlist_verilated(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                     const kernels::Stimulus& stimulus, kernels::TraceWindow window,
                                     const std::string& verilog, const CellLibrary& library);

/// Runs the netlist in the netlist simulator, where nothing is compiled. Its 512 lanes get the same stimulus and
/// different states before reset, and they must agree in every handshake and beat.
kernels::Trace run_netlist_gates(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                 const kernels::Stimulus& stimulus, kernels::TraceWindow window,
                                 const std::string& verilog, const CellLibrary& library);

}  // namespace subbyte::sim
