// Tests int8_mac_tile: golden against exact integers and the host's FP32, golden against RTL, cycles, and the RTL
// broken on purpose.
#include "kernels/int8_mac_tile.hpp"

#include "kernels/catalogue.hpp"
#include "kernels/parts/integer_weights.hpp"
#include "tests/support/refusal_text.hpp"
#include "tests/support/row_tile_cases.hpp"

namespace subbyte {
namespace {

using kernels::Int128;

/// Adds products of bytes in acc_width + 1 bits of two's complement.
GroupReference exact_sums(const kernels::RowTileParams& params) {
  return [width = params.pe.acc_width](const GroupOperands& group) {
    Int128 sum = 0;
    for (std::size_t beat = 0; beat < group.weights.size(); ++beat) {
      for (std::size_t l = 0; l < group.weights[beat].size(); ++l) {
        const int a = group.activations[beat][l] < 128 ? group.activations[beat][l] : group.activations[beat][l] - 256;
        const int w = static_cast<int>(group.weights[beat][l]) - (group.weights[beat][l] < 128 ? 0 : 256);
        sum += a * w;
      }
    }
    const Int128 modulus = Int128{1} << (width + 1);
    sum = ((sum % modulus) + modulus) % modulus;
    return GroupSum{sum >= modulus / 2 ? sum - modulus : sum, 0, false};
  };
}

TEST(Int8MacTile, GoldenIsTheExactSum) {
  expect_golden_equals_reference("int8_mac_tile", kernels::int8_mac_tile_kind, exact_sums, 40);
}

// Every pair of bytes is the only product of a group once.
TEST(Int8MacTile, EveryProductIsExact) {
  const auto& info = kernels::unit("int8_mac_tile");
  const auto point = resolve(info, {{"rows", 1}, {"cols", 1}, {"lanes", 1}});
  const auto params = kernels::RowTileParams::of(point, kernels::int8_mac_tile_kind);
  const kernels::RowTileLayout layout(params);
  kernels::Beats beats(layout.shape.words());
  for (unsigned pair = 0; pair < 65536; ++pair) {
    const auto beat = beats.append();
    layout.set_activation(beat, 0, 0, pair & 0xFF);
    layout.set_weight(beat, 0, 0, static_cast<std::uint8_t>(pair >> 8));
    layout.set_scale(beat, 0, 0x3C00);
    layout.set_channel_scale(beat, 0, 0x3F800000);
    layout.set_flags(beat, false, true, true);
  }
  const auto trace = info.golden(point, {{}, kernels::source_of(std::move(beats)), {}, 65536}, {});
  ASSERT_EQ(trace.size(), 65536U);
  for (unsigned pair = 0; pair < 65536; ++pair) {
    const int product = static_cast<std::int8_t>(pair & 0xFF) * static_cast<std::int8_t>(pair >> 8);
    ASSERT_EQ(std::bit_cast<float>(static_cast<std::uint32_t>(trace.beat(pair)[0])), static_cast<float>(product))
        << pair;
  }
}

TEST(Int8MacTile, RtlEqualsGolden) { expect_rtl_equals_golden("int8_mac_tile", 8); }

TEST(Int8MacTile, AGroupTakesTheLongerOfBeatsAndScaleBits) {
  expect_cycles_of_the_manual("int8_mac_tile", kernels::unit("int8_mac_tile").points[1]);
}

TEST(Int8MacTile, ModelAndRtlKeepTheSameCyclesUnderStalls) {
  for (const std::size_t point : {1U, 2U, 3U})
    expect_cycles_under_stalls("int8_mac_tile", kernels::unit("int8_mac_tile").points[point], "int4:g8");
}

// Column 1 is multiplied by the weights of column 0. What comes out is the golden answer to that stimulus, and the
// first beat that differs is named.
TEST(Int8MacTile, AColumnWithAnothersWeightsIsFoundAtItsBeat) {
  const auto& info = kernels::unit("int8_mac_tile");
  const auto& point = info.points[1];
  const kernels::RowTileLayout layout(kernels::RowTileParams::of(point, kernels::int8_mac_tile_kind));
  const auto stimulus = info.random(point, {quant::parse_format("int4:g8"), 40, 4, {}, false});
  kernels::Beats altered(stimulus.input.words);
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    const auto beat = altered.append();
    stimulus.input.fill(i, beat);
    for (unsigned l = 0; l < layout.lanes; ++l)
      layout.set_weight(beat, 1, l, static_cast<std::uint8_t>(kernels::get_bits(beat, layout.weight + 8 * l, 8)));
  }
  const auto golden = info.golden(point, stimulus, {});
  const auto expected = info.golden(point, {{}, kernels::source_of(std::move(altered)), {}, 40}, {});
  sim::RtlOptions options;
  const BrokenRtl broken("int8_mac_tile.sv", "digit0_q[c*Lanes*12 +: Lanes*12]", "digit0_q[0 +: Lanes*12]");
  options.rtl_dir = broken.directory();
  const auto rtl = sim::run_rtl(kernels::unit("int8_mac_tile"), point, stimulus, {}, options);
  EXPECT_TRUE(compare(expected, rtl).equal());
  const auto verdict = compare(golden, rtl);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(verdict.first_bit_mismatch, compare(golden, expected).first_bit_mismatch);
}

TEST(Int8MacTile, AQueueThatRunsDryFailsTheAssertion) {
  const auto& info = kernels::unit("int8_mac_tile");
  const auto stimulus = info.random(info.points[1], {quant::parse_format("int4:g8"), 10, 4, {}, false});
  const BrokenRtl folder("parts/row_tile_frame.sv", ".side_push_i(load1_o && last0)", ".side_push_i(1'b0)");
  try {
    compare_broken("int8_mac_tile", info.points[1], stimulus, folder);
    FAIL() << "a queue ran dry unnoticed";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("side data queue runs dry"), std::string::npos) << error.what();
  }
}

TEST(Int8MacTile, SaysWhyAFormatDoesNotRun) {
  const auto& info = kernels::unit("int8_mac_tile");
  const auto why = [&](const char* format, const kernels::Parameters& given = {}) {
    return text_of(info.unsupported(resolve(info, given), quant::parse_format(format)));
  };
  for (const char* runs :
       {"int8", "int2", "int4-asym", "bitmod-fp3", "bitmod-fp4", "int8:gchannel", "int4:g32:scale=u8"})
    EXPECT_EQ(why(runs), "") << runs;
  EXPECT_NE(why("int8-asym").find("levels are integers -255..255"), std::string::npos) << why("int8-asym");
  // 128 products of up to 128 * 128 need 21 bits and reach 2^21.
  EXPECT_NE(why("int8", {{"acc_width", 21}}).find("expected a group of at most 127"), std::string::npos)
      << why("int8", {{"acc_width", 21}});
  EXPECT_EQ(why("int8", {{"acc_width", 22}}), "");
  EXPECT_EQ(why("int8:g64", {{"acc_width", 21}}), "");
}

TEST(IntegerWeights, AreLevelsInUnitsOfTheAlphabet) {
  for (const auto& row : quant::format_table()) {
    const auto& format = row.format;
    if (kernels::integers_unsupported(format, -128, 127)) continue;
    const auto range = kernels::weight_range(format);
    EXPECT_LE(range.magnitude(), 128U) << row.name;
    for (unsigned code = 0; code < 1U << format.alphabet.code_bits; ++code) {
      if (!format.alphabet.emitted(code)) continue;
      for (unsigned selector = 0; selector < format.alphabet.selectors(); ++selector) {
        const unsigned zero = format.scaling.zero_point ? (1U << format.alphabet.code_bits) / 2 : 0;
        const auto integer = kernels::integer_weight(format, code, selector, zero);
        EXPECT_EQ(std::ldexp(static_cast<double>(integer), format.alphabet.unit_exponent),
                  format.alphabet.level(code, selector, zero))
            << row.name << " code " << code;
        EXPECT_TRUE(integer >= range.least && integer <= range.largest) << row.name << " code " << code;
      }
    }
  }
}

TEST(IntegerWeights, TheRangeIsThatOfEveryZeroPoint) {
  const auto format = quant::parse_format("int3-asym");
  const auto range = kernels::weight_range(format);
  EXPECT_EQ(range.least, -7);
  EXPECT_EQ(range.largest, 7);
  const auto bitmod = kernels::weight_range(quant::parse_format("bitmod-fp4"));
  EXPECT_EQ(bitmod.least, -16);
  EXPECT_EQ(bitmod.largest, 16);
}

}  // namespace
}  // namespace subbyte
