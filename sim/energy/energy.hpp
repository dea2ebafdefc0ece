// Measures the energy of a unit: its mapped netlist runs under real beats (packed weights, recorded activations), and
// switching is counted net by net.
#pragma once

#include <memory>

#include "sim/cells/technology.hpp"
#include "sim/energy/energy_result.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {

/// Throws InputError for a library without tables, and std::invalid_argument for one without an inverter that has
/// timing.
FanoutOfFour fanout_of_four(const CellLibrary& library);

/// Holds a unit as a netlist, for all that is measured of it: it is mapped once, and flattened and timed once where
/// something has to be simulated. None of that depends on beats, so that many stimuli and several threads may share it.
class UnitNetlist {
 public:
  /// Maps the unit, or finds it in the cache. Throws as synthesize() does.
  UnitNetlist(SynthesisFlow flow, const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
              double wire_ff_per_um = 0);
  ~UnitNetlist();
  UnitNetlist(UnitNetlist&&) noexcept;

  const SynthesisFlow& flow() const;
  const SynthesisResult& synthesis() const;

 private:
  struct Inside;
  friend EnergyResult unit_energy(const EnergyRequest& request, const UnitNetlist& netlist);
  friend bool energy_is_kept(const EnergyRequest& request, const UnitNetlist& netlist);
  std::unique_ptr<Inside> inside_;
};

/// Returns what the netlist consumes under the request's stimulus. The unit, its parameters and its wires are the
/// netlist's. The cache, the progress and the errors are those of unit_energy() below.
EnergyResult unit_energy(const EnergyRequest& request, const UnitNetlist& netlist);

/// Tells whether unit_energy() has its answer in the cache, so that it would simulate nothing.
bool energy_is_kept(const EnergyRequest& request, const UnitNetlist& netlist);

/// Synthesises, flattens, times, simulates and weighs a unit in the flow's library, at its clock and with its script.
/// What was done before with the same contents comes from the cache (sim/energy/energy_cache.hpp), except where the
/// windows ask for output beats or to hear of cycles. The flow's progress hears of work that is done, not of what is
/// known. Throws InputError and std::invalid_argument as its steps do.
EnergyResult unit_energy(const EnergyRequest& request, const SynthesisFlow& flow);
/// The same in a flow of its own. Throws as open_flow() besides.
EnergyResult unit_energy(const EnergyRequest& request, const CellLibrary& library,
                         const SynthesisOptions& options = {});

}  // namespace subbyte::sim
