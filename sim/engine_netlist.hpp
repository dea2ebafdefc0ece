// The netlist engine: a unit mapped to library cells, run behind the same bench as its RTL. What synthesis measures is
// then what was verified, and what the synthesis tool mistranslates is found.
#pragma once

#include <filesystem>
#include <string>

#include "kernels/unit.hpp"
#include "sim/engine.hpp"
#include "sim/liberty.hpp"

namespace subbyte::sim {

/// The parameters (complete) at which a unit's netlist is verified: tiles (units with rows and cols) at 2 x 2 with their
/// other defaults, every other unit at its small point.
kernels::Parameters netlist_point(const kernels::UnitInfo& unit);

/// The unit's netlist and, behind it, the models of its cells: Verilog without parameters. Throws as map_netlist() and
/// cell_models(). `rtl_dir` empty: the tree's own.
std::string netlist_text(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const Library& library,
                         const std::filesystem::path& rtl_dir = {});

/// A trace of `verilog`, which holds module `unit` at these parameters: Verilated and cached by its content.
kernels::Trace run_netlist_text(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                const kernels::Stimulus& stimulus, kernels::TraceWindow window,
                                const std::string& verilog);

}  // namespace subbyte::sim
