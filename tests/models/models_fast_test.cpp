// Tests the fast engine against the SystemC model: cycles are equal over shapes, stalls and random stimuli.
#include <gtest/gtest.h>

#include <random>

#include "kernels/bitserial_tile.hpp"
#include "kernels/catalogue.hpp"
#include "kernels/parts/tile_beat.hpp"
#include "models/catalogue.hpp"
#include "models/fast/bitserial_tile_fast.hpp"

namespace subbyte::models {
namespace {

using kernels::StallPlan;
using kernels::Stimulus;
using Cycles = std::vector<std::uint64_t>;

Cycles systemc_cycles(const kernels::Parameters& parameters, const Stimulus& stimulus) {
  const kernels::Trace trace = run_systemc(kernels::unit("bitserial_tile"), parameters, stimulus);
  Cycles cycles;
  for (std::uint64_t i = 0; i < trace.size(); ++i) cycles.push_back(trace.cycle(i));
  return cycles;
}

kernels::Parameters narrow_tile(unsigned rows) { return {{"rows", rows}, {"cols", 1}, {"lanes", 1}}; }

/// Makes beats without data that do the work on narrow_tile(rows).
Stimulus stimulus_of(const TileWork& work, const StallPlan& stalls) {
  const kernels::TileBeatLayout layout(
      kernels::TileParams::of(resolve(kernels::bitserial_tile_info(), narrow_tile(work.rows))));
  kernels::Beats beats(layout.shape.words());
  const auto group = [&](std::uint64_t count, bool tile_last) {
    for (std::uint64_t i = 0; i < count; ++i) {
      layout.set_flags(beats.append(), work.scale_bits == 8, i + 1 == count, i + 1 == count && tile_last);
    }
  };
  for (std::uint64_t tile = 0; tile < work.tiles; ++tile) {
    for (std::uint64_t g = 1; g <= work.full_groups; ++g) {
      group(work.full_beats, g == work.full_groups && work.tail_beats == 0);
    }
    group(work.tail_beats, true);
  }
  Stimulus stimulus{{}, source_of(std::move(beats)), stalls, work.tiles};
  stimulus.config.assign(work.config_writes, {20, work.terms << 2});  // the control word: Booth, so many terms
  return stimulus;
}

std::string text_of(const TileWork& w) {
  return std::to_string(w.tiles) + " tiles of " + std::to_string(w.full_groups) + " x " + std::to_string(w.full_beats) +
         " + " + std::to_string(w.tail_beats) + " beats, " + std::to_string(w.terms) + " terms, " +
         std::to_string(w.scale_bits) + " scale bits, " + std::to_string(w.rows) + " rows";
}

TEST(Fast, ClosedFormIsTheRecurrenceOnEverySmallShape) {
  std::size_t shapes = 0;
  for (const unsigned scale_bits : {8U, 11U}) {
    for (const unsigned terms : {1U, 2U, 3U, 5U}) {
      for (std::uint64_t tiles = 1; tiles <= 4; ++tiles) {
        for (std::uint64_t groups = 0; groups <= 4; ++groups) {
          for (std::uint64_t beats = 1; beats <= 26; ++beats) {
            for (std::uint64_t tail = 0; tail <= beats; ++tail) {
              const auto rows = static_cast<unsigned>(1 + (beats + tail) % 8);
              const TileWork work{tiles, groups, beats, tail, terms, scale_bits, rows, groups};
              if (groups == 0 && tail == 0) continue;
              ++shapes;
              ASSERT_EQ(tile_cycles(work), tile_output_cycles(work, {}).back() + 1) << text_of(work);
            }
          }
        }
      }
    }
  }
  EXPECT_GT(shapes, 50000U);
}

TEST(Fast, IsSystemCOverRandomShapes) {
  std::mt19937_64 random(5);
  const auto draw = [&](std::uint64_t low, std::uint64_t high) { return low + random() % (high - low + 1); };
  for (int i = 0; i < 400; ++i) {
    TileWork work;
    work.tiles = draw(1, 6);
    work.full_groups = draw(0, 4);
    work.full_beats = draw(0, 2) == 0 ? 1 : draw(1, 40);
    work.tail_beats = draw(0, 1) == 0 && work.full_groups > 0 ? 0 : draw(1, work.full_beats);
    work.terms = static_cast<unsigned>(draw(1, 5));
    work.scale_bits = draw(0, 1) == 0 ? 8 : 11;
    work.rows = draw(0, 4) == 0 ? 16 : static_cast<unsigned>(draw(1, 8));
    work.config_writes = draw(1, 3);
    for (const unsigned percent : {0U, 30U, 60U, 90U}) {
      const StallPlan stalls{random(), draw(0, 3) == 0 ? 0 : percent, percent};
      const Cycles expected = systemc_cycles(narrow_tile(work.rows), stimulus_of(work, stalls));
      ASSERT_EQ(expected.size(), work.tiles * std::min(work.rows, 8U));
      ASSERT_EQ(tile_output_cycles(work, stalls), expected) << text_of(work) << ", stalls " << percent;
      if (percent == 0) {
        ASSERT_EQ(tile_cycles(work), expected.back() + 1) << text_of(work);
      }
    }
  }
}

TEST(Fast, IsSystemCOnRandomStimuli) {
  const kernels::UnitInfo& info = kernels::unit("bitserial_tile");
  std::uint64_t seed = 1;
  for (const kernels::Parameters& point : info.points) {
    for (const char* id : {"bitmod-fp4:g128", "bitmod-fp3:g5:scale=u8", "int8:g64", "int6:g3", "int4-asym:g24"}) {
      const quant::Format format = quant::parse_format(id);
      if (info.unsupported(point, format)) continue;
      for (const unsigned percent : {0U, 30U, 60U}) {
        const Stimulus stimulus = info.random(point, {format, 15, ++seed, {seed, percent, percent}, true});
        ASSERT_EQ(tile_output_cycles(info, point, stimulus), systemc_cycles(point, stimulus)) << id << " seed " << seed;
      }
    }
  }
}

TEST(Fast, DecodeShapesByHand) {
  // One token, K = 64 and g128 (one ragged group of 16 beats) in FP4 take 32 cycles a tile; the value is at 32 - 1 +
  // 2 + 12 + 3 = 48.
  TileWork work = tile_work(1, 64, 128, 4);
  work.terms = 2;
  work.rows = 1;
  EXPECT_EQ(work.full_groups, 0U);
  EXPECT_EQ(work.tail_beats, 16U);
  EXPECT_EQ(tile_cycles(work), 49U);
  // With 100 tiles of the same there are 32 more cycles each. Odd rows take one cycle per row.
  work.tiles = 100;
  work.rows = 5;
  EXPECT_EQ(tile_cycles(work), 49U + 99 * 32 + 4);
  // With groups of one beat in INT8 and FP16 scales, the scale paces: 11 cycles a group. K = 4 x 10 has ten groups.
  TileWork paced = tile_work(3, 40, 4, 4);
  paced.terms = 4;
  EXPECT_EQ(tile_cycles(paced), 4U - 1 + 2 + 29 * 11 + 12 + 7 + 3 + 1);
}

TEST(Fast, RefusesWhatHasNoCycles) {
  EXPECT_THROW(tile_cycles({.tiles = 0}), std::invalid_argument);
  EXPECT_THROW(tile_cycles({.full_groups = 0}), std::invalid_argument);
  EXPECT_THROW(tile_cycles({.full_beats = 2, .tail_beats = 3}), std::invalid_argument);
  EXPECT_THROW(tile_cycles({.rows = 12}), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::models
