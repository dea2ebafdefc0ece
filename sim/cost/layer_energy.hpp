// Joules of one layer on one design, by counted actions: the cycles of the unit's netlist under the layer's own beats,
// the words that enter and leave the buffers, and the bits that cross the memory's bus.
//
// Unit: the energy of a cycle, from the netlist's transitions, in every cycle of the layer. While the unit waits for
// memory its clock runs on: the clock net and the clock pins (no gating), nothing else; leakage flows all the time.
// Buffers: every byte from the bus is written once; the tile reads a packed weight once per token tile and an
// activation once per output tile (sim/mapping/loop.hpp), whole words, none of them in vain. Y leaves for the
// bus at once, or is written into the activation buffer where it stays there. A buffer of 0 KiB is none. What no action
// counts: not_counted() in layer_energy_report.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/cells/technology.hpp"
#include "sim/config/design.hpp"
#include "sim/cost/roofline.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// Bytes through the ports of the buffers.
struct BufferTraffic {
  std::uint64_t weight_writes = 0;
  std::uint64_t weight_reads = 0;
  std::uint64_t activation_writes = 0;
  std::uint64_t activation_reads = 0;
  std::uint64_t output_writes = 0;  ///< into the activation buffer
};
BufferTraffic buffer_traffic_of(const Design& design, const quant::PackedTensor& weights, std::size_t tokens);

/// A buffer as macros: banks of one capacity, of which an access opens one. What selects them is not in it.
struct Buffer {
  std::size_t banks = 0;
  SramEntry bank;
  std::optional<double> area_um2() const;
  std::optional<double> leakage_nw() const;
};
/// Nothing for 0 KiB: there is no buffer. Throws InputError as sram_at(), std::invalid_argument for a memory without
/// entries.
std::optional<Buffer> buffer_of(const Memory& memory, std::int64_t kib);
std::optional<Buffer> weight_buffer(const Design& design);
std::optional<Buffer> activation_buffer(const Design& design);
/// Throws InputError as layer_energy() does for the memories of a design, before anything is measured.
void check_memories(const Design& design);

/// The unit of a design under the beats of one layer.
struct UnitPower {
  double pj_per_cycle = 0;  ///< dynamic, with glitches unless there is no glitch_factor
  /// The 95 % confidence interval of it, that of the glitch factor in it; nothing where the stimulus is too short
  std::optional<double> half_width_pj;
  double clock_pj_per_cycle = 0;  ///< of pj_per_cycle: clock net and clock pins
  double leakage_nw = 0;
  double area_um2 = 0;
  double gate_equivalents = 0;
  std::string source;
  /// What glitches multiply pj_per_cycle by, which has them; nothing at zero delay.
  std::optional<double> glitch_factor{};
  SynthesisTools tools{};
};
/// At the design's clock, in the flow's library. With `zero_delay` glitches are left out.
UnitPower unit_power(const Design& design, const kernels::Stimulus& stimulus, const SynthesisFlow& flow,
                     bool zero_delay);

/// An action, how often it happened, and what it costs.
struct EnergyPart {
  std::string unit;    ///< where: one of energy_units()
  std::string action;  ///< "cycles", "reads of 64 bits", ...
  double count = 0;
  double pj_each = 0;
  double energy_j = 0;
  /// published range of a DRAM, 95 % interval of the windows; nothing for what has neither
  std::optional<double> low_j;
  std::optional<double> high_j;
  std::string source;    ///< "netlist in ...", "table: NAME ..."
  std::string citation;  ///< of a table's entry
};

/// "unit", "weight buffer", "activation buffer", "DRAM".
const std::vector<std::string>& energy_units();

struct LayerEnergy {
  std::size_t tokens = 0;
  double macs = 0;
  double seconds = 0;
  std::vector<EnergyPart> parts;  ///< of the whole; in the order of energy_units()

  /// The unit's working cycles without glitches; nothing where the parts are without them.
  std::optional<double> unit_work_zero_delay_j;

  double total_j() const;
  /// Parts without a range as they stand; nothing where the unit's windows tell no interval.
  std::optional<double> low_j() const;
  std::optional<double> high_j() const;
  double unit_j(std::string_view unit) const;
  double unit_work_j() const;  ///< working cycles: transitions alone
  double unit_leakage_j() const;
  /// What glitches multiply the working cycles by; waiting and leakage have none.
  std::optional<double> glitch_factor() const;
  double per_token_j() const { return total_j() / static_cast<double>(tokens); }
  double average_power_w() const { return total_j() / seconds; }
  double delay_product_js() const { return total_j() * seconds; }  ///< of the whole run, all tokens
};

/// `cycles` of the layer on the tile without waiting for memory. Throws InputError: a buffer outside its table's range,
/// and one whose table has no energy of a write.
LayerEnergy layer_energy(const Design& design, const quant::PackedTensor& weights, std::size_t tokens,
                         std::uint64_t cycles, const UnitPower& unit);

/// Layers one after the other: equal actions of equal source are added, at the mean cost of one.
LayerEnergy sum_of(const std::vector<LayerEnergy>& layers);

/// Where all of one place's energy comes from; empty where there is no such place.
std::string source_of(const LayerEnergy& energy, std::string_view unit);

/// What a sum is a sum of: unit, buffers and DRAM, each with its source.
std::string sources_of(const LayerEnergy& energy);

}  // namespace subbyte::sim
