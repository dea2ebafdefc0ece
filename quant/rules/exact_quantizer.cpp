#include "quant/rules/exact_quantizer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "quant/base/exact_sum.hpp"
#include "quant/base/float16.hpp"

namespace subbyte::quant {
namespace {

/// Returns a - b rounded to odd at 40 significant bits. A tie of the quotient by a small integer has at most 20
/// significant bits, so it is exact here. Everything else stays strictly on its side of it, far enough for a division
/// in double.
double difference_to_odd(double a, double b) {
  const double sum = a - b;
  const double other = sum - a;
  const double lost = (a - (sum - other)) - (b + other);
  auto bits = std::bit_cast<std::uint64_t>(sum);
  if (lost != 0) {
    if (std::signbit(lost) != std::signbit(sum)) --bits;
    bits |= 1;
  }
  constexpr std::uint64_t kTail = (1ULL << 13) - 1;
  if ((bits & kTail) != 0) bits = (bits & ~kTail) | (kTail + 1);
  return std::bit_cast<double>(bits);
}

/// Returns the stored pattern of max|w| / divisor; u8 scales start as FP16.
std::uint32_t stored_ratio(const GroupView& group, const Format& format, double divisor) {
  const auto stored = format.scaling.stored;
  const double ratio = group.magnitude / divisor;
  if (stored == ScaleFormat::kFp16 || stored == ScaleFormat::kU8BelowChannel) {
    return checked_half_scale(group, half_from_double(ratio));
  }
  return scale_info(stored).encode(ratio);
}

std::vector<double> decoded(std::span<const float> weights, const ScaledGrid& candidate, const GroupKernels& kernels) {
  const auto& grid = *candidate.grid;
  std::vector<std::uint8_t> codes(weights.size());
  kernels.encode_grid(weights, grid, candidate.scale, codes);
  std::array<double, 256> values{};
  for (std::size_t i = 0; i < grid.levels.size(); ++i) values[grid.codes[i]] = grid.levels[i] * candidate.scale;
  std::vector<double> found(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) found[i] = values[codes[i]];
  return found;
}

/// Returns the selector of least squared error, with ties to the earlier.
GroupChoice choose_grid(const GroupView& group, const TensorContext& context) {
  const auto stored = context.format.scaling.stored;
  const bool half = stored == ScaleFormat::kFp16 || stored == ScaleFormat::kU8BelowChannel;
  const auto& info = scale_info(half ? ScaleFormat::kFp16 : stored);
  std::vector<std::uint32_t> scales;
  std::vector<ScaledGrid> candidates;
  for (const auto& grid : context.book.grids) {
    scales.push_back(stored_ratio(group, context.format, grid.max_magnitude));
    candidates.push_back({&grid, info.decode(scales.back())});
  }
  const auto best = least_squares(group.weights, candidates, context.kernels,
                                  half ? context.kernels.squared_error : context.kernels.precise_error);
  return {{scales[best]}, static_cast<std::uint8_t>(best)};
}

}  // namespace

std::uint16_t checked_half_scale(const GroupView& group, std::uint16_t scale_bits) {
  if (scale_bits < kHalfInfinity) return std::max(scale_bits, kMinScaleBits);
  throw std::invalid_argument("quantize: row " + std::to_string(group.row) + ", group " + std::to_string(group.group) +
                              ": the scale overflows FP16, expected weights whose scale is at most 65504");
}

// The sign of SSE(a) - SSE(b) decides. The squares of the weights cancel: with a and b the two decoded values, the
// difference is the sum of (a - b)(a + b - 2w), and all these factors are exact in double. Ties are common, because two
// selectors whose special values no weight takes decode alike.
bool less_squared_error(std::span<const float> weights, std::span<const double> candidate,
                        std::span<const double> best) {
  ExactSum difference;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double step = candidate[i] - best[i];
    difference.add_product(step, candidate[i] + best[i]);
    difference.add_product(step, -2.0 * weights[i]);
  }
  return difference.sign() < 0;
}

bool strictly_better(std::span<const float> weights, const ScaledGrid& candidate, const ScaledGrid& best,
                     const GroupKernels& kernels) {
  const auto left = decoded(weights, candidate, kernels);
  const auto right = decoded(weights, best, kernels);
  return left != right && less_squared_error(weights, left, right);
}

std::size_t least_squares(std::span<const float> weights, std::span<const ScaledGrid> candidates,
                          const GroupKernels& kernels,
                          BoundedSum (*sum)(std::span<const float> weights, const Grid& grid, double scale)) {
  std::size_t best = 0;
  auto least = sum(weights, *candidates[0].grid, candidates[0].scale);
  for (std::size_t c = 1; c < candidates.size(); ++c) {
    const auto error = sum(weights, *candidates[c].grid, candidates[c].scale);
    const double gap = error.value - least.value;
    const bool decided = std::abs(gap) > error.error + least.error;
    if (!(decided ? gap < 0 : strictly_better(weights, candidates[c], candidates[best], kernels))) continue;
    best = c;
    least = error;
  }
  return best;
}

std::uint16_t range_scale(Extremes extremes, double span) {
  // +0 and -0 may come as either extreme, and their difference must not be -0.
  return half_from_double(std::abs(difference_to_odd(extremes.max, extremes.min)) / span);
}

GroupChoice choose_abs_max(const GroupView& group, const TensorContext& context) {
  const auto& book = context.book;
  if (book.grids.size() > 1 && group.magnitude > 0) return choose_grid(group, context);
  return {{stored_ratio(group, context.format, book.divisor)}, 0};
}

GroupChoice choose_min_max(const GroupView& group, const TensorContext& context) {
  const auto extremes = context.kernels.extremes(group.weights);
  return {{checked_half_scale(group, range_scale(extremes, context.book.integers.span))}, 0};
}

unsigned zero_point_exact(std::span<const float> weights, const IntegerRange& range, double scale,
                          const GroupKernels& kernels) {
  const double ratio = -static_cast<double>(kernels.extremes(weights).min) / scale;
  return static_cast<unsigned>(std::clamp<double>(std::nearbyint(ratio), 0, range.high));
}

}  // namespace subbyte::quant
