// What simulate says of one layer: text, JSON, record.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/core_energy.hpp"
#include "sim/cost/layer_energy.hpp"
#include "sim/engines/core_run.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/engines/waves.hpp"
#include "sim/timeline/core_timeline.hpp"
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

reports::Record simulate_record(const SimulateReport& report);
nlohmann::ordered_json simulate_json(const SimulateReport& report);
/// What a run on a core is told from, which owns nothing of it.
struct CoreReport {
  const Design& design;
  const LayerInputs& inputs;
  const CoreResult& result;
  const reports::Record& record;
  const std::optional<CoreEnergy>& energy;
  nlohmann::ordered_json rtl = {};  ///< as foreign_rtl() has it
  std::vector<WaveFiles> waves = {};
  std::optional<TimelineFile> timeline = {};
};
/// The same keys of a run on a core, and "record", which has what a tile's run has not: the causes and the streams.
nlohmann::ordered_json core_json(const CoreReport& report);
std::string core_text(const CoreReport& report, bool verbose);

/// The object of a run from shapes alone.
nlohmann::ordered_json shapes_json(const reports::Record& record, const std::optional<TimelineFile>& timeline);
/// The keys of the objects that simulate prints with --json, for its help.
extern const char* const kSimulateJson;
/// With `verbose` every source and condition is in it.
std::string simulate_text(const SimulateReport& report, bool verbose);

}  // namespace subbyte::sim
