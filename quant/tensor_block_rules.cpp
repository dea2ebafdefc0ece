#include "quant/tensor_block_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "quant/exact_quantizer.hpp"

namespace subbyte::quant {
namespace {

constexpr float kLeastClampedUe4m3 = 0x1p-9F;
constexpr float kLargestUe4m3 = 448;
constexpr float kLargestFourOverSix = 256;
constexpr float kLeastRazer = 0x1p-5F;
constexpr float kLargestRazer = 28;

float largest_level(const Alphabet& alphabet) {
  double largest = 0;
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (code == alphabet.special_code || !alphabet.emitted(code)) continue;
    largest = std::max(largest, std::abs(alphabet.level(code)));
  }
  return static_cast<float>(largest);
}

float largest_block_scale(const Format& format) {
  if (format.rule == ScaleRule::kFourOverSix) return kLargestFourOverSix;
  return format.scaling.stored == ScaleFormat::kUe3m3 ? kLargestRazer : kLargestUe4m3;
}

/// The block scale before it is rounded to its format.
float by_division(float magnitude, float largest, const TensorContext& context) {
  const float scale = magnitude / largest;
  switch (context.format.scaling.tensor_scale) {
    case TensorScale::kNone:
      return scale;
    case TensorScale::kDecode:
      return scale / context.tensor_scale;
    case TensorScale::kEncode:
      return scale * context.tensor_scale;
  }
  return scale;
}

float by_reciprocal(float magnitude, float largest, const TensorContext& context) {
  const float scale = magnitude * (1.0F / largest);
  if (context.format.scaling.tensor_scale != TensorScale::kDecode) return scale * context.tensor_scale;
  const float reciprocal = 1.0F / context.tensor_scale;
  return std::isfinite(reciprocal) ? scale * reciprocal : scale / context.tensor_scale;
}

std::uint32_t stored(float scale, const TensorContext& context) {
  return scale_info(context.format.scaling.stored).encode(scale);
}

/// m of a stored block scale.
double effective(std::uint32_t bits, const TensorContext& context) {
  const double scale = scale_info(context.format.scaling.stored).decode(bits);
  return static_cast<float>(scale * static_cast<double>(context.tensor_scale));
}

const Grid& e2m1_grid() {
  static const Grid grid = [] {
    Format format;
    format.alphabet = sign_magnitude("e2m1", {0, 1, 2, 3, 4, 6, 8, 12});
    format.alphabet.unit_exponent = -1;
    return codebook(format).grids.front();
  }();
  return grid;
}

constexpr std::array kE2m1Magnitudes{0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0};

/// The selector of least error so far.
struct RazerSearch {
  std::span<const float> weights;
  const GroupKernels& kernels;
  std::array<ScaledGrid, 4> candidates;
  std::size_t best;
  BoundedSum least;

  void challenge(std::size_t selector, const BoundedSum& error) {
    const double gap = error.value - least.value;
    const bool decided = std::abs(gap) > error.error + least.error;
    const auto& candidate = candidates.at(selector);
    if (!(decided ? gap < 0 : strictly_better(weights, candidate, candidates.at(best), kernels))) return;
    best = selector;
    least = error;
  }
};

/// A scale that no rounding takes to the largest stored one would clip its block out of all proportion.
void check_range(const GroupView& group, float scale, std::uint32_t bits, const TensorContext& context) {
  const auto& info = scale_info(context.format.scaling.stored);
  const double value = info.decode(bits);
  if (scale <= value + (value - info.decode(bits - (bits > 0 ? 1 : 0))) / 2) return;
  if (bits != info.encode(std::numeric_limits<double>::max())) return;
  throw std::invalid_argument("quantize: row " + std::to_string(group.row) + ", group " +
                              std::to_string(group.group) + ": the scale overflows " +
                              std::string(info.name) + ", expected weights whose scale is at most " +
                              std::to_string(value));
}

float divisor_of(const TensorContext& context) { return static_cast<float>(context.book.divisor); }

}  // namespace

float tensor_block_scale(float magnitude, const Format& format) {
  if (magnitude == 0 || format.scaling.tensor_scale == TensorScale::kNone) return 1;
  const float factor = largest_level(format.alphabet) * largest_block_scale(format);
  if (format.scaling.tensor_scale == TensorScale::kDecode) {
    return std::max(magnitude / factor, std::numeric_limits<float>::denorm_min());
  }
  return std::min(factor / magnitude, std::numeric_limits<float>::max());
}

GroupChoice choose_tensor_block(const GroupView& group, const TensorContext& context) {
  const float scale = by_division(group.magnitude, divisor_of(context), context);
  const std::uint32_t bits = stored(scale, context);
  const bool alone = context.format.scaling.tensor_scale == TensorScale::kNone;
  if (alone && scale > kLargestUe4m3) check_range(group, scale, bits, context);
  return {{bits}, 0};
}

GroupChoice choose_tensor_block_clamped(const GroupView& group, const TensorContext& context) {
  const float scale = by_division(group.magnitude, divisor_of(context), context);
  return {{stored(std::clamp(scale, kLeastClampedUe4m3, kLargestUe4m3), context)}, 0};
}

GroupChoice choose_tensor_block_reciprocal(const GroupView& group, const TensorContext& context) {
  return {{stored(by_reciprocal(group.magnitude, divisor_of(context), context), context)}, 0};
}

GroupChoice choose_four_over_six(const GroupView& group, const TensorContext& context) {
  const float scale = by_division(group.magnitude, divisor_of(context), context);
  const std::uint32_t six = stored(scale, context);
  const std::uint32_t four = stored(1.5F * scale, context);
  if (six == four) return {{six}, 0};
  const Grid& grid = e2m1_grid();
  const std::array candidates{ScaledGrid{&grid, effective(six, context)},
                              ScaledGrid{&grid, effective(four, context)}};
  const auto best = least_squares(group.weights, candidates, context.kernels, context.kernels.precise_error);
  return {{best == 0 ? six : four}, 0};
}

GroupChoice choose_razer(const GroupView& group, const TensorContext& context) {
  const auto& grids = context.book.grids;
  RazerSearch search{group.weights, context.kernels, {}, 0, {}};
  std::array<std::uint32_t, 4> scales{};
  for (std::size_t pair = 0; pair < 4; pair += 2) {
    const float scale = by_division(group.magnitude, static_cast<float>(grids[pair].max_magnitude), context);
    scales.at(pair) = stored(std::clamp(scale, kLeastRazer, kLargestRazer), context);
    scales.at(pair + 1) = scales.at(pair);
    const double step = effective(scales.at(pair), context);
    search.candidates.at(pair) = {&grids[pair], step};
    search.candidates.at(pair + 1) = {&grids[pair + 1], step};
    const double special =
        std::abs(context.format.alphabet.level(*context.format.alphabet.special_code, pair));
    const auto errors = context.kernels.special_errors(group.weights, kE2m1Magnitudes, special, step);
    if (pair == 0) {
      search.least = errors.positive;
    } else {
      search.challenge(pair, errors.positive);
    }
    if (errors.used) search.challenge(pair + 1, errors.negative);
  }
  const std::size_t best = group.magnitude > 0 ? search.best : 0;
  return {{scales.at(best)}, static_cast<std::uint8_t>(best)};
}

unsigned encode_tensor_block(const GroupView& group, const TensorContext& context,
                             const GroupChoice& /*choice*/, double multiplier,
                             std::span<std::uint8_t> codes) {
  context.kernels.encode_fp32(group.weights, context.book, {static_cast<float>(multiplier), false}, codes);
  return 0;
}

unsigned encode_tensor_block_reciprocal(const GroupView& group, const TensorContext& context,
                                        const GroupChoice& /*choice*/, double multiplier,
                                        std::span<std::uint8_t> codes) {
  context.kernels.encode_fp32(group.weights, context.book, {static_cast<float>(multiplier), true}, codes);
  return 0;
}

}  // namespace subbyte::quant
