// Windows of the netlist simulation: at every place of a group and of a beat, so that short windows tell what long ones do.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "sim/energy.hpp"
#include "sim/energy_operands.hpp"
#include "sim/gate_stream.hpp"
#include "sim/technology.hpp"

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
  // A layer of whole groups: the lanes' shares are groups too, their windows must not be.
  constexpr std::size_t kGroup = 32;
  std::vector<std::size_t> places(kGroup);
  for (std::size_t lane = 0; lane < kGateLanes; ++lane) ++places[first_beat(lane, kGateLanes * kGroup) % kGroup];
  EXPECT_EQ(*std::ranges::min_element(places), kGateLanes / kGroup);
  EXPECT_EQ(*std::ranges::max_element(places), kGateLanes / kGroup);
}

EnergyResult tile_energy(const std::string& format, unsigned counted_cycles) {
  const kernels::UnitInfo& unit = kernels::unit("bitserial_tile");
  EnergyRequest request;
  request.unit = unit.name;
  request.parameters = kernels::resolve(unit, {{"rows", 2}, {"cols", 2}});
  OperandQuery query;
  query.format = format;
  request.stimulus = operands_of(unit, request.parameters, query).stimulus;
  request.windows.counted_cycles = counted_cycles;
  return unit_energy(request, read_technology("osu018").library);
}

// 32 beats of 3 or 4 cycles are a group: longer than a window of 64 cycles.
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

}  // namespace
}  // namespace subbyte::sim
