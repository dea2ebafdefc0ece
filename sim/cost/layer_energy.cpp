#include "sim/cost/layer_energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/area/area.hpp"
#include "sim/base/input_error.hpp"
#include "sim/energy/energy.hpp"
#include "sim/energy/energy_report.hpp"

namespace subbyte::sim {
namespace {

constexpr double kPico = 1e-12;
constexpr std::int64_t kKib = 1024;

/// Adds the unit's parts: `cycles` cycles of work in `clocked` cycles of the clock.
void add_unit(std::vector<EnergyPart>& parts, double cycles, double clocked, double clock_mhz, const UnitPower& unit) {
  parts.push_back(work_part(kWork, cycles, unit));
  parts.push_back(clock_part("cycles that wait for memory, clock alone", clocked - cycles, unit));
  parts.push_back(leakage_part(clocked, clock_mhz, unit));
}

/// Bytes through the ports of one buffer.
struct PortBytes {
  std::uint64_t writes = 0, reads = 0, outputs = 0;
};

void add_buffer(std::vector<EnergyPart>& parts, const std::string& name, const std::optional<Buffer>& buffer,
                const TableFile& file, const PortBytes& ports, double clocked, double clock_mhz) {
  if (!buffer) return;
  const SramEntry& bank = buffer->bank;
  require_write_energy(bank);
  const std::string source = bank_source(bank, file);
  const double bytes = static_cast<double>(bank.word_bits) / 8;
  const auto add = [&](const char* action, std::uint64_t moved, double pj) {
    parts.push_back(energy_part(name, fmt::format(fmt::runtime(action), bank.word_bits),
                                static_cast<double>(moved) / bytes, pj, source, bank.source));
  };
  add("writes of {} bits", ports.writes, *bank.write_pj);
  add("reads of {} bits", ports.reads, bank.read_pj);
  if (ports.outputs > 0) add("writes of {} bits, outputs", ports.outputs, *bank.write_pj);
  if (const auto leakage = buffer->leakage_nw())
    parts.push_back(energy_part(name, kLeakage, clocked, *leakage * 1e-3 / clock_mhz, source, bank.source));
}

template <typename Wanted>
double sum_over(const std::vector<EnergyPart>& parts, Wanted wanted) {
  double total = 0;
  for (const EnergyPart& part : parts)
    if (wanted(part)) total += part.energy_j;
  return total;
}

std::optional<double> end_of_range(const std::vector<EnergyPart>& parts, std::optional<double> EnergyPart::*end) {
  double total = 0;
  for (const EnergyPart& part : parts) {
    if (is_work(part) && !(part.*end)) return std::nullopt;
    total += (part.*end).value_or(part.energy_j);
  }
  return total;
}

std::optional<double> added(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b ? std::optional(*a + *b) : std::nullopt;
}

EnergyRequest power_request(const kernels::Stimulus& stimulus, bool zero_delay) {
  EnergyRequest request;
  request.stimulus = stimulus;
  request.zero_delay = zero_delay;
  return request;
}

std::uint64_t bytes_of_tokens(const TileLoop& loop) {
  return loop.tokens * (loop.int8_activations ? loop.in + 4 : loop.in * 2);
}

}  // namespace

BufferTraffic buffer_traffic_of(const Design& design, const quant::PackedTensor& weights, std::size_t tokens) {
  const TileLoop loop = tile_loop(design, weights, tokens);
  const Traffic bus = traffic_of(design, weights, tokens);
  return {bus.weight_bytes, weights.bytes() * loop.token_tiles(), bus.activation_bytes,
          bytes_of_tokens(loop) * loop.output_tiles(), bus.buffered_output_bytes};
}

std::optional<double> Buffer::area_um2() const {
  if (!bank.area_um2) return std::nullopt;
  return static_cast<double>(banks) * *bank.area_um2;
}

std::optional<double> Buffer::leakage_nw() const {
  if (!bank.leakage_nw) return std::nullopt;
  return static_cast<double>(banks) * *bank.leakage_nw;
}

std::optional<Buffer> buffer_of(const Memory& memory, std::int64_t kib) {
  if (kib == 0) return std::nullopt;
  if (memory.sram_bank_kib <= 0) throw std::invalid_argument("the design states no bank of its buffers");
  const std::int64_t banks = (kib + memory.sram_bank_kib - 1) / memory.sram_bank_kib;
  return Buffer{static_cast<std::size_t>(banks), sram_at(memory.sram, (kib * kKib + banks - 1) / banks)};
}

std::optional<Buffer> weight_buffer(const Design& design) {
  return buffer_of(design.memory, design.memory.weight_buffer_kib);
}
std::optional<Buffer> activation_buffer(const Design& design) {
  return buffer_of(design.memory, design.memory.activation_buffer_kib);
}

void check_memories(const Design& design) {
  for (const auto& buffer : {weight_buffer(design), activation_buffer(design)})
    if (buffer) require_write_energy(buffer->bank);
}

UnitNetlist design_netlist(const Design& design, const SynthesisFlow& flow) {
  return {at_clock(flow, design.clock_mhz), *design.unit, design.parameters};
}

bool unit_power_is_kept(const kernels::Stimulus& stimulus, const UnitNetlist& netlist, bool zero_delay) {
  return energy_is_kept(power_request(stimulus, zero_delay), netlist);
}

EnergyPart work_part(std::string_view action, double cycles, const UnitPower& unit) {
  EnergyPart work =
      energy_part("unit", action, cycles, unit.pj_per_cycle, counted_source(unit.source, !unit.glitch_factor));
  if (unit.half_width_pj)
    set_range(work, unit.pj_per_cycle - *unit.half_width_pj, unit.pj_per_cycle + *unit.half_width_pj);
  return work;
}

EnergyPart clock_part(std::string_view action, double cycles, const UnitPower& unit) {
  return energy_part("unit", action, cycles, unit.clock_pj_per_cycle, counted_source(unit.source, !unit.glitch_factor));
}

EnergyPart leakage_part(double cycles, double clock_mhz, const UnitPower& unit) {
  return energy_part("unit", kLeakage, cycles, unit.leakage_nw * 1e-3 / clock_mhz,
                     unit.source + ", leakage of its cells");
}

UnitPower unit_power(const kernels::Stimulus& stimulus, const UnitNetlist& netlist, bool zero_delay) {
  const EnergyResult result = unit_energy(power_request(stimulus, zero_delay), netlist);
  return {result.energy.pj_per_cycle,
          result.half_width_pj(),
          result.energy.use(EnergyUse::kClock),
          result.energy.leakage_nw,
          result.synthesis.area_um2,
          result.synthesis.gate_equivalents,
          netlist_source(netlist.flow().library),
          result.glitches ? std::optional(result.glitches->factor()) : std::nullopt,
          result.synthesis.tools};
}

const std::vector<std::string>& energy_units() {
  static const std::vector<std::string> names{"unit", "weight buffer", "activation buffer", "DRAM"};
  return names;
}

std::vector<std::string> LayerEnergy::places() const {
  std::vector<std::string> names;
  for (const EnergyPart& part : parts)
    if (std::ranges::find(names, part.unit) == names.end()) names.push_back(part.unit);
  return names;
}

double LayerEnergy::total_j() const {
  return sum_over(parts, [](const EnergyPart&) { return true; });
}

std::optional<double> LayerEnergy::low_j() const { return end_of_range(parts, &EnergyPart::low_j); }
std::optional<double> LayerEnergy::high_j() const { return end_of_range(parts, &EnergyPart::high_j); }
double LayerEnergy::unit_work_j() const { return sum_over(parts, is_work); }
double LayerEnergy::unit_leakage_j() const {
  return sum_over(parts, [](const EnergyPart& part) { return part.unit == "unit" && part.action == kLeakage; });
}

std::optional<double> LayerEnergy::glitch_factor() const {
  if (!unit_work_zero_delay_j) return std::nullopt;
  return unit_work_j() / *unit_work_zero_delay_j;
}

double LayerEnergy::unit_j(std::string_view unit) const {
  return sum_over(parts, [&](const EnergyPart& part) { return part.unit == unit; });
}

LayerEnergy layer_energy(const Design& design, const quant::PackedTensor& weights, std::size_t tokens,
                         std::uint64_t cycles, const UnitPower& unit) {
  const Traffic traffic = traffic_of(design, weights, tokens);
  const BufferTraffic ports = buffer_traffic_of(design, weights, tokens);
  const LayerTime time = layer_time(design, cycles, traffic);
  const double seconds = time.seconds();
  // The cycles are not taken from the time where nothing waits, so that the difference is exactly zero.
  const double working = static_cast<double>(cycles);
  const double clocked = time.memory_s > time.compute_s ? time.memory_s * design.clock_mhz * 1e6 : working;
  LayerEnergy energy{
      tokens,
      static_cast<double>(tokens) * static_cast<double>(weights.rows) * static_cast<double>(weights.cols),
      seconds,
      {},
      {}};
  add_unit(energy.parts, working, clocked, design.clock_mhz, unit);
  if (unit.glitch_factor) energy.unit_work_zero_delay_j = energy.unit_work_j() / *unit.glitch_factor;
  add_buffer(energy.parts, "weight buffer", weight_buffer(design), design.memory.sram_file,
             {ports.weight_writes, ports.weight_reads}, clocked, design.clock_mhz);
  add_buffer(energy.parts, "activation buffer", activation_buffer(design), design.memory.sram_file,
             {ports.activation_writes, ports.activation_reads, ports.output_writes}, clocked, design.clock_mhz);
  add_dram(energy.parts, traffic, design.memory.dram, design.memory.dram_file);
  return energy;
}

LayerEnergy sum_of(const std::vector<LayerEnergy>& layers) {
  LayerEnergy all;
  for (const LayerEnergy& layer : layers) {
    all.tokens = layer.tokens;
    all.macs += layer.macs;
    all.seconds += layer.seconds;
    all.unit_work_zero_delay_j = &layer == &layers.front()
                                     ? layer.unit_work_zero_delay_j
                                     : added(all.unit_work_zero_delay_j, layer.unit_work_zero_delay_j);
    for (const EnergyPart& part : layer.parts) {
      const auto same = std::ranges::find_if(all.parts, [&](const EnergyPart& other) {
        return other.unit == part.unit && other.action == part.action && other.source == part.source;
      });
      if (same == all.parts.end()) {
        all.parts.push_back(part);
        continue;
      }
      same->count += part.count;
      same->energy_j += part.energy_j;
      same->low_j = added(same->low_j, part.low_j);
      same->high_j = added(same->high_j, part.high_j);
    }
  }
  const std::vector<std::string> places = all.places();  // an action that the first layer has not got joins its place
  std::ranges::stable_sort(all.parts, {}, [&](const EnergyPart& part) { return std::ranges::find(places, part.unit); });
  for (EnergyPart& part : all.parts)
    if (part.count > 0) part.pj_each = part.energy_j / part.count / kPico;
  return all;
}

std::string source_of(const LayerEnergy& energy, std::string_view unit) {
  const auto first = std::ranges::find(energy.parts, unit, &EnergyPart::unit);
  if (first == energy.parts.end()) return "";
  return unit == "unit" ? first->source + ", the clock while it waits, leakage included" : first->source;
}

std::string sources_of(const LayerEnergy& energy) {
  std::string text = "sum of";
  for (const std::string& place : energy.places())
    text += fmt::format("{} {}: {}", text == "sum of" ? "" : ";", place, source_of(energy, place));
  return text;
}

}  // namespace subbyte::sim
