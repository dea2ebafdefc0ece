// Tests ternary2_unpack: every code through every engine, packed rows, and broken RTL.
#include "kernels/catalogue.hpp"
#include "tests/support/combinational_cases.hpp"

namespace subbyte {
namespace {

TEST(Ternary2Unpack, RtlEqualsGolden) { expect_rtl_equals_golden("ternary2_unpack", 300); }

TEST(Ternary2Unpack, EveryCodeInEveryPlaceAtLatencyZero) { expect_every_pattern_equal("ternary2_unpack", 2); }

TEST(Ternary2Unpack, APackedRowUnpacks) {
  expect_a_packed_row_unpacks("ternary2_unpack", quant::CodeLayout::kDense, 9);
}

TEST(Ternary2Unpack, CodesAreMinusOneZeroPlusOneZero) {
  const auto& info = kernels::unit("ternary2_unpack");
  const auto point = kernels::resolve(info, {{"codes", 1}});
  const auto trace = info.golden(point, every_pattern(info, point, 2), {});
  const int expected[4] = {-1, 0, 1, 0};
  for (unsigned code = 0; code < 4; ++code) EXPECT_EQ(trits_of(trace.beat(code), 1)[0], expected[code]) << code;
}

// Code 3 is read as -1.
TEST(Ternary2Unpack, AWrongIllegalCodeIsFoundAtItsBeat) {
  const auto& info = kernels::unit("ternary2_unpack");
  auto stimulus = info.random(info.points[0], {quant::parse_format("ternary"), 60, 7, {}, false});
  const auto illegal = info.random(info.points[0], {quant::parse_format("ternary"), 60, 7, {}, true});
  stimulus.input.count = 120;
  stimulus.input.fill = [legal = stimulus.input.fill, other = illegal.input.fill](std::size_t i,
                                                                                  std::span<std::uint64_t> beat) {
    i < 60 ? legal(i, beat) : other(i - 60, beat);
  };
  const BrokenRtl folder("ternary2_unpack.sv", "{~(in_data_i[2*i+1] | in_data_i[2*i]), ~in_data_i[2*i]}",
                         "{in_data_i[2*i+1] ~^ in_data_i[2*i], in_data_i[2*i+1] ~^ in_data_i[2*i] | ~in_data_i[2*i]}");
  expect_found_at_its_beat("ternary2_unpack", folder, stimulus,
                           [](auto beat) { return (beat[0] & beat[0] >> 1 & 0x5555'5555'5555'5555U) != 0; });
}

}  // namespace
}  // namespace subbyte
