// Checks RTL against the mapped netlist of a whole unit: every part is proven (sim/synthesis/equivalence.hpp), and the
// whole netlist is run beside the golden function.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/synthesis/equivalence.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

struct CheckOptions {
  double limit_s = 60;           ///< of each part's proof
  std::uint64_t lanes = 65'536;  ///< random vectors, or windows of a stream; a multiple of kGateLanes
  std::uint64_t seed = 1;
};

/// The result of running the netlist beside the golden function.
struct SimulationCheck {
  bool exhaustive = false;     ///< every input of a combinational unit of at most 20 inputs was run
  std::uint64_t lanes = 0;     ///< vectors, or windows from reset on
  std::uint64_t cycles = 0;    ///< cycles of a window; 0 for a combinational unit
  std::uint64_t compared = 0;  ///< output beats
  std::uint64_t timed = 0;     ///< windows whose output beats were counted against those of the SystemC model
  /// Beats of another value, handshakes that a combinational unit lacks, and windows of another count.
  std::uint64_t differing = 0;
  std::string first;   ///< where the first difference is
  double seconds = 0;  ///< when it was made
  /// False where the unit runs no format at its parameters, so that there is nothing to compare and no difference.
  bool possible = true;

  bool equal() const { return differing == 0 && (compared > 0 || !possible); }
};

/// Runs a netlist of the unit (map_netlist) against its golden function. Where it is combinational with at most 20
/// inputs, it is run exhaustively; otherwise with random vectors or, under the unit's own random stimuli of every
/// format it runs, with windows of a stream. Output beats that stay out are found: of every 512 windows, some in turn
/// and those of the fewest beats must have handed over as many as the unit's SystemC model in as many cycles. Throws
/// std::invalid_argument for a netlist that is not of the unit.
SimulationCheck simulate_check(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                               const std::string& verilog, const CellLibrary& library, const CheckOptions& options);

struct PartCheck {
  PartProof proof;
  std::size_t instances = 0;
};
struct UnitCheck {
  const kernels::UnitInfo* unit = nullptr;
  kernels::Parameters parameters;
  std::vector<PartCheck> parts;
  SimulationCheck simulation;
  SynthesisTools tools;

  bool differs() const;
};

/// Makes both checks, which are kept by content: that of the RTL, of the netlist and, for the simulation, of this
/// program. Throws as synthesize() does.
UnitCheck check_unit(const kernels::UnitInfo& unit, const kernels::Parameters& parameters, const CellLibrary& library,
                     const SynthesisOptions& synthesis, const CheckOptions& options);

/// Checks each point, as many at a time as there are cores; `done` is called after each, from one thread at a time.
std::vector<UnitCheck> check_units(std::span<const kernels::UnitPoint> points, const CellLibrary& library,
                                   const SynthesisOptions& synthesis, const CheckOptions& options,
                                   const std::function<void(const UnitCheck&)>& done = {});

}  // namespace subbyte::sim
