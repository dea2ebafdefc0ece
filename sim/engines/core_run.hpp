// Runs one layer on a design's core: chooses the blocks of its loop nest by cost, and compares the engines by their
// commands to memory (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/fast/core_fast.hpp"
#include "sim/engines/compare.hpp"
#include "sim/engines/engine.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/mapping/core_layer.hpp"

namespace subbyte::sim {

/// Bytes of the bus that a layer moves, in whole bursts.
struct CoreTraffic {
  std::uint64_t weights = 0, activations = 0, outputs = 0;
  std::uint64_t total() const { return weights + activations + outputs; }
};

/// A layer in the blocks that cost the fewest cycles, and of those the fewest bytes.
struct CoreSchedule {
  kernels::CoreLayer layer;
  kernels::CoreCounts counts{};  ///< of `fast`
  CoreTraffic traffic;
  std::uint64_t cycles() const;  ///< the sum of the causes
};

/// Tries both orders and blocks of 1, 2, 4, ... tiles, and of all. Throws LayerRefused where not even one tile fits the
/// buffers, which names the design and says what would.
CoreSchedule schedule_core(const std::string& design, const CoreLayerPlan& plan);

struct CoreResult {
  CoreLayerPlan plan;
  CoreSchedule schedule;
  std::vector<EngineRun> engines;
  std::optional<Mismatch> first;
  std::vector<float> y;                       ///< [tokens][outputs]; empty when the engines differ or none has bits
  std::optional<kernels::CoreCounts> counts;  ///< what an engine with cycles reported; set when they agree
  std::string cycle_source;                   ///< "rtl" or "model"
  bool equal() const;
};

/// The traces are kept whole. Throws as schedule_core() and the engines do.
CoreResult run_core_layer(const SimulateRequest& request);

}  // namespace subbyte::sim
