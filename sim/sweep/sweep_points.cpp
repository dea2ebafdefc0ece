#include "sim/sweep/sweep_points.hpp"

#include <nlohmann/json.hpp>
#include <span>

#include "sim/base/hash.hpp"
#include "sim/config/config.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

/// What a point's energy follows from beside design, layer, library and program.
nlohmann::json memory_key(const SweepPlan& plan, const Design& design) {
  if (!plan.energy) return nullptr;
  auto key = nlohmann::json::array({plan.zero_delay ? "zero delay" : "with glitches", to_json(design.memory.dram)});
  for (const SramEntry& entry : design.memory.sram) key.push_back(to_json(entry));
  return key;
}

}  // namespace

std::vector<SweepPoint> sweep_points(const SweepPlan& plan, const SweepInputs& inputs) {
  const std::string data =
      short_hash(std::as_bytes(std::span(inputs.weights))) + short_hash(std::as_bytes(std::span(inputs.activations)));
  std::vector<SweepPoint> points;
  for (std::size_t f = 0; f < plan.formats.size(); ++f)
    for (std::size_t v = 0; v < plan.designs.size(); ++v)
      points.push_back({config_hash({{"format", {plan.formats[f].id(), describe(plan.formats[f])}},
                                     {"design", plan.designs[v].resolved},
                                     {"shape", {inputs.layer().rows, inputs.layer().cols, inputs.workload.tokens}},
                                     {"data", data},
                                     {"engines", names_of(plan.engines)},
                                     {"energy", memory_key(plan, plan.designs[v])},
                                     {"silicon", plan.silicon.empty() ? "" : plan.silicon.at(v).key}}),
                        f, v});
  return points;
}

}  // namespace subbyte::sim
