// Tests nvfp4_dot: golden against exact products by value and kept vectors, golden against RTL, cycles, and broken RTL.
#include "kernels/nvfp4_dot.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "kernels/catalogue.hpp"
#include "tests/support/block_dot_cases.hpp"
#include "tests/support/block_dot_reference.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/refusal_text.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

using kernels::BlockBeat;
using kernels::BlockLayout;
using kernels::Nvfp4Dot;

std::uint32_t golden_value(const Nvfp4Dot& dot, const BlockBeat& block) { return Nvfp4Dot::value(dot.load(block)); }

/// Checks also that float holds the value as it is, because there is nothing to round.
float reference_value(const BlockLayout& layout, const BlockBeat& block) {
  const bool integers = layout.element == kernels::BlockElement::kInt4;
  const double value =
      reference_nv_value(integers, elements(layout, block.a), elements(layout, block.b), block.scale_a, block.scale_b);
  EXPECT_TRUE(std::isnan(value) || static_cast<double>(static_cast<float>(value)) == value);
  return static_cast<float>(value == 0 ? 0 : value);
}

void expect_reference(const kernels::Parameters& parameters, std::span<const BlockBeat> blocks) {
  const Nvfp4Dot dot(parameters);
  std::vector<std::uint32_t> expected;
  float sum = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const float value = reference_value(dot.layout(), blocks[i]);
    ASSERT_EQ(golden_value(dot, blocks[i]), pattern_of(value)) << "block " << i;
    sum += value;
    if (!blocks[i].last) continue;
    expected.push_back(pattern_of(sum));
    sum = 0;
  }
  EXPECT_EQ(results_of(kernels::nvfp4_dot_golden(parameters, stimulus_of(dot.layout(), blocks), {})), expected);
}

TEST(Nvfp4DotGolden, IsTheExactProduct) {
  std::mt19937 random(3);
  for (const unsigned element : {0U, 1U}) {
    for (const unsigned block : {8U, 16U, 23U, 32U}) {
      const kernels::Parameters parameters{{"element", element}, {"block", block}};
      const BlockLayout layout = Nvfp4Dot(parameters).layout();
      const auto format = quant::parse_format(element == 0 ? "nvfp4" : "nvint4");
      expect_reference(parameters,
                       blocks_of(layout, kernels::nvfp4_dot_random(parameters, {format, 300, block, {}, true})));
      std::vector<BlockBeat> uniform(3000);
      for (auto& beat : uniform) {
        for (unsigned i = 0; i < block; ++i) {
          beat.a.at(i) = static_cast<std::uint8_t>(random() % 16);
          beat.b.at(i) = static_cast<std::uint8_t>(random() % 16);
        }
        beat.scale_a = static_cast<std::uint8_t>(random());
        beat.scale_b = static_cast<std::uint8_t>(random());
        beat.last = random() % 4 == 0;
      }
      expect_reference(parameters, uniform);
    }
  }
}

TEST(Nvfp4DotGolden, EveryPairOfElementsAndOfScales) {
  for (const unsigned element : {0U, 1U}) {
    const kernels::Parameters parameters{{"element", element}, {"block", 8}};
    const BlockLayout layout = Nvfp4Dot(parameters).layout();
    expect_reference(parameters, every_pair(layout, 0x38));
    std::vector<BlockBeat> scales(65536);
    for (unsigned i = 0; i < scales.size(); ++i) {
      scales[i].a.fill(7);
      scales[i].b.fill(element == 0 ? 15 : 9);
      scales[i].scale_a = static_cast<std::uint8_t>(i % 256);
      scales[i].scale_b = static_cast<std::uint8_t>(i / 256);
      scales[i].last = true;
    }
    expect_reference(parameters, scales);
  }
}

TEST(Nvfp4DotGolden, TakesItsFormats) {
  const auto info = kernels::nvfp4_dot_info();
  const auto why = [&](unsigned element, const char* format) {
    return text_of(info.unsupported(kernels::resolve(info, {{"element", element}}), quant::parse_format(format)));
  };
  EXPECT_EQ(why(0, "nvfp4:recipe=clamp"), "");
  EXPECT_EQ(why(0, "four-over-six"), "") << "the same codes and scales";
  EXPECT_EQ(why(1, "nvint4:g32"), "");
  EXPECT_NE(why(0, "nvint4"), "");
  EXPECT_NE(why(0, "mxfp4"), "");
  EXPECT_NE(why(0, "fp4-ue5m3"), "");
  EXPECT_NE(why(0, "razer"), "");
  EXPECT_NE(why(0, "nvfp4:g24"), "");
}

TEST(Nvfp4DotVectors, ExactSumsAndValues) {
  const auto path = tested_source() / "../shared/vectors/microscaling.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "reference vectors are absent: " << path;
  const auto vectors = nlohmann::json::parse(std::ifstream(path)).at("exact_dot").at("NVFP4_16");
  ASSERT_GE(vectors.size(), 12U);
  const Nvfp4Dot dot({{"element", 0}, {"block", 16}});
  for (const auto& vector : vectors) {
    BlockBeat block;
    for (std::size_t i = 0; i < 16; ++i) {
      block.a.at(i) = vector.at("a").at(i).get<std::uint8_t>();
      block.b.at(i) = vector.at("b").at(i).get<std::uint8_t>();
    }
    block.scale_a = vector.at("scale_a").get<std::uint8_t>();
    block.scale_b = vector.at("scale_b").get<std::uint8_t>();
    EXPECT_EQ(dot.load(block).sum, vector.at("inner_quarter_units").get<int>());
    EXPECT_EQ(golden_value(dot, block), std::stoul(vector.at("result_f32").get<std::string>(), nullptr, 16));
  }
}

TEST(Nvfp4Dot, RtlEqualsGolden) { expect_rtl_equals_golden("nvfp4_dot", 500); }

TEST(Nvfp4Dot, RtlMultipliesEveryPair) {
  const auto& info = kernels::unit("nvfp4_dot");
  for (const auto& point : info.points) {
    const BlockLayout layout = Nvfp4Dot(point).layout();
    auto blocks = every_pair(layout, 0x38);
    for (unsigned i = 0; i < 256; ++i) blocks.at(i).scale_a = static_cast<std::uint8_t>(i);
    const auto stimulus = stimulus_of(layout, blocks);
    const auto golden = info.golden(point, stimulus, {});
    const auto verdict = kernels::compare(golden, sim::run_rtl(kernels::unit("nvfp4_dot"), point, stimulus));
    EXPECT_TRUE(verdict.equal()) << "first at " << verdict.first_bit_mismatch.value_or(0);
    EXPECT_EQ(verdict.beats, 256U);
  }
}

TEST(Nvfp4Dot, OneBlockPerCycleAndThreeCyclesToTheValue) {
  const auto& info = kernels::unit("nvfp4_dot");
  const auto& point = info.points[0];
  const BlockLayout layout = Nvfp4Dot(point).layout();
  std::vector<BlockBeat> blocks(40);
  blocks.back().last = true;
  EXPECT_EQ(sim::run_rtl(kernels::unit("nvfp4_dot"), point, stimulus_of(layout, blocks)).cycles(), blocks.size() + 3)
      << "the manual's formula";
  for (const unsigned percent : {0U, 30U, 70U}) {
    const auto stimulus =
        info.random(point, {quant::parse_format("nvfp4"), 60, percent, {percent, percent, percent}, true});
    const auto drawn = blocks_of(layout, stimulus);
    expect_cycles(sim::run_rtl(kernels::unit("nvfp4_dot"), point, stimulus), group_cycles(stimulus.stalls, drawn));
  }
}

TEST(Nvfp4Dot, ANanScaleTakenForANumberIsFoundAtItsBeat) {
  const auto point = kernels::resolve(kernels::unit("nvfp4_dot"), kernels::unit("nvfp4_dot").small_point);
  std::vector<BlockBeat> blocks(9);
  for (BlockBeat& block : blocks) {
    block.a = {2};
    block.b = {2};
    block.scale_a = block.scale_b = 0x38;
    block.last = true;
  }
  blocks[4].scale_a = 0xFF;
  blocks[6].scale_b = 0x7F;
  const BrokenRtl folder("arithmetic/minifloat_product.sv", "(&a_i[Bits-2:0] || &b_i[Bits-2:0])", "(&a_i[Bits-2:0])");
  const auto verdict = compare_broken("nvfp4_dot", point, stimulus_of(Nvfp4Dot(point).layout(), blocks), folder);
  EXPECT_EQ(verdict.first_bit_mismatch, 6U);
  EXPECT_EQ(verdict.bit_mismatches, 1U);
}

}  // namespace
}  // namespace subbyte
