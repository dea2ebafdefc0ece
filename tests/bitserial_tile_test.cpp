// Tests bitserial_tile: golden against RTL, its cycle formula, and the comparison on a broken tile.
#include "kernels/catalogue.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

TEST(BitserialTile, RtlEqualsGolden) { expect_rtl_equals_golden("bitserial_tile", 8); }

/// Makes tiles of one group of `chunks` beats, in which all is zero but the flags; the reset program takes two terms
/// per weight.
kernels::Stimulus one_group_tiles(const kernels::BeatShape& shape, std::size_t tiles, unsigned chunks, bool u8) {
  kernels::Beats beats(shape.words());
  for (std::size_t i = 0; i < tiles * chunks; ++i) {
    const auto beat = beats.append();
    const bool last = i % chunks + 1 == chunks;
    kernels::set_bits(beat, shape.offset("scale_u8"), 1, u8);
    kernels::set_bits(beat, shape.offset("group_last"), 1, last);
    kernels::set_bits(beat, shape.offset("tile_last"), 1, last);
  }
  kernels::Stimulus stimulus;
  stimulus.cases = tiles;
  stimulus.input = kernels::source_of(std::move(beats));
  return stimulus;
}

TEST(BitserialTile, AGroupTakesTheLongerOfTermsAndScaleBits) {
  const auto& info = kernels::unit("bitserial_tile");
  const auto& point = info.points[1];
  const std::uint64_t rows = static_cast<std::uint64_t>(point.at("rows"));
  for (const unsigned chunks : {1U, 2U, 5U, 6U, 16U}) {
    for (const bool u8 : {false, true}) {
      const std::uint64_t terms = 2;
      const std::uint64_t bits = u8 ? 8 : 11;
      const auto trace = sim::run_rtl(kernels::unit("bitserial_tile"), point,
                                      one_group_tiles(info.input_shape(point), 20, chunks, u8));
      ASSERT_EQ(trace.size(), 20 * rows);
      EXPECT_EQ(trace.cycle(0), terms * chunks - 1 + 2 + bits + 1 + 3);
      for (std::uint64_t tile = 1; tile < 20; ++tile) {
        EXPECT_EQ(trace.cycle(tile * rows) - trace.cycle((tile - 1) * rows), std::max(terms * chunks, bits))
            << chunks << " chunks, " << bits << " scale bits, tile " << tile;
      }
    }
  }
}

// Every column takes the scale of column 0, which is wrong, but never in column 0.
TEST(BitserialTile, ASharedScaleIsFoundInTheOtherColumns) {
  const auto& info = kernels::unit("bitserial_tile");
  const auto& point = info.points[1];
  const auto stimulus = info.random(point, {quant::parse_format("int4:g8"), 40, 4, {}, false});
  const BrokenRtl folder("parts/scale_and_sum.sv", "meta_a[c*16 +: 16]", "meta_a[0 +: 16]");
  const auto golden = info.golden(point, stimulus, {});
  sim::RtlOptions options;
  options.rtl_dir = folder.directory();
  const auto rtl = sim::run_rtl(kernels::unit("bitserial_tile"), point, stimulus, {}, options);
  const auto verdict = kernels::compare(golden, rtl);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  std::uint64_t first = 0;
  for (std::uint64_t i = golden.size(); i-- > 0;) {
    EXPECT_EQ(kernels::get_bits(golden.beat(i), 0, 32), kernels::get_bits(rtl.beat(i), 0, 32));
    if (kernels::get_bits(golden.beat(i), 32, 32) != kernels::get_bits(rtl.beat(i), 32, 32)) first = i;
  }
  EXPECT_EQ(*verdict.first_bit_mismatch, first);
}

TEST(BitserialTile, AQueueThatRunsDryFailsTheAssertion) {
  const auto& info = kernels::unit("bitserial_tile");
  const auto& point = info.points[1];
  const auto stimulus = info.random(point, {quant::parse_format("int4:g8"), 10, 4, {}, false});
  const BrokenRtl folder("parts/scale_and_sum.sv", ".pop_i(column_done)", ".pop_i(row_fire)");
  try {
    compare_broken("bitserial_tile", point, stimulus, folder);
    FAIL() << "a queue ran dry unnoticed";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("side data queue runs dry"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace subbyte
