// What simulate says of one layer: text, JSON, record.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/layer_energy.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/engines/waves.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// Holds what a report is made of, and owns nothing of it.
struct SimulateReport {
  const Design& design;
  const LayerInputs& inputs;
  const SimulateResult& result;
  std::vector<reports::Metric> metrics = {};
  std::string clock = {};              ///< of a synthesis: whether the design's clock holds
  std::optional<bool> clock_met = {};  ///< empty where nobody checked it
  std::string technology = {};         ///< the name of that whose cells area and energy are of; empty without either
  std::optional<LayerEnergy> energy = {};
  nlohmann::ordered_json conditions = {};  ///< of the energy
  std::vector<WaveFiles> waves = {};
};

/// Writes what is said of the clock into an object: "clock" in words, and "clock_met" (null where nobody checked it).
template <typename Json>
void note_clock(const std::string& clock, const std::optional<bool>& met, Json& object) {
  object["clock"] = clock;
  object["clock_met"] = met ? Json(*met) : Json();
}

reports::Record simulate_record(const SimulateReport& report);
nlohmann::ordered_json simulate_json(const SimulateReport& report);
/// With `verbose` every source and condition is in it.
std::string simulate_text(const SimulateReport& report, bool verbose);

}  // namespace subbyte::sim
