// The fast engine of every tile against its SystemC model: equal cycles at every verified point, for random
// stimuli with and without stalls; and cycles by hand.
#include <gtest/gtest.h>

#include "models/systemc.hpp"
#include "models/tile_fast.hpp"
#include "tests/hardware_formats.hpp"

namespace subbyte::models {
namespace {

using kernels::Parameters;
using kernels::Stimulus;
using Cycles = std::vector<std::uint64_t>;

Cycles systemc_cycles(const std::string& unit, const Parameters& parameters, const Stimulus& stimulus) {
  const kernels::Trace trace = run_systemc(unit, parameters, stimulus);
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
  EXPECT_THROW(fast_output_cycles("term_encoder", {}, {}), std::invalid_argument);
}

class TileFastOf : public testing::TestWithParam<std::string_view> {};

TEST_P(TileFastOf, IsSystemCOnRandomStimuli) {
  const kernels::UnitInfo& info = kernels::unit(GetParam());
  std::uint64_t seed = 1;
  std::size_t runs = 0;
  for (const Parameters& point : info.points) {
    std::size_t formats = 0;
    for (const quant::Format& format : hardware_formats(info, {":g32", ":g32:scale=u8", ":g5"})) {
      if (!info.unsupported(point, format).empty() || ++formats > 8) continue;
      for (const unsigned percent : {0U, 30U, 70U}) {
        const Stimulus stimulus = info.random(point, {format, 10, ++seed, {seed, percent, percent}, true});
        ASSERT_EQ(fast_output_cycles(info.name, point, stimulus), systemc_cycles(info.name, point, stimulus))
            << format.id() << " seed " << seed << " stalls " << percent;
        ++runs;
      }
    }
  }
  EXPECT_GE(runs, info.points.size());
}

INSTANTIATE_TEST_SUITE_P(Units, TileFastOf, testing::ValuesIn(fast_units()),
                         [](const auto& info) { return std::string(info.param); });

/// Beats with these flags set, all other bits 0.
Stimulus flagged(const std::string& unit, const Parameters& parameters,
                 const std::vector<std::vector<std::string>>& flags) {
  const kernels::BeatShape shape =
      kernels::unit(unit).input_shape(kernels::resolve(kernels::unit(unit), parameters));
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

// kernels/TIMING.md: last at edge t, row 0 at t + 3 (t + 5 behind the dequantizers).
TEST(TileFast, MultipliersByHand) {
  const Parameters rows{{"rows", 3}, {"cols", 1}};
  EXPECT_EQ(fast_output_cycles("fp16_mac_tile", rows, flagged("fp16_mac_tile", rows, {{}, {}, {"last"}})),
            range(5, 3));
  // Five beats a tile and three rows: eight cycles each.
  const std::vector<std::vector<std::string>> tile{{}, {}, {}, {}, {"last"}};
  auto two = tile;
  two.insert(two.end(), tile.begin(), tile.end());
  EXPECT_EQ(fast_output_cycles("fp16_mac_tile", rows, flagged("fp16_mac_tile", rows, two)),
            (Cycles{7, 8, 9, 15, 16, 17}));
  EXPECT_EQ(fast_output_cycles("dequant_mac_tile", rows, flagged("dequant_mac_tile", rows, two)),
            (Cycles{9, 10, 11, 17, 18, 19}));
}

// One beat at edge 0: its sum in stage 1 at edge 1, the group's in the result register at 2, in the scale at
// 3; N + 1 cycles later the product is there, and three later the value.
TEST(TileFast, IntegersByHand) {
  const Parameters one{{"rows", 1}, {"cols", 1}};
  const std::vector<std::string> last{"group_last", "tile_last"};
  EXPECT_EQ(fast_output_cycles("int8_mac_tile", one, flagged("int8_mac_tile", one, {last})),
            (Cycles{3 + 11 + 1 + 3}));
  auto u8 = last;
  u8.emplace_back("scale_u8");
  EXPECT_EQ(fast_output_cycles("int8_mac_tile", one, flagged("int8_mac_tile", one, {u8})),
            (Cycles{3 + 8 + 1 + 3}));
  // Short groups: the scale paces, 11 cycles each.
  EXPECT_EQ(fast_output_cycles("int8_mac_tile", one, flagged("int8_mac_tile", one, {last, last, last})),
            (Cycles{18, 29, 40}));
  // Eight planes make one chunk.
  std::vector<std::vector<std::string>> planes(8);
  planes.back() = last;
  EXPECT_EQ(fast_output_cycles("plane_tile", one, flagged("plane_tile", one, planes)), (Cycles{18 + 7}));
}

}  // namespace
}  // namespace subbyte::models
