#include "quant/rules/binary_coding.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace subbyte::quant {
namespace {

constexpr unsigned kRounds = 15;
constexpr unsigned kMaxPlanes = 8;
constexpr double kSmallest = 0x1p-127;
constexpr double kLargest = 0x1p124;  // eight of these are still an FP32 number

using Vector = std::array<double, kMaxPlanes>;

double power_of_two(double value) {
  const auto& e8m0 = scale_info(ScaleFormat::kE8m0);
  return e8m0.decode(e8m0.encode(std::clamp(std::abs(value), kSmallest, kLargest)));
}

double sign_of(unsigned code, unsigned plane) { return (code >> plane & 1) != 0 ? 1 : -1; }

double sum_of(std::span<const double> scales, unsigned code) {
  double sum = 0;
  for (unsigned i = 0; i < scales.size(); ++i) sum += sign_of(code, i) * scales[i];
  return sum;
}

Grid grid_of(std::span<const double> scales) {
  std::vector<std::pair<double, std::uint8_t>> points;
  for (unsigned code = 0; code < 1U << scales.size(); ++code) {
    points.emplace_back(sum_of(scales, code), static_cast<std::uint8_t>(code));
  }
  std::ranges::sort(points);
  Grid grid;
  for (const auto& [level, code] : points) {
    if (!grid.levels.empty() && level == grid.levels.back()) continue;
    if (!grid.levels.empty()) grid.cuts.push_back({(grid.levels.back() + level) / 2, false});
    grid.levels.push_back(level);
    grid.codes.push_back(code);
  }
  return grid;
}

/// What least squares needs of the codes: how many weights took each of them, and the sum of those weights.
struct Buckets {
  std::array<double, 1U << kMaxPlanes> count{};
  std::array<double, 1U << kMaxPlanes> sum{};
};

Buckets buckets_of(std::span<const float> weights, std::span<const std::uint8_t> codes) {
  Buckets buckets;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    buckets.count[codes[i]] += 1;
    buckets.sum[codes[i]] += weights[i];
  }
  return buckets;
}

/// Returns the squared error less the weights' own squares, which no scale changes.
double error_of(std::span<const double> scales, const Buckets& buckets) {
  double error = 0;
  for (unsigned code = 0; code < 1U << scales.size(); ++code) {
    const double level = sum_of(scales, code);
    error += level * (buckets.count[code] * level - 2 * buckets.sum[code]);
  }
  return error;
}

/// Sets up the normal equations of the scales for given signs.
struct Equations {
  std::array<Vector, kMaxPlanes> gram{};
  Vector right{};
};

Equations equations_of(unsigned planes, const Buckets& buckets) {
  Equations equations;
  for (unsigned code = 0; code < 1U << planes; ++code) {
    for (unsigned i = 0; i < planes; ++i) {
      equations.right[i] += sign_of(code, i) * buckets.sum[code];
      for (unsigned j = 0; j < planes; ++j) {
        equations.gram[i][j] += sign_of(code, i) * sign_of(code, j) * buckets.count[code];
      }
    }
  }
  return equations;
}

/// Solves by Gauss-Jordan with pivots on the diagonal (the matrix is a Gram matrix); a plane that depends on earlier
/// ones gets 0.
Vector solve(Equations equations, std::span<const unsigned> planes) {
  auto& [gram, right] = equations;
  Vector solution{};
  for (const unsigned pivot : planes) {
    const double diagonal = gram[pivot][pivot];
    if (!(diagonal > 1e-9 * gram[planes[0]][planes[0]])) {
      for (const unsigned i : planes) gram[i][pivot] = gram[pivot][i] = 0;
      gram[pivot][pivot] = 1;
      right[pivot] = 0;
      continue;
    }
    for (const unsigned i : planes) {
      const double factor = i == pivot ? 0 : gram[i][pivot] / diagonal;
      for (const unsigned j : planes) gram[i][j] -= factor * gram[pivot][j];
      right[i] -= factor * right[pivot];
    }
  }
  for (const unsigned i : planes) solution[i] = right[i] / gram[i][i];
  return solution;
}

/// Finds powers of two near the least squares solution: the largest is rounded and moved to the right side, and the
/// rest is solved again.
std::vector<double> refit(unsigned count, const Buckets& buckets) {
  Equations equations = equations_of(count, buckets);
  std::vector<unsigned> left(count);
  for (unsigned i = 0; i < count; ++i) left[i] = i;
  std::vector<double> scales;
  while (!left.empty()) {
    const Vector solution = solve(equations, left);
    const auto largest = std::ranges::max_element(left, {}, [&](unsigned i) { return std::abs(solution[i]); });
    const unsigned plane = *largest;
    left.erase(largest);
    const double rounded = power_of_two(solution[plane]);
    scales.push_back(rounded);
    const double moved = std::copysign(rounded, solution[plane]);
    for (const unsigned i : left) equations.right[i] -= equations.gram[i][plane] * moved;
  }
  std::ranges::sort(scales);
  return scales;
}

std::vector<double> greedy(std::span<const float> weights, unsigned planes) {
  std::vector<double> rest(weights.begin(), weights.end());
  std::vector<double> scales;
  for (unsigned i = 0; i < planes; ++i) {
    double sum = 0;
    for (const double value : rest) sum += std::abs(value);
    scales.push_back(power_of_two(sum / static_cast<double>(rest.size())));
    for (double& value : rest) value = std::abs(value) - scales.back();
  }
  std::ranges::sort(scales);
  return scales;
}

struct Fit {
  std::vector<double> scales;
  double error = 0;
};

/// Sets the error of the scales under their nearest codes.
Buckets fitted(const GroupView& group, const GroupKernels& kernels, Fit& fit, std::span<std::uint8_t> codes) {
  kernels.encode_grid(group.weights, grid_of(fit.scales), 1.0, codes);
  const Buckets buckets = buckets_of(group.weights, codes);
  fit.error = error_of(fit.scales, buckets);
  return buckets;
}

// Rounding to powers of two leaves the alternation in a poor place: with three planes the error is half again above the
// least.
bool improved_by_a_factor_of_two(const GroupView& group, const GroupKernels& kernels, Fit& best,
                                 std::span<std::uint8_t> codes) {
  const Fit start = best;
  for (std::size_t i = 0; i < start.scales.size(); ++i) {
    for (const double factor : {0.5, 2.0}) {
      Fit fit = start;
      fit.scales[i] = power_of_two(start.scales[i] * factor);
      std::ranges::sort(fit.scales);
      fitted(group, kernels, fit, codes);
      if (fit.error < best.error) best = fit;
    }
  }
  return best.error < start.error;
}

}  // namespace

GroupChoice choose_binary_coding(const GroupView& group, const TensorContext& context) {
  const unsigned planes = context.format.scaling.planes;
  Fit best{greedy(group.weights, planes), 0};
  std::vector<std::uint8_t> codes(group.weights.size());
  Buckets buckets = fitted(group, context.kernels, best, codes);
  Fit fit = best;
  for (unsigned round = 0; round < kRounds; ++round) {
    auto next = refit(planes, buckets);
    if (next == fit.scales) break;
    fit.scales = std::move(next);
    buckets = fitted(group, context.kernels, fit, codes);
    if (fit.error < best.error) best = fit;
  }
  while (improved_by_a_factor_of_two(group, context.kernels, best, codes)) continue;
  GroupChoice choice;
  for (unsigned i = 0; i < planes; ++i) choice.scales.at(i) = scale_info(ScaleFormat::kE8m0).encode(best.scales[i]);
  return choice;
}

unsigned encode_binary_coding(const GroupView& group, const TensorContext& context, const GroupChoice& choice,
                              double /*multiplier*/, std::span<std::uint8_t> codes) {
  std::vector<double> scales;
  for (unsigned i = 0; i < context.format.scaling.planes; ++i) {
    scales.push_back(scale_info(ScaleFormat::kE8m0).decode(choice.scales.at(i)));
  }
  context.kernels.encode_grid(group.weights, grid_of(scales), 1.0, codes);
  return 0;
}

}  // namespace subbyte::quant
