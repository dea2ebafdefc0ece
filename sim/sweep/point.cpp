#include "sim/sweep/point.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "quant/rules/distortion.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/area/area.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/config/config.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "sim/cost/roofline.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/synthesis/rtl_sources.hpp"
#include "sim/workload/activations.hpp"
#include "sim/workload/layer_inputs.hpp"

namespace subbyte::sim {
namespace {

ActivationView view_of(const SweepInputs& inputs) {
  return {inputs.activations, inputs.workload.tokens, inputs.layer().cols};
}

// Finds accuracy, cycles and the time with memory: the layer runs through every engine of the plan.
void measure_layer(const SweepPlan& plan, const SweepInputs& inputs, const Design& design,
                   const quant::PackedTensor& packed, nlohmann::json& result) {
  const SimulateRequest request{design, packed, view_of(inputs), open_engines(plan.engines), {}, {}};
  const SimulateResult run = simulate_layer(request);
  if (!run.equal())
    throw EnginesDiffer(fmt::format("{} on {}: {}", packed.format.id(), design.name,
                                    run.first ? run.first->text() : "an engine failed"));
  const auto reference =
      quant::reference_product(inputs.weights, inputs.layer().rows, request.activations.values, request.activations.in);
  result["sqnr_db"] = quant::sqnr_db(reference, run.y);
  result["sqnr_db_half_width"] = 2 * quant::sqnr_standard_error_db(reference, run.y, inputs.workload.tokens);
  if (!run.cycles) return;
  const auto tokens = static_cast<double>(inputs.workload.tokens);
  const Traffic traffic = traffic_of(design, packed, inputs.workload.tokens);
  result["cycles_per_token"] = static_cast<double>(*run.cycles) / tokens;
  result["time_per_token_us"] = layer_time(design, *run.cycles, traffic).seconds() / tokens * 1e6;
}

void measure_area(const Design& design, const OpenTechnology& opened, nlohmann::json& result) {
  const Technology& technology = opened.technology;
  const SynthesisResult synthesis =
      synthesize(at_clock(opened.flow, design.clock_mhz), *design.unit, design.parameters);
  result["area_um2"] = synthesis.area_um2;
  result["area_source"] =
      fmt::format("{}, {}; {}", corner_text(technology.library), synthesis.tools.yosys, technology.remark);
  const ClockCheck clock = clock_met(synthesis, design.clock_mhz);
  result["critical_path_ns"] = clock.path_ns;
  result["clock_met"] = clock.met;
  if (result.contains("cycles_per_token"))
    result["area_time"] = synthesis.area_um2 * 1e-6 * result["cycles_per_token"].get<double>();
}

void measure_energy(const SweepPlan& plan, const SweepInputs& inputs, const Design& design,
                    const quant::PackedTensor& packed, const OpenTechnology& opened, nlohmann::json& result) {
  if (!result.contains("cycles_per_token"))
    throw InputError("", "engines",
                     "of a sweep with energies give no cycles, expected fast, systemc or rtl among them");
  const std::size_t tokens = inputs.workload.tokens;
  const MappedLayer mapped = map_layer(design, packed, view_of(inputs));
  const UnitPower unit = unit_power(mapped.stimulus, design_netlist(design, opened.flow), plan.zero_delay);
  const auto cycles =
      static_cast<std::uint64_t>(std::llround(result["cycles_per_token"].get<double>() * static_cast<double>(tokens)));
  const LayerEnergy energy = layer_energy(design, packed, tokens, cycles, unit);
  result["energy_per_token_uj"] = energy.per_token_j() * 1e6;
  result["energy_delay_js"] = energy.delay_product_js();
  if (unit.half_width_pj && unit.pj_per_cycle > 0) {
    // What the windows leave open is the unit's work; ranges of memories are the same for all points.
    const double share = energy.unit_work_j() / energy.total_j() * *unit.half_width_pj / unit.pj_per_cycle;
    for (const char* name : {"energy_per_token_uj", "energy_delay_js"})
      result[std::string(name) + "_half_width"] = share * result[name].get<double>();
  }
  result["average_power_w"] = energy.average_power_w();
  for (const std::string& place : energy_units())
    result["energy_parts_uj"][place] = energy.unit_j(place) / static_cast<double>(tokens) * 1e6;
  result["energy_source"] = sources_of(energy);
  const Traffic traffic = traffic_of(design, packed, tokens);
  result["energy_conditions"] =
      energy_conditions(design, unit, opened.technology, outputs_text(design, traffic), traffic);
}

/// Refuses what a key of the workload says, at its place in the sweep file.
[[noreturn]] void refuse(const SweepPlan& plan, std::string_view key, const std::string& text) {
  if (!plan.file) throw InputError("", fmt::format("workload.{}", key), text);
  plan.file->root().child({"workload", ""}).problem(key, text);
  plan.file->stop_at_problems();
  throw std::logic_error("a problem that is none");
}

/// Opens the model; what is wrong in its file is told with the file's own place.
Checkpoint open_model(const SweepPlan& plan) {
  const std::string& model = plan.workload.model;
  try {
    return open_checkpoint(model);
  } catch (const InputError& error) {
    if (error.file() != model || !error.place().empty()) throw;
    refuse(plan, "model", fmt::format("is {}: {}", model, error.text()));
  }
}

LinearLayer find_layer(const SweepPlan& plan, const Checkpoint& model) {
  try {
    return model.layer(plan.workload.layer);
  } catch (const InputError& error) {
    refuse(plan, "layer", fmt::format("is {}: {}", plan.workload.layer, error.text()));
  }
}

}  // namespace

SweepInputs read_sweep_inputs(const SweepPlan& plan, const RecordActivations& record) {
  const WorkloadQuery& workload = plan.workload;
  const Checkpoint model = open_model(plan);
  const LinearLayer layer = find_layer(plan, model);
  SweepInputs inputs;
  inputs.workload = {{{layer.name, std::nullopt, layer.rows, layer.cols}}, workload.tokens};
  inputs.weights = model.load(workload.layer).values;
  Activations activations;
  std::string why_drawn;
  if (workload.model == kEmbedded) {
    activations = load_activations(std::string(kEmbedded), layer.name, layer.cols);
    inputs.activation_source = "recorded from the embedded model";
  } else if (RecordedInputs recorded = record ? record(model, layer, workload.tokens) : RecordedInputs{};
             recorded.activations) {
    activations = *std::move(recorded.activations);
    inputs.activation_source = fmt::format("recorded from {} on its own text", model.path());
  } else {
    why_drawn = recorded.why;
  }
  if (activations.tokens > 0 && activations.tokens < workload.tokens)
    refuse(plan, "tokens",
           fmt::format("is {}, expected at most the {} that are {}", workload.tokens, activations.tokens,
                       inputs.activation_source));
  if (activations.tokens > 0 && plan.seed_given)
    refuse(plan, "seed",
           fmt::format("has no effect, expected it left out: the activations are {}", inputs.activation_source));
  if (activations.tokens == 0) {
    activations = gaussian_activations(workload.tokens, layer.cols, workload.seed);
    inputs.activation_source =
        fmt::format("Gaussian, seed {}{}", workload.seed, why_drawn.empty() ? "" : " (" + why_drawn + ")");
  }
  inputs.activations.assign(activations.bits.begin(),
                            activations.bits.begin() + static_cast<std::ptrdiff_t>(workload.tokens * layer.cols));
  return inputs;
}

std::map<std::string, OpenTechnology> use_technologies(SweepPlan& plan, const std::optional<std::string>& name,
                                                       const SynthesisOptions& synthesis) {
  std::map<std::string, OpenTechnology> technologies;
  plan.silicon.clear();
  for (const Design& design : plan.designs) {
    const std::string wanted = name.value_or(design.technology);
    if (!technologies.contains(wanted)) technologies.try_emplace(wanted, read_technology(wanted), synthesis);
    const SynthesisFlow& flow = technologies.at(wanted).flow;
    const RtlSources rtl = rtl_sources(flow.rtl, design.unit->name);
    plan.silicon.push_back(
        {wanted,
         fmt::format("{} {}{} {} {}", flow.library.hash, rtl.hash, rtl.units, flow.tools.script_hash, flow.tools.yosys),
         technologies.at(wanted).technology.remark});
  }
  if (name) {
    plan.resolved["technology"] = *name;
    plan.hash = config_hash(plan.resolved);
  }
  return technologies;
}

nlohmann::json measure_point(const SweepPlan& plan, const SweepInputs& inputs, const SweepPoint& point,
                             const OpenTechnology& opened) {
  const Design& design = plan.designs[point.variant];
  const quant::Format& format = plan.formats[point.format];
  const quant::PackedTensor packed = quant::quantize(inputs.matrix(), format);
  const std::vector<double> reference(inputs.weights.begin(), inputs.weights.end());
  nlohmann::json result{{"weight_sqnr_db", quant::sqnr_db(reference, quant::decoded(packed))},
                        {"bits_per_weight", packed.bits_per_weight()}};
  if (const auto why = layer_unsupported(design, packed)) {
    result["unsupported"] = fmt::format("{} on {}: {}.", format.id(), plan.variants[point.variant], why->text);
    return result;
  }
  try {
    measure_layer(plan, inputs, design, packed, result);
  } catch (const LayerRefused& refused) {
    result["unsupported"] = fmt::format("{}.", refused.what());
    return result;
  }
  result["technology"] = opened.technology.name;
  measure_area(design, opened, result);
  if (plan.energy) measure_energy(plan, inputs, design, packed, opened, result);
  return result;
}

}  // namespace subbyte::sim
