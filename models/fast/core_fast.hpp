// The `fast` engine of the core gives the cycle of every command and the report without data, by recurrences over the
// steps of the loop nest (kernels/CORE.md). They are equal to the cycles of the SystemC model and the RTL.
#pragma once

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

/// Runs a layer from cycle `start` on. Where `command` is not empty it is called with the cycle of every command but
/// those of the report.
kernels::CoreCounts core_cycles(const kernels::CoreParams& params, const kernels::CoreLayer& layer, unsigned beats,
                                std::uint64_t start, MemoryTimes& memory,
                                const std::function<void(std::uint64_t cycle)>& command = {});

/// Returns the trace of a stimulus of the core, whose beats are zeros but for the counts of the report.
kernels::Trace core_fast(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus,
                         kernels::TraceWindow window);

}  // namespace subbyte::models
