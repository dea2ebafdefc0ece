// Tests block scales below a tensor scale against exact rationals: recipes in FP32 operations, and searches over two or
// four scales.
#include "tests/support/quant/microscaling_cases.hpp"

namespace subbyte::quant::microscaling {
namespace {

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
      const float amax = magnitude_of(weights);
      const float global = tensor_scale(amax, element, recipe);
      const auto tensor = quantized(weights, id);
      ASSERT_EQ(tensor.tensor_scale, global) << id;
      expect_blocks(tensor, weights, [&](auto block) { return tensor_block(block, element, ue4m3, global, recipe); });
    }
  }
}

/// Returns weights whose ratio to the block's scale rounds to a tie of E2M1 only after the FP32 division.
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
        const float global = tensor_scale(amax, element_of("nvfp4"), recipe);
        const auto tensor = quantized(weights, "nvfp4:recipe=" + name + (encode ? ":global=encode" : ""));
        expect_blocks(tensor, weights, [&](auto block) {
          return tensor_block(block, element_of("nvfp4"), scale_codebook(4, 7, 127), global, recipe);
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
      expect_blocks(tensor, weights,
                    [&](auto block) { return tensor_block(block, element_of("mxfp4"), scales, 1.0F, recipe); });
    }
  }
}

TEST(TensorBlocks, WideScalesSaturate) {
  Weights weights(kCols, 1.0F);
  weights[40] = 6 * 1.8125F * 65536;  // the tie between the largest scale and the next
  EXPECT_EQ(quantized(weights, "fp4-ue5m3").scale_bits(0, 2), 0xFEU);
  weights[40] = 1e30F;
  const auto tensor = quantized(weights, "fp4-ue5m3");
  EXPECT_EQ(tensor.scale_bits(0, 2), 0xFEU);
  EXPECT_EQ(tensor.code(0, 40), 7U);
}

TEST(TensorBlocks, SearchesFindTheLeastSquaredError) {
  const auto ue4m3 = scale_codebook(4, 7, 127);
  const auto ue3m3 = scale_codebook(3, 3, 64);
  const auto& e2m1 = element_of("mxfp4");
  std::mt19937_64 random(7);
  for (const float scale : {1.0F, 0.02F, 1e-35F, 3e35F, 0.0F}) {
    for (int trial = 0; trial < 3; ++trial) {
      const auto weights = row_of(random, 16, scale);
      const float amax = magnitude_of(weights);
      const float four = tensor_scale(amax, e2m1, {"division", false, true, 256});
      expect_blocks(quantized(weights, "four-over-six"), weights,
                    [&](auto block) { return four_over_six(block, e2m1, ue4m3, four); });
      const float special = tensor_scale(amax, e2m1, {"division", false, true, 28});
      expect_blocks(quantized(weights, "razer"), weights,
                    [&](auto block) { return razer(block, e2m1, ue3m3, special); });
    }
  }
}

/// A block decodes alike under two scales: 6 holds, and of selectors the earlier.
TEST(TensorBlocks, SearchesCompareWhatIsDecoded) {
  const auto& e2m1 = element_of("mxfp4");
  std::mt19937_64 random(11);
  std::uniform_real_distribution<float> uniform(1, 2);
  std::size_t alike = 0;
  for (int trial = 0; trial < 200; ++trial) {
    Weights weights(kCols);
    weights[0] = 8 * uniform(random);
    for (std::size_t g = 1; g < 4; ++g)
      weights[16 * g + g] = std::ldexp(uniform(random), static_cast<int>(random() % 5) - 3);
    const float six = tensor_scale(magnitude_of(weights), e2m1, {"division", false, true, 256});
    const auto tensor = quantized(weights, "four-over-six");
    expect_blocks(tensor, weights,
                  [&](auto block) { return four_over_six(block, e2m1, scale_codebook(4, 7, 127), six); });
    for (std::size_t g = 0; g < 4; ++g) alike += tensor.code(0, 17 * g) == 7 ? 1 : 0;
    const float special = tensor_scale(magnitude_of(weights), e2m1, {"division", false, true, 28});
    expect_blocks(quantized(weights, "razer"), weights,
                  [&](auto block) { return razer(block, e2m1, scale_codebook(3, 3, 64), special); });
  }
  EXPECT_GT(alike, 200U);
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
}  // namespace subbyte::quant::microscaling
