// Tests column_accumulator: golden against RTL, its timing, and the comparison on a broken accumulator.
#include "kernels/catalogue.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

TEST(ColumnAccumulator, RtlEqualsGolden) { expect_rtl_equals_golden("column_accumulator", 200); }

TEST(ColumnAccumulator, OneBeatPerCycleAndThreeCyclesToTheValue) {
  const auto& info = kernels::unit("column_accumulator");
  const auto& point = info.points[0];
  const auto stimulus = info.random(point, {quant::parse_format("int4"), 60, 2, {}, true});
  const auto trace = sim::run_rtl(kernels::unit("column_accumulator"), point, stimulus);
  const unsigned last = info.input_shape(point).offset("last");
  std::uint64_t values = 0;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    if (kernels::get_bits(input_beat(stimulus, i), last, 1) == 0) continue;
    ASSERT_EQ(trace.cycle(values++), i + 3);
  }
  EXPECT_EQ(values, trace.size());
}

/// Makes `tiles` tiles of one group, in which every row of every tile adds 2^50 * 2^(0-50) = 1 and is scaled by 1.
kernels::Stimulus ones(const kernels::BeatShape& shape, std::size_t tiles) {
  kernels::Beats beats(shape.words());
  for (std::size_t i = 0; i < tiles * 8; ++i) {
    const auto beat = beats.append();
    kernels::set_bits(beat, shape.offset("product"), 32, 1U << 20);
    kernels::set_bits(beat, shape.offset("exponent"), 9, 30);
    kernels::set_bits(beat, shape.offset("last"), 1, 1);
    kernels::set_bits(beat, shape.offset("channel_scale"), 32, 0x3F800000);
  }
  kernels::Stimulus stimulus;
  stimulus.cases = tiles;
  stimulus.input = kernels::source_of(std::move(beats));
  return stimulus;
}

TEST(ColumnAccumulator, OnesAreOnes) {
  const auto& info = kernels::unit("column_accumulator");
  const auto trace =
      sim::run_rtl(kernels::unit("column_accumulator"), info.points[0], ones(info.input_shape(info.points[0]), 3));
  ASSERT_EQ(trace.size(), 24U);
  for (std::uint64_t i = 0; i < trace.size(); ++i) EXPECT_EQ(trace.beat(i)[0], 0x3F800000U);
}

// A row does not restart at +0, which is right in the first tile and wrong from the first row of the second on.
TEST(ColumnAccumulator, AnUnclearedRowIsFoundInTheSecondTile) {
  const auto& info = kernels::unit("column_accumulator");
  const auto stimulus = ones(info.input_shape(info.points[0]), 3);
  const BrokenRtl folder("column_accumulator.sv", "last1_q ? 32'd0 : sum", "sum");
  const auto verdict = compare_broken("column_accumulator", info.points[0], stimulus, folder);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, 8U);
  EXPECT_EQ(verdict.bit_mismatches, 16U);
}

}  // namespace
}  // namespace subbyte
