// Tests that the random stimuli of tiles with integers inside reach what alignment can get wrong: every exponent as the
// largest of a row, in every lane, every significand bit as the only one that is lost, and in every lane the only
// activation that is not finite.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>

#include "kernels/catalogue.hpp"
#include "kernels/parts/row_tile.hpp"
#include "kernels/ternary_tile.hpp"

namespace subbyte {
namespace {

constexpr unsigned kLanes = 4;
constexpr unsigned kLargestField = 30;
constexpr unsigned kFractionBits = 10;

unsigned field_of(std::uint16_t activation) { return activation >> kFractionBits & 31U; }

/// What the beats of a stimulus show of one row.
struct Reached {
  std::array<std::array<bool, kLargestField + 1>, kLanes> largest{};  ///< [lane][field]: alone the largest of its beat
  std::array<std::array<bool, kFractionBits>, kLanes> lost{};  ///< [lane][bit]: subnormal, and all that a beat sums
  std::array<bool, kLanes> nonfinite{};                        ///< [lane]: alone infinite or NaN

  void add(const kernels::RowTileParams& params, const kernels::RowTileBeat& beat) {
    const auto& row = beat.activations;
    std::array<std::int32_t, kLanes> integers{};
    const kernels::RowExponent exponent = kernels::row_align(params, row, integers);
    const std::int64_t sum = kernels::row_dot(integers, beat.weights);
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      const unsigned field = field_of(row[lane]);
      const auto smaller = [&](std::uint16_t other) { return field_of(other) < field; };
      const bool alone = std::ranges::count_if(row, smaller) == kLanes - 1;
      if (exponent.nonfinite) {
        if (alone) nonfinite.at(lane) = true;
        continue;
      }
      if (alone) largest.at(lane).at(field) = true;
      const unsigned magnitude = row[lane] & 0x7FFFU;
      const bool summed = sum == beat.weights[lane] * integers.at(lane) && (sum == 1 || sum == -1);
      if (summed && std::has_single_bit(magnitude) && magnitude >> kFractionBits == 0)
        lost.at(lane).at(static_cast<unsigned>(std::countr_zero(magnitude))) = true;
    }
  }
};

Reached reached_by(std::size_t cases) {
  const auto& info = kernels::unit("ternary_tile");
  const auto point = resolve(info, info.small_point);
  const auto params = kernels::RowTileParams::of(point, kernels::ternary_tile_kind);
  const kernels::RowTileLayout layout(params);
  const auto stimulus = info.random(point, {quant::parse_format("sherry"), cases, 1, {}, true});
  std::vector<std::uint64_t> words(layout.shape.words());
  kernels::RowTileBeat beat;
  Reached reached;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, words);
    kernels::unpack(params, layout, words, beat);
    reached.add(params, beat);
  }
  return reached;
}

TEST(RowTileStimulus, EveryExponentIsTheLargestOfARowInEveryLane) {
  const Reached reached = reached_by(1000);
  for (unsigned lane = 0; lane < kLanes; ++lane)
    for (unsigned field = 1; field <= kLargestField; ++field)
      EXPECT_TRUE(reached.largest.at(lane).at(field)) << "lane " << lane << ", exponent field " << field;
}

TEST(RowTileStimulus, EveryBitIsTheOnlyOneThatIsLost) {
  const Reached reached = reached_by(1000);
  for (unsigned lane = 0; lane < kLanes; ++lane)
    for (unsigned bit = 0; bit < kFractionBits; ++bit)
      EXPECT_TRUE(reached.lost.at(lane).at(bit)) << "lane " << lane << ", bit " << bit;
}

TEST(RowTileStimulus, EveryLaneIsTheOnlyOneThatIsNotFinite) {
  const Reached reached = reached_by(200);
  for (unsigned lane = 0; lane < kLanes; ++lane) EXPECT_TRUE(reached.nonfinite.at(lane)) << "lane " << lane;
}

}  // namespace
}  // namespace subbyte
