// What a sweep says: its points as a table with the front marked, and as charts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "reports/record.hpp"
#include "sim/sweep/sweep_points.hpp"

namespace subbyte::sim {

/// `points` are those of `order`, as a PointFunction made them.
reports::Record sweep_record(const SweepPlan& plan, const SweepInputs& inputs, const std::vector<SweepPoint>& order,
                             const std::vector<nlohmann::json>& points);

}  // namespace subbyte::sim
