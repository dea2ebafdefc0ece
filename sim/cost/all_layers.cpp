#include "sim/cost/all_layers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/lists.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

/// Returns the layers that run; those left unquantized go to `left_out`.
std::vector<const WorkloadLayer*> chosen_layers(const LayersRequest& request, std::vector<WorkloadLayer>& left_out) {
  std::vector<const WorkloadLayer*> chosen;
  std::vector<std::string> names, refused;
  std::set<std::string> others;  // designs that run what is refused
  for (const WorkloadLayer& layer : request.source.layers()) {
    names.push_back(layer.name);
    if (request.pattern != "all" && !shell_match(request.pattern, layer.name)) continue;
    if (!layer.format) {
      left_out.push_back(layer);
      continue;
    }
    const quant::PackedTensor shape = layer_without_weights(*layer.format, layer.rows, layer.cols);
    if (const auto why = layer_unsupported(request.design, shape)) {
      refused.push_back(fmt::format("layer '{}' in {}: {}", layer.name, layer.format->id(), why->text));
      others.insert(fmt::format("{}: {}", layer.format->id(), designs_that_run(shape)));
    } else {
      chosen.push_back(&layer);
    }
  }
  if (!refused.empty())
    throw InputError(request.source.text(), "",
                     fmt::format("design '{}' cannot run {}; {}", request.design.name, fmt::join(refused, "; "),
                                 fmt::join(others, "; ")));
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

SimulateResult run_layer(const LayersRequest& request, const LayerInputs& inputs, ActivationView view) {
  try {
    return simulate_layer({request.design, inputs.weights, view, request.engines, request.options, {}});
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

std::string mismatch_of(const LayerInputs& inputs, const SimulateResult& simulated) {
  std::string text = fmt::format("layer '{}': ", inputs.layer);
  if (simulated.first) return text + simulated.first->text();
  for (const EngineRun& run : simulated.engines)
    if (!run.failure.empty()) text += fmt::format("{} did not finish: {} ", run.engine, run.failure);
  return text;
}

/// Returns all that one layer gives but its energy.
LayerRun run_of(const LayersRequest& request, const std::string& name, const LayerInputs& inputs, std::size_t tokens,
                std::uint64_t cycles) {
  LayerRun run{name,
               inputs.weights.format.id(),
               inputs.origin,
               inputs.model,
               inputs.drawn,
               inputs.weights.cols,
               inputs.weights.rows,
               tokens,
               inputs.weights.bits_per_weight(),
               inputs.weights.bytes(),
               cycles,
               traffic_of(request.design, inputs.weights, tokens),
               {},
               {},
               {}};
  run.time = layer_time(request.design, run.cycles, run.traffic);
  run.roofline = roofline_point(request.design, inputs.weights, tokens, run.cycles);
  return run;
}

/// A layer under simulation holds its weights, and with energies a netlist of some 300 MB. So few run side by side.
unsigned layer_threads() {
  constexpr unsigned kLayers = 4;
  return std::min(all_cores(), kLayers);
}

ActivationView view_of(const LayerInputs& inputs) {
  return {inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols};
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

/// Returns all that a layer gives without simulating a netlist, which is nothing where no energies are asked for.
Outcome outcome_of(const LayersRequest& request, const WorkloadLayer& layer, const UnitNetlist* netlist) {
  const LayerInputs inputs = request.source.load(layer, request.activations);
  const SimulateResult simulated = run_layer(request, inputs, view_of(inputs));
  Outcome outcome;
  if (!simulated.equal()) {
    outcome.mismatch = mismatch_of(inputs, simulated);
    return outcome;
  }
  if (!simulated.cycles) throw no_cycles();
  outcome.cycle_source = simulated.cycle_source;
  outcome.run = run_of(request, layer.name, inputs, inputs.activations.tokens, *simulated.cycles);
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
