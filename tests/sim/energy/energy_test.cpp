// Tests energy of units: it is repeatable, the parts are the whole, data matter, and what cannot be told is refused.
#include "sim/energy/energy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cells/liberty_file.hpp"
#include "sim/energy/energy_cache.hpp"
#include "sim/energy/energy_report.hpp"

namespace subbyte::sim {
namespace {

using ::testing::HasSubstr;

EnergyRequest request_for(const std::string& name, const std::string& format, bool illegal) {
  const auto& unit = kernels::unit(name);
  EnergyRequest request;
  request.unit = &kernels::unit(name);
  request.parameters = kernels::resolve(unit, unit.small_point);
  request.stimulus = unit.random(request.parameters, {quant::parse_format(format), 512, 3, {}, illegal});
  return request;
}

// The feasibility study of these libraries, by tools of its own, has 99.5 ps and 76.8 fJ in osu018.
TEST(Energy, FanoutOfFourIsThatOfTheLibrary) {
  const auto technology = read_technology("osu018");
  const FanoutOfFour fo4 = fanout_of_four(technology.library);
  EXPECT_NEAR(fo4.delay_ns, 0.0995, 0.002);
  EXPECT_NEAR(fo4.energy_pj, 0.0768, 0.0015);
}

TEST(Energy, ThePartsOfEveryTableAreTheWhole) {
  const auto technology = read_technology("osu018");
  const EnergyRequest request = request_for("bitserial_tile", "int4:g32", false);
  const EnergyResult result = unit_energy(request, technology.library);
  EXPECT_EQ(result.energy.modules.size(), 5U);  // the tile and its four parts
  const reports::Record record = energy_record({request, result, technology, "test", BeatWork{0.5, 0, 0, "test"}});
  const auto& rows = record.tables.at(0).rows;
  for (std::size_t column = 1; column < 6; ++column) {
    double sum = 0;
    for (std::size_t row = 0; row + 1 < rows.size(); ++row) sum += rows[row][column].get<double>();
    EXPECT_NEAR(sum, rows.back()[column].get<double>(), 1e-9 * std::abs(sum) + 1e-15);
  }
  double uses = 0;
  for (std::size_t column = 1; column < 5; ++column) uses += rows.back()[column].get<double>();
  EXPECT_NEAR(uses, result.energy.pj_per_cycle, 1e-9 * uses);
  EXPECT_NEAR(result.energy.switching_pj + result.energy.internal_pj, result.energy.pj_per_cycle, 1e-9 * uses);
  for (const auto& metric : record.metrics) EXPECT_FALSE(metric.source.empty()) << metric.name;
  EXPECT_GT(result.energy.leakage_nw, 0);
}

/// Makes a folder of its own for what is kept, so that a test sees the first computation.
class FreshCache {
 public:
  FreshCache() : folder_(std::filesystem::path(::testing::TempDir()) / "energy_cache") {
    std::filesystem::remove_all(folder_);
    if (const char* kept = std::getenv("SUBBYTE_CACHE")) kept_ = kept;
    setenv("SUBBYTE_CACHE", folder_.c_str(), 1);
  }
  ~FreshCache() {
    if (kept_.empty())
      unsetenv("SUBBYTE_CACHE");
    else
      setenv("SUBBYTE_CACHE", kept_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }

 private:
  std::filesystem::path folder_;
  std::string kept_;
};

/// The request with another bit in one beat.
EnergyRequest with_other_beat(EnergyRequest request, std::size_t beat_to_change) {
  const auto fill = request.stimulus.input.fill;
  request.stimulus.input.fill = [fill, beat_to_change](std::size_t i, std::span<std::uint64_t> beat) {
    fill(i, beat);
    if (i == beat_to_change) beat[0] ^= 1;
  };
  return request;
}

/// A unit's energy at zero delay, in a cache that had nothing; `runs` counts 1 for a simulation, 10 for the timing of a
/// netlist and 100 for any other work.
class KeptEnergy : public ::testing::Test {
 protected:
  KeptEnergy() {
    request.zero_delay = true;
    options.progress = [this](const std::string& line) {
      const bool gates = line.starts_with("simulating") && line.find("delays") == std::string::npos;
      runs += gates ? 1 : line.starts_with("timing") ? 10 : 100;
    };
    first = unit_energy(request, technology.library, options);
  }

  const FreshCache cache;
  const Technology technology = read_technology("osu018");
  EnergyRequest request = request_for("ternary34_pack", "sherry", false);
  unsigned runs = 0;
  SynthesisOptions options;
  EnergyResult first;
};

TEST_F(KeptEnergy, NothingIsComputedAgainThatHasNotChanged) {
  EXPECT_EQ(runs % 100, 11U);
  runs = 0;
  const EnergyResult again = unit_energy(request, technology.library, options);
  EXPECT_EQ(runs, 0U);
  EXPECT_EQ(energy_figures(again).dump(), energy_figures(first).dump());  // to the last bit
  EXPECT_EQ(again.counts.output_beats, first.counts.output_beats);
  EXPECT_EQ(again.timing.worst->to, first.timing.worst->to);

  const auto changed = [&](EnergyRequest other) {
    runs = 0;
    unit_energy(other, technology.library, options);
    return runs == 11;  // gates again, no synthesis
  };
  EnergyRequest wires = request, windows = request, beats = request;
  wires.wire_ff_per_um = 0.1;
  windows.windows.counted_cycles = 65;
  beats = with_other_beat(request, 3);
  EXPECT_TRUE(changed(wires));
  EXPECT_TRUE(changed(windows));
  EXPECT_TRUE(changed(beats));
  EXPECT_FALSE(changed(request));
}

TEST_F(KeptEnergy, ManyStimuliShareOneNetlistAndKeepTheirOwnActivity) {
  const std::vector<EnergyRequest> requests{with_other_beat(request, 3), with_other_beat(request, 4)};
  runs = 0;
  std::vector<std::string> shared;
  const UnitNetlist netlist(open_flow(technology.library, options), *request.unit, request.parameters);
  for (const EnergyRequest& one : requests) shared.push_back(energy_figures(unit_energy(one, netlist)).dump());
  EXPECT_EQ(runs, 12U) << "one timing, two simulations";
  EXPECT_NE(shared[0], shared[1]);
  const FreshCache other;
  for (std::size_t i = 0; i < requests.size(); ++i)
    EXPECT_EQ(energy_figures(unit_energy(requests[i], technology.library)).dump(), shared[i]) << "to the last bit";
}

TEST_F(KeptEnergy, WhatGlitchesAddIsKeptApart) {
  const UnitNetlist netlist(open_flow(technology.library, options), *request.unit, request.parameters);
  EXPECT_TRUE(energy_is_kept(request, netlist));
  EXPECT_FALSE(energy_is_kept(with_other_beat(request, 3), netlist));
  request.zero_delay = false;
  EXPECT_FALSE(energy_is_kept(request, netlist)) << "its glitches are not";
  runs = 0;
  const EnergyResult timed = unit_energy(request, technology.library, options);
  EXPECT_EQ(runs, 111U);
  EXPECT_DOUBLE_EQ(timed.energy.pj_per_cycle, timed.glitches->factor() * first.energy.pj_per_cycle);
  runs = 0;
  EXPECT_TRUE(energy_is_kept(request, netlist));
  EXPECT_EQ(unit_energy(request, technology.library, options).energy.pj_per_cycle, timed.energy.pj_per_cycle);
  EXPECT_EQ(runs, 0U);
}

TEST(Energy, CollectedOutputsAreNotTakenFromTheCache) {
  const auto technology = read_technology("osu018");
  EnergyRequest request = request_for("ternary34_pack", "sherry", false);
  unit_energy(request, technology.library);
  request.windows.collected_lanes = 2;
  EXPECT_EQ(unit_energy(request, technology.library).counts.outputs.size(), 2U);
}

TEST(Energy, TheSameStimulusGivesTheSameEnergyAndAnotherOneAnother) {
  const auto technology = read_technology("osu018");
  const auto energy = [&](const std::string& format) {
    return unit_energy(request_for("term_encoder", format, false), technology.library).energy.pj_per_cycle;
  };
  const double int8 = energy("int8");
  EXPECT_EQ(energy("int8"), int8);
  EXPECT_NE(energy("bitmod-fp4"), int8);
}

// Transitions are counted whenever states are sampled.
TEST(Energy, DoesNotDependOnHowOftenStatesAreSampled) {
  const auto technology = read_technology("osu018");
  for (const char* name : {"term_encoder", "nvfp4_dot", "ternary34_pack"}) {
    const std::string format = std::string(name) == "nvfp4_dot"      ? "nvfp4"
                               : std::string(name) == "term_encoder" ? "int8"
                                                                     : "sherry";
    EnergyRequest request = request_for(name, format, false);
    request.zero_delay = true;
    const double switching = unit_energy(request, technology.library).energy.switching_pj;
    request.windows.sample_every = 1;
    EXPECT_DOUBLE_EQ(unit_energy(request, technology.library).energy.switching_pj, switching) << name;
    request.windows.sample_every = 64;
    EXPECT_DOUBLE_EQ(unit_energy(request, technology.library).energy.switching_pj, switching) << name;
  }
}

// A beat that never changes leaves the clock alone to move.
TEST(Energy, AnIdleUnitPaysForItsClock) {
  const auto technology = read_technology("osu018");
  EnergyRequest request = request_for("nvfp4_dot", "nvfp4", false);
  request.stimulus.input.count = 1;
  request.stimulus.input.fill = [](std::size_t, std::span<std::uint64_t> beat) { std::ranges::fill(beat, 0); };
  request.windows.discarded_cycles = 64;
  const GateEnergy energy = unit_energy(request, technology.library).energy;
  EXPECT_GT(energy.use(EnergyUse::kClock), 0);
  EXPECT_NEAR(energy.use(EnergyUse::kClock), energy.pj_per_cycle, 1e-3 * energy.pj_per_cycle);
}

TEST(Energy, WiresCostEnergyAndTime) {
  const auto technology = read_technology("osu018");
  EnergyRequest request = request_for("ternary34_pack", "sherry", false);
  const EnergyResult bare = unit_energy(request, technology.library);
  request.wire_ff_per_um = 0.15;
  const EnergyResult wired = unit_energy(request, technology.library);
  EXPECT_GT(wired.energy.pj_per_cycle, 1.02 * bare.energy.pj_per_cycle);
  EXPECT_LT(wired.energy.pj_per_cycle, 1.5 * bare.energy.pj_per_cycle);
  const double core_um2 = wired.synthesis.area_um2 / 0.7;
  EXPECT_NEAR(wired.wire_ff_per_sink, 2.7 * std::sqrt(core_um2 / static_cast<double>(wired.cells)) * 0.15, 1e-9);
  EXPECT_GT(wired.timing.worst->delay_ns, bare.timing.worst->delay_ns);
}

TEST(Energy, ALibraryWithoutPowerTablesIsRefused) {
  const auto technology = read_technology("osu018");
  std::string text = liberty_text(technology.library.path);
  for (std::size_t at = text.find("internal_power"); at != std::string::npos; at = text.find("internal_power", at))
    text.replace(at, 14, "internal_nothing");
  const auto path = std::filesystem::path(::testing::TempDir()) / "no_power.lib";
  std::ofstream(path) << text;
  try {
    unit_energy(request_for("ternary34_pack", "sherry", false), read_cell_library(path));
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("has no internal_power tables"));
  }
}

}  // namespace
}  // namespace subbyte::sim
