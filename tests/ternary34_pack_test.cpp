// Tests ternary34_pack: every pattern of a group through every engine, the inverse of ternary34_unpack, errors, and
// broken RTL.
#include "kernels/catalogue.hpp"
#include "tests/support/combinational_cases.hpp"

namespace subbyte {
namespace {

TEST(Ternary34Pack, RtlEqualsGolden) { expect_rtl_equals_golden("ternary34_pack", 300); }

TEST(Ternary34Pack, EveryGroupInEveryPlaceAtLatencyZero) { expect_every_pattern_equal("ternary34_pack", 8); }

TEST(Ternary34Pack, IsTheInverseOfUnpack) {
  const auto& pack = kernels::unit("ternary34_pack");
  const auto& unpack = kernels::unit("ternary34_unpack");
  const auto point = pack.points[0];
  const auto codes = every_pattern(unpack, point, 5);
  const auto trits = unpack.golden(point, codes, {});
  kernels::Beats beats(pack.input_shape(point).words());
  for (std::size_t i = 0; i < trits.size(); ++i) beats.append(trits.beat(i));
  const auto trace = pack.golden(point, {{}, kernels::source_of(std::move(beats)), {}, 32}, {});
  for (std::size_t i = 0; i < trace.size(); ++i) {
    EXPECT_EQ(kernels::get_bits(trace.beat(i), 0, 40), input_beat(codes, i)[0]);
    EXPECT_EQ(kernels::get_bits(trace.beat(i), 40, 8), 0U);
  }
}

// 64 of the 256 patterns have one zero (a trit of 10 is one too); the others give code 0 and an error.
TEST(Ternary34Pack, AnyOtherNumberOfZerosIsAnError) {
  const auto& info = kernels::unit("ternary34_pack");
  const auto point = kernels::resolve(info, {{"groups", 1}});
  const auto trace = info.golden(point, every_pattern(info, point, 8), {});
  unsigned errors = 0;
  for (unsigned pattern = 0; pattern < 256; ++pattern) {
    const int nonzero = __builtin_popcount(pattern & 0x55);
    const auto answer = trace.beat(pattern)[0];
    EXPECT_EQ(answer >> 5, nonzero != 3 ? 1U : 0U) << pattern;
    if (nonzero != 3) {
      EXPECT_EQ(answer & 31, 0U) << pattern;
    }
    errors += nonzero != 3 ? 1 : 0;
  }
  EXPECT_EQ(errors, 192U);
}

// Three zeros pass as one.
TEST(Ternary34Pack, AMissingErrorIsFoundAtItsBeat) {
  const auto& info = kernels::unit("ternary34_pack");
  const auto stimulus = info.random(info.points[0], {quant::parse_format("sherry"), 60, 5, {}, true});
  const BrokenRtl folder("codes/ternary34_encode.sv", "(odd_low & both_high) | (odd_high & both_low)",
                         "odd_low ^ odd_high");
  expect_found_at_its_beat("ternary34_pack", folder, stimulus, [](auto beat) {
    bool affected = false;
    for (unsigned g = 0; g < 8; ++g)
      affected = affected || __builtin_popcountll(kernels::get_bits(beat, 8 * g, 8) & 0x55) == 1;
    return affected;
  });
}

}  // namespace
}  // namespace subbyte
