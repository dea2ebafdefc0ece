// When the layers of a model's phases run on a core, as a trace that a person can open.
#pragma once

#include <string>

#include "sim/cost/product_schedules.hpp"
#include "sim/timeline/core_timeline.hpp"
#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

/// Writes the trace of all phases, one behind the other, each a process. The first pass of a phase stands block by
/// block and layer by layer, and of its layers those of the first block step by step; other passes are an event each.
/// Events of the tracks "array" and "vector unit" have `args.cycles`, which sum to the cycles by cause of the record.
/// `schedules` are of this work, which ran; `about` says what it is. Throws InputError where `path` cannot be written.
TimelineFile write_phases_timeline(const std::string& path, const Design& design, const PhaseWork& work,
                                   const ProductSchedules& schedules, nlohmann::ordered_json about);

}  // namespace subbyte::sim
