#include "quant/rules/fp16_quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "quant/base/float16.hpp"
#include "quant/rules/exact_quantizer.hpp"

// Every operation of the reference is computed in FP32 and rounded to FP16 once. For +, -, * and / of FP16 values that
// equals one rounding of the double result here, because both intermediate formats have more than 2 * 11 + 1
// significant bits.
namespace subbyte::quant {
namespace {

constexpr float kMaxScale = 1e4F;
constexpr float kWorstError = 1e3F;

std::uint16_t clamp_scale(std::uint16_t bits) { return std::clamp(bits, kMinScaleBits, half_from_float(kMaxScale)); }

[[noreturn]] void refuse(const GroupView& group, const std::string& problem) {
  throw std::invalid_argument("quantize: row " + std::to_string(group.row) + ", group " + std::to_string(group.group) +
                              ": " + problem + ", expected at most 65504 under arith=fp16");
}

double max_magnitude(std::span<const float> weights) { return scalar_kernels().max_magnitude(weights); }

/// Returns fp16(fp16(sum) / n), as torch computes a mean on the CPU.
float mean_square_error(std::span<const float> weights, const Grid& grid, double scale, std::span<std::uint8_t> codes) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto index = nearest_level(grid, 1.0, round_to_half(weights[i] / scale));
    codes[i] = grid.codes[index];
    const double decoded = round_to_half(grid.levels[index] * scale);
    const double difference = round_to_half(decoded - weights[i]);
    sum += round_to_half(difference * difference);
  }
  return round_to_half(static_cast<double>(round_to_half(sum)) / static_cast<double>(weights.size()));
}

/// The reference would go on with an infinite value; where it compares types, such a type never wins.
void refuse_infinite(const GroupView& group, const Grid& grid, double scale, std::span<const std::uint8_t> codes) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto index = std::ranges::find(grid.codes, codes[i]) - grid.codes.begin();
    if (std::isfinite(round_to_half(grid.levels[static_cast<std::size_t>(index)] * scale))) continue;
    refuse(group, "the decoded value of element " + std::to_string(i) + " overflows FP16");
  }
}

GroupChoice quantize_grid(const GroupView& group, const Codebook& book, std::span<std::uint8_t> codes) {
  const double largest = max_magnitude(group.weights);
  const auto scale_bits = [&](std::size_t s) {
    return clamp_scale(half_from_double(largest / book.grids[s].max_magnitude));
  };
  GroupChoice best{{scale_bits(0)}, 0};
  if (book.grids.size() == 1) {
    mean_square_error(group.weights, book.grids[0], half_to_float(best.scale()), codes);
    refuse_infinite(group, book.grids[0], half_to_float(best.scale()), codes);
    return best;
  }
  float least = kWorstError;
  std::ranges::fill(codes, std::uint8_t{0});
  std::vector<std::uint8_t> candidate(codes.size());
  for (std::size_t s = 0; s < book.grids.size(); ++s) {
    const auto bits = scale_bits(s);
    const float error = mean_square_error(group.weights, book.grids[s], half_to_float(bits), candidate);
    if (!(error < least)) continue;
    least = error;
    best = {{bits}, static_cast<std::uint8_t>(s)};
    std::ranges::copy(candidate, codes.begin());
  }
  return best;
}

std::uint16_t integer_scale(const GroupView& group, const IntegerRange& range, bool zero_point) {
  if (!zero_point) return clamp_scale(half_from_double(max_magnitude(group.weights) / range.span));
  const auto [min, max] = scalar_kernels().extremes(group.weights);
  // +0 and -0 may come as either extreme, and their difference must not be -0.
  const double difference = std::abs(static_cast<double>(max) - min);
  if (!std::isfinite(round_to_half(difference))) refuse(group, "max - min overflows FP16");
  return clamp_scale(half_from_double(round_to_half(difference) / range.span));
}

GroupChoice quantize_fp16(const GroupView& group, const Codebook& book, bool zero_point, std::span<std::uint8_t> codes,
                          unsigned& zero) {
  zero = 0;
  if (!book.grids.empty()) return quantize_grid(group, book, codes);
  const auto& range = book.integers;
  const auto bits = integer_scale(group, range, zero_point);
  const double scale = half_to_float(bits);
  const auto rounded_ratio = [&](double weight) { return std::nearbyint(round_to_half(weight / scale)); };
  if (zero_point) {
    const double least = scalar_kernels().extremes(group.weights).min;
    zero = static_cast<unsigned>(std::clamp<double>(rounded_ratio(-least), range.low, range.high));
  }
  for (std::size_t i = 0; i < group.weights.size(); ++i) {
    const double code = round_to_half(rounded_ratio(group.weights[i]) + zero);
    const int clamped = static_cast<int>(std::clamp<double>(code, range.low, range.high));
    codes[i] = static_cast<std::uint8_t>(clamped);
    if (std::isfinite(round_to_half((clamped - static_cast<int>(zero)) * scale))) continue;
    refuse(group, "the decoded value of element " + std::to_string(i) + " overflows FP16");
  }
  return {{bits}, 0};
}

/// Chooses and encodes at once, as the reference does; the caller keeps what it needs.
GroupChoice quantize_rounded(const GroupView& group, const TensorContext& context, std::span<std::uint8_t> codes,
                             unsigned& zero) {
  const auto halves = rounded_to_half(group, context.format);
  GroupView rounded = group;
  rounded.weights = halves;
  return quantize_fp16(rounded, context.book, context.format.scaling.zero_point, codes, zero);
}

}  // namespace

std::vector<float> rounded_to_half(const GroupView& group, const Format& format) {
  std::vector<float> halves(group.weights.size());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    halves[i] = round_to_half(group.weights[i]);
    if (std::isfinite(halves[i])) continue;
    const std::size_t col = group.group * format.scaling.group + i;
    throw std::invalid_argument("quantize: row " + std::to_string(group.row) + ", column " + std::to_string(col) +
                                ": weight " + std::to_string(group.weights[i]) +
                                " overflows FP16, expected at most 65504 in magnitude under arith=fp16");
  }
  return halves;
}

GroupChoice choose_fp16(const GroupView& group, const TensorContext& context) {
  std::vector<std::uint8_t> codes(group.weights.size());
  unsigned zero = 0;
  return quantize_rounded(group, context, codes, zero);
}

unsigned encode_fp16_group(const GroupView& group, const TensorContext& context, const GroupChoice& /*choice*/,
                           double /*multiplier*/, std::span<std::uint8_t> codes) {
  unsigned zero = 0;
  quantize_rounded(group, context, codes, zero);
  return zero;
}

}  // namespace subbyte::quant
