// Where the layers of a core stand under the two roofs of its array and its memory channel.
#pragma once

#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/core_cost.hpp"

namespace subbyte::sim {

/// A layer, or all products of a layer in a phase.
struct CoreRooflineRow {
  std::string layer;
  std::string kind;  ///< those of a kind are of one colour: "prefill: attention"; empty stands for the design
  CoreCost cost;     ///< with its MACs and lane-cycles; without MACs it is no point
};

/// Adds the table "Roofline" with its chart, and nothing where no row has MACs. Intensity is MAC per byte of the bus,
/// in whole bursts. One roof is the rate at which all lanes of the array are busy, by the cycles that the format takes
/// of them, and the other one the channel's. A share is of all cycles of `rows`, with those that are no points.
/// `source` is of the cycles.
void add_core_roofline(const Design& design, const std::vector<CoreRooflineRow>& rows, const std::string& source,
                       reports::Record& record);

}  // namespace subbyte::sim
