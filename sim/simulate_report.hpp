// What simulate says of one layer: text, JSON, record.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/engine_waves.hpp"
#include "sim/layer_energy.hpp"
#include "sim/simulate.hpp"
#include "sim/simulate_inputs.hpp"

namespace subbyte::sim {

/// Not owning.
struct SimulateReport {
  const Design& design;
  const LayerInputs& inputs;
  const SimulateResult& result;
  std::vector<reports::Metric> metrics = {};
  std::string clock = {};  ///< of a synthesis: whether the design's clock holds
  std::optional<LayerEnergy> energy = {};
  nlohmann::ordered_json conditions = {};  ///< of the energy
  std::vector<WaveFiles> waves = {};
};

reports::Record simulate_record(const SimulateReport& report);
nlohmann::ordered_json simulate_json(const SimulateReport& report);
std::string simulate_text(const SimulateReport& report);

/// {"name","quantity","unit","value","source"} of each.
nlohmann::ordered_json metrics_json(const std::vector<reports::Metric>& metrics);
/// {"where","action","count","pj_each","energy_j","low_j","high_j","source"} of each part; an end of a range that is
/// not known is null.
nlohmann::ordered_json energy_json(const LayerEnergy& energy);

}  // namespace subbyte::sim
