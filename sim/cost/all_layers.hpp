// `simulate` over many layers: every quantized layer of a packed file, a format or a policy on one design, and their
// sum.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/record.hpp"
#include "sim/cost/core_cost.hpp"
#include "sim/cost/layer_energy.hpp"
#include "sim/engines/engine.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {

/// Says what to run. It owns none of what it refers to.
struct LayersRequest {
  const Design& design;
  const LayerSource& source;
  std::string pattern = "all";      ///< "all", or a shell pattern over layer names
  std::vector<OpenEngine> engines;  ///< at least one of them has cycles
  EngineOptions options = {};
  ActivationQuery activations = {};
  const OpenTechnology* technology = nullptr;  ///< where it is given, the result has energies too
  bool zero_delay = false;                     ///< whether energies leave glitches out
};

struct LayerRun {
  std::string layer;
  std::string format;
  std::string activations;  ///< where the activations come from
  std::string model;        ///< the path of the model that the weights are of; empty where it is not known
  bool drawn = false;       ///< whether the activations were drawn from the seed
  std::size_t in = 0, out = 0, tokens = 0;
  double bits_per_weight = 0;
  std::size_t bytes = 0;  ///< of the packed weights
  std::uint64_t cycles = 0;
  Traffic traffic;
  LayerTime time;
  RooflinePoint roofline;  ///< of a tile; a core stalls for its memory, and its bound is what is busy for longer
  std::optional<LayerEnergy> energy;
  std::optional<CoreLayerCost> core = {};  ///< on a design with a core: causes and streams
  std::string bound() const { return core ? core->cost.bound() : time.bound(); }
};

struct LayersResult {
  std::vector<LayerRun> layers;
  std::vector<WorkloadLayer> left_out;  ///< layers that match the pattern but are not quantized
  /// the unit in the first layer; its area and leakage are those of all layers, and it has no interval where a layer
  /// has none
  std::optional<UnitPower> unit;
  std::string cycle_source;
  /// says where the engines differ, and is empty where they agree; where they differ no layer has figures
  std::string mismatch;
};

/// Throws InputError for what can be told before anything is synthesised or run: it names every layer whose format the
/// design cannot run; a pattern that matches nothing, no quantized layer, no engine with cycles, and a file of
/// activations that lacks a layer or has different numbers of tokens for the layers.
void check_layers(const LayersRequest& request);

/// Runs the layers. Throws as check_layers() does, before any layer runs; and for a layer whose values the design
/// cannot run.
LayersResult simulate_layers(const LayersRequest& request);

/// Returns the metrics of the whole, and the tables "Layers", "Energy" and "Roofline" with their charts; of a core
/// "Layers", "Where the cycles go", "Memory" and "Roofline".
reports::Record layers_record(const LayersRequest& request, const LayersResult& result);
nlohmann::ordered_json layers_json(const LayersRequest& request, const LayersResult& result);

}  // namespace subbyte::sim
