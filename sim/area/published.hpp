// Published figures beside ours, in a table with one row per figure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "sim/synthesis/synthesis_result.hpp"

namespace subbyte::sim {

struct PublishedRow {
  std::string name;
  std::vector<kernels::UnitPoint> needs;  ///< parameters that are named here count; the others may have any value
  /// Computes our figure from the results of `needs`, in their order.
  double (*ours)(std::span<const SynthesisResult* const> results);
  double published = 0;
  std::string source;  ///< where the published figure stands and how it follows from the paper's numbers
  std::string remark;  ///< why ours differs
};

/// Returns the table of published figures; a new figure is a new row of it.
const std::vector<PublishedRow>& published_rows();

}  // namespace subbyte::sim
