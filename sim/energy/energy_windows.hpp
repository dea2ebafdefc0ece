// What windows that overlap, or repeat a short stimulus, are worth to a confidence interval.
#pragma once

#include <cstddef>
#include <optional>

#include "sim/netlist/gate_simulator.hpp"

namespace subbyte::sim {

/// Windows of the 512 that no beat is shared by: all, or as often as a window fits into the stimulus.
double independent_windows(double beats_per_window, std::size_t stimulus_beats);

/// Eight groups of 64 windows each are taken as eight draws when their spread becomes an interval; where windows
/// overlap the groups are alike and the interval comes out too narrow. This factor widens it to what independent beats
/// would give: 1 without overlap. (With four windows' worth of beats it holds in 92 % of cases, not 95: eight groups
/// are then fewer draws.) Nothing where the stimulus is shorter than two windows: no interval can be told.
std::optional<double> overlap_widening(double beats_per_window, std::size_t stimulus_beats);

}  // namespace subbyte::sim
