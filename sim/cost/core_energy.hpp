// Joules of a layer on a design's core, by counted actions: cycles of every tile from the netlist of one of them, words
// of the buffers, and bits of memory.
//
// A tile costs what a cycle of its netlist takes under the layer's beats while a chunk is there, and else the clock net
// and the clock pins alone; it leaks in every cycle. What the tiles still do with the last chunks of a step is in the
// mean of the cycles with a chunk. A tile of the array that no token reaches gets weights and zeros, and is measured
// with these; in one without an output the clock alone is counted.
//
// A buffer is made of macros of the memory table, side by side for the width of its words and one after the other for
// their number; an access opens those that it needs. Where the table has no macro as small, its smallest one stands
// there with what it leaves unused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/buffer_parts.hpp"
#include "sim/cost/core_actions.hpp"
#include "sim/cost/layer_energy.hpp"
#include "sim/engines/core_run.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// Returns the buffers of weights, activations and outputs. Throws InputError as sram_at() does, and for a table
/// without the energy of a write.
std::vector<CoreBuffer> core_buffers(const Design& design);
/// Returns the row buffer of a design's vector unit, which it has. Throws as core_buffers() does.
CoreBuffer row_buffer(const Design& design);
/// Throws as these do, before anything is measured.
void check_core_memories(const Design& design);

/// What one tile takes.
struct CorePower {
  UnitPower tile;
  std::optional<UnitPower> without_tokens = {};  ///< under the same weights and zeros; needed where tiles stand so
};

/// What was counted of a layer, or of several that are equal.
struct CoreWork {
  std::size_t tokens = 0;
  double macs = 0;
  kernels::CoreCounts counts{};
  CoreActions actions;
  CoreTraffic traffic;
};
/// Throws as core_buffers() does.
LayerEnergy core_energy(const Design& design, const CoreWork& work, const CorePower& power);

/// Returns the counts of a layer whose engines agree on its cycles.
CoreWork core_work(const CoreResult& result);

/// A layer that ran, and what measured its tile.
struct CoreEnergy {
  LayerEnergy energy;
  nlohmann::ordered_json conditions;
  ClockCheck clock;  ///< of the tile alone
};
struct CoreEnergyOptions {
  bool zero_delay = false;       ///< glitches are left out
  bool clock_unchecked = false;  ///< a tile that misses the clock is no error
};
/// Measures one tile under a layer, and with `without_tokens` under its weights and zeros besides. Throws as
/// map_layer() and unit_power() do.
CorePower core_power(const Design& design, const LayerInputs& inputs, const UnitNetlist& netlist, bool zero_delay,
                     bool without_tokens);

/// Maps the design's tile, runs its netlist under the layer's beats, and counts. Throws as require_met(), unit_power()
/// and core_energy() do.
CoreEnergy measure_core_energy(const Design& design, const CoreWork& work, const LayerInputs& inputs,
                               const OpenTechnology& technology, const CoreEnergyOptions& options);

/// Says how an energy was reached and what is not in it, as energy_conditions() does of a tile. `vector` says whether
/// the vector unit's operations are in it.
nlohmann::ordered_json core_energy_conditions(const Design& design, const CorePower& power,
                                              const Technology& technology, bool vector = false);

/// Says in a record what is known of the clock: that the tile misses it, or that it meets it and the rest is not
/// checked.
void note_tile_clock(reports::Record& record, const ClockCheck& tile);

/// Adds the metrics, the conditions and the table to the record of a run on a core, with the tile's clock.
void add_core_energy(reports::Record& record, const CoreEnergy& energy, const std::string& technology);

}  // namespace subbyte::sim
