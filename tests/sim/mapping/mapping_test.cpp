#include "sim/mapping/mapping.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "kernels/catalogue.hpp"
#include "kernels/parts/tile_beat.hpp"
#include "quant/rules/distortion.hpp"
#include "tests/support/mapping/mapping_cases.hpp"

namespace subbyte::sim {
namespace {

using namespace test;  // NOLINT: its cases

TEST(Mapping, ReferenceStepsAreIeee) {
  std::mt19937 random(3);
  for (int i = 0; i < 200000; ++i) {
    std::uint32_t x = random();
    // Exponents are near each other half of the time, so that cancellation and ties happen.
    std::uint32_t y = i % 2 == 0 ? random() : (x + (random() % (5U << 23)) - (2U << 23)) ^ (random() & 0x80000000U);
    if ((x >> 23 & 0xFF) == 255 || (y >> 23 & 0xFF) == 255) continue;
    const float a = std::bit_cast<float>(x);
    const float b = std::bit_cast<float>(y);
    ASSERT_EQ(test::add_fp32(x, y), std::bit_cast<std::uint32_t>(a + b)) << a << " + " << b;
    ASSERT_EQ(test::multiply_fp32(x, y), std::bit_cast<std::uint32_t>(a * b)) << a << " * " << b;
  }
}

TEST(Mapping, DecodeShapesAreExact) {
  const Design design = read_design("bitmod-exact");
  for (const char* format : {"bitmod-fp4:g128", "bitmod-fp3:g64", "int8:g128", "int4-asym:g64", "int3-asym:g32"}) {
    for (const std::size_t tokens : {1, 3, 9}) {
      for (const std::size_t in : {64, 100, 129}) {
        for (const std::size_t out : {1, 13}) expect_exact(design, random_layer(format, tokens, in, out, 7));
      }
    }
  }
}

TEST(Mapping, GroupsThatAreNoMultipleOfTheLanesAreExact) {
  for (const std::int64_t lanes : {1, 3, 4, 16}) {
    const Design design = shaped("bitmod-exact", {{"lanes", lanes}, {"rows", 3}, {"cols", 5}});
    for (const char* group : {":g1", ":g3", ":g6", ":g30", ":g64"}) {
      for (const char* format : {"bitmod-fp4", "int6", "int4-asym"})
        expect_exact(design, random_layer(std::string(format) + group, 4, 67, 6, 11));
    }
  }
}

TEST(Mapping, RoundedAccumulatorStaysNearTheReference) {
  const Layer layer = random_layer("bitmod-fp4:g128", 11, 300, 21, 5);
  const auto reference =
      quant::reference_product(quant::decoded(layer.weights), 21, layer.view().values, layer.view().in);
  // 5e-4 of the products' norm in the worst group is 66 dB, and the published widths lose about 20 dB on such
  // activations.
  EXPECT_GT(quant::sqnr_db(reference, run_golden(read_design("bitmod-8x8"), layer)), 66);
  EXPECT_GT(quant::sqnr_db(reference, run_golden(read_design("bitmod-16x8"), layer)), 66);
  EXPECT_GT(quant::sqnr_db(reference, run_golden(read_design("bitmod-exact"), layer)), 120);
  EXPECT_GT(quant::sqnr_db(reference, run_golden(read_design("bitmod-published"), layer)), 40);
}

TEST(Mapping, AGroupNeverSharesABeatAndPaddingIsDead) {
  const Design design = shaped("bitmod-8x8", {{"rows", 2}, {"cols", 2}, {"lanes", 4}});
  const Layer layer = random_layer("int4-asym:g6", 3, 15, 3, 9);
  const auto stimulus = map_layer(design, layer.weights, layer.view()).stimulus;
  // Groups of 6, 6 and 3 inputs take 2 + 2 + 1 beats; there are 2 token tiles x 2 output tiles.
  ASSERT_EQ(stimulus.input.count, 5u * 4u);
  EXPECT_EQ(stimulus.cases, 4u);
  const kernels::TileBeatLayout layout(kernels::TileParams::of(design.parameters));
  std::vector<std::uint64_t> words(stimulus.input.words, ~std::uint64_t{0});
  kernels::TileBeat beat;
  for (std::size_t i = stimulus.input.count; i-- > 0;) {
    stimulus.input.fill(i, words);
    kernels::unpack(layout, words, beat);
    const std::size_t within = i % 5;
    EXPECT_EQ(beat.group_last, within == 1 || within == 3 || within == 4) << i;
    EXPECT_EQ(beat.tile_last, within == 4) << i;
    const std::size_t tile = i / 5;
    const std::size_t lanes = within == 1 || within == 3 ? 2 : within == 4 ? 3 : 4;
    const std::size_t first = std::size_t{within / 2} * 6 + within % 2 * 4;
    for (std::size_t r = 0; r < 2; ++r) {
      for (std::size_t l = 0; l < 4; ++l) {
        const std::size_t token = tile % 2 * 2 + r;
        const bool live = token < 3 && l < lanes;
        EXPECT_EQ(beat.activations[r * 4 + l], live ? layer.x[token * 15 + first + l] : 0) << i << " " << r << " " << l;
      }
    }
    for (std::size_t c = 0; c < 2; ++c) {
      const std::size_t output = tile / 2 * 2 + c;
      for (std::size_t l = 0; l < 4; ++l) {
        const bool live = output < 3 && l < lanes;
        EXPECT_EQ(beat.codes[c * 4 + l], live ? layer.weights.code(output, first + l) : 0) << i;
      }
      EXPECT_EQ(beat.scales[c], output < 3 ? layer.weights.scale_bits(output, within / 2) : 0) << i;
      EXPECT_EQ(beat.zeros[c], output < 3 ? layer.weights.zero(output, within / 2) : 0) << i;
    }
  }
}

TEST(Mapping, EveryOutputHasOnePlace) {
  for (const std::int64_t rows : {1, 3, 8, 16, 24}) {
    const Design design = shaped("bitmod-8x8", {{"rows", rows}, {"cols", 3}});
    const Layer layer = random_layer("int4:g64", 19, 64, 7, 1);
    const TileLoop loop = tile_loop(design, layer.weights, layer.tokens);
    std::vector<int> seen(19 * 7);
    for (std::size_t beat = 0; beat < loop.output_beats(); ++beat) {
      for (std::size_t element = 0; element < loop.ports * loop.cols; ++element) {
        const OutputPlace place = loop.place(beat, element);
        if (!place.padding) ++seen.at(place.token * 7 + place.output);
      }
    }
    EXPECT_TRUE(std::ranges::all_of(seen, [](int times) { return times == 1; })) << rows;
  }
}

TEST(Mapping, WhatDoesNotFitIsRefusedWithAReason) {
  const auto text = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "no error";
  };
  const Layer layer = random_layer("int8:g64", 2, 64, 4, 1);
  EXPECT_EQ(text([&] {
              map_layer(read_design("bitmod-8x8"), layer.weights, {layer.x, 1, 128});
            }),
            "activations are 128 values as 1 tokens x 128 inputs, expected 64 inputs");
  EXPECT_EQ(text([&] {
              map_layer(read_design("bitmod-8x8"), layer.weights, {{}, 0, 64});
            }),
            "a layer of 4 outputs x 64 inputs with 0 tokens, expected at least one of each");
  Design pe = read_design("bitmod-8x8");
  pe.unit = &kernels::unit("bitserial_pe");
  EXPECT_EQ(text([&] { map_layer(pe, layer.weights, layer.view()); }),
            "design 'bitmod-8x8': unit 'bitserial_pe' takes no whole layers; use a design of one of bitserial_tile, "
            "fp16_mac_tile, dequant_mac_tile, int8_mac_tile, fp16_int8_mac_tile, ternary_tile, plane_tile, or "
            "`subbyte verify --unit bitserial_pe`");
  // A group of 20,000 INT8 weights has 80,000 lane-terms; the exact accumulator is sure of 65,536.
  const Layer deep = random_layer("int8:g20000", 1, 20000, 1, 1);
  const std::string why = text([&] { map_layer(read_design("bitmod-exact"), deep.weights, deep.view()); });
  EXPECT_EQ(why.rfind("design 'bitmod-exact' cannot run int8:g20000: ", 0), 0u) << why;
}

}  // namespace
}  // namespace subbyte::sim
