// simulate over many layers: every quantized layer of a packed file, a format or a policy on one design, and their sum.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/layer_energy.hpp"
#include "sim/engines/engine.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// Not owning.
struct LayersRequest {
  const Design& design;
  const LayerSource& source;
  std::string pattern = "all";      ///< "all", or a shell pattern over layer names
  std::vector<OpenEngine> engines;  ///< at least one with cycles
  EngineOptions options = {};
  ActivationQuery activations = {};
  const OpenTechnology* technology = nullptr;  ///< energies too
  bool zero_delay = false;                     ///< energies without glitches
};

struct LayerRun {
  std::string layer;
  std::string format;
  std::string activations;  ///< where they come from
  std::string model;        ///< the path of the model that the weights are of; empty where it is not known
  bool drawn = false;       ///< whether they were drawn from the seed
  std::size_t in = 0, out = 0, tokens = 0;
  double bits_per_weight = 0;
  std::uint64_t cycles = 0;
  Traffic traffic;
  LayerTime time;
  RooflinePoint roofline;
  std::optional<LayerEnergy> energy;
};

struct LayersResult {
  std::vector<LayerRun> layers;
  std::vector<std::string> left_out;  ///< that match, but are not quantized
  /// of the first layer: area and leakage are those of all; no interval where a layer has none
  std::optional<UnitPower> unit;
  std::string cycle_source;
  std::string mismatch;  ///< not empty: where the engines differ; then no layer has figures
};

/// Throws InputError naming every layer whose format the design cannot run, before any layer runs; for a pattern that
/// matches nothing; for a layer whose values it cannot run; for layers of different numbers of tokens.
LayersResult simulate_layers(const LayersRequest& request);

/// Metrics of the whole, tables "Layers", "Energy" and "Roofline" with their charts.
reports::Record layers_record(const LayersRequest& request, const LayersResult& result);
nlohmann::ordered_json layers_json(const LayersRequest& request, const LayersResult& result);

}  // namespace subbyte::sim
