// The machine around a design's tile: what its `core` says beside the tile, the clock and the memory
// (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/contract/unit.hpp"
#include "kernels/core/channel.hpp"
#include "kernels/vector_unit.hpp"
#include "sim/config/arithmetic_table.hpp"
#include "sim/config/config.hpp"

namespace subbyte::sim {

/// The mapping `core.vector` of a design.
struct VectorKeys {
  std::int64_t lanes = 8, latency = 8, row_buffer_kib = 64;
  ArithmeticEntry arithmetic;
};

/// The mapping `core` of a design.
struct CoreKeys {
  ConfigNode node;
  std::int64_t tile_rows = 1, tile_cols = 1;
  std::int64_t bus_bytes = 16, burst_bytes = 64;
  std::int64_t output_buffer_kib = 4;
  double latency_ns = 0, turnaround_ns = 0;
  std::optional<VectorKeys> vector = {};
};

/// What of the rest of a design a core depends on.
struct CoreSurroundings {
  const kernels::UnitInfo& unit;
  const kernels::Parameters& parameters;
  double clock_mhz = 0;
  double bytes_per_second = 0;
  std::int64_t weight_buffer_kib = 0, activation_buffer_kib = 0;
  bool fp32_to_dram = true;  ///< what `output` says
};

/// The vector unit of a core.
struct VectorDesign {
  kernels::VectorParams params;
  std::int64_t row_buffer_kib = 0;
  ArithmeticEntry arithmetic;  ///< what its operations cost
};

/// The machine of a design.
struct CoreDesign {
  kernels::Parameters parameters;           ///< of the machine `core`: of its tile, its array, its bus and its buffers
  kernels::ChannelParams channel;           ///< at the design's clock
  std::optional<VectorDesign> vector = {};  ///< beside the array; nothing: it has none
};

/// What the core and the rest of the design do not allow together, or one of them.
struct CoreMisfit : std::invalid_argument {
  CoreMisfit(std::vector<std::string> any_of, const std::string& text)
      : std::invalid_argument(text), keys(std::move(any_of)) {}
  std::vector<std::string> keys;  ///< any of these would mend it, dotted; the text follows the key
};

/// Reads `core`, where a design has one. What is wrong is recorded as problems.
std::optional<CoreKeys> read_core(ConfigNode& root);
/// Returns the machine; nanoseconds are rounded up to cycles. Throws CoreMisfit.
CoreDesign make_core(const CoreKeys& keys, const CoreSurroundings& around);

}  // namespace subbyte::sim
