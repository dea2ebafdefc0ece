// Computes one point of a sweep: accuracy, bytes, cycles, area and energy of one format on one variant of a design.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/sweep/sweep.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// Thrown when the engines of a point disagree; what() says on which beat. No cycle count exists then.
struct EnginesDiffer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads the layer and its activations (recorded by the embedded model where they are its own, and otherwise Gaussian
/// of the plan's seed). Throws InputError as the readers do, and ConfigError with the place in the sweep file for a
/// model or layer that is not there, too many tokens, and a seed without effect.
SweepInputs read_sweep_inputs(const SweepPlan& plan, const RecordActivations& record = {});

/// Quantizes the layer, runs the plan's engines on it and synthesises the variant. Returns the metrics of
/// sweep_metrics() and "area_source". A design that cannot run the format gives "unsupported" with the reason instead
/// of cycles and area. Throws EnginesDiffer.
nlohmann::json measure_point(const SweepPlan& plan, const SweepInputs& inputs, const SweepPoint& point,
                             const OpenTechnology& technology);

/// Opens the technology of every design, or `name` for all of them, and sets the plan's silicon; with a name the plan's
/// hash covers it too. Returns the technologies by their names in SweepPlan::silicon. Throws as read_technology() and
/// the synthesis does without its tools.
std::map<std::string, OpenTechnology> use_technologies(SweepPlan& plan, const std::optional<std::string>& name,
                                                       const SynthesisOptions& synthesis);

}  // namespace subbyte::sim
