// Tests matquant_slice: every code at every width through every engine, MatQuant's slices of packed weights, what it
// costs, and broken RTL.
#include <cmath>

#include "kernels/catalogue.hpp"
#include "kernels/parts/random_values.hpp"
#include "quant/formats/nested_codes.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/cells/technology.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/combinational_cases.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte {
namespace {

TEST(MatquantSlice, RtlEqualsGolden) { expect_rtl_equals_golden("matquant_slice", 300); }

// At every width, every pattern gives floor(q / 2^(8-bits) + 1/2), clamped, whatever the planes that do not arrive
// hold.
TEST(MatquantSlice, EveryCodeAtEveryWidthRoundsHalfUpAndClamps) {
  const auto& info = kernels::unit("matquant_slice");
  for (unsigned bits = 1; bits <= 7; ++bits) {
    const auto point = kernels::resolve(info, {{"codes", 1}, {"bits", bits}});
    const auto stimulus = every_pattern(info, point, bits + 1);
    const auto golden = info.golden(point, stimulus, {});
    const auto rtl = sim::run_rtl(kernels::unit("matquant_slice"), point, stimulus);
    const auto systemc = models::run_systemc(kernels::unit("matquant_slice"), point, stimulus);
    ASSERT_TRUE(kernels::compare(golden, rtl).equal()) << bits << " bits";
    ASSERT_TRUE(kernels::compare(systemc, rtl).equal()) << bits << " bits";
    for (unsigned q = 0; q < 256; ++q) {
      const double step = 1U << (8 - bits);
      const double rounded = std::min(std::floor(q / step + 0.5), (1U << bits) - 1.0);
      const unsigned arrives = q >> (7 - bits);
      ASSERT_EQ(golden.beat(arrives)[0], static_cast<std::uint64_t>(rounded)) << bits << " bits of " << q;
      ASSERT_EQ(rtl.cycle(arrives), arrives);
    }
  }
}

/// Returns the codes of a row with their sign bits flipped.
std::vector<unsigned> offset_codes(const quant::PackedTensor& w, std::size_t row) {
  std::vector<std::uint8_t> codes(w.cols);
  w.unpack_row(row, codes);
  std::vector<unsigned> offset;
  for (const auto code : codes) offset.push_back(code ^ 1U << (w.format.alphabet.code_bits - 1));
  return offset;
}

// The unit, fed with the top planes of a packed parent, gives the codes of the packed view.
TEST(MatquantSlice, SlicesOfAPackedParentAreThoseOfItsViews) {
  constexpr std::size_t kCols = 256;
  std::vector<float> weights(4 * kCols);
  kernels::Random random(7);
  for (float& w : weights) w = static_cast<float>(random.gaussian());
  const auto parent = quant::quantize({weights, 4, kCols}, quant::parse_format("matquant8:g64"));
  const auto& info = kernels::unit("matquant_slice");
  for (unsigned bits = 2; bits <= 7; ++bits) {
    const auto view = quant::slice(parent, bits);
    const auto point = kernels::resolve(info, {{"codes", 1}, {"bits", bits}});
    for (std::size_t row = 0; row < 4; ++row) {
      kernels::Beats beats;
      for (const unsigned code : offset_codes(parent, row))
        kernels::set_bits(beats.append(), 0, bits + 1, code >> (7 - bits));
      const auto trace = info.golden(point, {{}, kernels::source_of(std::move(beats)), {}, kCols}, {});
      const auto expected = offset_codes(view, row);
      for (std::size_t i = 0; i < kCols; ++i) ASSERT_EQ(trace.beat(i)[0], expected[i]) << bits << " bits, weight " << i;
    }
  }
}

TEST(MatquantSlice, TakesParentsAlone) {
  const auto& info = kernels::unit("matquant_slice");
  const auto why = [&](const char* id) { return text_of(info.unsupported(info.points[0], quant::parse_format(id))); };
  EXPECT_EQ(why("matquant8"), "");
  EXPECT_EQ(why("matquant8:view=4"),
            "it is a slice already, and rounding twice is not rounding once; expected the parent of 8 bits");
  EXPECT_EQ(why("nested8"), "its codes are not sliced by rounding (matquant8 is)");
}

// These are gate equivalents per weight in osu018. A view of nested8 of the same width needs no gate: its planes are
// its codes.
TEST(MatquantSlice, CostsAHalfAdderPerBit) {
  const auto library = sim::read_technology("osu018").library;
  const auto& info = kernels::unit("matquant_slice");
  double previous = 0;
  for (const unsigned bits : {2U, 4U, 7U}) {
    const auto point = kernels::resolve(info, {{"codes", 4}, {"bits", bits}});
    const double per_weight = sim::synthesize(kernels::unit("matquant_slice"), point, library).gate_equivalents / 4;
    RecordProperty("gate_equivalents_per_weight_" + std::to_string(bits), std::to_string(per_weight));
    std::printf("matquant_slice, %u bits: %.2f gate equivalents per weight\n", bits, per_weight);
    EXPECT_GT(per_weight, previous);
    EXPECT_LT(per_weight, 8.0 * bits);
    previous = per_weight;
  }
}

// Without the clamp the largest code, rounded up, becomes the smallest slice.
TEST(MatquantSlice, AMissingClampIsFoundAtItsBeat) {
  const auto& info = kernels::unit("matquant_slice");
  const auto stimulus = info.random(info.points[0], {quant::parse_format("matquant8"), 60, 5, {}, true});
  const BrokenRtl folder("matquant_slice.sv", "up = next && !largest", "up = next");
  expect_found_at_its_beat("matquant_slice", folder, stimulus, [](auto beat) {
    bool clamped = false;
    for (unsigned i = 0; i < 16; ++i) clamped = clamped || kernels::get_bits(beat, 5 * i, 5) == 31;
    return clamped;
  });
}

}  // namespace
}  // namespace subbyte
