#include "sim/cost/all_layers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/lists.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/engines/core_run.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

/// Layers that a design refuses, by the reason.
class Refusals {
 public:
  /// Takes down why the design cannot run the layer, and returns whether there is a reason.
  bool refuses(const Design& design, const WorkloadLayer& layer) {
    const quant::PackedTensor shape = layer_without_weights(*layer.format, layer.rows, layer.cols);
    if (design.core) return refuses_on_core(design, layer);
    const auto why = layer_unsupported(design, shape);
    if (!why) return false;
    tiles_.push_back(fmt::format("layer '{}' in {}: {}", layer.name, layer.format->id(), why->text));
    others_.insert(fmt::format("{}: {}", layer.format->id(), designs_that_run(shape)));
    return true;
  }
  void stop(const LayersRequest& request) const {
    if (!tiles_.empty())
      throw InputError(request.source.text(), "",
                       fmt::format("design '{}' cannot run {}; {}", request.design.name, fmt::join(tiles_, "; "),
                                   fmt::join(others_, "; ")));
    std::vector<std::string> texts;
    for (const auto& [why, layers] : cores_) texts.push_back(fmt::format("layer {}: {}", fmt::join(layers, ", "), why));
    if (!texts.empty()) throw InputError(request.source.text(), "", fmt::format("{}", fmt::join(texts, "; ")));
  }

 private:
  /// Formats and buffers decide, and one token needs as much of a buffer as many.
  bool refuses_on_core(const Design& design, const WorkloadLayer& layer) try {
    schedule_core(design.name, plan_core_layer(design, *layer.format, {1, layer.rows, layer.cols}));
    return false;
  } catch (const LayerRefused& refused) {
    cores_[refused.what()].push_back(fmt::format("'{}'", layer.name));
    return true;
  }

  std::vector<std::string> tiles_;
  std::set<std::string> others_;  // designs that run what is refused
  std::map<std::string, std::vector<std::string>> cores_;
};

/// Returns the layers that run; those left unquantized go to `left_out`.
std::vector<const WorkloadLayer*> chosen_layers(const LayersRequest& request, std::vector<WorkloadLayer>& left_out) {
  std::vector<const WorkloadLayer*> chosen;
  std::vector<std::string> names;
  Refusals refusals;
  for (const WorkloadLayer& layer : request.source.layers()) {
    names.push_back(layer.name);
    if (request.pattern != "all" && !shell_match(request.pattern, layer.name)) continue;
    if (!layer.format)
      left_out.push_back(layer);
    else if (!refusals.refuses(request.design, layer))
      chosen.push_back(&layer);
  }
  refusals.stop(request);
  if (chosen.empty() && left_out.empty())
    throw InputError(
        "", "--layers",
        fmt::format("'{}' matches no layer; {}", request.pattern, quant::suggestion(request.pattern, names)));
  if (chosen.empty()) {
    names.clear();
    for (const WorkloadLayer& layer : left_out) names.push_back(layer.name);
    throw InputError(request.source.text(), "",
                     fmt::format("no quantized layer among {}, expected at least one", fmt::join(names, ", ")));
  }
  return chosen;
}

ActivationView view_of(const LayerInputs& inputs) {
  return {inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols};
}

/// Runs a layer by simulate_layer() or run_core_layer().
template <typename Result>
Result run_layer(const LayersRequest& request, const LayerInputs& inputs, Result (*run)(const SimulateRequest&)) {
  try {
    return run({request.design, inputs.weights, view_of(inputs), request.engines, request.options, {}});
  } catch (const LayerRefused& refused) {
    throw InputError(request.source.text(), fmt::format("layer '{}'", inputs.layer), refused.what());
  }
}

InputError no_cycles() { return {"", "--engine", "gives no cycles, expected fast, systemc or rtl among them"}; }

/// What one layer gave; `mismatch` where its engines differ.
struct Outcome {
  std::optional<LayerRun> run;
  std::optional<UnitPower> unit;
  std::string cycle_source, mismatch;
};

/// `simulated` is a result of run_layer().
std::string mismatch_of(const LayerInputs& inputs, const auto& simulated) {
  std::string text = fmt::format("layer '{}': ", inputs.layer);
  if (simulated.first) return text + simulated.first->text();
  for (const EngineRun& run : simulated.engines)
    if (!run.failure.empty()) text += fmt::format("{} did not finish: {} ", run.engine, run.failure);
  return text;
}

/// Returns what a layer is and how long it ran.
LayerRun run_of(const std::string& name, const LayerInputs& inputs, std::uint64_t cycles) {
  LayerRun run;
  run.layer = name;
  run.format = inputs.weights.format.id();
  run.activations = inputs.origin;
  run.model = inputs.model;
  run.drawn = inputs.drawn;
  run.in = inputs.weights.cols;
  run.out = inputs.weights.rows;
  run.tokens = inputs.activations.tokens;
  run.bits_per_weight = inputs.weights.bits_per_weight();
  run.bytes = inputs.weights.bytes();
  run.cycles = cycles;
  return run;
}

/// Returns all that one layer on a tile gives but its energy.
LayerRun tile_run(const Design& design, const std::string& name, const LayerInputs& inputs, std::uint64_t cycles) {
  LayerRun run = run_of(name, inputs, cycles);
  run.traffic = traffic_of(design, inputs.weights, run.tokens);
  run.time = layer_time(design, run.cycles, run.traffic);
  run.roofline = roofline_point(design, inputs.weights, run.tokens, run.cycles);
  return run;
}

/// Returns all that one layer on a core gives; its cycles have the waiting for memory in them.
LayerRun core_run(const Design& design, const std::string& name, const LayerInputs& inputs, const CoreResult& result) {
  LayerRun run = run_of(name, inputs, kernels::core_total(*result.counts));
  run.core = run_cost(design, inputs.weights, result);
  const CoreTraffic& traffic = run.core->cost.traffic;
  run.traffic = {traffic.weights, traffic.activations, traffic.outputs};
  run.time.compute_s = static_cast<double>(run.cycles) / (design.clock_mhz * 1e6);
  return run;
}

/// A layer under simulation holds its weights, and with energies a netlist of some 300 MB. So few run side by side.
unsigned layer_threads() {
  constexpr unsigned kLayers = 4;
  return std::min(all_cores(), kLayers);
}

/// Adds the energy of a layer that ran; with `kept_alone` only where the cache has it.
void add_energy(const LayersRequest& request, const LayerInputs& inputs, const UnitNetlist& netlist, bool kept_alone,
                Outcome& outcome) {
  const kernels::Stimulus stimulus = map_layer(request.design, inputs.weights, view_of(inputs)).stimulus;
  if (kept_alone && !unit_power_is_kept(stimulus, netlist, request.zero_delay)) return;
  outcome.unit = unit_power(stimulus, netlist, request.zero_delay);
  outcome.run->energy =
      layer_energy(request.design, inputs.weights, outcome.run->tokens, outcome.run->cycles, *outcome.unit);
}

Outcome core_outcome(const LayersRequest& request, const WorkloadLayer& layer, const LayerInputs& inputs) {
  const CoreResult result = run_layer(request, inputs, run_core_layer);
  Outcome outcome;
  if (!result.equal()) {
    outcome.mismatch = mismatch_of(inputs, result);
    return outcome;
  }
  outcome.cycle_source = result.cycle_source;
  outcome.run = core_run(request.design, layer.name, inputs, result);
  return outcome;
}

/// Returns all that a layer gives without simulating a netlist, which is nothing where no energies are asked for.
Outcome outcome_of(const LayersRequest& request, const WorkloadLayer& layer, const UnitNetlist* netlist) {
  const LayerInputs inputs = request.source.load(layer, request.activations);
  if (request.design.core) return core_outcome(request, layer, inputs);
  const SimulateResult simulated = run_layer(request, inputs, simulate_layer);
  Outcome outcome;
  if (!simulated.equal()) {
    outcome.mismatch = mismatch_of(inputs, simulated);
    return outcome;
  }
  if (!simulated.cycles) throw no_cycles();
  outcome.cycle_source = simulated.cycle_source;
  outcome.run = tile_run(request.design, layer.name, inputs, *simulated.cycles);
  if (netlist != nullptr) add_energy(request, inputs, *netlist, true, outcome);
  return outcome;
}

/// Runs the layers up to the first whose engines differ; those behind it may have run or not.
std::vector<Outcome> run_engines(const LayersRequest& request, const std::vector<const WorkloadLayer*>& layers,
                                 const UnitNetlist* netlist) {
  std::vector<Outcome> outcomes(layers.size());
  std::atomic<std::size_t> differs{layers.size()};
  Job job("layers", static_cast<double>(layers.size()));
  parallel_each(layers.size(), layer_threads(), [&](std::size_t i) {
    if (i > differs) return;
    job.at(layers[i]->name);
    outcomes[i] = outcome_of(request, *layers[i], netlist);
    if (!outcomes[i].mismatch.empty()) {
      std::size_t first = differs;
      while (i < first && !differs.compare_exchange_weak(first, i)) continue;
    }
    job.advance();
  });
  return outcomes;
}

/// Simulates the netlist for the layers whose energy the cache has not. Only these count in the time that is left; they
/// are loaded again, because weights of all layers together may not fit into memory.
void simulate_energies(const LayersRequest& request, const std::vector<const WorkloadLayer*>& layers,
                       const UnitNetlist& netlist, std::vector<Outcome>& outcomes) {
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (!outcomes[i].run->energy) left.push_back(i);
  Job job("energies of layers", static_cast<double>(left.size()));
  parallel_each(left.size(), layer_threads(), [&](std::size_t k) {
    const WorkloadLayer& layer = *layers[left[k]];
    job.at(layer.name);
    add_energy(request, request.source.load(layer, request.activations), netlist, false, outcomes[left[k]]);
    job.advance();
  });
}

/// Activations that were not recorded in a file are of one number of tokens, which the query tells.
void require_same_tokens(const LayersRequest& request, const std::vector<const WorkloadLayer*>& layers) {
  if (request.activations.file.empty()) return;
  const std::size_t first = LayerSource::recorded_tokens(*layers.front(), request.activations);
  for (const WorkloadLayer* layer : layers) {
    const std::size_t tokens = LayerSource::recorded_tokens(*layer, request.activations);
    if (tokens == first) continue;
    throw InputError(request.activations.file, fmt::format("layer '{}'", layer->name),
                     fmt::format("has activations of {} tokens, expected {} as '{}'; --tokens sets a number for all",
                                 tokens, first, layers.front()->name));
  }
}

/// Returns the layers that run, which are checked; those left unquantized go to `left_out`.
std::vector<const WorkloadLayer*> checked_layers(const LayersRequest& request, std::vector<WorkloadLayer>& left_out) {
  if (request.technology != nullptr) check_memories(request.design);
  if (std::ranges::none_of(request.engines, &OpenEngine::timed)) throw no_cycles();
  std::vector<const WorkloadLayer*> chosen = chosen_layers(request, left_out);
  require_same_tokens(request, chosen);
  return chosen;
}

}  // namespace

void check_layers(const LayersRequest& request) {
  std::vector<WorkloadLayer> left_out;
  checked_layers(request, left_out);
}

LayersResult simulate_layers(const LayersRequest& request) {
  LayersResult result;
  const std::vector<const WorkloadLayer*> chosen = checked_layers(request, result.left_out);
  std::optional<UnitNetlist> netlist;
  if (request.technology != nullptr) netlist.emplace(design_netlist(request.design, request.technology->flow));
  const UnitNetlist* const gates = netlist ? &*netlist : nullptr;
  std::vector<Outcome> outcomes = run_engines(request, chosen, gates);
  const auto differs = std::ranges::find_if(outcomes, [](const Outcome& one) { return !one.mismatch.empty(); });
  if (differs != outcomes.end()) {
    result.mismatch = differs->mismatch;
    return result;
  }
  if (gates != nullptr) simulate_energies(request, chosen, *gates, outcomes);
  for (Outcome& outcome : outcomes) {
    result.cycle_source = outcome.cycle_source;
    if (outcome.unit && !result.unit) result.unit = outcome.unit;
    if (outcome.unit && !outcome.unit->half_width_pj) result.unit->half_width_pj.reset();
    result.layers.push_back(std::move(*outcome.run));
  }
  return result;
}

}  // namespace subbyte::sim
