#include "quant/rules/group_kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace subbyte::quant {
namespace {

float max_magnitude(std::span<const float> weights) {
  float largest = 0;
  for (const float weight : weights) {
    if (!std::isfinite(weight)) return std::numeric_limits<float>::infinity();
    largest = std::max(largest, std::abs(weight));
  }
  return largest;
}

Extremes extremes(std::span<const float> weights) {
  const auto [min, max] = std::ranges::minmax(weights);
  return {min, max};
}

void encode_grid(std::span<const float> weights, const Grid& grid, double scale, std::span<std::uint8_t> codes) {
  for (std::size_t i = 0; i < weights.size(); ++i) codes[i] = grid.codes[nearest_level(grid, scale, weights[i])];
}

// A quotient that is not a half-integer differs from every half-integer in reach by a relative 2^-42 or more, because
// the scale has at most 32 significant bits and the half-integer 9. The rounding of the division, 2^-53, cannot make or
// break a tie.
void encode_integers(std::span<const float> weights, const IntegerRange& range, double scale, int zero,
                     std::span<std::uint8_t> codes) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double rounded = std::nearbyint(weights[i] / scale) + zero;
    const double clamped = std::clamp<double>(rounded, range.low, range.high);
    codes[i] = static_cast<std::uint8_t>(static_cast<int>(clamped));
  }
}

// This holds as for integers: a quotient that is not on a border between two codes stays on its side of it, because
// borders have at most 9 significant bits.
void encode_minifloat(std::span<const float> weights, const Minifloat& minifloat, double scale,
                      std::span<std::uint8_t> codes) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double ratio = scale == 0 ? std::copysign(0.0, weights[i]) : weights[i] / scale;
    codes[i] = static_cast<std::uint8_t>(minifloat.encode(ratio));
  }
}

float fp32_ratio(float weight, const Fp32Divisor& divisor) {
  if (divisor.scale == 0) return std::copysign(0.0F, weight);
  const float reciprocal = 1.0F / divisor.scale;
  return divisor.reciprocal && std::isfinite(reciprocal) ? weight * reciprocal : weight / divisor.scale;
}

void encode_fp32(std::span<const float> weights, const Codebook& book, const Fp32Divisor& divisor,
                 std::span<std::uint8_t> codes) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double ratio = fp32_ratio(weights[i], divisor);
    if (book.minifloat) {
      codes[i] = static_cast<std::uint8_t>(book.minifloat->encode(ratio));
    } else {
      const double level = std::nearbyint(ratio / book.integers.unit);
      const double clamped = std::clamp<double>(level, book.integers.low, book.integers.high);
      codes[i] = static_cast<std::uint8_t>(static_cast<int>(clamped));
    }
  }
}

// Each term carries three roundings of double and each addition one, which is a relative (n + 3) 2^-53 of a sum of
// squares; it is doubled.
BoundedSum squared_error(std::span<const float> weights, const Grid& grid, double scale) {
  double sum = 0;
  for (const float weight : weights) {
    const double difference = weight - grid.levels[nearest_level(grid, scale, weight)] * scale;
    sum += difference * difference;
  }
  return {sum, sum * static_cast<double>(weights.size() + 3) * 0x1p-52};
}

double nearest_magnitude(std::span<const double> magnitudes, double scale, double weight) {
  double level = magnitudes[0];
  for (std::size_t i = 1; i < magnitudes.size(); ++i) {
    if (weight > (magnitudes[i - 1] + magnitudes[i]) / 2 * scale) level = magnitudes[i];
  }
  return level * scale;
}

// This is as above; a gain is a difference of two squares, of which the first is a term of the sum.
SpecialErrors special_errors(std::span<const float> weights, std::span<const double> magnitudes, double special,
                             double scale) {
  double sum = 0;
  std::array<double, 2> gains{};
  SpecialErrors errors;
  for (const float weight : weights) {
    const double magnitude = std::abs(weight);
    const double difference = magnitude - nearest_magnitude(magnitudes, scale, magnitude);
    const double to_special = magnitude - special * scale;
    const double square = difference * difference;
    const double other = to_special * to_special;
    sum += square;
    gains.at(weight < 0 ? 1 : 0) += std::max(0.0, square - other);
    errors.used = errors.used || other <= square * kUsedBelow;
  }
  const double error = sum * static_cast<double>(weights.size() + 8) * 0x1p-52;
  errors.positive = {sum - gains[0], error};
  errors.negative = {sum - gains[1], error};
  return errors;
}

}  // namespace

const GroupKernels& scalar_kernels() {
  static constexpr GroupKernels kernels{max_magnitude, extremes,      encode_grid,    encode_integers, encode_minifloat,
                                        squared_error, squared_error, special_errors, encode_fp32};
  return kernels;
}

}  // namespace subbyte::quant
