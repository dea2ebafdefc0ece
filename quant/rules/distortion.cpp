#include "quant/rules/distortion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "quant/base/float16.hpp"

namespace subbyte::quant {

double Distortion::sqnr_db() const { return 10 * std::log10(signal / noise); }

Distortion& Distortion::operator+=(const Distortion& other) {
  signal += other.signal;
  noise += other.noise;
  max_error = std::max(max_error, other.max_error);
  weights += other.weights;
  not_finite += other.not_finite;
  return *this;
}

namespace {

Distortion skipping_not_finite(std::span<const float> weights, std::span<const float> decoded) {
  Distortion distortion;
  distortion.weights = weights.size();
  for (std::size_t c = 0; c < weights.size(); ++c) {
    if (!std::isfinite(decoded[c]) || !std::isfinite(weights[c])) {
      ++distortion.not_finite;
      continue;
    }
    const double error = weights[c] - double{decoded[c]};
    distortion.signal += static_cast<double>(weights[c]) * weights[c];
    distortion.noise += error * error;
    distortion.max_error = std::max(distortion.max_error, std::fabs(error));
  }
  return distortion;
}

}  // namespace

/// Four sums run side by side, because one alone waits for its own last addition.
Distortion distortion_of(std::span<const float> weights, std::span<const float> decoded) {
  constexpr std::size_t kLanes = 4;
  std::array<double, kLanes> signal{};
  std::array<double, kLanes> noise{};
  std::array<double, kLanes> largest{};
  const auto add = [&](std::size_t lane, std::size_t c) {
    const double weight = weights[c];
    const double error = weight - double{decoded[c]};
    signal[lane] += weight * weight;
    noise[lane] += error * error;
    largest[lane] = std::max(largest[lane], std::fabs(error));
  };
  std::size_t c = 0;
  for (; c + kLanes <= weights.size(); c += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) add(lane, c + lane);
  }
  for (; c < weights.size(); ++c) add(0, c);
  const double all_signal = (signal[0] + signal[1]) + (signal[2] + signal[3]);
  const double all_noise = (noise[0] + noise[1]) + (noise[2] + noise[3]);
  if (!std::isfinite(all_signal) || !std::isfinite(all_noise)) return skipping_not_finite(weights, decoded);
  return {all_signal, all_noise, std::ranges::max(largest), weights.size(), 0};
}

Distortion distortion_of(std::span<const float> weights, const PackedTensor& packed) {
  Distortion distortion;
  std::vector<float> decoded(packed.cols);
  for (std::size_t r = 0; r < packed.rows; ++r) {
    packed.decode_row(r, decoded);
    distortion += distortion_of(weights.subspan(r * packed.cols, packed.cols), decoded);
  }
  return distortion;
}

double sqnr_db(std::span<const double> reference, std::span<const float> y) {
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double error = reference[i] - static_cast<double>(y[i]);
    signal += reference[i] * reference[i];
    noise += error * error;
  }
  if (noise == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

double sqnr_standard_error_db(std::span<const double> reference, std::span<const float> y, std::size_t tokens) {
  if (tokens < 2) return 0;
  const std::size_t out = reference.size() / tokens;
  std::vector<double> signal(tokens), noise(tokens);
  double all_signal = 0, all_noise = 0;
  for (std::size_t t = 0; t < tokens; ++t) {
    for (std::size_t i = t * out; i < (t + 1) * out; ++i) {
      const double error = reference[i] - static_cast<double>(y[i]);
      signal[t] += reference[i] * reference[i];
      noise[t] += error * error;
    }
    all_signal += signal[t];
    all_noise += noise[t];
  }
  if (all_signal == 0 || all_noise == 0) return 0;
  double sum = 0;
  for (std::size_t t = 0; t < tokens; ++t) {
    const double difference = signal[t] / all_signal - noise[t] / all_noise;
    sum += difference * difference;
  }
  const auto count = static_cast<double>(tokens);
  return 10 / std::numbers::ln10 * std::sqrt(sum * count / (count - 1));
}

std::vector<double> reference_product(std::span<const float> w, std::size_t out, std::span<const std::uint16_t> x,
                                      std::size_t in) {
  std::vector<double> values(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) values[i] = static_cast<double>(half_to_float(x[i]));
  const std::size_t tokens = x.size() / in;
  std::vector<double> y(tokens * out);
  for (std::size_t token = 0; token < tokens; ++token) {
    for (std::size_t o = 0; o < out; ++o) {
      double sum = 0;
      for (std::size_t k = 0; k < in; ++k) sum += values[token * in + k] * static_cast<double>(w[o * in + k]);
      y[token * out + o] = sum;
    }
  }
  return y;
}

std::vector<float> decoded(const PackedTensor& weights) {
  std::vector<float> w(weights.rows * weights.cols);
  for (std::size_t row = 0; row < weights.rows; ++row)
    weights.decode_row(row, std::span(w).subspan(row * weights.cols, weights.cols));
  return w;
}

}  // namespace subbyte::quant
