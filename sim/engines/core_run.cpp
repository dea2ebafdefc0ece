#include "sim/engines/core_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "kernels/catalogue.hpp"

namespace subbyte::sim {
namespace {

/// 1, 2, 4, ... below `all`, and `all`.
std::vector<std::size_t> block_sizes(std::size_t all) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 1; size < all; size *= 2) sizes.push_back(size);
  sizes.push_back(all);
  return sizes;
}

/// Throws where the buffers do not hold the smallest block, one tile over all of K, and says what would.
void require_room(const std::string& design, const CoreLayerPlan& plan) {
  const kernels::CoreParams& core = plan.core;
  const auto [tile_words, row_words] = kernels::core_words(core, plan.shape);
  std::vector<std::string> larger;
  const auto need = [&](const char* key, std::uint64_t half_bytes, std::uint64_t kib) {
    const std::uint64_t least = (2 * half_bytes + 1023) / 1024;
    if (least > kib) larger.push_back(fmt::format("{} is {}, expected at least {}", key, kib, least));
  };
  need("memory.weight_buffer_kib", tile_words * core.bus_bytes, core.weight_kib);
  need("memory.activation_buffer_kib", row_words * core.bus_bytes * core.rows(), core.activation_kib);
  need("core.output_buffer_kib", std::uint64_t{4} * core.cols() * core.rows(), core.output_kib);
  if (larger.empty()) return;
  throw LayerRefused(
      fmt::format("design '{}' cannot run {} x {} weights: half of a buffer holds one tile over all "
                  "inputs; {}",
                  design, plan.shape.outputs, plan.shape.inputs, fmt::join(larger, "; ")));
}

CoreTraffic traffic_of(const CoreLayerPlan& plan, const kernels::CoreLayer& layer) {
  CoreTraffic words;
  for (std::uint32_t j = 0; j < layer.steps(); ++j) {
    const kernels::CoreStep step = kernels::core_step(plan.core, layer, j);
    words.activations += plan.channel.occupied(step.activations);
    words.weights += plan.channel.occupied(step.weights);
    kernels::CoreTransfer row = step.first_row;
    for (std::uint32_t token = 0; step.last_inputs && token < step.tokens; ++token, row.address += layer.output_row_words)
      words.outputs += plan.channel.occupied(row);
  }
  const std::uint64_t bytes = plan.core.bus_bytes;
  return {words.weights * bytes, words.activations * bytes, words.outputs * bytes};
}

CoreSchedule schedule_of(const CoreLayerPlan& plan, const kernels::CoreLayer& layer) {
  models::ChannelTimes memory(plan.channel);
  return {layer, models::core_cycles(plan.core, layer, plan.terms, 0, memory), traffic_of(plan, layer)};
}

void take_result(const OpenEngine& engine, const kernels::Trace& trace, CoreResult& result) {
  const kernels::CoreCommandLayout commands(result.plan.core);
  if (engine.bits() && result.y.empty()) {
    kernels::CoreOutputs outputs(result.plan.core, result.plan.shape, result.schedule.layer);
    for (std::uint64_t i = 0; i < trace.size(); ++i) outputs.take(trace.beat(i));
    result.y = outputs.y();
  }
  if (!engine.timed() || (result.counts && engine.name() != "rtl")) return;
  kernels::CoreCounts counts{};
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
    counts[cause] = kernels::get_bits(trace.beat(trace.size() - kernels::kCoreCauseCount + cause), commands.count, 32);
  result.counts = counts;
  result.cycle_source = engine.name() == "rtl" ? "rtl" : "model";
}

}  // namespace

std::uint64_t CoreSchedule::cycles() const { return kernels::core_total(counts); }

CoreSchedule schedule_core(const std::string& design, const CoreLayerPlan& plan) {
  const std::size_t output_tiles = (plan.shape.outputs + plan.core.cols() - 1) / plan.core.cols();
  const std::size_t token_tiles = (plan.shape.tokens + plan.core.rows() - 1) / plan.core.rows();
  require_room(design, plan);
  std::optional<CoreSchedule> best;
  for (const bool weights_outer : {true, false}) {
    for (const std::size_t n : block_sizes(output_tiles)) {
      for (const std::size_t t : block_sizes(token_tiles)) {
        try {
          CoreSchedule tried = schedule_of(plan, kernels::core_layer(plan.core, plan.shape, {weights_outer, n, t}));
          const auto cost = [](const CoreSchedule& s) { return std::tuple(s.cycles(), s.traffic.total()); };
          if (!best || cost(tried) < cost(*best)) best = std::move(tried);
        } catch (const std::invalid_argument&) {  // blocks that the buffers or the registers do not hold
        }
      }
    }
  }
  if (!best)
    throw LayerRefused(fmt::format("design '{}' cannot run the layer: it is larger than the registers", design));
  return *best;
}

bool CoreResult::equal() const {
  return !first && std::ranges::all_of(engines, [](const EngineRun& run) { return run.failure.empty(); });
}

CoreResult run_core_layer(const SimulateRequest& request) {
  CoreResult result;
  result.plan = plan_core_layer(request.design, request.weights, request.activations.tokens);
  result.schedule = schedule_core(request.design.name, result.plan);
  const kernels::UnitInfo& unit = kernels::unit("core");
  kernels::Stimulus stimulus = core_stimulus(result.plan, result.schedule.layer, request.weights, request.activations);
  stimulus.deadlock_cycles += 2 * result.schedule.cycles();  // a step computes for long without a command
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

}  // namespace subbyte::sim
