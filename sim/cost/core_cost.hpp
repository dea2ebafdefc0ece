// What products take on a design's core: cycles by cause, bytes by stream, and which of array and bus is busy for
// longer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/core_actions.hpp"
#include "sim/cost/vector_actions.hpp"
#include "sim/engines/core_run.hpp"

namespace subbyte::sim {

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

/// What products or operations of the vector unit cost, all of them together.
struct CoreCost {
  std::size_t products = 0;          ///< or operations
  kernels::CoreCounts counts{};      ///< cycles by cause, of products
  std::uint64_t vector = 0;          ///< cycles in which the vector unit works
  std::uint64_t vector_waiting = 0;  ///< cycles in which it waits for memory
  CoreActions actions;
  VectorActions vector_actions;
  CoreTraffic traffic;
  double bus_cycles = 0;   ///< cycles in which the bus moves words
  double macs = 0;         ///< multiplications of a weight with an activation
  double lane_cycles = 0;  ///< cycles of a lane that these need
  CoreCost& operator+=(const CoreCost& other);
  CoreCost& operator*=(std::size_t times);
  friend CoreCost operator*(CoreCost cost, std::size_t times) { return cost *= times; }
  std::uint64_t cycles() const { return kernels::core_total(counts) + vector + vector_waiting; }
  /// Cycles in which the array computes, filling and draining included, or the vector unit works.
  std::uint64_t computing() const;
  /// Which of the two is busy for longer: "memory" or "compute".
  const char* bound() const;
  /// The lane-cycles that are needed over those that the array of the design's core offers.
  double utilisation(const Design& design) const;
};

/// Products of one layer, with how their operands are read.
struct CoreLayerCost {
  CoreCost cost;
  std::string blocks;  ///< as blocks_text() has them
  CoreReads reads;
  std::uint64_t packed_bytes = 0;  ///< of the weights in a packed file
};

/// Returns what one product takes as it was scheduled; the actions, the MACs, the lane-cycles and the
/// packed bytes stay 0.
CoreLayerCost scheduled_cost(const CoreLayerPlan& plan, const CoreSchedule& schedule);

/// Returns what a layer took whose engines agree, with its MACs and lane-cycles; the actions stay 0.
CoreLayerCost run_cost(const Design& design, const quant::PackedTensor& weights, const CoreResult& result);

/// Says how many rows of a core's array have no token, where some have none; `tokens` go through a matrix side by side.
std::string idle_rows_text(const Design& design, std::size_t tokens);

/// A row of the tables.
struct CoreLayerRow {
  std::string layer;
  CoreLayerCost cost;
};

/// A row of cycles by cause for each layer, and their total. `source` is of the cycles: "rtl" or "model".
reports::Table core_causes_table(const std::string& title, const std::string& source,
                                 std::span<const CoreLayerRow> rows);
/// A row for each layer of what memory moves, and their total; `matrix` is what stands where weights stand.
reports::Table core_streams_table(const std::string& title, const std::string& matrix,
                                  std::span<const CoreLayerRow> rows);
/// Adds a table of causes, with bars of its rows.
void add_causes(reports::Table causes, reports::Record& record);

}  // namespace subbyte::sim
