// What a model's prefill and decode take on a design's core, from shapes alone: every different product is scheduled
// once by the `fast` engine, and multiplied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/core_cost.hpp"
#include "sim/cost/product_schedules.hpp"
#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

/// The layers of one row. Where products grow with the context, `first` is the smallest and `last` the largest, whose
/// blocks and reads these are; the packed bytes are the mean.
struct PhaseLayerCost : CoreLayerCost {
  ProductSize first, last;
};

struct PhaseCost {
  Phase phase;
  std::vector<PhaseLayerCost> layers;  ///< in the order of the phase's
  CoreCost total() const;
  CoreCost total(LayerKind kind) const;
};

/// Returns the work with the layers of the vector unit, where the design's core has one.
PhaseWork work_on(const Design& design, PhaseWork work);

/// Runs layers in their order, one after the other. Throws LayerRefused that names every layer which the design cannot
/// run, and what would make it fit.
std::vector<PhaseCost> run_phases(const Design& design, const PhaseWork& work);
/// Does the same with the schedules of the same work on the same design.
std::vector<PhaseCost> run_phases(const Design& design, const PhaseWork& work, const ProductSchedules& schedules);

/// Returns the record: metrics of each phase, and the tables of its layers, causes and streams.
reports::Record phases_record(const Design& design, const PhaseWork& work, const std::vector<PhaseCost>& phases);

}  // namespace subbyte::sim
