// Runs one layer on a design's core, in the blocks that cost the least, and compares the engines by their commands to
// memory (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/engines/compare.hpp"
#include "sim/engines/core_schedule.hpp"
#include "sim/engines/engine.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/engines/waves.hpp"

namespace subbyte::sim {

struct CoreResult {
  CoreLayerPlan plan;
  CoreSchedule schedule;
  std::vector<EngineRun> engines;
  std::optional<Mismatch> first;
  std::vector<float> token_scales;  ///< of activations in bytes, which Y has in it; else empty
  std::vector<float> y;  ///< [tokens][outputs], scaled behind the core; empty when the engines differ or none has bits
  std::optional<kernels::CoreCounts> counts;  ///< what an engine with cycles reported; set when they agree
  std::string cycle_source;                   ///< "rtl" or "model"
  bool equal() const;
};

/// Returns the stimulus of the layer in its blocks, with the channel beside it and a deadlock that waits for the
/// longest step, and the scales of tokens. Throws as core_inputs().
CoreInputs core_inputs(const SimulateRequest& request, const CoreLayerPlan& plan, const CoreSchedule& schedule);

/// The traces are kept whole. Throws as schedule_core() and the engines do.
CoreResult run_core_layer(const SimulateRequest& request);

/// Writes the waveform of the layer that ran, as write_engine_waves() does: of the first difference, or of its first
/// cycles.
WaveFiles write_core_waves(const SimulateRequest& request, const CoreResult& result, const std::filesystem::path& base);

}  // namespace subbyte::sim
