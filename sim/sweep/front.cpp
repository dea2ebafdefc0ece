#include "sim/sweep/front.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace subbyte::sim {
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
  for (std::size_t i = 0; i < points.size(); ++i) {
    places[i].on_front = is_finite(points[i]) && std::ranges::none_of(points, [&](const Judged& other) {
                           return is_finite(other) && dominates(other, points[i]);
                         });
  }
  // One after the other, so that a circle of points, each a little better than the next, does not lose all of them.
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; places[i].on_front && j < points.size(); ++j) {
      if (j == i || !places[j].on_front || !dominates_within_tolerance(points[j], points[i])) continue;
      places[i] = {false, j};
    }
  }
  // The point that was named may have left the front after this one: whoever took its place is named instead.
  for (FrontPlace& place : places)
    while (place.within_tolerance_of && places[*place.within_tolerance_of].within_tolerance_of)
      place.within_tolerance_of = places[*place.within_tolerance_of].within_tolerance_of;
  return places;
}

}  // namespace subbyte::sim
