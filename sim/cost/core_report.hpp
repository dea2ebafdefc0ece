// What a layer on the core costs: time, traffic and stalls by cause, as a result record.
#pragma once

#include "reports/record.hpp"
#include "sim/engines/core_run.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// Returns the record of a run: its engines, and where they agree metrics (cycles and time, in all and by cause, bytes
/// by stream, how often each operand is read, utilisation) and tables of the causes and the streams, with the buffer
/// that would hold all of an operand.
reports::Record core_record(const Design& design, const LayerInputs& inputs, const CoreResult& result);

}  // namespace subbyte::sim
