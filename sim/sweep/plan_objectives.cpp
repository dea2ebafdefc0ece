// What the points of a sweep file are judged by, and what measures them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/sweep/plan_parts.hpp"

namespace subbyte::sim {
namespace {

/// By how much two points must differ: 0.05 dB, and a hundredth of an area or an energy. Bits, cycles and what else
/// follows from shapes are counted.
double default_tolerance(std::string_view metric) {
  if (is_decibel(metric)) return 0.05;
  const auto among = [&](const std::vector<std::string>& names) { return std::ranges::count(names, metric) > 0; };
  if (among(shape_metrics()) && !among(sweep_energy_metrics())) return 0;
  return metric == "bits_per_weight" || metric == "cycles_per_token" ? 0 : 0.01;
}

Objectives default_objectives(const SweepPlan& plan) {
  if (!plan.shapes) return {{"sqnr_db"}, {"bits_per_weight", "area_time"}};
  Objectives objectives;
  const ModelPhases& phases = plan.shapes->phases;
  const std::string which = whole_token(plan).value_or(phases.kv_format ? "matmul_" : "linear_");
  if (phases.prefill > 0) objectives.minimize.push_back(which + "time_to_first_token");
  if (phases.decode > 0) objectives.minimize.push_back(which + "time_per_output_token");
  objectives.minimize.insert(objectives.minimize.end(), {"lanes", "buffer_kib"});
  return objectives;
}

/// Says the same of a metric of whole tokens.
std::string why_no_whole_token(const SweepPlan& plan, const std::string& metric) {
  const bool counted = metric.starts_with("counted_"), whole = metric.starts_with("time_to_") ||
                                                               metric.starts_with("time_per_output") ||
                                                               metric.starts_with("tokens_");
  if (!counted && !whole) return "";
  const auto prefix = whole_token(plan);
  if (!prefix) return "a design has no vector unit (core.vector)";
  if (whole && !prefix->empty()) return "something of a token is left out, so that its name begins with counted_";
  return counted && prefix->empty() ? "nothing of a token is left out, so that its name is without counted_" : "";
}

/// Says why the points of a plan have no such metric; empty where they have it.
std::string why_absent(const SweepPlan& plan, const std::string& metric) {
  const std::vector<std::string>& metrics = plan.shapes ? shape_metrics() : layer_metrics();
  if (std::ranges::find(metrics, metric) == metrics.end())
    return plan.shapes ? "a model's shape has none" : "a layer has none, but a model's shape (workload.shape)";
  if (!plan.shapes) return "";
  const ModelPhases& phases = plan.shapes->phases;
  if (metric.starts_with("matmul_") && !phases.kv_format) return "the workload has no kv_format";
  if (const std::string why = why_no_whole_token(plan, metric); !why.empty()) return why;
  const bool prefill = metric.starts_with("prefill_") || metric.ends_with("time_to_first_token");
  const bool decode =
      metric.starts_with("decode_") || metric.ends_with("time_per_output_token") || metric.ends_with("tokens_per_s");
  if (prefill && phases.prefill == 0) return "the workload has no prefill";
  return decode && phases.decode == 0 ? "the workload has no decode" : "";
}

}  // namespace

void read_objectives(ConfigNode& root, SweepPlan& plan) {
  plan.objectives = default_objectives(plan);
  if (!root.has("objectives")) return;
  ConfigNode node = root.child({"objectives",
                                "The metrics that points are judged by; left out, sqnr_db is maximized, "
                                "and bits_per_weight and area_time are minimized; of a shape, its times, lanes and "
                                "buffer_kib are minimized."});
  const auto names_of = [&](Key key) {
    return node.has(key.name) ? node.choices(key, sweep_metrics()) : std::vector<std::string>{};
  };
  plan.objectives = {names_of({"maximize", "Metrics of which more is better."}),
                     names_of({"minimize", "Metrics of which less is better."})};
  std::set<std::string> seen;
  for (const auto& [key, names] :
       {std::pair("maximize", &plan.objectives.maximize), std::pair("minimize", &plan.objectives.minimize)}) {
    for (const std::string& name : *names) {
      if (!seen.insert(name).second) node.problem("", fmt::format("names '{}' twice, expected each metric once", name));
      if (const std::string why = why_absent(plan, name); !why.empty())
        node.problem(key, fmt::format("names '{}', and {}", name, why));
    }
  }
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
  if (plan.shapes) {
    if (root.has("engines")) root.problem("engines", "has no effect: a model's shape runs on the engine fast alone");
    names = {"fast"};
  } else if (std::ranges::find(names, "golden") == names.end()) {
    names.insert(names.begin(), "golden");
  }
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
