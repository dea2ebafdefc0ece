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
  if (design.core && design.core->vector) {
    const ArithmeticEntry& arithmetic = design.core->vector->arithmetic;
    key.push_back({arithmetic.fp32_add_pj, arithmetic.fp32_multiply_pj, arithmetic.int32_add_pj, arithmetic.source});
  }
  return key;
}

/// What the points of a plan share: a layer's numbers, or what a model's products follow from.
nlohmann::json shared_key(const SweepPlan& plan, const SweepInputs& inputs) {
  if (plan.shapes) return {{"model_shape", plan.shapes->resolved()}};
  const std::string data =
      short_hash(std::as_bytes(std::span(inputs.weights))) + short_hash(std::as_bytes(std::span(inputs.activations)));
  return {{"shape", {inputs.layer().rows, inputs.layer().cols, inputs.workload.tokens}}, {"data", data}};
}

}  // namespace

void note_silicon(const SweepPlan& plan, const std::vector<SweepPoint>& order,
                  const std::vector<nlohmann::json>& points, nlohmann::json& provenance) {
  for (std::size_t i = 0; i < plan.silicon.size(); ++i)
    provenance["silicon"][plan.variants[i]] = {
        {"technology", plan.silicon[i].technology}, {"key", plan.silicon[i].key}, {"remark", plan.silicon[i].remark}};
  for (std::size_t i = 0; i < points.size(); ++i)
    if (points[i].contains("energy_conditions"))
      provenance["energy"][plan.variants[order[i].variant]] = points[i]["energy_conditions"];
}

std::vector<SweepPoint> sweep_points(const SweepPlan& plan, const SweepInputs& inputs) {
  const nlohmann::json shared = shared_key(plan, inputs);
  std::vector<SweepPoint> points;
  for (std::size_t f = 0; f < plan.formats.size(); ++f) {
    for (std::size_t v = 0; v < plan.designs.size(); ++v) {
      nlohmann::json key{{"format", {plan.formats[f].id(), describe(plan.formats[f])}},
                         {"design", plan.designs[v].resolved},
                         {"engines", names_of(plan.engines)},
                         {"energy", memory_key(plan, plan.designs[v])},
                         {"silicon", plan.silicon.empty() ? "" : plan.silicon.at(v).key}};
      key.update(shared);
      points.push_back({config_hash(key), f, v});
    }
  }
  return points;
}

}  // namespace subbyte::sim
