// `subbyte simulate`: one layer of packed weights on a design, or all of them, through engines that must agree.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "quant/rules/distortion.hpp"
#include "reports/text.hpp"
#include "sim/area/area.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/commands/simulate_options.hpp"
#include "sim/commands/simulate_report.hpp"
#include "sim/cost/all_layers.hpp"
#include "sim/cost/clock.hpp"
#include "sim/cost/core_energy.hpp"
#include "sim/cost/core_phases_energy.hpp"
#include "sim/cost/core_report.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "sim/cost/roofline.hpp"
#include "sim/engines/waves.hpp"
#include "sim/files/npy.hpp"
#include "sim/timeline/phases_timeline.hpp"

namespace subbyte::sim {
namespace {

/// Returns the path of a layer's waveform in the folder that the user named, without an ending.
std::filesystem::path wave_base(const SimulateCommand& command, const LayerInputs& inputs) {
  return std::filesystem::path(*command.waves) /
         file_stem(fmt::format("{}-{}-{}", command.design->name, inputs.layer, inputs.weights.format.id()));
}

WaveFiles layer_waves(const SimulateRequest& request, const SimulateResult& result, const std::filesystem::path& base) {
  return write_engine_waves(*request.design.unit, request.design.parameters,
                            map_layer(request.design, request.weights, request.activations, request.stalls).stimulus,
                            request.options, base, result.first ? std::optional(result.first->mismatch) : std::nullopt);
}

/// Adds how far the outputs are from those of the model's FP32 weights, where the user named the model.
void add_layer_sqnr(const SimulateCommand& command, const LayerInputs& inputs, const std::vector<float>& y,
                    std::vector<reports::Metric>& metrics) {
  if (y.empty() || !command.model) return;
  const Tensor tensor = open_checkpoint(*command.model).load(inputs.layer);
  if (tensor.values.size() != inputs.weights.rows * inputs.weights.cols)
    throw InputError(*command.model, inputs.layer, "another shape than the packed layer's");
  const auto reference =
      quant::reference_product(tensor.values, inputs.weights.rows, inputs.activations.bits, inputs.activations.cols);
  metrics.push_back({"layer_sqnr", "error", "dB", quant::sqnr_db(reference, y), "derived"});
}

std::vector<reports::Metric> metrics_of(const SimulateCommand& command, const LayerInputs& inputs,
                                        const SimulateResult& result) {
  const Design& design = *command.design;
  std::vector<reports::Metric> metrics;
  if (result.cycles)
    metrics = layer_metrics(design, inputs.weights, inputs.activations.tokens, *result.cycles, result.cycle_source);
  if (result.y.empty()) return metrics;
  const std::span<const std::uint16_t> x = inputs.activations.bits;
  const auto packed =
      quant::reference_product(quant::decoded(inputs.weights), inputs.weights.rows, x, inputs.activations.cols);
  metrics.push_back({"datapath_sqnr", "error", "dB", quant::sqnr_db(packed, result.y), "derived"});
  add_layer_sqnr(command, inputs, result.y, metrics);
  return metrics;
}

SynthesisOptions synthesis_of(const SimulateCommand& command) {
  SynthesisOptions options;
  options.clock_mhz = command.design->clock_mhz;
  options.rtl = command.engine_options.rtl_dir;
  return options;
}

CoreEnergyOptions measuring(const SimulateCommand& command) { return {command.zero_delay, command.clock_unchecked}; }

Technology technology_of(const SimulateCommand& command) {
  return read_technology(command.technology.value_or(command.design->technology));
}

InputError no_cycles() { return {"", "--energy", "needs cycles, expected fast, systemc or rtl among --engine"}; }

void add_energy(const Design& design, const OpenTechnology& opened, const SimulateRequest& request, bool zero_delay,
                SimulateReport& report) {
  if (!report.result.cycles) throw no_cycles();
  const kernels::Stimulus stimulus = map_layer(design, request.weights, request.activations).stimulus;
  const UnitPower unit = unit_power(stimulus, design_netlist(design, opened.flow), zero_delay);
  const Traffic traffic = traffic_of(design, request.weights, request.activations.tokens);
  report.conditions = energy_conditions(design, unit, opened.technology, outputs_text(design, traffic), traffic);
  report.energy = layer_energy(design, request.weights, request.activations.tokens, *report.result.cycles, unit);
  // The unit's area came from synthesis.
  for (const auto& metrics : {energy_metrics(*report.energy), buffer_area_metrics(design)})
    report.metrics.insert(report.metrics.end(), metrics.begin(), metrics.end());
}

LayerSource source_of(const SimulateCommand& command) {
  return open_layers(command.weights, command.format, command.model.value_or(std::string(kEmbedded)));
}

/// Returns what is known of the clock of a run that synthesises nothing.
ClockSays kept_clock_says(const SimulateCommand& command) {
  if (command.design->core) return {kCoreClock, kClockNotChecked};
  std::optional<Technology> technology;
  try {
    technology = technology_of(command);
  } catch (const InputError&) {  // nothing here needs the library, and without it nothing is known
  }
  return clock_says(
      *command.design,
      technology ? kept_clock(*command.design, technology->library, command.engine_options.rtl_dir) : std::nullopt,
      command.clock_unchecked);
}

void print_layer(const SimulateCommand& command, const SimulateReport& report, const nlohmann::ordered_json& rtl) {
  if (command.json) {
    nlohmann::ordered_json object = simulate_json(report);
    note_rtl(rtl, object);
    return print_json(object);
  }
  std::cout << foreign_rtl_text(rtl) << simulate_text(report, command.verbose);
}

LayerInputs inputs_of(const SimulateCommand& command) {
  const LayerSource source = source_of(command);
  LayerInputs inputs = source.load(source.layer(command.layer), command.activations);
  if (command.seed_given && !inputs.drawn) throw without_effect("seed", "the activations are the " + inputs.origin);
  return inputs;
}

SimulateRequest request_of(const SimulateCommand& command, const LayerInputs& inputs) {
  return {*command.design,
          inputs.weights,
          {inputs.activations.bits, inputs.activations.tokens, inputs.activations.cols},
          open_engines(command.engines, command.engine_options),
          command.engine_options,
          {}};
}

void write_outputs(const SimulateCommand& command, const LayerInputs& inputs, const std::vector<float>& y) {
  if (y.empty() || !command.out) return;
  const std::vector<std::size_t> shape{inputs.activations.tokens, inputs.weights.rows};
  write_npy(*command.out, shape, std::span<const float>(y));
}

int one_layer(const SimulateCommand& command) {
  const Design& design = *command.design;
  std::optional<OpenTechnology> technology;  // what is wrong with it is told before anything runs
  if (command.synth || command.energy) technology.emplace(technology_of(command), synthesis_of(command));
  const LayerInputs inputs = inputs_of(command);
  const SimulateRequest request = request_of(command, inputs);
  const SimulateResult result = simulate_layer(request);
  SimulateReport report{design, inputs, result};
  ClockSays clock;
  if (!technology && result.cycles) clock = kept_clock_says(command);
  if (command.waves) report.waves.push_back(layer_waves(request, result, wave_base(command, inputs)));
  if (result.equal()) report.metrics = metrics_of(command, inputs, result);
  if (technology) {
    Silicon silicon = silicon_of(design, *technology);
    report.technology = technology->technology.name;
    clock = clock_says(design, silicon.clock, command.clock_unchecked);
    report.metrics.insert(report.metrics.end(), silicon.metrics.begin(), silicon.metrics.end());
    if (command.energy && result.equal()) add_energy(design, *technology, request, command.zero_delay, report);
  }
  report.clock = clock.text;
  report.clock_met = clock.met;
  mark_clock(clock.mark, report.metrics);
  reports::Record record = simulate_record(report);
  const auto rtl = foreign_rtl(command.engine_options.rtl_dir);
  note_rtl(rtl, record);
  write_record(command.record, record);
  write_outputs(command, inputs, result.y);
  print_layer(command, report, rtl);
  return result.equal() ? kDone : kDiffers;
}

void check_seed(const SimulateCommand& command, const LayersResult& result) {
  if (command.seed_given && std::ranges::none_of(result.layers, &LayerRun::drawn))
    throw without_effect("seed", "the activations of every layer are recorded ones");
}

int say_mismatch(const LayersRequest& request, const LayersResult& result, bool json) {
  const char* differ = "DIFFER: the engines do not agree, so no performance figure is given.\nfirst wrong value: ";
  if (json)
    print_json(layers_json(request, result));
  else
    std::cout << reports::wrapped_text(differ + result.mismatch, reports::kTerminalColumns, 0);
  return kDiffers;
}

/// Prints what ran; the record of a tile ends with its roofline, which is a picture, and a core's goes into the object.
void print_layers(const SimulateCommand& command, const LayersRequest& request, const LayersResult& result,
                  reports::Record record, const ClockSays& clock, const nlohmann::ordered_json& rtl) {
  const bool core = request.design.core.has_value();
  if (command.json) {
    nlohmann::ordered_json object = layers_json(request, result);
    note_clock(clock.text, clock.met, object);
    note_rtl(rtl, object);
    if (core) object["record"] = reports::to_json(record);
    return print_json(object);
  }
  if (!core) record.tables.pop_back();
  std::cout << foreign_rtl_text(rtl) << reports::terminal(record, command.verbose, clock.text);
}

int many_layers(const SimulateCommand& command) {
  const Design& design = *command.design;
  const LayerSource source = source_of(command);
  LayersRequest request{design, source, *command.layers, open_engines(command.engines, command.engine_options),
                        command.engine_options};
  request.activations = command.activations;
  check_layers(request);
  std::optional<OpenTechnology> technology;
  if (command.energy) technology.emplace(technology_of(command), synthesis_of(command));
  request.technology = technology ? &*technology : nullptr;
  request.zero_delay = command.zero_delay;
  const ClockSays clock = technology
                              ? clock_says(design, silicon_of(design, *technology).clock, command.clock_unchecked)
                              : kept_clock_says(command);
  const LayersResult result = simulate_layers(request);
  if (!result.mismatch.empty()) return say_mismatch(request, result, command.json);
  check_seed(command, result);
  reports::Record record = layers_record(request, result);
  note_clock(clock.text, clock.met, record.provenance);
  const auto rtl = foreign_rtl(command.engine_options.rtl_dir);
  note_rtl(rtl, record);
  mark_clock(clock.mark, record.metrics);
  write_record(command.record, record);
  print_layers(command, request, result, std::move(record), clock, rtl);
  return kDone;
}

int simulate_core(const SimulateCommand& command) {
  const LayerInputs inputs = inputs_of(command);
  const SimulateRequest request = request_of(command, inputs);
  const CoreResult result = run_core_layer(request);
  std::vector<WaveFiles> waves;
  if (command.waves) waves.push_back(write_core_waves(request, result, wave_base(command, inputs)));
  reports::Record record = core_record(*command.design, inputs, result);
  add_layer_sqnr(command, inputs, result.y, record.metrics);
  std::optional<CoreEnergy> energy;
  if (command.energy && result.equal()) {
    if (!result.counts) throw no_cycles();
    const OpenTechnology technology(technology_of(command), synthesis_of(command));
    energy = measure_core_energy(*command.design, core_work(result), inputs, technology, measuring(command));
    add_core_energy(record, *energy, technology.technology.name);
  }
  CoreReport report{*command.design, inputs, result, record, energy, foreign_rtl(command.engine_options.rtl_dir)};
  report.waves = std::move(waves);
  note_rtl(report.rtl, record);
  write_record(command.record, record);
  write_outputs(command, inputs, result.y);
  if (command.timeline && result.equal())
    report.timeline = write_core_timeline(*command.timeline, *command.design, inputs.layer, result.plan,
                                          result.schedule, about_trace(record, *command.design));
  if (command.json)
    print_json(core_json(report));
  else
    std::cout << core_text(report, command.verbose);
  return result.equal() ? kDone : kDiffers;
}

int simulate_shapes(const SimulateCommand& command) {
  const Design& design = *command.design;
  const PhaseWork work = work_on(design, *command.shapes);
  const ProductSchedules schedules(design, work);
  const std::vector<PhaseCost> phases = run_phases(design, work, schedules);
  reports::Record record = phases_record(design, work, phases);
  if (command.energy) {
    const OpenTechnology opened(technology_of(command), synthesis_of(command));
    const auto joules = measure_phases_energy(design, work, phases, opened, measuring(command));
    add_phases_energy(record, phases, joules, opened.technology.name);
  }
  write_record(command.record, record);
  std::optional<TimelineFile> timeline;
  if (command.timeline)
    timeline = write_phases_timeline(*command.timeline, design, work, schedules, about_trace(record, design));
  if (command.json) return print_json(shapes_json(record, timeline)), kDone;
  std::cout << reports::terminal(record, command.verbose, record.provenance.value("clock", kCoreClock))
            << (timeline ? timeline->text() : "");
  return kDone;
}

}  // namespace

int run_simulate(Arguments args) {
  const auto command = read_simulate(args);
  if (!command) return kDone;
  const Design& design = *command->design;
  if (command->energy) design.core ? check_core_memories(design) : check_memories(design);  // before any work
  if (command->shapes) return simulate_shapes(*command);
  if (command->layers) return many_layers(*command);
  return design.core ? simulate_core(*command) : one_layer(*command);
}

}  // namespace subbyte::sim
