// Joules of a model's phases on a core, from shapes alone: the actions are those of every product, and the tile is
// measured under weights and activations of the model that comes with Subbyte, in each layer's format.
#pragma once

#include <vector>

#include "sim/cost/core_energy.hpp"
#include "sim/cost/core_phases.hpp"

namespace subbyte::sim {

struct PhasesEnergy {
  std::vector<LayerEnergy> phases;  ///< in their order, each the sum of its layers
  nlohmann::ordered_json conditions;
  ClockCheck clock;  ///< of the tile alone
};

/// Maps the design's tile once, and runs it under beats of every format and number of tokens. Tokens of a pass beyond
/// 16 are left out where they fill whole tiles, because full tiles are like one another. Throws as
/// measure_core_energy(), and InputError for phases without a layer.
PhasesEnergy measure_phases_energy(const Design& design, const PhaseWork& work, const std::vector<PhaseCost>& phases,
                                   const OpenTechnology& technology, const CoreEnergyOptions& options);

/// Adds metrics and a table of each phase to the record, and the conditions.
void add_phases_energy(reports::Record& record, const std::vector<PhaseCost>& phases, const PhasesEnergy& energy,
                       const std::string& technology);

}  // namespace subbyte::sim
