// Runs a sweep: every format on every variant, each point once, whatever is killed and whoever else sweeps here.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "quant/rules/quantize.hpp"
#include "reports/record.hpp"
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

/// Returns the metrics of one point by name (sweep_metrics()), plus "engines", "area_source" and, where the design
/// cannot run the format, "unsupported". Throws std::runtime_error when engines disagree, and says where: a point with
/// wrong cycles is never stored.
using PointFunction = std::function<nlohmann::json(const SweepPlan&, const SweepInputs&, const SweepPoint&)>;

struct SweepProgress {
  std::size_t done = 0, total = 0, computed = 0;
  std::size_t outdated = 0;  ///< points in the directory that another program computed, which are not used
  std::string point;
};

/// Computes what the store in `directory` does not hold of this program yet, then writes NAME-HASH.json and
/// NAME-HASH.csv there, whole. Points that another process computes meanwhile are waited for. Returns the record.
reports::Record run_sweep(const SweepPlan& plan, const SweepInputs& inputs, const std::filesystem::path& directory,
                          const PointFunction& compute, const std::function<void(const SweepProgress&)>& progress);

}  // namespace subbyte::sim
