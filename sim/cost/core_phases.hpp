// What a model's prefill and decode take on a design's core, from shapes alone: every different product is scheduled
// once by the `fast` engine, and multiplied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/core_actions.hpp"
#include "sim/cost/core_report.hpp"
#include "sim/engines/core_run.hpp"
#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

/// What products cost, all of them together.
struct CoreCost {
  std::size_t products = 0;
  kernels::CoreCounts counts{};  ///< cycles by cause
  CoreActions actions;
  CoreTraffic traffic;
  double bus_cycles = 0;   ///< cycles in which the bus moves words
  double macs = 0;         ///< multiplications of a weight with an activation
  double lane_cycles = 0;  ///< cycles of a lane that these need
  CoreCost& operator+=(const CoreCost& other);
  std::uint64_t cycles() const { return kernels::core_total(counts); }
  /// Cycles in which the array computes, filling and draining included.
  std::uint64_t computing() const;
  /// Which of the two is busy for longer: "memory" or "compute".
  const char* bound() const;
};

/// The layers of one row. Where products grow with the context, `first` is the smallest and `last` the largest.
struct PhaseLayerCost {
  ProductSize first, last;
  CoreCost cost;
  std::string blocks;  ///< of the largest, as `reads` are
  CoreReads reads{};
  std::uint64_t packed_bytes = 0;  ///< of the matrices of a pass, packed; the mean where they grow
};

struct PhaseCost {
  Phase phase;
  std::vector<PhaseLayerCost> layers;  ///< in the order of the phase's
  CoreCost total() const;
  CoreCost total(ProductKind kind) const;
};

/// Throws LayerRefused that names every layer which the design cannot run, and what would make it fit.
std::vector<PhaseCost> run_phases(const Design& design, const PhaseWork& work);

/// Returns the record: metrics of each phase, and the tables of its layers, causes and streams.
reports::Record phases_record(const Design& design, const PhaseWork& work, const std::vector<PhaseCost>& phases);

}  // namespace subbyte::sim
