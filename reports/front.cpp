#include "reports/front.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace subbyte::reports {
namespace {

bool is_finite(const Judged& point) {
  return std::ranges::all_of(point.values, [](double value) { return std::isfinite(value); });
}

bool dominates(const Judged& a, const Judged& b) {
  return a.values != b.values && std::ranges::equal(a.values, b.values, std::greater_equal<>());
}

bool dominates_within_tolerance(const Judged& a, const Judged& b) {
  bool better = false;
  for (std::size_t k = 0; k < a.values.size(); ++k) {
    const double tolerance = std::max(a.tolerances[k], b.tolerances[k]);
    if (a.values[k] < b.values[k] - tolerance) return false;
    better = better || a.values[k] > b.values[k] + tolerance;
  }
  return better;
}

}  // namespace

std::vector<FrontPlace> pareto_front(const std::vector<Judged>& points) {
  std::vector<FrontPlace> places(points.size());
  std::vector<std::size_t> undecided;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto dominated = [&](const Judged& other) { return is_finite(other) && dominates(other, points[i]); };
    if (is_finite(points[i]) && std::ranges::none_of(points, dominated)) undecided.push_back(i);
  }
  // A point stays when none of those that may still stay dominates it; what it dominates goes. In a circle of points,
  // each a little better than the next, the first stays.
  while (!undecided.empty()) {
    const auto best = std::ranges::find_if(undecided, [&](std::size_t i) {
      return std::ranges::none_of(
          undecided, [&](std::size_t j) { return j != i && dominates_within_tolerance(points[j], points[i]); });
    });
    const std::size_t kept = best == undecided.end() ? undecided.front() : *best;
    places[kept].on_front = true;
    std::erase_if(undecided, [&](std::size_t i) {
      const bool goes = i != kept && dominates_within_tolerance(points[kept], points[i]);
      if (goes) places[i].within_tolerance_of = kept;
      return goes || i == kept;
    });
  }
  return places;
}

}  // namespace subbyte::reports
