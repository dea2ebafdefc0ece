// Tests the fast engine of every tile against its SystemC model: cycles are equal at every verified point, for random
// stimuli with and without stalls; and there are cycles by hand.
#include <gtest/gtest.h>

#include "kernels/catalogue.hpp"
#include "models/catalogue.hpp"
#include "models/fast/tile_fast.hpp"
#include "tests/support/hardware_formats.hpp"

namespace subbyte::models {
namespace {

using kernels::Parameters;
using kernels::Stimulus;
using Cycles = std::vector<std::uint64_t>;

Cycles systemc_cycles(const std::string& unit, const Parameters& parameters, const Stimulus& stimulus) {
  const kernels::Trace trace = run_systemc(kernels::unit(unit), parameters, stimulus);
  Cycles cycles;
  for (std::uint64_t i = 0; i < trace.size(); ++i) cycles.push_back(trace.cycle(i));
  return cycles;
}

TEST(TileFast, EveryTileOfTheCatalogueHasARecurrence) {
  std::vector<std::string_view> tiles;
  for (const auto& unit : kernels::units())
    if (unit.name.ends_with("_tile")) tiles.emplace_back(unit.name);
  std::vector<std::string_view> fast = fast_units();
  std::ranges::sort(tiles);
  std::ranges::sort(fast);
  EXPECT_EQ(fast, tiles);
  EXPECT_THROW(fast_output_cycles(kernels::unit("term_encoder"), {}, {}), std::invalid_argument);
}

class TileFastOf : public testing::TestWithParam<std::string_view> {};

TEST_P(TileFastOf, IsSystemCOnRandomStimuli) {
  const kernels::UnitInfo& info = kernels::unit(GetParam());
  std::uint64_t seed = 1;
  std::size_t runs = 0;
  for (const Parameters& point : info.points) {
    std::size_t formats = 0;
    for (const quant::Format& format : hardware_formats(info, {":g32", ":g32:scale=u8", ":g5"})) {
      if (info.unsupported(point, format) || ++formats > 8) continue;
      for (const unsigned percent : {0U, 30U, 70U}) {
        const Stimulus stimulus = info.random(point, {format, 10, ++seed, {seed, percent, percent}, true});
        ASSERT_EQ(fast_output_cycles(info, point, stimulus), systemc_cycles(info.name, point, stimulus))
            << format.id() << " seed " << seed << " stalls " << percent;
        ++runs;
      }
    }
  }
  EXPECT_GE(runs, info.points.size());
}

INSTANTIATE_TEST_SUITE_P(Units, TileFastOf, testing::ValuesIn(fast_units()),
                         [](const auto& info) { return std::string(info.param); });

/// Makes beats with these flags set and all other bits 0.
Stimulus flagged(const std::string& unit, const Parameters& parameters,
                 const std::vector<std::vector<std::string>>& flags) {
  const kernels::BeatShape shape = kernels::unit(unit).input_shape(kernels::resolve(kernels::unit(unit), parameters));
  kernels::Beats beats(shape.words());
  for (const auto& names : flags) {
    const auto words = beats.append();
    for (const std::string& name : names) kernels::set_bits(words, shape.offset(name), 1, 1);
  }
  return {{}, source_of(std::move(beats)), {}, 1};
}

Cycles range(std::uint64_t first, std::uint64_t count) {
  Cycles cycles;
  for (std::uint64_t i = 0; i < count; ++i) cycles.push_back(first + i);
  return cycles;
}

// By kernels/TIMING.md, with the last at edge t, row 0 is at t + 3 (t + 5 behind the dequantizers).
TEST(TileFast, MultipliersByHand) {
  const Parameters rows{{"rows", 3}, {"cols", 1}};
  EXPECT_EQ(
      fast_output_cycles(kernels::unit("fp16_mac_tile"), rows, flagged("fp16_mac_tile", rows, {{}, {}, {"last"}})),
      range(5, 3));
  // With five beats a tile and three rows there are eight cycles each.
  const std::vector<std::vector<std::string>> tile{{}, {}, {}, {}, {"last"}};
  auto two = tile;
  two.insert(two.end(), tile.begin(), tile.end());
  EXPECT_EQ(fast_output_cycles(kernels::unit("fp16_mac_tile"), rows, flagged("fp16_mac_tile", rows, two)),
            (Cycles{7, 8, 9, 15, 16, 17}));
  EXPECT_EQ(fast_output_cycles(kernels::unit("dequant_mac_tile"), rows, flagged("dequant_mac_tile", rows, two)),
            (Cycles{9, 10, 11, 17, 18, 19}));
}

// One beat is at edge 0. Its sum is in stage 1 at edge 1, the group's in the result register at 2, and in the scale at
// 3; N + 1 cycles later the product is there, and three later the value.
TEST(TileFast, IntegersByHand) {
  const Parameters one{{"rows", 1}, {"cols", 1}};
  const std::vector<std::string> last{"group_last", "tile_last"};
  EXPECT_EQ(fast_output_cycles(kernels::unit("int8_mac_tile"), one, flagged("int8_mac_tile", one, {last})),
            (Cycles{3 + 11 + 1 + 3}));
  auto u8 = last;
  u8.emplace_back("scale_u8");
  EXPECT_EQ(fast_output_cycles(kernels::unit("int8_mac_tile"), one, flagged("int8_mac_tile", one, {u8})),
            (Cycles{3 + 8 + 1 + 3}));
  // In short groups the scale paces, with 11 cycles each.
  EXPECT_EQ(fast_output_cycles(kernels::unit("int8_mac_tile"), one, flagged("int8_mac_tile", one, {last, last, last})),
            (Cycles{18, 29, 40}));
  // Eight planes make one chunk.
  std::vector<std::vector<std::string>> planes(8);
  planes.back() = last;
  EXPECT_EQ(fast_output_cycles(kernels::unit("plane_tile"), one, flagged("plane_tile", one, planes)), (Cycles{18 + 7}));
}

/// Makes the beats of a layer: `work` on the unit.
Stimulus layer_of(const std::string& unit, const Parameters& parameters, const TileWork& work, bool groups) {
  std::vector<std::vector<std::string>> flags;
  const auto group = [&](std::uint64_t beats, bool tile_last) {
    for (std::uint64_t i = 0; i < beats * work.terms; ++i) {
      flags.emplace_back();
      if (groups && work.scale_bits == 8) flags.back().emplace_back("scale_u8");
      if (i + 1 != beats * work.terms) continue;
      if (groups) flags.back().emplace_back("group_last");
      if (tile_last) flags.back().emplace_back(groups ? "tile_last" : "last");
    }
  };
  for (std::uint64_t tile = 0; tile < work.tiles; ++tile) {
    for (std::uint64_t g = 1; g <= work.full_groups; ++g)
      group(work.full_beats, g == work.full_groups && work.tail_beats == 0);
    group(work.tail_beats, true);
  }
  Stimulus stimulus = flagged(unit, parameters, flags);
  stimulus.config.assign(work.config_writes, {0, work.terms});
  return stimulus;
}

TEST(TileFast, ClosedFormsAreTheRecurrences) {
  std::size_t shapes = 0;
  for (const std::string unit : {"fp16_mac_tile", "dequant_mac_tile", "int8_mac_tile", "ternary_tile", "plane_tile"}) {
    const bool groups = unit != "fp16_mac_tile" && unit != "dequant_mac_tile";
    const bool planes = unit == "plane_tile";
    for (const unsigned rows : {1U, 3U, 16U}) {
      const Parameters parameters = kernels::resolve(kernels::unit(unit), {{"rows", rows}, {"cols", 1}});
      for (const unsigned terms : {1U, 3U, 8U}) {
        if (terms > 1 && !planes) continue;
        for (const std::uint64_t beats : {1U, 2U, 5U, 11U, 12U, 40U}) {
          for (const std::uint64_t tail : {std::uint64_t{0}, std::uint64_t{1}, beats / 2}) {
            for (const std::uint64_t tiles : {1, 2, 5}) {
              for (const std::uint64_t full : {0, 1, 4}) {
                if (full + tail == 0) continue;
                const TileWork work{tiles, full, beats, tail, terms, beats % 2 == 0 ? 11U : 8U, rows, planes ? 1U : 0U};
                ASSERT_EQ(fast_cycles(kernels::unit(unit), work),
                          fast_output_cycles(kernels::unit(unit), parameters, layer_of(unit, parameters, work, groups))
                                  .back() +
                              1)
                    << unit << " rows " << rows << " terms " << terms << " beats " << beats << " tail " << tail
                    << " tiles " << tiles << " full " << full;
                ++shapes;
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(shapes, 1000U);
  EXPECT_THROW(fast_cycles(kernels::unit("term_encoder"), {}), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::models
