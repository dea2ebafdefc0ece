#include "sim/energy/energy_windows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "sim/netlist/gate_stream.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kBinsPerLane = 8;
constexpr std::size_t kBins =
    kGateLanes * kBinsPerLane;  ///< bins of the stimulus, which is a circle because it repeats from its end

/// Returns how much of each bin enters the mean of a group of 64 windows that are `length` bins long.
std::vector<double> group_weights(std::size_t group, double length) {
  std::vector<double> weights(kBins, 0);
  const auto whole = static_cast<std::size_t>(length);
  for (std::size_t lane = 64 * group; lane < 64 * (group + 1); ++lane) {
    const std::size_t first = first_beat(lane, kBins);
    for (std::size_t i = 0; i < whole; ++i) weights[(first + i) % kBins] += 1;
    weights[(first + whole) % kBins] += length - static_cast<double>(whole);
  }
  for (double& weight : weights) weight /= 64 * length;
  return weights;
}

double sum_of_squares(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum;
}

}  // namespace

double independent_windows(double beats_per_window, std::size_t stimulus_beats) {
  return std::min(static_cast<double>(kGateLanes), static_cast<double>(stimulus_beats) / beats_per_window);
}

std::optional<double> overlap_widening(double beats_per_window, std::size_t stimulus_beats) {
  const double windows = static_cast<double>(stimulus_beats) / beats_per_window;
  if (windows >= 2 * static_cast<double>(kGateLanes)) return 1;  // neighbours may start side by side
  if (!(windows >= 2)) return std::nullopt;
  std::vector<double> mean(kBins, 0);
  double of_groups = 0;
  for (std::size_t group = 0; group < kGateWords; ++group) {
    const std::vector<double> weights = group_weights(group, static_cast<double>(kBins) / windows);
    of_groups += sum_of_squares(weights) / kGateWords;
    for (std::size_t bin = 0; bin < kBins; ++bin) mean[bin] += weights[bin] / kGateWords;
  }
  const double of_mean = sum_of_squares(mean);
  // This is what the spread of the groups' means is expected to say of the variance of their mean when beats are
  // independent.
  const double told = (of_groups - of_mean) / (kGateWords - 1);
  return std::max(1.0, std::sqrt(of_mean / told));
}

}  // namespace subbyte::sim
