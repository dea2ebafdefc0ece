#include "quant/rules/ternary_rules.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "quant/base/exact_sum.hpp"
#include "quant/base/float16.hpp"
#include "quant/rules/exact_quantizer.hpp"
#include "quant/rules/rule_kernels.hpp"

namespace subbyte::quant {
namespace {

/// The bound on the relative error of a sum of n magnitudes in double, and of a division after it.
double sum_error(std::size_t n) { return static_cast<double>(n + 4) * 0x1p-52; }

struct HalfRange {
  std::uint16_t low = 0;
  std::uint16_t high = 0;
};

/// Returns the FP16 values that a number within `error` of `value` may round to.
HalfRange nearest_halves(double value, double error) {
  return {half_from_double(value * (1 - error)), half_from_double(value * (1 + error))};
}

/// Infinity stands here for the value that it would have as the next number.
double half_value(std::uint16_t bits) { return bits == kHalfInfinity ? 65536.0 : half_to_float(bits); }

/// Returns the FP16 RNE of the exact mean. `sum` approximates that of `size` magnitudes; they are asked for when it
/// leaves two neighbouring values open.
template <typename Magnitudes>
std::uint16_t half_of_mean(double sum, std::size_t size, Magnitudes magnitudes) {
  if (size == 0) return 0;
  const auto count = static_cast<double>(size);
  const auto [low, high] = nearest_halves(sum / count, sum_error(size));
  if (low == high) return low;
  ExactSum above_middle;
  for (const float magnitude : magnitudes()) above_middle.add_product(magnitude, 1);
  above_middle.add_product(-count, (half_value(low) + half_value(high)) / 2);
  const int sign = above_middle.sign();
  if (sign == 0) return low % 2 == 0 ? low : high;
  return sign > 0 ? high : low;
}

GroupChoice stored(const GroupView& group, std::uint16_t scale) { return {{checked_half_scale(group, scale)}, 0}; }

/// Returns what the k largest magnitudes take from the squared error under scale s: 2 s sum - k s^2.
struct Gain {
  std::size_t kept = 0;
  double scale = 0;
  double value = 0;
  std::uint16_t bits = 0;
};

/// Returns it exactly, with the magnitudes in descending order.
bool strictly_more(const Gain& left, const Gain& right, std::span<const float> magnitudes) {
  ExactSum difference;
  const auto add = [&](const Gain& gain, double sign) {
    for (const float magnitude : magnitudes.first(gain.kept)) difference.add_product(magnitude, 2 * sign * gain.scale);
    difference.add_product(-sign * static_cast<double>(gain.kept), gain.scale * gain.scale);
  };
  add(left, 1);
  add(right, -1);
  return difference.sign() > 0;
}

/// For each number of kept weights, the best scale is the FP16 nearest to their mean, because the gain is a parabola in
/// the scale. Where FP16 leaves a tie, both neighbours are tried, the larger first.
void consider(Gain& best, std::size_t kept, double sum, std::span<const float> magnitudes) {
  const auto [low, high] = nearest_halves(sum / static_cast<double>(kept), sum_error(kept));
  for (auto bits = std::max(high, kMinScaleBits);; --bits) {
    Gain gain{kept, half_value(bits), 0, bits};
    gain.value = gain.scale * (2 * sum - static_cast<double>(kept) * gain.scale);
    const double bound = 4 * sum_error(kept + best.kept) * (gain.scale * sum + std::abs(best.value));
    const double gap = gain.value - best.value;
    const bool decided = best.kept == 0 || std::abs(gap) > bound + std::abs(best.scale * sum) * sum_error(kept);
    if (decided ? best.kept == 0 || gap > 0 : strictly_more(gain, best, magnitudes)) best = gain;
    if (bits <= low || bits == kMinScaleBits) return;
  }
}

std::vector<float> kept_magnitudes(const GroupView& group) {
  std::vector<std::uint8_t> codes(group.weights.size());
  scalar_rule_kernels().encode_sparse(group.weights, codes);
  std::vector<float> kept;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] != 1) kept.push_back(std::abs(group.weights[i]));
  }
  return kept;
}

/// Handles weights in a last block of less than four: what is missing is a zero, unless one that is there is.
std::size_t kept_count(std::span<const float> weights) {
  const std::size_t full = weights.size() / 4;
  const auto tail = weights.subspan(4 * full);
  const bool zero_there = std::ranges::find(tail, 0.0F) != tail.end();
  return 3 * full + tail.size() - (zero_there ? 1 : 0);
}

std::vector<double> error_weights(const GroupView& group) {
  double squares = 0;
  for (const double weight : group.weights) squares += weight * weight;
  const double sigma = 2 * squares / static_cast<double>(group.weights.size());
  std::vector<double> found;
  for (std::size_t i = 0; i < group.weights.size(); ++i) {
    const double weight = group.weights[i];
    const double importance = group.importance.empty() ? 1.0 : static_cast<double>(group.importance[i]);
    found.push_back(importance * std::sqrt(sigma + weight * weight));
  }
  return found;
}

/// Finds the zero of least weighted error: x^2 - (|x| - s)^2 = s (2 |x| - s). A missing weight's zero costs nothing.
void encode_weighted(std::span<const float> weights, std::span<const double> errors, double scale,
                     std::span<std::uint8_t> codes) {
  for (std::size_t first = 0; first < weights.size(); first += 4) {
    const std::size_t end = std::min(first + 4, weights.size());
    std::size_t zero = end;
    double least = end == first + 4 ? std::numeric_limits<double>::infinity() : 0;
    for (std::size_t i = first; i < end; ++i) {
      const double cost = errors[i] * (2 * std::abs(static_cast<double>(weights[i])) - scale);
      if (cost < least || (cost == least && zero == end)) {
        least = cost;
        zero = i;
      }
    }
    for (std::size_t i = first; i < end; ++i) codes[i] = i == zero ? 1 : weights[i] < 0 ? 0 : 2;
  }
}

double weighted_mean(std::span<const float> weights, std::span<const double> errors,
                     std::span<const std::uint8_t> codes) {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (codes[i] == 1) continue;
    sum += errors[i] * std::abs(static_cast<double>(weights[i]));
    total += errors[i];
  }
  return total > 0 ? sum / total : 0;
}

}  // namespace

GroupChoice choose_abs_mean(const GroupView& group, const TensorContext& context) {
  const double sum = rule_kernels(context.kernels).magnitude_sum(group.weights);
  return stored(group, half_of_mean(sum, group.weights.size(), [&] {
                  std::vector<float> magnitudes(group.weights.begin(), group.weights.end());
                  for (auto& magnitude : magnitudes) magnitude = std::abs(magnitude);
                  return magnitudes;
                }));
}

GroupChoice choose_ternary_best(const GroupView& group, const TensorContext& /*context*/) {
  std::vector<float> magnitudes(group.weights.begin(), group.weights.end());
  for (auto& magnitude : magnitudes) magnitude = std::abs(magnitude);
  std::ranges::sort(magnitudes, std::greater<>{});
  Gain best;
  double sum = 0;
  for (std::size_t kept = 1; kept <= magnitudes.size(); ++kept) {
    sum += magnitudes[kept - 1];
    if (magnitudes[kept - 1] == 0) break;
    consider(best, kept, sum, magnitudes);
  }
  return stored(group, best.bits);
}

unsigned encode_ternary_group(const GroupView& group, const TensorContext& context, const GroupChoice& /*choice*/,
                              double multiplier, std::span<std::uint8_t> codes) {
  // Half an FP16 number is an FP32 number.
  rule_kernels(context.kernels).encode_ternary(group.weights, static_cast<float>(multiplier / 2), codes);
  return 0;
}

GroupChoice choose_sparse_mean(const GroupView& group, const TensorContext& context) {
  const double sum = rule_kernels(context.kernels).kept_sum(group.weights);
  return stored(group, half_of_mean(sum, kept_count(group.weights), [&] { return kept_magnitudes(group); }));
}

unsigned encode_sparse_group(const GroupView& group, const TensorContext& context, const GroupChoice& /*choice*/,
                             double /*multiplier*/, std::span<std::uint8_t> codes) {
  rule_kernels(context.kernels).encode_sparse(group.weights, codes);
  return 0;
}

GroupChoice choose_sparse_weighted(const GroupView& group, const TensorContext& /*context*/) {
  const auto errors = error_weights(group);
  std::vector<std::uint8_t> codes(group.weights.size());
  scalar_rule_kernels().encode_sparse(group.weights, codes);
  double scale = weighted_mean(group.weights, errors, codes);
  for (int turn = 0; turn < 3; ++turn) {
    encode_weighted(group.weights, errors, scale, codes);
    scale = weighted_mean(group.weights, errors, codes);
  }
  return stored(group, half_from_double(scale));
}

unsigned encode_sparse_weighted(const GroupView& group, const TensorContext& /*context*/, const GroupChoice& /*choice*/,
                                double multiplier, std::span<std::uint8_t> codes) {
  encode_weighted(group.weights, error_weights(group), multiplier, codes);
  return 0;
}

}  // namespace subbyte::quant
