// Joules of one layer on one design, by counted actions: the cycles of the unit's netlist under the layer's own beats,
// the words that enter and leave the buffers, and the bits that cross the memory's bus.
//
// The unit costs the energy of a cycle, from the netlist's transitions, in every cycle of the layer. While it waits
// for memory its clock runs on, so that the clock net and the clock pins cost energy (nothing gates them) and nothing
// else does; leakage flows all the time. Into the buffers every byte from the bus is written once; the tile reads a
// packed weight once per token tile and an activation once per output tile (sim/mapping/loop.hpp), in whole words, none
// of them in vain. Y leaves for the bus at once, or is written into the activation buffer if it stays there. A buffer
// of 0 KiB is none. What no action counts is listed by not_counted() in layer_energy_report.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/cells/technology.hpp"
#include "sim/config/design.hpp"
#include "sim/cost/energy_parts.hpp"
#include "sim/cost/roofline.hpp"
#include "sim/energy/energy.hpp"
#include "sim/synthesis/synthesis.hpp"

namespace subbyte::sim {

/// Counts the bytes that go through the ports of the buffers.
struct BufferTraffic {
  std::uint64_t weight_writes = 0;
  std::uint64_t weight_reads = 0;
  std::uint64_t activation_writes = 0;
  std::uint64_t activation_reads = 0;
  std::uint64_t output_writes = 0;  ///< into the activation buffer
};
BufferTraffic buffer_traffic_of(const Design& design, const quant::PackedTensor& weights, std::size_t tokens);

/// A buffer made of macros: banks of one capacity, of which an access opens one. What selects the bank is not in it.
struct Buffer {
  std::size_t banks = 0;
  SramEntry bank;
  std::optional<double> area_um2() const;
  std::optional<double> leakage_nw() const;
};
/// Returns nothing for 0 KiB, because there is no buffer then. Throws InputError as sram_at() does, and
/// std::invalid_argument for a memory without entries.
std::optional<Buffer> buffer_of(const Memory& memory, std::int64_t kib);
std::optional<Buffer> weight_buffer(const Design& design);
std::optional<Buffer> activation_buffer(const Design& design);
/// Throws InputError as layer_energy() does for the memories of a design, before anything is measured.
void check_memories(const Design& design);

/// Holds what the unit of a design takes under the beats of one layer.
struct UnitPower {
  double pj_per_cycle = 0;  ///< dynamic energy, with glitches unless glitch_factor is empty
  /// half of the 95 % confidence interval of pj_per_cycle, which includes that of the glitch factor; empty where the
  /// stimulus is too short
  std::optional<double> half_width_pj;
  double clock_pj_per_cycle = 0;  ///< the part of pj_per_cycle that goes into the clock net and the clock pins
  double leakage_nw = 0;
  double area_um2 = 0;
  double gate_equivalents = 0;
  std::string source;
  /// what glitches multiply pj_per_cycle by, which includes them; empty at zero delay
  std::optional<double> glitch_factor{};
  SynthesisTools tools{};
};
/// Measures a unit under the beats of a stimulus. `netlist` is that of design_netlist(). With `zero_delay` glitches are
/// left out.
UnitPower unit_power(const kernels::Stimulus& stimulus, const UnitNetlist& netlist, bool zero_delay);

/// Tells whether unit_power() has its answer in the cache, so that it would simulate nothing.
bool unit_power_is_kept(const kernels::Stimulus& stimulus, const UnitNetlist& netlist, bool zero_delay);

/// Returns the unit of a design at its clock, in the flow's library. Every layer that runs on the design shares it.
UnitNetlist design_netlist(const Design& design, const SynthesisFlow& flow);

/// Returns the part of cycles in which the unit works, of those in which its clock alone runs, and of leakage.
EnergyPart work_part(std::string_view action, double cycles, const UnitPower& unit);
EnergyPart clock_part(std::string_view action, double cycles, const UnitPower& unit);
EnergyPart leakage_part(double cycles, double clock_mhz, const UnitPower& unit);

/// Returns "unit", "weight buffer", "activation buffer" and "DRAM", the places of a tile's energy; a core has an output
/// buffer besides (LayerEnergy::places()).
const std::vector<std::string>& energy_units();

struct LayerEnergy {
  std::size_t tokens = 0;
  double macs = 0;
  double seconds = 0;
  std::vector<EnergyPart> parts;  ///< the parts of the whole energy, place after place

  /// the energy of the unit's working cycles without glitches; empty where the parts are without them
  std::optional<double> unit_work_zero_delay_j;

  std::vector<std::string> places() const;  ///< where the parts are, each once, in their order
  double total_j() const;
  /// Return the ends of the total's range, to which parts without a range add what they are; nothing where the unit's
  /// windows tell no interval.
  std::optional<double> low_j() const;
  std::optional<double> high_j() const;
  double unit_j(std::string_view unit) const;
  double unit_work_j() const;  ///< energy of the transitions in working cycles alone
  double unit_leakage_j() const;
  /// Returns what glitches multiply the energy of the working cycles by; waiting and leakage have no glitches.
  std::optional<double> glitch_factor() const;
  double per_token_j() const { return total_j() / static_cast<double>(tokens); }
  double average_power_w() const { return total_j() / seconds; }
  /// energy times delay of the whole run with all its tokens
  double delay_product_js() const { return total_j() * seconds; }
};

/// Returns the energy of a layer that keeps the tile busy for `cycles` cycles, in which waiting for memory is not
/// counted. Throws InputError for a buffer outside its table's range, and for one whose table has no energy of a write.
LayerEnergy layer_energy(const Design& design, const quant::PackedTensor& weights, std::size_t tokens,
                         std::uint64_t cycles, const UnitPower& unit);

/// Adds layers that run one after the other: equal actions of equal source become one, at their mean cost.
LayerEnergy sum_of(const std::vector<LayerEnergy>& layers);

/// Names where all of one place's energy comes from; the text is empty where there is no such place.
std::string source_of(const LayerEnergy& energy, std::string_view unit);

/// Says what a sum is made of: unit, buffers and DRAM, each with its source.
std::string sources_of(const LayerEnergy& energy);

}  // namespace subbyte::sim
