// Tests the mappings of the tiles that are not bit-serial: beats field by field against expectations made by hand from
// the packed tensor, what is behind the tile, and every refusal.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "kernels/catalogue.hpp"
#include "quant/rules/distortion.hpp"
#include "tests/support/mapping/mapping_cases.hpp"
#include "tests/support/mapping/tile_reference.hpp"

namespace subbyte::sim {
namespace {

using namespace test;  // NOLINT: its cases

/// Fields of the beats of a layer by name.
class Beats {
 public:
  Beats(const Design& design, const Layer& layer)
      : mapped_(map_layer(design, layer.weights, layer.view())), shape_(design.unit->input_shape(design.parameters)) {}
  std::uint64_t at(std::size_t beat, const std::string& name, std::size_t element = 0) const {
    // Stale words must be overwritten.
    std::vector<std::uint64_t> words(mapped_.stimulus.input.words, ~std::uint64_t{0});
    mapped_.stimulus.input.fill(beat, words);
    const auto field = std::ranges::find(shape_.fields(), name, &kernels::Field::name);
    EXPECT_NE(field, shape_.fields().end()) << name;
    EXPECT_LT(element, field->count) << name;
    return kernels::get_bits(words, shape_.offset(name) + static_cast<unsigned>(element) * field->bits, field->bits);
  }
  const MappedLayer& layer() const { return mapped_; }

 private:
  MappedLayer mapped_;
  kernels::BeatShape shape_;
};

std::string refusal_of(const Design& design, const Layer& layer) {
  try {
    map_layer(design, layer.weights, layer.view());
  } catch (const LayerRefused& error) {
    return error.what();
  }
  return "no refusal";
}

TEST(MappingTiles, MultipliersTakeOneInputABeatAndHalfPrecisionWeights) {
  const Design design = shaped("fp16-mac-8x8", {{"rows", 2}, {"cols", 3}});
  const Layer layer = random_layer("int4-asym:g6", 3, 15, 4, 9);
  const Beats beats(design, layer);
  // There are two token tiles x two output tiles of 15 inputs each, in which groups end no tile.
  ASSERT_EQ(beats.layer().stimulus.input.count, 4U * 15);
  EXPECT_EQ(beats.layer().stimulus.cases, 4U);
  EXPECT_TRUE(beats.layer().stimulus.config.empty());
  const std::vector<float> w = quant::decoded(layer.weights);
  for (std::size_t beat = 0; beat < 60; ++beat) {
    const std::size_t tile = beat / 15, k = beat % 15;
    EXPECT_EQ(beats.at(beat, "last"), k == 14) << beat;
    for (std::size_t r = 0; r < 2; ++r) {
      const std::size_t token = tile % 2 * 2 + r;
      EXPECT_EQ(beats.at(beat, "act", r), token < 3 ? layer.x[token * 15 + k] : 0) << beat;
    }
    for (std::size_t c = 0; c < 3; ++c) {
      const std::size_t output = tile / 2 * 3 + c;
      const std::uint64_t expected = output < 4 ? quant::half_from_float(w[output * 15 + k]) : 0;
      EXPECT_EQ(beats.at(beat, "weight", c), expected) << beat;
    }
  }
}

TEST(MappingTiles, DequantizersTakeCodesWithTheirGroupsScale) {
  const Design design = shaped("dequant-fp4-8x8", {{"rows", 1}, {"cols", 2}});
  for (const char* format : {"razer", "nvfp4", "mxfp4"}) {
    const Layer layer = random_layer(format, 1, 40, 3, 9);
    const Beats beats(design, layer);
    ASSERT_EQ(beats.layer().stimulus.input.count, 2U * 40);
    const std::size_t group = layer.weights.format.scaling.group;
    for (std::size_t beat = 0; beat < 80; ++beat) {
      for (std::size_t c = 0; c < 2; ++c) {
        const std::size_t output = beat / 40 * 2 + c, k = beat % 40;
        const bool live = output < 3;
        EXPECT_EQ(beats.at(beat, "code", c), live ? layer.weights.code(output, k) : 0) << format << beat;
        EXPECT_EQ(beats.at(beat, "selector", c), live ? layer.weights.selector(output, k / group) : 0);
        // A UE3M3 pattern (bias 3) is worth what the UE4M3 byte of an exponent four higher is, or its
        // subnormal.
        if (live && format != std::string("razer")) {
          EXPECT_EQ(beats.at(beat, "scale", c), layer.weights.scale_bits(output, k / group));
        }
        if (!live) {
          EXPECT_EQ(beats.at(beat, "scale", c), 0U);
        }
      }
      EXPECT_EQ(beats.at(beat, "last"), beat % 40 == 39);
    }
  }
}

TEST(MappingTiles, TheControlWordOfADequantizerIsTheFormats) {
  const Design design = read_design("dequant-fp4-8x8");
  const auto control = [&](const char* format) {
    const auto config =
        map_layer(design, random_layer(format, 1, 16, 1, 1).weights, {std::vector<std::uint16_t>(16), 1, 16})
            .stimulus.config;
    for (const auto& write : config)
      if (write.address == 0) return write.data & 3;
    return ~0U;
  };
  EXPECT_EQ(control("mxfp4"), 0U);
  EXPECT_EQ(control("nvfp4"), 1U);
  EXPECT_EQ(control("fp4-ue5m3"), 2U);
}

TEST(MappingTiles, TheTensorScaleStandsBehindTheTile) {
  const Design design = shaped("dequant-fp4-8x8", {{"rows", 1}, {"cols", 1}});
  for (const char* format : {"nvfp4", "nvfp4:global=encode"}) {
    Layer layer = random_layer(format, 2, 32, 3, 4);
    layer.weights.tensor_scale = 1;
    const std::vector<float> plain = run_golden(design, layer);
    layer.weights.tensor_scale = 3;
    const std::vector<float> scaled = run_golden(design, layer);
    for (std::size_t i = 0; i < plain.size(); ++i)
      EXPECT_EQ(scaled[i], format == std::string("nvfp4") ? plain[i] * 3.0F : plain[i] / 3.0F) << format;
  }
}

// A format is in units four times those of E2M1: the unit does not know, Y does, and the range is the unit's.
TEST(MappingTiles, APowerOfTwoInTheLevelsStandsBehindTheTileToo) {
  const Design design = shaped("dequant-fp4-8x8", {{"rows", 1}, {"cols", 1}});
  for (const char* format : {"nvfp4", "nvfp4:global=encode", "mxfp4"}) {
    Layer layer = random_layer(format, 2, 32, 3, 4);
    if (format == std::string("mxfp4")) layer.weights.scales[0] = 127 + 13;
    const std::vector<float> plain = run_golden(design, layer);
    layer.weights.format.alphabet.unit_exponent += 2;
    const std::vector<float> scaled = run_golden(design, layer);
    for (std::size_t i = 0; i < plain.size(); ++i) EXPECT_EQ(scaled[i], plain[i] * 4) << format;
  }
}

TEST(MappingTiles, AScaleThatIsNanMakesItsOutputsNan) {
  for (const char* name : {"fp16-mac-8x8", "dequant-fp4-8x8", "figna-8x8", "int8-8x8"}) {
    Layer layer = random_layer("mxfp4", 3, 64, 4, 8);
    layer.weights.scales[2 * 1 + 1] = 0xFF;  // row 1, second group
    const auto y = run_golden(read_design(name), layer);
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i % 4 == 1) << name << " " << i;
  }
}

TEST(MappingTiles, IntegersTravelWithGroupScalesAndInt8Tokens) {
  const Design design = shaped("int8-8x8", {{"rows", 2}, {"cols", 2}, {"lanes", 4}});
  const Layer layer = random_layer("int4-asym:g6", 3, 15, 3, 9);
  const Beats beats(design, layer);
  const TokenIntegers tokens = token_integers(layer.view());
  // Groups of 6, 6 and 3 inputs take 2 + 2 + 1 beats; there are 2 token tiles x 2 output tiles.
  ASSERT_EQ(beats.layer().stimulus.input.count, 4U * 5);
  EXPECT_EQ(beats.layer().token_scales, tokens.scales);
  for (std::size_t beat = 0; beat < 20; ++beat) {
    const std::size_t tile = beat / 5, within = beat % 5, group = within / 2;
    const std::size_t first = group * 6 + within % 2 * 4;
    const std::size_t lanes = within == 1 || within == 3 ? 2 : within == 4 ? 3 : 4;
    EXPECT_EQ(beats.at(beat, "group_last"), within == 1 || within == 3 || within == 4) << beat;
    EXPECT_EQ(beats.at(beat, "tile_last"), within == 4) << beat;
    EXPECT_EQ(beats.at(beat, "scale_u8"), 0U);
    for (std::size_t i = 0; i < 8; ++i) {
      const std::size_t token = tile % 2 * 2 + i / 4, l = i % 4, output = tile / 2 * 2 + i / 4;
      const auto x = static_cast<std::int8_t>(beats.at(beat, "act", i));
      const auto w = static_cast<std::int8_t>(beats.at(beat, "weight", i));
      EXPECT_EQ(x, token < 3 && l < lanes ? quant::half_to_float(tokens.halves[token * 15 + first + l]) : 0);
      const int expected =
          static_cast<int>(layer.weights.code(std::min<std::size_t>(output, 2), first + std::min(l, lanes - 1))) -
          static_cast<int>(layer.weights.zero(std::min<std::size_t>(output, 2), group));
      EXPECT_EQ(w, output < 3 && l < lanes ? expected : 0) << beat << " " << i;
    }
    for (std::size_t c = 0; c < 2; ++c) {
      const std::size_t output = tile / 2 * 2 + c;
      EXPECT_EQ(beats.at(beat, "scale", c), output < 3 ? layer.weights.scale_bits(output, group) : 0);
      EXPECT_EQ(beats.at(beat, "channel_scale", c), output < 3 ? 0x3F800000U : 0U);
    }
  }
}

TEST(MappingTiles, SparseTernaryCodesAreTheBytesOfTheFile) {
  const Design design = shaped("ternary34-8x8", {{"rows", 1}, {"cols", 2}, {"lanes", 8}});
  const Layer layer = random_layer("sherry:g20", 1, 32, 3, 5);
  const Beats beats(design, layer);
  // Groups of 20 and 12 inputs take 3 + 2 beats, of which the third and the last have one code.
  ASSERT_EQ(beats.layer().stimulus.input.count, 2U * 5);
  const std::size_t first_block[] = {0, 2, 4, 5, 7}, blocks[] = {2, 2, 1, 2, 1};
  for (std::size_t beat = 0; beat < 10; ++beat) {
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t output = beat / 5 * 2 + i / 2;
      std::uint64_t expected = 0;
      for (unsigned bit = 0; output < 3 && i % 2 < blocks[beat % 5] && bit < 5; ++bit) {
        const std::size_t at = (first_block[beat % 5] + i % 2) * 5 + bit;
        const unsigned byte = layer.weights.codes[output * layer.weights.code_row_bytes() + at / 8];
        expected |= std::uint64_t{byte >> at % 8 & 1} << bit;
      }
      EXPECT_EQ(beats.at(beat, "code", i), expected) << beat << " " << i;
    }
  }
  const Design dense = shaped("ternary34-8x8", {{"rows", 1}, {"cols", 2}, {"lanes", 4}, {"sparse", 0}});
  const Beats trits(dense, layer);
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint64_t expected[] = {0b11, 0b00, 0b01};  // codes 0 1 2 are -1 0 +1
    EXPECT_EQ(trits.at(0, "trit", i), expected[layer.weights.code(i / 4, i % 4)]);
  }
}

TEST(MappingTiles, PlanesComeMostSignificantFirstAndActivationsOnce) {
  const Design design = shaped("plane-8x8", {{"rows", 2}, {"cols", 2}, {"lanes", 4}});
  const Layer layer = random_layer("nested8:g6:view=3", 1, 9, 2, 5);
  const Beats beats(design, layer);
  // Groups of 6 and 3 have chunks of 4, 2 and 3 inputs, with three planes each.
  ASSERT_EQ(beats.layer().stimulus.input.count, 9U);
  ASSERT_EQ(beats.layer().stimulus.config.size(), 1U);
  EXPECT_EQ(beats.layer().stimulus.config[0].address, 0);
  EXPECT_EQ(beats.layer().stimulus.config[0].data, 3U);
  const std::size_t first[] = {0, 4, 6}, lanes[] = {4, 2, 3};
  for (std::size_t beat = 0; beat < 9; ++beat) {
    const std::size_t chunk = beat / 3, plane = beat % 3;
    for (std::size_t i = 0; i < 8; ++i) {
      const std::size_t l = i % 4;
      const bool live = l < lanes[chunk];
      const unsigned code = live ? layer.weights.code(i / 4, first[chunk] + l) : 0;
      EXPECT_EQ(beats.at(beat, "plane", i), code >> (2 - plane) & 1) << beat << " " << i;
      EXPECT_EQ(beats.at(beat, "act", i), live && plane == 0 && i < 4 ? layer.x[first[chunk] + l] : 0);
    }
    EXPECT_EQ(beats.at(beat, "group_last"), beat == 5 || beat == 8);
    EXPECT_EQ(beats.at(beat, "tile_last"), beat == 8);
  }
}

TEST(MappingTiles, AZeroTokenIsZero) {
  const Design design = read_design("int8-8x8");
  Layer layer = random_layer("int8:g64", 2, 64, 8, 1);
  std::fill_n(layer.x.begin(), 64, std::uint16_t{0x8000});
  const std::vector<float> y = run_golden(design, layer);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(std::bit_cast<std::uint32_t>(y[i]), 0U);
  EXPECT_EQ(activation_format(design), "int8 per token");
  EXPECT_EQ(activation_format(read_design("ternary-int8-8x8")), "int8 per token");
  EXPECT_EQ(activation_format(read_design("ternary34-8x8")), "fp16");
}

TEST(MappingTiles, RefusalsNameThePlaceAndWhatWasExpected) {
  const std::string tail = "; `subbyte evaluate` computes it without a tile";
  Layer layer = random_layer("int8:g64", 2, 64, 4, 1);
  layer.x[70] = 0x7C00;
  EXPECT_EQ(refusal_of(read_design("int8-8x8"), layer),
            "design 'int8-8x8' cannot run int8:g64: token 1 in INT8: input 6 is inf, expected a finite number" + tail);
  Layer large = random_layer("int8:g64", 1, 64, 4, 1);
  large.weights.scales[2 * 1] = 0xFF;  // row 1: scale 65504 * ...
  large.weights.scales[2 * 1 + 1] = 0x7B;
  const std::string overflow = refusal_of(read_design("fp16-mac-8x8"), large);
  EXPECT_EQ(overflow.rfind("design 'fp16-mac-8x8' cannot run int8:g64: row 1, column ", 0), 0U) << overflow;
  EXPECT_NE(overflow.find("overflows FP16, expected at most 65504 in magnitude"), std::string::npos) << overflow;
  Layer e8m0 = random_layer("mxfp4", 1, 64, 4, 1);
  e8m0.weights.scales[2 * 2] = 127 + 15;  // row 2, group 0: 2^15 times levels up to 6
  const std::string saturated = refusal_of(read_design("dequant-fp4-8x8"), e8m0);
  EXPECT_EQ(saturated.rfind("design 'dequant-fp4-8x8' cannot run mxfp4:g32: row 2, column ", 0), 0U) << saturated;
  EXPECT_NE(saturated.find("overflows FP16"), std::string::npos) << saturated;
  Layer shared = random_layer("sherry:g32", 1, 64, 4, 1);
  shared.weights.format.scaling.group = 6;
  EXPECT_NE(refusal_of(read_design("ternary34-8x8"), shared).find("expected a multiple of 4"), std::string::npos);
}

// The row is the group, whose length only the layer knows.
TEST(MappingTiles, AWholeRowThatCouldLeaveTheSumIsRefused) {
  const Design narrow = shaped("int8-8x8", {{"acc_width", 20}});
  EXPECT_NE(refusal_of(narrow, random_layer("int8:gchannel", 1, 64, 1, 1)), "no refusal");
  EXPECT_EQ(refusal_of(narrow, random_layer("int8:gchannel", 1, 63, 1, 1)), "no refusal");
}

}  // namespace
}  // namespace subbyte::sim
