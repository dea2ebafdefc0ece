// Tests windows of the netlist simulation: they stand at every place of a group and of a beat, so that short windows
// tell what long ones do.
#include "sim/energy/energy_windows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/catalogue.hpp"
#include "kernels/parts/random_values.hpp"
#include "sim/cells/technology.hpp"
#include "sim/energy/energy.hpp"
#include "sim/energy/energy_operands.hpp"
#include "sim/netlist/gate_stream.hpp"

namespace subbyte::sim {
namespace {

TEST(FirstBeat, StaysInItsShareAndStandsAtEveryPlaceOfAGroup) {
  for (const std::size_t beats : {1UL, 100UL, 512UL * 32, 1000003UL, (1UL << 40U) + 7}) {
    for (std::size_t lane = 0; lane < kGateLanes; ++lane) {
      const std::size_t first = first_beat(lane, beats);
      EXPECT_LT(first, beats);
      EXPECT_GE(first + 1, lane * beats / kGateLanes);  // rounded down
      EXPECT_LE(first, (lane + 1) * beats / kGateLanes);
    }
  }
  // In a layer of whole groups the lanes' shares are groups too, but their windows must not be.
  constexpr std::size_t kGroup = 32;
  std::vector<std::size_t> places(kGroup);
  for (std::size_t lane = 0; lane < kGateLanes; ++lane) ++places[first_beat(lane, kGateLanes * kGroup) % kGroup];
  EXPECT_EQ(*std::ranges::min_element(places), kGateLanes / kGroup);
  EXPECT_EQ(*std::ranges::max_element(places), kGateLanes / kGroup);
}

EnergyResult tile_energy(const std::string& format, unsigned counted_cycles) {
  const kernels::UnitInfo& unit = kernels::unit("bitserial_tile");
  EnergyRequest request;
  request.unit = &unit;
  request.parameters = kernels::resolve(unit, {{"rows", 2}, {"cols", 2}});
  request.stimulus = operands_of(unit, request.parameters, read_operands(unit, {.format = format})).stimulus;
  request.windows.counted_cycles = counted_cycles;
  request.zero_delay = true;
  return unit_energy(request, read_technology("osu018").library);
}

// 32 beats of 3 or 4 cycles are a group, which is longer than a window of 64 cycles.
TEST(EnergyWindows, ShortOnesSeeWhatLongOnesSee) {
  for (const char* format : {"int6", "int8"}) {
    const EnergyResult brief = tile_energy(format, 64);
    const EnergyResult thorough = tile_energy(format, 512);
    EXPECT_NEAR(brief.energy.pj_per_cycle, thorough.energy.pj_per_cycle,
                brief.energy.half_width_pj + thorough.energy.half_width_pj + 2e-3 * thorough.energy.pj_per_cycle)
        << format;
    EXPECT_NEAR(brief.pj_per_input_beat(), thorough.pj_per_input_beat(), 5e-3 * thorough.pj_per_input_beat()) << format;
    for (const ModuleEnergy& module : brief.energy.modules) {
      const auto same = std::ranges::find(thorough.energy.modules, module.module, &ModuleEnergy::module);
      EXPECT_NEAR(module.total(), same->total(), 0.05 * same->total()) << format << " " << module.module;
    }
  }
}

/// Measures how often the interval of a drawn stimulus holds its expected energy. Beats are independent, and windows
/// lie as run_stream() lays them.
double coverage(std::size_t beats, std::size_t window, bool widened) {
  constexpr int kTrials = 600;
  kernels::Random random(5);
  int held = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> energy(beats);
    for (double& one : energy) one = random.gaussian();
    std::array<double, kGateWords> groups{};
    for (std::size_t lane = 0; lane < kGateLanes; ++lane)
      for (std::size_t i = 0; i < window; ++i)
        groups[lane / 64] += energy[(first_beat(lane, beats) + i) % beats] / static_cast<double>(64 * window);
    double mean = 0, square = 0;
    for (const double group : groups) mean += group / kGateWords;
    for (const double group : groups) square += (group - mean) * (group - mean);
    const double half = 2.365 * std::sqrt(square / (kGateWords - 1) / kGateWords);
    held +=
        std::abs(mean) <= half * (widened ? overlap_widening(static_cast<double>(window), beats).value() : 1) ? 1 : 0;
  }
  return static_cast<double>(held) / kTrials;
}

TEST(EnergyWindows, IntervalsHoldWhatTheyPromiseThoughWindowsOverlap) {
  EXPECT_NEAR(coverage(2 * 512 * 16, 16, true), 0.95, 0.03);  // no overlap
  EXPECT_NEAR(coverage(512 * 16, 16, true), 0.95, 0.03);      // neighbours
  EXPECT_NEAR(coverage(512, 64, true), 0.95, 0.04);           // eight windows' worth of beats
  EXPECT_LT(coverage(512, 64, false), coverage(512, 64, true) - 0.02);
  EXPECT_NEAR(coverage(512, 128, true), 0.95, 0.05);  // four
  EXPECT_LT(coverage(512, 128, false), 0.8);
  EXPECT_EQ(overlap_widening(64, 2 * 64 * 512), 1);
  EXPECT_FALSE(overlap_widening(64, 127).has_value());
  EXPECT_EQ(independent_windows(64, 640), 10);
  EXPECT_EQ(independent_windows(64, 1 << 30), 512);
}

}  // namespace
}  // namespace subbyte::sim
