// Tests group_dequant: golden against RTL, its timing, and the comparison on a broken dequantizer.
#include "kernels/catalogue.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

TEST(GroupDequant, RtlEqualsGolden) { expect_rtl_equals_golden("group_dequant", 300); }

TEST(GroupDequant, OneScaleBitPerCycle) {
  const auto& info = kernels::unit("group_dequant");
  const auto& point = info.points[0];
  for (const char* name : {"int4", "int4:scale=u8"}) {
    const auto stimulus = info.random(point, {quant::parse_format(name), 60, 2, {}, true});
    const auto trace = sim::run_rtl(kernels::unit("group_dequant"), point, stimulus);
    ASSERT_EQ(trace.size(), stimulus.input.count);
    const unsigned u8 = info.input_shape(point).offset("scale_u8");
    std::uint64_t accepted = 0;
    for (std::size_t i = 0; i < trace.size(); ++i) {
      const std::uint64_t bits = kernels::get_bits(input_beat(stimulus, i), u8, 1) != 0 ? 8 : 11;
      ASSERT_EQ(trace.cycle(i), accepted + bits + 1);
      accepted += bits;
    }
  }
}

// The exponent of u8 scales is off by one, which is wrong from the first finite u8 beat on.
TEST(GroupDequant, AWrongExponentIsFoundAtItsBeat) {
  const auto& info = kernels::unit("group_dequant");
  const auto& point = info.points[0];
  const auto stimulus = info.random(point, {quant::parse_format("int4:scale=u8"), 60, 3, {}, true});
  const auto shape = info.input_shape(point);
  std::uint64_t expected = 0;
  const auto affected = [&](std::size_t i) {
    const auto beat = input_beat(stimulus, i);
    return kernels::get_bits(beat, shape.offset("scale_u8"), 1) == 1 &&
           kernels::get_bits(beat, shape.offset("nonfinite"), 1) == 0;
  };
  while (!affected(expected)) ++expected;
  const auto verdict =
      compare_broken("group_dequant", point, stimulus, BrokenRtl("group_dequant.sv", "5'd25", "5'd24"));
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, expected);
}

}  // namespace
}  // namespace subbyte
