#include "sim/cost/vector_energy.hpp"

#include <fmt/format.h>

#include <tuple>

namespace subbyte::sim {
namespace {

constexpr const char* kUnit = "vector unit";

double as_double(std::uint64_t count) { return static_cast<double>(count); }

void add_operations(const VectorDesign& unit, const VectorActions& actions, std::vector<EnergyPart>& parts) {
  const ArithmeticEntry& table = unit.arithmetic;
  const std::tuple<const char*, std::uint64_t, double> rows[] = {
      {"FP32 additions", actions.adds, table.fp32_add_pj},
      {"FP32 multiplications", actions.multiplies, table.fp32_multiply_pj},
      {"comparisons", actions.compares, table.int32_add_pj}};
  for (const auto& [action, count, pj] : rows)
    if (count > 0)
      parts.push_back(
          energy_part(kUnit, action, as_double(count), pj, fmt::format("table: {}", table.technology), table.source));
}

void add_tiles(const Design& design, const CoreCost& cost, const UnitPower& tile, std::vector<EnergyPart>& parts) {
  const kernels::CoreParams core = kernels::CoreParams::of(design.core->parameters);
  const double tiles = core.tile_rows * core.tile_cols;
  parts.push_back(clock_part("cycles of vector, clock alone", tiles * as_double(cost.vector), tile));
  parts.push_back(clock_part("cycles of vector waiting, clock alone", tiles * as_double(cost.vector_waiting), tile));
  parts.push_back(leakage_part(tiles * as_double(cost.cycles()), design.clock_mhz, tile));
}

}  // namespace

LayerEnergy vector_energy(const Design& design, std::size_t tokens, const CoreCost& cost, const UnitPower& tile) {
  LayerEnergy energy;
  energy.tokens = tokens;
  energy.seconds = as_double(cost.cycles()) / (design.clock_mhz * 1e6);
  if (tile.glitch_factor) energy.unit_work_zero_delay_j = 0;  // no tile works
  add_tiles(design, cost, tile, energy.parts);
  const std::vector<CoreBuffer> buffers = core_buffers(design);
  const VectorActions& actions = cost.vector_actions;
  const double cycles = as_double(cost.cycles());
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    BufferParts parts(design, buffers[i], energy.parts);
    if (i > 0) parts.passes(i == 1 ? actions.bus_reads : actions.bus_writes);
    parts.leakage(cycles, design.clock_mhz);
  }
  add_operations(*design.core->vector, actions, energy.parts);
  const CoreBuffer row = row_buffer(design);
  BufferParts parts(design, row, energy.parts);
  if (actions.row_writes > 0) parts.writes(actions.row_writes, row.of_word);
  parts.reads("", actions.row_reads);
  parts.leakage(cycles, design.clock_mhz);
  add_dram(energy.parts, {0, cost.traffic.activations, cost.traffic.outputs, 0}, design.memory.dram,
           design.memory.dram_file);
  return energy;
}

void add_row_buffer_leakage(const Design& design, std::uint64_t cycles, std::vector<EnergyPart>& parts) {
  const CoreBuffer row = row_buffer(design);
  BufferParts(design, row, parts).leakage(as_double(cycles), design.clock_mhz);
}

}  // namespace subbyte::sim
