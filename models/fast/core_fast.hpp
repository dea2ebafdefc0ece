// The `fast` engine of the core gives the cycle of every command and the report without data, by recurrences over the
// steps of the loop nest (kernels/CORE.md). They are equal to the cycles of the SystemC model and the RTL.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/core/core_layer.hpp"
#include "models/fast/memory_times.hpp"

namespace subbyte::models {

/// What computing a step takes: cycles from the one after it begins, by cause.
struct CoreStepCycles {
  std::uint64_t fill = 0, work = 0, gap = 0, drain = 0;
  std::uint64_t total() const { return fill + work + gap + drain; }
};
/// `beats` are those that the tiles take of a chunk (CoreTile::beats()). Of the step, its tiles and its groups count.
CoreStepCycles core_step_cycles(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats,
                                const kernels::CoreStep& step);

/// Cycles, both ends included; none where last < first.
struct CycleSpan {
  std::uint64_t first = 1, last = 0;
  std::uint64_t cycles() const { return last >= first ? last - first + 1 : 0; }
  CycleSpan overlap(const CycleSpan& other) const { return {std::max(first, other.first), std::min(last, other.last)}; }
};

/// Calls see() with the cycles in which each chunk of a step is before the tiles, counted from the one in which the
/// step begins, in their order, until it returns false.
void core_step_chunks(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats,
                      const kernels::CoreStep& step, const std::function<bool(const CycleSpan&)>& see);

/// What memory does in a step: spans of its causes, which do not overlap.
struct CoreMemoryStep {
  CycleSpan activations, weights, outputs;
  std::uint64_t weights_asked = 0;  ///< where there are any; activations may still come then
  std::uint64_t end = 0;            ///< the last cycle of the step
};

/// Is told what a layer does, each process in the order of its steps. Waiting and computing follow one another without
/// a hole, and their cycles by cause are the layer's.
class CoreWatcher {
 public:
  virtual ~CoreWatcher() = default;
  /// Memory walks step j, 0 <= j < steps + 2; `step` is that of the loop nest where j is below its steps.
  virtual void moves(std::uint32_t j, const kernels::CoreStep& step, const CoreMemoryStep& spans) = 0;
  /// The array waits for a cause.
  virtual void waits(unsigned cause, const CycleSpan& span) = 0;
  /// The array begins step j in cycle `go` and computes from the next one on.
  virtual void computes(std::uint32_t j, const kernels::CoreStep& step, std::uint64_t go,
                        const CoreStepCycles& cycles) = 0;
};

/// Runs a layer from cycle `start` on. Where `command` is not empty it is called with the cycle of every command but
/// those of the report. `watcher` may be missing.
kernels::CoreCounts core_cycles(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats,
                                std::uint64_t start, MemoryTimes& memory,
                                const std::function<void(std::uint64_t cycle)>& command = {},
                                CoreWatcher* watcher = nullptr);

/// Returns the trace of a stimulus of the core, whose beats are zeros but for the counts of the report.
kernels::Trace core_fast(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                         kernels::TraceWindow window);

}  // namespace subbyte::models
