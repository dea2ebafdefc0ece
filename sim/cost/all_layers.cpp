#include "sim/cost/all_layers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/lists.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

/// Returns a quantized layer before its weights are made: what a design needs to say whether it runs the layer.
quant::PackedTensor shape_of(const WorkloadLayer& layer) {
  quant::PackedTensor shape;
  shape.format = *layer.format;
  shape.rows = layer.rows;
  shape.cols = layer.cols;
  return shape;
}

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
    } else if (const auto why = layer_unsupported(request.design, shape_of(layer))) {
      refused.push_back(fmt::format("layer '{}' in {}: {}", layer.name, layer.format->id(), why->text));
      others.insert(fmt::format("{}: {}", layer.format->id(), designs_that_run(shape_of(layer))));
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

void add_energy(const LayersRequest& request, const LayerInputs& inputs, ActivationView view, LayerRun& run,
                LayersResult& result) {
  const kernels::Stimulus stimulus = map_layer(request.design, inputs.weights, view).stimulus;
  const UnitPower unit = unit_power(request.design, stimulus, request.technology->flow, request.zero_delay);
  if (!result.unit) result.unit = unit;
  if (!unit.half_width_pj) result.unit->half_width_pj.reset();
  run.energy = layer_energy(request.design, inputs.weights, run.tokens, run.cycles, unit);
}

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

void require_same_tokens(const LayersRequest& request, const LayerRun& first, const LayerRun& run) {
  if (first.tokens == run.tokens) return;
  throw InputError(request.source.text(), fmt::format("layer '{}'", run.layer),
                   fmt::format("has activations of {} tokens, expected {} as '{}'; --tokens sets a number for all",
                               run.tokens, first.tokens, first.layer));
}

}  // namespace

LayersResult simulate_layers(const LayersRequest& request) {
  LayersResult result;
  if (request.technology != nullptr) check_memories(request.design);  // before anything runs
  const std::vector<const WorkloadLayer*> chosen = chosen_layers(request, result.left_out);
  for (const WorkloadLayer* layer : chosen) {
    if (request.progress)
      request.progress(fmt::format("[{}/{}] {}", result.layers.size() + 1, chosen.size(), layer->name));
    const LayerInputs inputs = request.source.load(*layer, request.activations);
    const ActivationView view{inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols};
    const SimulateResult simulated = run_layer(request, inputs, view);
    if (!simulated.equal()) {
      result.mismatch = mismatch_of(inputs, simulated);
      result.layers.clear();
      return result;
    }
    if (!simulated.cycles)
      throw InputError("", "--engine", "gives no cycles, expected fast, systemc or rtl among them");
    result.cycle_source = simulated.cycle_source;
    LayerRun run = run_of(request, layer->name, inputs, view.tokens, *simulated.cycles);
    if (!result.layers.empty()) require_same_tokens(request, result.layers.front(), run);
    if (request.technology != nullptr) add_energy(request, inputs, view, run, result);
    result.layers.push_back(std::move(run));
  }
  return result;
}

}  // namespace subbyte::sim
