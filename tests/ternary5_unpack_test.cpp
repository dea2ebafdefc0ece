// Tests ternary5_unpack: every byte through every engine, against the packer, packed rows, and broken RTL.
#include "kernels/catalogue.hpp"
#include "tests/support/combinational_cases.hpp"

namespace subbyte {
namespace {

TEST(Ternary5Unpack, RtlEqualsGolden) { expect_rtl_equals_golden("ternary5_unpack", 300); }

TEST(Ternary5Unpack, EveryByteInEveryPlaceAtLatencyZero) { expect_every_pattern_equal("ternary5_unpack", 8); }

TEST(Ternary5Unpack, APackedRowUnpacks) {
  expect_a_packed_row_unpacks("ternary5_unpack", quant::CodeLayout::kFiveInByte, 9);
}

// Byte q holds v = floor(243 q / 256) in base 3, the first trit most significant: the 243 values and the 13 bytes
// between them.
TEST(Ternary5Unpack, EveryByteIsItsFractionOf243) {
  const auto& info = kernels::unit("ternary5_unpack");
  const auto point = kernels::resolve(info, {{"bytes", 1}});
  const auto trace = info.golden(point, every_pattern(info, point, 8), {});
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto trits = trits_of(trace.beat(byte), 5);
    int value = 0;
    for (const int trit : trits) value = 3 * value + trit + 1;
    EXPECT_EQ(value, static_cast<int>(243 * byte / 256)) << byte;
  }
}

// The last adder loses its carry into the top, so the code 2 becomes 0 when it comes from a fraction of 171 or more.
TEST(Ternary5Unpack, AWrongAdderIsFoundAtItsBeat) {
  const auto& info = kernels::unit("ternary5_unpack");
  const auto stimulus = info.random(info.points[0], {quant::parse_format("ternary-5in8"), 20, 6, {}, true});
  const BrokenRtl folder("codes/ternary5_decode.sv", "codes_o[2*n +: 2] = tripled[9:8]",
                         "codes_o[2*n +: 2] = {n != 4 && tripled[9], tripled[8]}");
  expect_found_at_its_beat("ternary5_unpack", folder, stimulus, [](auto beat) {
    bool affected = false;
    for (unsigned b = 0; b < 8; ++b) affected = affected || kernels::get_bits(beat, 8 * b, 8) * 243 / 256 % 3 == 2;
    return affected;
  });
}

}  // namespace
}  // namespace subbyte
