// Tests ternary_tile: golden against the specification in 128-bit integers, 3:4 codes against the same weights as
// trits, every code, golden against RTL, cycles, and the RTL broken on purpose.
#include "kernels/ternary_tile.hpp"

#include "kernels/catalogue.hpp"
#include "quant/formats/layout.hpp"
#include "tests/support/fp16_sum_reference.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte {
namespace {

using kernels::Int128;
using kernels::RowTileLayout;
using kernels::RowTileParams;

/// Returns the weights that the unit's three operands amount to: operand i is lane 0, 2, 3, or 1, 1, 2 where its place
/// is skipped. With `broken` the second operand asks the wrong bit of the place.
std::vector<int> weights_of_code(unsigned code, bool broken = false) {
  const unsigned place = code >> 2 & 3;
  const unsigned first = code >> 4 & 1;
  const unsigned skipped = broken ? place & 1 : place >> 1;
  const unsigned lanes[3] = {place == 0 ? 1U : 0U, skipped != 0 ? 1U : 2U, place == 3 ? 2U : 3U};
  const unsigned negative[3] = {first, first ^ (code & 1), first ^ (code >> 1 & 1)};
  std::vector<int> weights(4, 0);
  for (unsigned i = 0; i < 3; ++i) weights[lanes[i]] += negative[i] != 0 ? -1 : 1;
  return weights;
}

Fp16SumReference::Integers integers_of(bool sparse, bool broken = false) {
  return [=](const std::vector<unsigned>& elements) {
    std::vector<int> weights;
    for (const unsigned element : elements) {
      const int trits[4] = {0, 1, 0, -1};
      const std::vector<int> lanes = sparse ? weights_of_code(element, broken) : std::vector<int>{trits[element]};
      weights.insert(weights.end(), lanes.begin(), lanes.end());
    }
    return weights;
  };
}

bool is_sparse(const RowTileParams& params) { return params.kind.lanes_per_element == 4; }

/// Adds bytes in acc_width + 1 bits of two's complement.
GroupReference exact_sums(const RowTileParams& params) {
  return [width = params.pe.acc_width, integers = integers_of(is_sparse(params))](const GroupOperands& group) {
    Int128 sum = 0;
    for (std::size_t beat = 0; beat < group.weights.size(); ++beat) {
      const auto weights = integers(group.weights[beat]);
      for (std::size_t l = 0; l < weights.size(); ++l) {
        const int a = group.activations[beat][l];
        sum += (a < 128 ? a : a - 256) * weights[l];
      }
    }
    const Int128 modulus = Int128{1} << (width + 1);
    sum = ((sum % modulus) + modulus) % modulus;
    return GroupSum{sum >= modulus / 2 ? sum - modulus : sum, 0, false};
  };
}

GroupReference specified(const RowTileParams& params) {
  if (params.kind.activations == kernels::RowActivations::kInt8) return exact_sums(params);
  return Fp16SumReference(params, 0, integers_of(is_sparse(params)));
}

TEST(TernaryTile, GoldenIsTheSpecification) {
  expect_golden_equals_reference("ternary_tile", kernels::ternary_tile_kind, specified, 40);
}

TEST(TernaryTile, RtlEqualsGolden) { expect_rtl_equals_golden("ternary_tile", 8); }

// The same weights as 3:4 codes and, decoded, as trits give the same bits, with FP16 and with INT8 activations.
TEST(TernaryTile, CodesAndTheirTritsGiveTheSameBits) {
  const auto& info = kernels::unit("ternary_tile");
  for (const int act_int8 : {0, 1}) {
    kernels::Parameters given{{"rows", 2}, {"cols", 3}, {"lanes", 8}, {"act_int8", act_int8}, {"sparse", 1}};
    const auto sparse = resolve(info, given);
    given["sparse"] = 0;
    const auto dense = resolve(info, given);
    const RowTileLayout from(RowTileParams::of(sparse, kernels::ternary_tile_kind));
    const RowTileLayout to(RowTileParams::of(dense, kernels::ternary_tile_kind));
    const auto stimulus = info.random(sparse, {quant::parse_format("sherry:g32"), 100, 11, {}, true});
    kernels::Beats beats(to.shape.words());
    for (std::size_t i = 0; i < stimulus.input.count; ++i) {
      const auto source = input_beat(stimulus, i);
      const auto beat = beats.append();
      for (unsigned at = 0; at < from.weight; ++at) kernels::set_bits(beat, at, 1, kernels::get_bits(source, at, 1));
      for (unsigned at = from.scale; at < from.shape.bits(); ++at)
        kernels::set_bits(beat, at - from.scale + to.scale, 1, kernels::get_bits(source, at, 1));
      for (unsigned group = 0; group < 3 * 2; ++group) {
        std::array<std::uint8_t, 4> codes{};
        quant::unpack_one_zero_in_four(static_cast<unsigned>(kernels::get_bits(source, from.weight + 5 * group, 5)),
                                       codes);
        for (unsigned l = 0; l < 4; ++l)
          kernels::set_bits(beat, to.weight + 2 * (4 * group + l), 2, static_cast<std::uint64_t>(codes[l]) - 1);
      }
    }
    const auto expected = info.golden(sparse, stimulus, {});
    ASSERT_GT(expected.size(), 100U);
    EXPECT_TRUE(compare(expected, info.golden(dense, {{}, kernels::source_of(std::move(beats)), {}, 100}, {})).equal());
  }
}

// Takes every 3:4 code on bytes that reach both ends of a sum, through RTL too.
TEST(TernaryTile, EveryCodeSelectsAndSigns) {
  const auto& info = kernels::unit("ternary_tile");
  const auto& point = info.points[3];  // INT8, two rows, one column
  const RowTileLayout layout(RowTileParams::of(point, kernels::ternary_tile_kind));
  const std::uint8_t rows[4][4] = {
      {0x80, 0x80, 0x80, 0x80}, {0x7F, 0x7F, 0x7F, 0x7F}, {1, 2, 4, 8}, {0xFD, 0x80, 0x7F, 0x31}};
  kernels::Beats beats(layout.shape.words());
  for (unsigned i = 0; i < 64; ++i) {
    const auto beat = beats.append();
    for (unsigned r = 0; r < 2; ++r)
      for (unsigned l = 0; l < 4; ++l) layout.set_activation(beat, r, l, rows[i / 32 * 2 + r][l]);
    layout.set_weight(beat, 0, 0, i % 32);
    layout.set_scale(beat, 0, 1);
    layout.set_channel_scale(beat, 0, 0x3F800000);
    layout.set_flags(beat, true, true, true);
  }
  const kernels::Stimulus stimulus{{}, kernels::source_of(std::move(beats)), {}, 64};
  const auto golden = info.golden(point, stimulus, {});
  for (unsigned i = 0; i < 64; ++i) {
    for (unsigned r = 0; r < 2; ++r) {
      int sum = 0;
      for (unsigned l = 0; l < 4; ++l)
        sum += weights_of_code(i % 32)[l] * static_cast<std::int8_t>(rows[i / 32 * 2 + r][l]);
      const auto bits = static_cast<std::uint32_t>(golden.beat(2 * i + r)[0]);
      ASSERT_EQ(std::bit_cast<float>(bits), static_cast<float>(sum)) << "code " << i % 32;
    }
  }
  EXPECT_TRUE(compare(golden, sim::run_rtl(kernels::unit("ternary_tile"), point, stimulus)).equal());
}

TEST(TernaryTile, AGroupTakesTheLongerOfBeatsAndScaleBits) {
  expect_cycles_of_the_manual("ternary_tile", kernels::unit("ternary_tile").points[1]);
}

TEST(TernaryTile, ModelAndRtlKeepTheSameCyclesUnderStalls) {
  for (const std::size_t point : {1U, 3U})
    expect_cycles_under_stalls("ternary_tile", kernels::unit("ternary_tile").points[point], "sherry:g8");
  for (const std::size_t point : {2U, 4U})
    expect_cycles_under_stalls("ternary_tile", kernels::unit("ternary_tile").points[point], "ternary:g8");
}

// The second operand takes the wrong neighbour for two places of the zero. RTL and a reference broken alike agree, and
// both leave the golden answer at the same beat.
TEST(TernaryTile, AWrongOperandIsFoundAtItsBeat) {
  const auto& info = kernels::unit("ternary_tile");
  const auto& point = info.points[1];
  const auto params = RowTileParams::of(point, kernels::ternary_tile_kind);
  const auto stimulus = info.random(point, {quant::parse_format("sherry:g16"), 60, 4, {}, true});
  sim::RtlOptions options;
  const BrokenRtl folder("parts/ternary_dot_select.sv", "place[1]", "place[0]");
  options.rtl_dir = folder.directory();
  const auto rtl = sim::run_rtl(kernels::unit("ternary_tile"), point, stimulus, {}, options);
  const auto broken = tile_reference(params, stimulus, Fp16SumReference(params, 0, integers_of(true, true)));
  EXPECT_EQ(first_difference(rtl, broken), broken.size());
  const auto golden = info.golden(point, stimulus, {});
  const auto verdict = compare(golden, rtl);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, first_difference(golden, broken));
}

TEST(TernaryTile, SaysWhyAFormatDoesNotRun) {
  const auto& info = kernels::unit("ternary_tile");
  const auto why = [&](const char* format, const kernels::Parameters& given = {}) {
    return text_of(info.unsupported(resolve(info, given), quant::parse_format(format)));
  };
  EXPECT_EQ(why("sherry"), "");
  EXPECT_NE(why("ternary").find("not ternary in the layout"), std::string::npos) << why("ternary");
  for (const char* runs : {"ternary", "ternary-5in8", "sherry", "ternary:g32"})
    EXPECT_EQ(why(runs, {{"sparse", 0}}), "") << runs;
  EXPECT_NE(why("int4", {{"sparse", 0}}).find("the weights hold -1..1"), std::string::npos)
      << why("int4", {{"sparse", 0}});
  // Bytes of up to 128: 511 of them stay within 16 bits.
  const kernels::Parameters narrow{{"act_int8", 1}, {"acc_width", 16}};
  EXPECT_EQ(why("sherry:g508", narrow), "");
  EXPECT_NE(why("sherry:g512", narrow).find("expected a group of at most 511"), std::string::npos)
      << why("sherry:g512", narrow);
  EXPECT_THROW(info.input_shape(resolve(info, {{"lanes", 6}})), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte
