// Runs a sweep: every format on every variant, each point once, whatever is killed and whoever else sweeps here.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/record.hpp"
#include "sim/sweep/sweep_points.hpp"

namespace subbyte::sim {

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
