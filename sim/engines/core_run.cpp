#include "sim/engines/core_run.hpp"

#include <algorithm>

#include "kernels/catalogue.hpp"

namespace subbyte::sim {
namespace {

void take_result(const OpenEngine& engine, const kernels::Trace& trace, CoreResult& result) {
  const kernels::CoreCommandLayout commands(result.plan.core);
  if (engine.bits() && result.y.empty()) {
    kernels::CoreOutputs outputs(result.plan.core, result.plan.shape, result.schedule.layer);
    for (std::uint64_t i = 0; i < trace.size(); ++i) outputs.take(trace.beat(i));
    result.y = outputs.y();
    for (std::size_t i = 0; i < result.y.size(); ++i) {
      result.y[i] = result.plan.output(result.y[i]);
      if (!result.token_scales.empty()) result.y[i] *= result.token_scales[i / result.plan.shape.outputs];
    }
  }
  if (!engine.timed() || (result.counts && engine.name() != "rtl")) return;
  kernels::CoreCounts counts{};
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
    counts[cause] = kernels::get_bits(trace.beat(trace.size() - kernels::kCoreCauseCount + cause), commands.count, 32);
  result.counts = counts;
  result.cycle_source = engine.name() == "rtl" ? "rtl" : "model";
}

}  // namespace

bool CoreResult::equal() const {
  return !first && std::ranges::all_of(engines, [](const EngineRun& run) { return run.failure.empty(); });
}

CoreInputs core_inputs(const SimulateRequest& request, const CoreLayerPlan& plan, const CoreSchedule& schedule) {
  CoreInputs inputs = core_inputs(plan, schedule.shape, schedule.layer, request.weights, request.activations);
  inputs.stimulus.deadlock_cycles += 2 * schedule.cycles();  // a step computes for long without a command
  return inputs;
}

CoreResult run_core_layer(const SimulateRequest& request) {
  CoreResult result;
  result.plan = plan_core_layer(request.design, request.weights, request.activations.tokens);
  result.schedule = schedule_core(request.design.name, result.plan);
  const kernels::UnitInfo& unit = kernels::unit("core");
  CoreInputs inputs = core_inputs(request, result.plan, result.schedule);
  const kernels::Stimulus& stimulus = inputs.stimulus;
  result.token_scales = std::move(inputs.token_scales);
  std::vector<std::optional<EngineAnswer>> answers(request.engines.size());
  for_engines(request.engines, [&](std::size_t i) {
    answers[i] = ask_engine(request.engines[i], unit, result.plan.parameters, stimulus, {});
  });
  const kernels::BeatShape shape = unit.output_shape(result.plan.parameters);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    result.engines.push_back(answers[i]->run);
    for (std::size_t k = i + 1; k < answers.size() && !result.first; ++k) {
      const Comparison what{request.engines[i].bits() && request.engines[k].bits(),
                            request.engines[i].timed() && request.engines[k].timed()};
      result.first = first_mismatch(shape, std::string(request.engines[i].name()), answers[i]->trace,
                                    std::string(request.engines[k].name()), answers[k]->trace, what);
    }
  }
  if (!result.equal()) return result;
  for (std::size_t i = 0; i < answers.size(); ++i) take_result(request.engines[i], answers[i]->trace, result);
  return result;
}

WaveFiles write_core_waves(const SimulateRequest& request, const CoreResult& result,
                           const std::filesystem::path& base) {
  return write_engine_waves(kernels::unit("core"), result.plan.parameters,
                            core_inputs(request, result.plan, result.schedule).stimulus, request.options, base,
                            result.first);
}

}  // namespace subbyte::sim
