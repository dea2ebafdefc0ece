#include "sim/cost/core_phases_metrics.hpp"

#include <fmt/format.h>

namespace subbyte::sim {
namespace {

double as_double(std::uint64_t value) { return static_cast<double>(value); }

double seconds_of(const Design& design, const CoreCost& cost) {
  return as_double(cost.cycles()) / (design.clock_mhz * 1e6);
}

/// What a user of the model waits for, as far as `cost` says it; `which` begins the names.
void add_latencies(const Design& design, const PhaseCost& phase, const std::string& which, const CoreCost& cost,
                   std::vector<reports::Metric>& metrics) {
  const double seconds = seconds_of(design, cost), steps = as_double(phase.phase.passes);
  const auto add = [&](const char* name, const char* quantity, const char* unit, double value) {
    metrics.push_back({which + name, quantity, unit, value, "derived"});
  };
  if (phase.phase.name == "prefill") add("time_to_first_token", "time", "s", seconds);
  if (phase.phase.name != "decode") return;
  add("time_per_output_token", "time", "s", seconds / steps);
  add("tokens_per_s", "rate", "tokens/s", steps * as_double(phase.phase.sequences) / seconds);
}

void add_metrics(const Design& design, const PhaseWork& work, const PhaseCost& phase,
                 std::vector<reports::Metric>& metrics) {
  const CoreCost total = phase.total();
  const auto add = [&](const char* name, const char* quantity, const char* unit, double value, const char* source) {
    metrics.push_back({fmt::format("{}_{}", phase.phase.name, name), quantity, unit, value, source});
  };
  add("cycles", "time", "cycles", as_double(total.cycles()), "model");
  if (work.vector) {
    add("vector_cycles", "time", "cycles", as_double(total.vector), "model");
    add("vector_waiting_cycles", "time", "cycles", as_double(total.vector_waiting), "model");
  }
  add("time", "time", "s", seconds_of(design, total), "derived");
  add("utilisation", "ratio", "", total.utilisation(design), "derived");
  add("weight_traffic", "data", "bytes", as_double(total.traffic.weights), "derived");
  add("activation_traffic", "data", "bytes", as_double(total.traffic.activations), "derived");
  add("output_traffic", "data", "bytes", as_double(total.traffic.outputs), "derived");
  if (phase.phase.kv_appended > 0)
    add("kv_appended", "data", "bytes", as_double(phase.phase.kv_appended),
        work.kv_quantized ? "derived, in the output traffic" : "derived, beside the traffic");
}

}  // namespace

std::vector<reports::Metric> phases_metrics(const Design& design, const PhaseWork& work,
                                            const std::vector<PhaseCost>& phases) {
  std::vector<reports::Metric> metrics;
  const auto add = [&](const std::string& which, auto cost_of) {
    for (const PhaseCost& phase : phases) add_latencies(design, phase, which, cost_of(phase), metrics);
  };
  const std::string quantized = work.left_out.empty() ? "" : "quantized_";
  if (work.vector) add(work.whole() ? "" : "counted_", [](const PhaseCost& phase) { return phase.total(); });
  if (!work.kv_format.empty())
    add(quantized + "matmul_", [](const PhaseCost& phase) {
      CoreCost cost = phase.total(LayerKind::kLinear);
      return cost += phase.total(LayerKind::kAttention);
    });
  add(quantized + "linear_", [](const PhaseCost& phase) { return phase.total(LayerKind::kLinear); });
  for (const PhaseCost& phase : phases) add_metrics(design, work, phase, metrics);
  return metrics;
}

}  // namespace subbyte::sim
