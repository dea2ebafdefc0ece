// Judges the points of a sweep by the plan's objectives and tolerances.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reports/front.hpp"
#include "sim/sweep/plan.hpp"

namespace subbyte::sim {

/// Where each point stands. A point whose clock is known to be missed, or that lacks an objective, is never on the
/// front. The tolerance of a metric is the plan's, or what its measurement leaves open ("NAME_half_width" of the point)
/// where that is more.
std::vector<reports::FrontPlace> front_of(const SweepPlan& plan, const std::vector<nlohmann::json>& points);

/// Returns ", where differences of 0.05 dB in sqnr_db ... do not count", or nothing without tolerances.
std::string tolerance_text(const SweepPlan& plan);

}  // namespace subbyte::sim
