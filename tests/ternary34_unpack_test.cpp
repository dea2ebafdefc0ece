// Tests ternary34_unpack: the published code table, every code through every engine, packed rows, what it costs, and
// broken RTL.
#include "kernels/catalogue.hpp"
#include "sim/cells/technology.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/combinational_cases.hpp"

namespace subbyte {
namespace {

TEST(Ternary34Unpack, RtlEqualsGolden) { expect_rtl_equals_golden("ternary34_unpack", 300); }

TEST(Ternary34Unpack, EveryCodeInEveryPlaceAtLatencyZero) { expect_every_pattern_equal("ternary34_unpack", 5); }

TEST(Ternary34Unpack, APackedRowUnpacks) {
  expect_a_packed_row_unpacks("ternary34_unpack", quant::CodeLayout::kOneZeroInFour, 9);
}

// In the table of STQ1_0 (llama.cpp, pull request 22836) a slot has four two-bit fields 0 1 2 = -1 0 +1, the first lane
// lowest; with the sign bit every field is mirrored.
TEST(Ternary34Unpack, CodesAreThoseOfStq1) {
  constexpr unsigned kSlots[16] = {0xA9, 0x89, 0x29, 0x09, 0xA6, 0x86, 0x26, 0x06,
                                   0x9A, 0x92, 0x1A, 0x12, 0x6A, 0x62, 0x4A, 0x42};
  const auto& info = kernels::unit("ternary34_unpack");
  const auto point = kernels::resolve(info, {{"groups", 1}});
  const auto trace = info.golden(point, every_pattern(info, point, 5), {});
  for (unsigned code = 0; code < 32; ++code) {
    const unsigned fields = code < 16 ? kSlots[code] : 0xAA - kSlots[code - 16];
    const auto trits = trits_of(trace.beat(code), 4);
    for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(trits[i], static_cast<int>(fields >> 2 * i & 3) - 1) << code << ' ' << i;
  }
}

// These are gate equivalents per weight in osu018: 1.7, 4.9 and 34.8 (area over that of the smallest NAND).
TEST(Ternary34Unpack, CostsLittleMoreThanTwoBitsAndFarLessThanFiveInAByte) {
  const auto library = sim::read_technology("osu018").library;
  const auto per_weight = [&](const char* unit) {
    const auto& info = kernels::unit(unit);
    return sim::synthesize(info, info.points[0], library).gate_equivalents /
           info.output_shape(info.points[0]).fields()[0].count;
  };
  const double two_bits = per_weight("ternary2_unpack");
  const double three_of_four = per_weight("ternary34_unpack");
  const double five_in_a_byte = per_weight("ternary5_unpack");
  RecordProperty("gate_equivalents_per_weight", std::to_string(three_of_four));
  EXPECT_NEAR(two_bits, 1.67, 0.1);
  EXPECT_LT(three_of_four, 3.5 * two_bits);
  EXPECT_GT(five_in_a_byte, 5 * three_of_four);
}

// The third lane takes the wrong relative sign when the zero is before it and the two signs differ.
TEST(Ternary34Unpack, AWrongSignIsFoundAtItsBeat) {
  const auto& info = kernels::unit("ternary34_unpack");
  const auto stimulus = info.random(kernels::resolve(info, {}), {quant::parse_format("sherry"), 20, 4, {}, true});
  const BrokenRtl folder("codes/ternary34_decode.sv", "place[1] ? third : second", "place[1] & third");
  expect_found_at_its_beat("ternary34_unpack", folder, stimulus, [](auto beat) {
    bool affected = false;
    for (unsigned g = 0; g < 8; ++g) {
      const auto code = kernels::get_bits(beat, 5 * g, 5);
      affected = affected || ((code & 8) == 0 && (code & 1) != 0);
    }
    return affected;
  });
}

}  // namespace
}  // namespace subbyte
