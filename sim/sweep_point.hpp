// One point of a sweep: accuracy, bytes, cycles, area and energy of one format on one variant of a design.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sim/sweep.hpp"
#include "sim/synthesis.hpp"
#include "sim/technology.hpp"

namespace subbyte::sim {

/// The engines of a point disagree; what() says on which beat. No cycle count exists then.
struct EnginesDiffer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The layer, its activations (recorded by the embedded model where they are its own, else Gaussian of the plan's seed).
/// Throws InputError as the readers do.
SweepInputs read_sweep_inputs(const SweepPlan& plan);

/// Quantizes the layer, runs the plan's engines on it, synthesises the variant: the metrics of sweep_metrics(), and
/// "area_source". A design that cannot run the format gives "unsupported" with the reason instead of cycles and area.
/// Throws EnginesDiffer.
nlohmann::json measure_point(const SweepPlan& plan, const SweepInputs& inputs, const SweepPoint& point,
                             const Technology& technology, const SynthesisOptions& synthesis);

}  // namespace subbyte::sim
