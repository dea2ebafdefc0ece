// The figures of a model's phases on a core, each under a name that says what is in it.
#pragma once

#include <vector>

#include "reports/record.hpp"
#include "sim/cost/core_phases.hpp"

namespace subbyte::sim {

/// Returns the times and rates of tokens, and the cycles, bytes and utilisation of each phase. `time_to_first_token`
/// and so on stand for all that a token needs up to its logits (PhaseWork::whole()); where something of it is left out
/// they are called `counted_`. `linear_` are the linear layers, `matmul_` these and the products of attention, and
/// `quantized_` says of both that a policy leaves layers out.
std::vector<reports::Metric> phases_metrics(const Design& design, const PhaseWork& work,
                                            const std::vector<PhaseCost>& phases);

}  // namespace subbyte::sim
