#include "sim/energy/energy_result.hpp"

#include <cmath>
#include <stdexcept>

#include "sim/energy/energy_windows.hpp"

namespace subbyte::sim {

double EnergyResult::pj_per_input_beat() const {
  if (counts.input_beats == 0) throw std::invalid_argument("no beat was accepted in the counted cycles");
  return energy.pj_per_cycle * static_cast<double>(counts.lane_cycles) / static_cast<double>(counts.input_beats);
}

double EnergyResult::pj_per_output_beat() const {
  if (counts.output_beats == 0) return 0;
  return energy.pj_per_cycle * static_cast<double>(counts.lane_cycles) / static_cast<double>(counts.output_beats);
}

std::optional<double> EnergyResult::half_width_pj() const {
  const auto wider = overlap_widening(beats_per_window(), stimulus_beats);
  if (!wider || (glitches && !glitches->factor_half_width)) return std::nullopt;
  const double of_windows = *wider * energy.half_width_pj;
  return glitches ? std::hypot(of_windows, zero_delay.pj_per_cycle * *glitches->factor_half_width) : of_windows;
}

}  // namespace subbyte::sim
