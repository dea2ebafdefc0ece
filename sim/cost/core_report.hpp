// What a layer on the core costs: time, traffic and stalls by cause, as a result record.
#pragma once

#include "reports/record.hpp"
#include "sim/engines/core_run.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// What stands beside the times of a core, whose clock no simulation checks.
inline constexpr const char* kCoreClock = "clock not checked: `subbyte synth --design` maps the core and checks it";

/// Bytes of an operand's image in memory, and how often they are read.
struct OperandReads {
  std::uint64_t stored = 0, reads = 1;
};
struct CoreReads {
  OperandReads weights, activations;
};
CoreReads core_reads_of(const CoreLayerPlan& plan, const CoreSchedule& schedule);

/// "8 x 2 x 32, tokens outer": output tiles, token tiles and groups of inputs of a block.
std::string blocks_text(const kernels::CoreLayer& layer);

/// Returns the record of a run: its engines, and where they agree metrics (cycles and time, in all and by cause, bytes
/// by stream, how often each operand is read, utilisation) and tables of the causes and the streams, with the buffer
/// that would hold all of an operand.
reports::Record core_record(const Design& design, const LayerInputs& inputs, const CoreResult& result);

}  // namespace subbyte::sim
