// Which points are worth choosing, of a sweep and of a verdict: the Pareto front, with a tolerance.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace subbyte::reports {

/// A point in the objectives. Larger is better in every one of them.
struct Judged {
  std::vector<double> values;
  /// Of each value, the difference that does not count: what its measurement leaves open, or what nobody would choose
  /// by. At least 0.
  std::vector<double> tolerances;
};

/// Where a point stands.
struct FrontPlace {
  bool on_front = false;
  /// A point on the front that is better by more than the tolerance in one objective, and within tolerance no worse in
  /// any. Without tolerance this point would be on the front too: it is better somewhere, by less than counts.
  std::optional<std::size_t> within_tolerance_of = std::nullopt;
};

/// A point is on the front unless another dominates it. One point dominates another when it is as good in every
/// objective and better in one; and also when it is better in one by more than the tolerance, and worse in none by more
/// than the tolerance. (Of two points the larger tolerance holds.) A point that is dominated in the second way alone
/// leaves the front only for one that stays on it: a chain of points, each a little better than the next, does not lose
/// all but its end. Points with a value that is missing or not finite are
/// never on the front.
std::vector<FrontPlace> pareto_front(const std::vector<Judged>& points);

}  // namespace subbyte::reports
