// The points of a sweep, and what they share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quant/rules/quantize.hpp"
#include "sim/sweep/plan.hpp"

namespace subbyte::sim {

/// What all points share: the layer, its weights and its activations.
struct SweepInputs {
  Workload workload;                       ///< of one layer, whose format is each point's own
  std::vector<float> weights;              ///< [rows][cols] of the layer
  std::vector<std::uint16_t> activations;  ///< FP16 [tokens][cols]
  std::string activation_source;           ///< "recorded", or how they were made

  const WorkloadLayer& layer() const { return workload.layers.front(); }
  quant::MatrixView matrix() const { return {weights, layer().rows, layer().cols}; }
};

/// One point: its key (content of all that determines it but the program) and where it stands in the plan.
struct SweepPoint {
  std::string key;
  std::size_t format = 0;
  std::size_t variant = 0;
};

/// The points of a plan in order formats x variants; the key covers format, design, layer data and engines.
std::vector<SweepPoint> sweep_points(const SweepPlan& plan, const SweepInputs& inputs);

/// Adds to the provenance of a sweep's record what areas and energies follow from: the technology of each variant, and
/// the conditions of its energies, where points have some. `points` are in the order of `order`.
void note_silicon(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                  const std::vector<nlohmann::json>& points, nlohmann::json& provenance);

}  // namespace subbyte::sim
