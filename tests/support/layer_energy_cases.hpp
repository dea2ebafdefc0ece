// What the tests of a layer's joules share: weights, a design with buffers of a few numbers, and a unit's power.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "quant/rules/quantize.hpp"
#include "sim/cost/layer_energy.hpp"

namespace subbyte::sim {

inline constexpr double kPico = 1e-12;

inline quant::PackedTensor weights_of(std::size_t out, std::size_t in, const std::string& format = "int8:g64") {
  std::vector<float> values(out * in);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i));
  return quant::quantize({values, out, in}, quant::parse_format(format));
}

inline Design design_of(std::int64_t weight_kib = 1, std::int64_t activation_kib = 1) {
  Design design = read_design("fp16-mac-8x8");
  design.memory.weight_buffer_kib = weight_kib;
  design.memory.activation_buffer_kib = activation_kib;
  design.memory.dram = {"d", 10, 5, 20, "test"};
  design.memory.sram = {{"s", 64, 512, 1, 2, 100, 3, "test"}, {"s", 64, 1024, 4, 8, 200, 6, "test"}};
  design.memory.sram_bank_kib = 1;
  return design;
}

/// Of a unit that was mapped by `tools`.
inline UnitPower power_by(const SynthesisTools& tools) { return {100, 1, 30, 500, 1000, 50, "netlist", {}, tools}; }

/// Throws std::invalid_argument where no action is called so.
inline const EnergyPart& part_of(const LayerEnergy& energy, const std::string& unit, const std::string& action) {
  for (const EnergyPart& part : energy.parts)
    if (part.unit == unit && part.action == action) return part;
  throw std::invalid_argument(unit + ": " + action);
}

}  // namespace subbyte::sim
