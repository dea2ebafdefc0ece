// What of a sweep's designs its figures follow from.
#include <algorithm>

#include "sim/base/input_error.hpp"
#include "sim/cost/design_effect.hpp"
#include "sim/sweep/plan_parts.hpp"

namespace subbyte::sim {
namespace {

/// Why the formats that a design does not run are refused, with the layers.
std::string refusals(const SweepPlan& plan, const Design& design) {
  std::string text;
  for (const quant::Format& format : plan.formats)
    text += format.id() + ": " +
            phases_refusal(design, model_work(plan.shapes->model.shape, Policy(format), plan.shapes->phases)) + "\n";
  return text;
}

/// What the points' figures are.
DesignUse use_of(const SweepPlan& plan) {
  const std::string energy = plan.energy ? "" : "energy: true in the sweep file, or an objective of energy";
  if (plan.shapes)
    return {{{Computed::kCycles, ""},
             {Computed::kMemory, ""},
             {Computed::kVector, ""},
             {Computed::kSilicon, energy},
             {Computed::kJoules, energy}},
            [&plan](const Design& design) { return refusals(plan, design); }};
  return {{{Computed::kValues, ""},
           {Computed::kCycles, ""},
           {Computed::kSilicon, ""},
           {Computed::kMemory, energy},
           {Computed::kJoules, energy}}};
}

}  // namespace

void check_variants(ConfigNode& root, VariedDesign& varied, const SweepPlan& plan) {
  if (!varied.base || !root.sound()) return;
  std::vector<Design> others = plan.designs;
  others.push_back(*varied.base);
  const DesignUse use = use_of(plan);
  for (std::size_t i = 0; i < plan.designs.size(); ++i)
    for (const Setting& setting : plan.designs[i].settings)
      if (setting.place.starts_with(kVary))
        if (const auto why = why_without_effect(plan.designs[i], setting.key, use, others))
          varied.variants[i].problem(setting.place.substr(kVary.size()), *why);
}

void check_settings(const SweepPlan& plan) {
  const DesignUse use = use_of(plan);
  for (const Design& design : plan.designs)
    for (const Setting& setting : design.settings) {
      if (setting.place.starts_with(kVary)) continue;
      const auto read_by = [&](const Design& other) { return !why_without_effect(other, setting.key, use, {}); };
      if (std::ranges::none_of(plan.designs, read_by))
        throw InputError("", setting.place, *why_without_effect(design, setting.key, use, {}));
    }
}

}  // namespace subbyte::sim
