#include "quant/rules/tensor_block_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "quant/rules/exact_quantizer.hpp"

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

/// Returns the block scale before it is rounded to its format.
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

/// Returns m of a stored block scale.
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

/// A candidate of a block: its stored scale, its codes' grid and the estimate of its error.
struct Candidate {
  std::uint32_t bits = 0;
  std::size_t selector = 0;
  double step = 0;  ///< m
  BoundedSum error;
};

// What is compared is the error of the decoder's values, which are FP32 roundings of level * m, at the codes that the
// encoder writes; the estimate is of the exact nearest levels. A value and a border between two codes move by at most
// two roundings of at most the largest magnitude in reach.
BoundedSum of_decoded(const BoundedSum& exact, const GroupView& group, double step) {
  const auto n = static_cast<double>(group.weights.size());
  const double shift = std::max<double>(group.magnitude, 8 * step) * 0x1p-22 + 0x1p-148;
  const double sum = exact.value + exact.error;
  return {exact.value, exact.error + 2 * shift * std::sqrt(n * sum) + 2 * n * shift * shift};
}

/// Returns the values of the decoder.
std::vector<double> decoded(const GroupView& group, const TensorContext& context, const Candidate& candidate) {
  const GroupChoice choice{{candidate.bits}, static_cast<std::uint8_t>(candidate.selector)};
  std::vector<std::uint8_t> codes(group.weights.size());
  const auto encode = group_rule(context.format.rule).encode;
  (encode != nullptr ? encode : encode_nearest)(group, context, choice, candidate.step, codes);
  std::vector<double> values;
  for (const auto code : codes) {
    const double level = context.format.alphabet.level(code, candidate.selector);
    values.push_back(static_cast<float>(level * candidate.step));
  }
  return values;
}

bool better(const GroupView& group, const TensorContext& context, const Candidate& candidate, const Candidate& best) {
  const double gap = candidate.error.value - best.error.value;
  if (std::abs(gap) > candidate.error.error + best.error.error) return gap < 0;
  return less_squared_error(group.weights, decoded(group, context, candidate), decoded(group, context, best));
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
  const auto candidate = [&](std::uint32_t bits) {
    const double step = effective(bits, context);
    const auto error = context.kernels.precise_error(group.weights, e2m1_grid(), step);
    return Candidate{bits, 0, step, of_decoded(error, group, step)};
  };
  return {{better(group, context, candidate(four), candidate(six)) ? four : six}, 0};
}

GroupChoice choose_razer(const GroupView& group, const TensorContext& context) {
  const auto& grids = context.book.grids;
  std::optional<Candidate> best;
  for (std::size_t pair = 0; pair < 4; pair += 2) {
    const float scale = by_division(group.magnitude, static_cast<float>(grids[pair].max_magnitude), context);
    const std::uint32_t bits = stored(std::clamp(scale, kLeastRazer, kLargestRazer), context);
    const double step = effective(bits, context);
    const double special = std::abs(context.format.alphabet.level(*context.format.alphabet.special_code, pair));
    const auto errors = context.kernels.special_errors(group.weights, kE2m1Magnitudes, special, step);
    const Candidate positive{bits, pair, step, of_decoded(errors.positive, group, step)};
    if (!best || better(group, context, positive, *best)) best = positive;
    if (!errors.used) continue;
    const Candidate negative{bits, pair + 1, step, of_decoded(errors.negative, group, step)};
    if (better(group, context, negative, *best)) best = negative;
  }
  if (group.magnitude == 0) return {{best->bits}, 0};
  return {{best->bits}, static_cast<std::uint8_t>(best->selector)};
}

unsigned encode_tensor_block(const GroupView& group, const TensorContext& context, const GroupChoice& /*choice*/,
                             double multiplier, std::span<std::uint8_t> codes) {
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
