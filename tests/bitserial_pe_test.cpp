// Tests bitserial_pe: golden against RTL, its timing, and the comparison on a broken PE.
#include "kernels/catalogue.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

TEST(BitserialPe, RtlEqualsGolden) { expect_rtl_equals_golden("bitserial_pe", 200); }

TEST(BitserialPe, OneBeatPerCycleAndTwoCyclesToTheResult) {
  const auto& info = kernels::unit("bitserial_pe");
  const auto& point = info.points[0];
  const auto stimulus = info.random(point, {quant::parse_format("int8:g16"), 40, 2, {}, true});
  const auto trace = sim::run_rtl(kernels::unit("bitserial_pe"), point, stimulus);
  const unsigned last = info.input_shape(point).offset("last");
  std::uint64_t group = 0;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    if (kernels::get_bits(input_beat(stimulus, i), last, 1) == 0) continue;
    ASSERT_EQ(trace.cycle(group++), i + 2);
  }
  EXPECT_EQ(group, trace.size());
}

// Lane 0 no longer sees Inf and NaN, which is wrong in the first group that has one there and in no other lane.
TEST(BitserialPe, ALostNaNIsFoundAtItsGroup) {
  const auto& info = kernels::unit("bitserial_pe");
  const auto& point = info.points[0];
  const auto stimulus = info.random(point, {quant::parse_format("int4:g16"), 2000, 4, {}, true});
  const unsigned last = info.input_shape(point).offset("last");
  std::uint64_t expected = 0;
  bool lane0 = false;
  bool others = false;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    const auto beat = input_beat(stimulus, i);
    for (unsigned lane = 0; lane < 4; ++lane)
      if ((kernels::get_bits(beat, lane * 16, 16) & 0x7C00) == 0x7C00) (lane == 0 ? lane0 : others) = true;
    if (kernels::get_bits(beat, last, 1) == 0) continue;
    if (lane0 && !others) break;
    lane0 = others = false;
    ++expected;
  }
  ASSERT_TRUE(lane0 && !others) << "the stimulus has no such group";
  const BrokenRtl folder("bitserial_pe.sv", "(act[14:10] == 5'd31)", "(act[14:10] == 5'd31) && (l != 0)");
  const auto verdict = compare_broken("bitserial_pe", point, stimulus, folder);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, expected);
}

// A result register does not wait for its reader, and the bound assertion stops the run.
TEST(BitserialPe, AnUnstableOutputFailsTheAssertion) {
  const auto& info = kernels::unit("bitserial_pe");
  const auto& point = info.points[0];
  const auto stimulus = info.random(point, {quant::parse_format("int4:g8"), 200, 4, {1, 0, 60}, true});
  const BrokenRtl folder("bitserial_pe.sv", "valid1_q && !(last1_q && out_valid_q && !out_ready_i)", "valid1_q");
  try {
    compare_broken("bitserial_pe", point, stimulus, folder);
    FAIL() << "a lost result was not noticed";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("out_data_o changed while waiting"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace subbyte
