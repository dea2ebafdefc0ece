// Microscaling formats against exact rationals at every threshold of their rules.
#include <gtest/gtest.h>

#include <random>

#include "microscaling_reference.hpp"
#include "quant/quantize_with.hpp"

namespace subbyte::quant {
namespace {

using microscaling::Block;
using microscaling::Element;
using microscaling::Recipe;
using Weights = std::vector<float>;

constexpr std::size_t kCols = 64;

const Element& element_of(const std::string& name) {
  static const std::map<std::string, Element> elements{
      {"mxfp4", microscaling::minifloat(2, 1, 1, 8)},
      {"mxfp6-e2m3", microscaling::minifloat(2, 3, 1, 32)},
      {"mxfp6-e3m2", microscaling::minifloat(3, 2, 3, 32)},
      {"mxfp8-e4m3", microscaling::minifloat(4, 3, 7, 127)},
      {"mxfp8-e5m2", microscaling::minifloat(5, 2, 15, 124)},
      {"mxint8", microscaling::integer(8, -6)},
      {"mxint4", microscaling::integer(4, -2)},
      {"nvint4", microscaling::integer(4, 0)},
      {"bfp8", microscaling::integer(8, -6)},
      {"bfp7", microscaling::integer(7, -5)},
      {"bfp6", microscaling::integer(6, -4)},
      {"bfp5", microscaling::integer(5, -3)},
      {"bfp4", microscaling::integer(4, -2)},
      {"bfp3", microscaling::integer(3, -1)},
      {"bfp2", microscaling::integer(2, 0)},
  };
  const auto found = elements.find(name);
  return found != elements.end() ? found->second : elements.at("mxfp4");
}

std::vector<microscaling::Rational> scale_codebook(int exponent_bits, int bias, unsigned codes) {
  return microscaling::minifloat(exponent_bits, 3, bias, codes).magnitudes;
}

/// Magnitudes at a significand, one FP32 step to either side, at ordinary, least and largest exponents.
Weights pinned() {
  Weights values;
  for (const int exponent : {-149, -140, -127, -126, -125, -121, -30, -1, 0, 7, 100, 126, 127}) {
    for (const float significand :
         {1.0F, 1.5F, 1.75F, 1.875F, 1.9375F, 1.96875F, 1.984375F, 1.9921875F, 1.99F}) {
      const float value = std::ldexp(significand, exponent);
      for (const float near : {value, std::nextafter(value, 0.0F), std::nextafter(value, 3e38F)}) {
        if (std::isfinite(near)) values.push_back(near);
      }
    }
  }
  return values;
}

float step_to_a_side(std::mt19937_64& random, float value) {
  switch (random() % 3) {
    case 0:
      return value;
    case 1:
      return std::nextafter(value, 1e38F);
    default:
      return std::nextafter(value, -1e38F);
  }
}

/// A row of blocks: Gaussian, wide, near ties, zeros of both signs, denormals, few levels.
Weights row_of(std::mt19937_64& random, std::size_t group, float scale) {
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> uniform(-1, 1);
  Weights row(kCols);
  for (std::size_t begin = 0; begin < kCols; begin += group) {
    const auto kind = random() % 7;
    const float size = scale * std::ldexp(1.0F, -static_cast<int>(random() % 12));
    for (std::size_t i = begin; i < std::min(kCols, begin + group); ++i) {
      switch (kind) {
        case 0:
        case 1:
          row[i] = normal(random) * size;
          break;
        case 2:
          row[i] = size * std::ldexp(normal(random), -static_cast<int>(random() % 40));
          break;
        case 3:  // multiples of a sixteenth, so that every midpoint of few bits occurs
          row[i] = step_to_a_side(random, size * (static_cast<float>(random() % 257) - 128) / 16);
          break;
        case 4:
          row[i] = random() % 2 == 0 ? 0.0F : -0.0F;
          break;
        case 5:
          row[i] = random() % 3 == 0 ? 1e-40F * uniform(random) : 0.0F;
          break;
        default:  // few levels of a grid of integers
          row[i] = size * (static_cast<float>(random() % 25) - 12) / 2;
      }
    }
  }
  return row;
}

std::vector<Block> blocks_of(const PackedTensor& tensor, std::size_t row) {
  std::vector<Block> blocks(tensor.groups());
  for (std::size_t col = 0; col < tensor.cols; ++col) {
    blocks[col / tensor.format.scaling.group].codes.push_back(tensor.code(row, col));
  }
  for (std::size_t g = 0; g < blocks.size(); ++g) {
    blocks[g].scale = tensor.scale_bits(row, g);
    blocks[g].selector = tensor.selector(row, g);
  }
  return blocks;
}

template <typename Expected>
void expect_blocks(const PackedTensor& tensor, const Weights& weights, Expected expected) {
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    const auto found = blocks_of(tensor, row);
    for (std::size_t g = 0; g < found.size(); ++g) {
      const std::size_t begin = row * tensor.cols + g * tensor.format.scaling.group;
      const auto group = std::span(weights).subspan(begin, found[g].codes.size());
      const Block wanted = expected(group);
      ASSERT_EQ(found[g].scale, wanted.scale) << tensor.format.id() << " row " << row << " group " << g;
      ASSERT_EQ(found[g].selector, wanted.selector) << tensor.format.id() << " row " << row << " group " << g;
      ASSERT_EQ(found[g].codes, wanted.codes) << tensor.format.id() << " row " << row << " group " << g;
    }
  }
}

PackedTensor quantized(const Weights& weights, const std::string& id) {
  return quantize({weights, weights.size() / kCols, kCols}, parse_format(id));
}

const std::vector<std::string> kPowerFormats{"mxfp4",  "mxfp6-e2m3", "mxfp6-e3m2", "mxfp8-e4m3", "mxfp8-e5m2",
                                             "mxint8", "mxint4",     "bfp8",       "bfp7",       "bfp6",
                                             "bfp5",   "bfp4",       "bfp3",       "bfp2"};

TEST(PowerOfTwoScales, AreThoseOfExactArithmetic) {
  for (const auto& name : kPowerFormats) {
    std::mt19937_64 random(21);
    Weights weights;
    for (const float scale : {1.0F, 0.02F, 1e-30F, 1e-36F, 1e30F}) {
      const auto row = row_of(random, 16, scale);
      weights.insert(weights.end(), row.begin(), row.end());
    }
    for (const std::string mode : {"floor", "ceil", "even"}) {
      for (const std::string group : {"g16", "g32", "g23"}) {
        const auto tensor = quantized(weights, name + ":" + group + ":mode=" + mode);
        expect_blocks(tensor, weights,
                      [&](auto block) { return microscaling::power_block(block, element_of(name), mode); });
      }
    }
  }
}

/// One block per largest weight, beside it half of it and a tie in the smallest binade.
TEST(PowerOfTwoScales, AtEveryThresholdOfTheLargestWeight) {
  const auto largest = pinned();
  for (const auto& name : kPowerFormats) {
    Weights weights;
    for (const float value : largest) {
      const Weights block{value, -value / 2, 0.0F, -0.0F};
      weights.insert(weights.end(), block.begin(), block.end());
    }
    for (const std::string mode : {"floor", "ceil", "even"}) {
      const auto tensor = quantize({weights, largest.size(), 4}, parse_format(name + ":g4:mode=" + mode));
      expect_blocks(tensor, weights,
                    [&](auto block) { return microscaling::power_block(block, element_of(name), mode); });
    }
  }
}

struct TensorCase {
  std::string id;
  Recipe recipe;
};

TEST(TensorBlocks, AreThoseOfTheRecipe) {
  const auto ue4m3 = scale_codebook(4, 7, 127);
  const std::vector<TensorCase> cases{
      {"nvfp4", {"division", false}},
      {"nvfp4:global=encode", {"division", true}},
      {"nvfp4:recipe=reciprocal", {"reciprocal", false}},
      {"nvfp4:recipe=reciprocal:global=encode", {"reciprocal", true}},
      {"nvfp4:recipe=clamp", {"clamp", false}},
      {"nvfp4:recipe=clamp:global=encode", {"clamp", true}},
      {"nvfp4:g32", {"division", false}},
      {"nvint4", {"division", false}},
  };
  for (const auto& [id, recipe] : cases) {
    const auto& element = element_of(id);
    std::mt19937_64 random(5);
    for (const float scale : {1.0F, 0.02F, 1e-36F, 1e-41F, 3e35F, 0.0F}) {
      Weights weights;
      for (int row = 0; row < 3; ++row) {
        const auto made = row_of(random, 16, scale);
        weights.insert(weights.end(), made.begin(), made.end());
      }
      const float amax = microscaling::magnitude_of(weights);
      const float global = microscaling::tensor_scale(amax, element, recipe);
      const auto tensor = quantized(weights, id);
      ASSERT_EQ(tensor.tensor_scale, global) << id;
      expect_blocks(tensor, weights, [&](auto block) {
        return microscaling::tensor_block(block, element, ue4m3, global, recipe);
      });
    }
  }
}

/// Weights whose ratio to the block's scale rounds to a tie of E2M1 only after the FP32 division.
TEST(TensorBlocks, RatiosAreRoundedToFp32First) {
  const Weights ties{0.25F, 0.75F, 1.25F, 1.75F, 2.5F, 3.5F, 5.0F};
  std::mt19937_64 random(8);
  for (int trial = 0; trial < 40; ++trial) {
    const float amax = std::ldexp(1 + static_cast<float>(random() % 8388608) / 8388608, 3);
    Weights weights(kCols);
    weights[0] = amax;
    for (std::size_t g = 1; g < 4; ++g) {
      const float m = static_cast<float>(16 << g) * (amax / 2688);
      weights[16 * g] = 6 * m;
      for (std::size_t i = 1; i < 16; ++i) weights[16 * g + i] = step_to_a_side(random, ties[i % 7] * m);
    }
    for (const bool encode : {false, true}) {
      for (const std::string name : {"division", "reciprocal"}) {
        const Recipe recipe{name, encode};
        const float global = microscaling::tensor_scale(amax, element_of("nvfp4"), recipe);
        const auto tensor = quantized(weights, "nvfp4:recipe=" + name + (encode ? ":global=encode" : ""));
        expect_blocks(tensor, weights, [&](auto block) {
          return microscaling::tensor_block(block, element_of("nvfp4"), scale_codebook(4, 7, 127), global,
                                            recipe);
        });
      }
    }
  }
}

TEST(TensorBlocks, WideScalesHaveNoTensorScale) {
  for (const std::string codebook : {"ptx", "ieee"}) {
    const auto scales = scale_codebook(5, 15, codebook == "ptx" ? 255 : 248);
    std::mt19937_64 random(6);
    const float largest = codebook == "ptx" ? 6 * 114688.0F : 6 * 61440.0F;
    for (const float scale : {1.0F, 0.02F, 3e-6F, 1e-6F, 4e5F}) {
      auto weights = row_of(random, 16, scale);
      for (auto& weight : weights) weight = std::clamp(weight, -largest, largest);
      weights[3] = std::min(scale, 1.0F) * largest;
      const auto tensor = quantized(weights, "fp4-ue5m3:codebook=" + codebook);
      EXPECT_EQ(tensor.tensor_scale, 1.0F);
      const Recipe recipe{"division", false, false};
      expect_blocks(tensor, weights, [&](auto block) {
        return microscaling::tensor_block(block, element_of("mxfp4"), scales, 1.0F, recipe);
      });
    }
  }
}

TEST(TensorBlocks, WideScalesRefuseWhatTheyCannotReach) {
  Weights weights(kCols, 1.0F);
  weights[40] = 6 * 1.8125F * 65536;  // the tie between the largest scale and the next
  EXPECT_EQ(quantized(weights, "fp4-ue5m3").scale_bits(0, 2), 0xFEU);
  weights[40] = std::nextafter(weights[40], 1e9F);
  try {
    quantized(weights, "fp4-ue5m3");
    FAIL() << "clipped without a word";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("row 0, group 2"), std::string::npos) << error.what();
  }
}

TEST(TensorBlocks, SearchesFindTheLeastSquaredError) {
  const auto ue4m3 = scale_codebook(4, 7, 127);
  const auto ue3m3 = scale_codebook(3, 3, 64);
  const auto& e2m1 = element_of("mxfp4");
  std::mt19937_64 random(7);
  for (const float scale : {1.0F, 0.02F, 1e-35F, 3e35F, 0.0F}) {
    for (int trial = 0; trial < 3; ++trial) {
      const auto weights = row_of(random, 16, scale);
      const float amax = microscaling::magnitude_of(weights);
      const float four = microscaling::tensor_scale(amax, e2m1, {"division", false, true, 256});
      expect_blocks(quantized(weights, "four-over-six"), weights,
                    [&](auto block) { return microscaling::four_over_six(block, e2m1, ue4m3, four); });
      const float special = microscaling::tensor_scale(amax, e2m1, {"division", false, true, 28});
      expect_blocks(quantized(weights, "razer"), weights,
                    [&](auto block) { return microscaling::razer(block, e2m1, ue3m3, special); });
    }
  }
}

TEST(TensorBlocks, RazerNeverEmitsMinusZero) {
  Weights weights(kCols, -0.0F);
  weights[20] = 6;
  weights[21] = -0.01F;
  const auto tensor = quantized(weights, "razer");
  std::vector<float> values(kCols);
  tensor.decode_row(0, values);
  for (std::size_t i = 0; i < kCols; ++i) EXPECT_EQ(values[i], i == 20 ? weights[i] : 0.0F) << i;
}

}  // namespace
}  // namespace subbyte::quant
