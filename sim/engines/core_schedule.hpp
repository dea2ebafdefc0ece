// Chooses the blocks in which a core walks through a layer, by the cycles of `fast` (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <string>

#include "models/fast/core_fast.hpp"
#include "sim/mapping/core_layer.hpp"

namespace subbyte::sim {

/// Bytes of the bus that a layer moves, in whole bursts.
struct CoreTraffic {
  std::uint64_t weights = 0, activations = 0, outputs = 0;
  std::uint64_t total() const { return weights + activations + outputs; }
  CoreTraffic& operator+=(const CoreTraffic& other);
  CoreTraffic& operator*=(std::uint64_t times);
};

/// A layer in the blocks that cost the fewest cycles, and of those the fewest bytes.
struct CoreSchedule {
  kernels::CoreShape shape;  ///< the plan's, or with its groups cut
  kernels::CoreLayer layer;
  kernels::CoreCounts counts{};  ///< of `fast`
  CoreTraffic traffic;
  std::uint64_t cycles() const;  ///< the sum of the causes
};

/// Chooses among both orders and blocks of 2^k and 3 * 2^k tiles and groups and even splits of all of them, with groups
/// as they are and cut (core_cuts()). What a choice costs at least decides which ones are run. Throws LayerRefused
/// where not even one tile over the smallest part of a group fits the buffers, or no choice the registers, which names
/// the design and says what would.
CoreSchedule schedule_core(const std::string& design, const CoreLayerPlan& plan);

/// Returns cycles that the layer takes at least: those of its transfers without what they wait for computing, or those
/// of computing without what it waits for.
std::uint64_t core_least_cycles(const CoreLayerPlan& plan, const kernels::CoreShape& shape,
                                const kernels::CoreBlocks& blocks);

}  // namespace subbyte::sim
