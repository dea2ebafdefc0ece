// Synthesis: the area and the critical path of a unit in a cell library, by yosys and sim/netlist/static_timing.hpp,
// composed from parts that are mapped once.
#pragma once

#include <string>

#include "sim/cells/cell_library.hpp"
#include "sim/synthesis/synthesis_result.hpp"

namespace subbyte::sim {

struct SynthesisFlow;  // defined in sim/synthesis/flow.hpp

/// Maps a unit. The parameters are those of the unit (snake_case), completed by its defaults. Every module is mapped
/// once and kept by content (RTL, parameters, library, clock, scripts, tool versions), so that a further point of a
/// sweep costs only what is new in it. Throws InputError for a library that cannot do it (no flip-flop fits, a cell has
/// no area, or there is no NAND) and for a missing tool, std::invalid_argument for an unknown parameter, and
/// std::runtime_error for RTL that yosys refuses.
SynthesisResult synthesize(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                           const CellLibrary& library, const SynthesisOptions& options = {});

/// Returns the netlist whose areas synthesize() adds up, made of the same parts from the same cache. Throws as
/// synthesize() does.
MappedNetlist map_netlist(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                          const CellLibrary& library, const SynthesisOptions& options = {});

/// Both do the same in a flow that was opened once for any number of units.
SynthesisResult synthesize(const SynthesisFlow& flow, const kernels::UnitInfo& unit,
                           const kernels::Parameters& parameters);
MappedNetlist map_netlist(const SynthesisFlow& flow, const kernels::UnitInfo& unit,
                          const kernels::Parameters& parameters);

/// Says whether a clock holds against the synthesised paths. The composed path counts where there is one.
struct ClockCheck {
  bool met = false;
  double period_ns = 0;
  double path_ns = 0;
  std::string where;  ///< the module, or "UNIT at rows=2 cols=2" for the composed path
  std::string text;   ///< one sentence for a report
};
/// Throws std::invalid_argument when the result holds no path at all or the clock is not positive.
ClockCheck clock_met(const SynthesisResult& result, double clock_mhz);

}  // namespace subbyte::sim
