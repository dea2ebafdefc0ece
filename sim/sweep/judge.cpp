#include "sim/sweep/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace subbyte::sim {
namespace {

double objective(const nlohmann::json& point, const std::string& name) {
  const auto it = point.find(name);
  return it != point.end() && it->is_number() ? it->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

/// Whether a point can be on the front: its clock must not be known to be missed.
bool may_be_chosen(const nlohmann::json& point) { return point.value("clock_met", true); }

/// The difference in a metric that does not count: the plan's share or decibels, or what the measurement leaves open
/// where that is more.
double tolerance_of(const SweepPlan& plan, const nlohmann::json& point, const std::string& name) {
  const double value = std::abs(objective(point, name));
  const double asked = plan.tolerance.at(name);
  const double open = point.value(name + "_half_width", 0.0);
  return std::max(is_decibel(name) ? asked : asked * value, open);
}

}  // namespace

std::vector<reports::FrontPlace> front_of(const SweepPlan& plan, const std::vector<nlohmann::json>& points) {
  std::vector<reports::Judged> judged;
  for (const auto& point : points) {
    judged.emplace_back();
    for (const auto* names : {&plan.objectives.maximize, &plan.objectives.minimize}) {
      for (const auto& name : *names) {
        const double value = objective(point, name);
        const double signed_value = names == &plan.objectives.maximize ? value : -value;
        judged.back().values.push_back(may_be_chosen(point) ? signed_value : std::numeric_limits<double>::quiet_NaN());
        judged.back().tolerances.push_back(tolerance_of(plan, point, name));
      }
    }
  }
  return reports::pareto_front(judged);
}

/// ", where differences of 0.05 dB in sqnr_db, 1 % in area_um2 do not count".
std::string tolerance_text(const SweepPlan& plan) {
  std::string text;
  for (const auto* names : {&plan.objectives.maximize, &plan.objectives.minimize}) {
    for (const std::string& name : *names) {
      const double tolerance = plan.tolerance.at(name);
      if (tolerance == 0) continue;
      text += fmt::format("{}{:g} {} in {}", text.empty() ? "" : ", ", is_decibel(name) ? tolerance : 100 * tolerance,
                          is_decibel(name) ? "dB" : "%", name);
    }
  }
  return text.empty() ? ""
                      : ", where differences of " + text + " and less than what a measurement leaves open do not count";
}

}  // namespace subbyte::sim
