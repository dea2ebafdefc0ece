// The points of a sweep whose workload is a model's shape, on designs with a core.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "reports/record.hpp"
#include "sim/sweep/sweep_points.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {

/// Returns those of shape_metrics() that the plan's phases have, as numbers by name. A format or a layer that the
/// design cannot run gives "unsupported" with the reason instead of times. `technology` is there where the plan asks
/// for energies: then the point has those of each phase, in joules per token, with NAME_low and NAME_high where their
/// ranges are known, "energy_conditions", and whether the tile meets its clock ("tile_clock_met", "tile_path_ns").
/// Throws as measure_phases_energy().
nlohmann::json measure_shapes(const SweepPlan& plan, const SweepPoint& point,
                              const OpenTechnology* technology = nullptr);

/// The record of such a sweep.
reports::Record shapes_record(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                              const std::vector<nlohmann::json>& points);

}  // namespace subbyte::sim
