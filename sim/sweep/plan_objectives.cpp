// What the points of a sweep file are judged by, and what measures them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/sweep/plan_parts.hpp"

namespace subbyte::sim {
namespace {

/// By how much two points must differ: 0.05 dB, and a hundredth of an area or an energy. Bits and cycles are counted.
double default_tolerance(std::string_view metric) {
  if (is_decibel(metric)) return 0.05;
  return metric == "bits_per_weight" || metric == "cycles_per_token" ? 0 : 0.01;
}

}  // namespace

void read_objectives(ConfigNode& root, SweepPlan& plan) {
  plan.objectives = {{"sqnr_db"}, {"bits_per_weight", "area_time"}};
  if (!root.has("objectives")) return;
  ConfigNode node = root.child({"objectives",
                                "The metrics that points are judged by; left out, sqnr_db is maximized, "
                                "and bits_per_weight and area_time are minimized."});
  const auto names_of = [&](Key key) {
    return node.has(key.name) ? node.choices(key, sweep_metrics()) : std::vector<std::string>{};
  };
  plan.objectives = {names_of({"maximize", "Metrics of which more is better."}),
                     names_of({"minimize", "Metrics of which less is better."})};
  std::set<std::string> seen;
  for (const auto* names : {&plan.objectives.maximize, &plan.objectives.minimize})
    for (const std::string& name : *names)
      if (!seen.insert(name).second) node.problem("", fmt::format("names '{}' twice, expected each metric once", name));
}

void read_tolerance(ConfigNode& root, SweepPlan& plan) {
  for (const std::string& name : sweep_metrics()) plan.tolerance[name] = default_tolerance(name);
  if (!root.has("tolerance")) return;
  ConfigNode node = root.child({"tolerance", "By how much points must differ in a metric to count as different."});
  for (auto& [name, tolerance] : plan.tolerance)
    tolerance = node.real_or({name, is_decibel(name) ? "The difference in dB that does not count on the front."
                                                     : "The share of the value that does not count on the front."},
                             tolerance, 0, is_decibel(name) ? 20 : 1);
  for (const std::string& name : node.keys()) {
    const auto named = [&](const std::vector<std::string>& names) { return std::ranges::count(names, name) > 0; };
    if (plan.tolerance.contains(name) && !named(plan.objectives.maximize) && !named(plan.objectives.minimize))
      node.problem(name, "has no effect, expected a metric among the objectives");
  }
}

void read_engines(ConfigNode& root, SweepPlan& plan) {
  static const std::vector<std::string> known = {"golden", "fast", "systemc", "rtl"};
  std::vector<std::string> names{"golden", "fast"};
  if (root.has("engines"))
    names = root.choices({"engines",
                          "The engines whose outputs and cycles must agree; golden always runs. Left "
                          "out, they are golden and fast."},
                         known);
  if (std::ranges::find(names, "golden") == names.end()) names.insert(names.begin(), "golden");
  for (const std::string& name : names)
    if (std::ranges::find(known, name) != known.end()) plan.engines.push_back(&engine(name));
}

void read_energy(ConfigNode& root, SweepPlan& plan) {
  plan.energy = root.boolean_or(
      {"energy", "Whether every point's joules are measured; an objective of energy asks for them too."}, false);
  for (const std::string& name : sweep_energy_metrics())
    for (const auto* objectives : {&plan.objectives.maximize, &plan.objectives.minimize})
      plan.energy = plan.energy || std::ranges::find(*objectives, name) != objectives->end();
  static const std::vector<std::string> delays{"inertial", "zero"};
  plan.zero_delay =
      root.choice_or(
          {"energy_delays", "Whether gates have inertial delays, so that glitches are in the energies, or none."},
          "inertial", delays) == "zero";
  if (root.has("energy_delays") && !plan.energy)
    root.problem("energy_delays", "has no effect, expected energy: true or an objective of energy");
}

}  // namespace subbyte::sim
