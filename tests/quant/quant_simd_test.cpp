// Tests that the vectorised inner loops give the bits of the plain ones, on every instruction set that this machine
// has.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "quant/base/simd_targets.hpp"
#include "quant/rules/group_kernels.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/quant/quant_cases.hpp"

namespace subbyte::quant {
namespace {

void expect_equal(const cases::Case& weights, const Format& format) {
  SCOPED_TRACE(weights.name + ", " + format.id());
  const auto plain = quantize_with(weights.view(), format, scalar_kernels());
  const auto fast = quantize_with(weights.view(), format, simd_kernels());
  EXPECT_EQ(fast.codes, plain.codes);
  EXPECT_EQ(fast.scales, plain.scales);
  EXPECT_EQ(fast.selectors, plain.selectors);
  EXPECT_EQ(fast.zeros, plain.zeros);
  EXPECT_EQ(fast.channel_scales, plain.channel_scales);
  EXPECT_EQ(fast.tensor_scale, plain.tensor_scale);
}

/// Runs `check` once per instruction set; leaves the choice to the library afterwards.
template <typename Check>
void on_every_target(Check check) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::GetChosenTarget().Update(target);
    check();
  }
  hwy::GetChosenTarget().DeInit();
}

/// Returns the row's own scale, and u8 below a channel where it has that key.
std::vector<Format> with_scales(const FormatRow& row) {
  std::vector<Format> formats{row.format};
  for (const auto& option : row.options) {
    if (option.name == "scale") formats.push_back(parse_format(row.name + ":scale=u8"));
  }
  return formats;
}

TEST(SimdQuantizer, GivesTheBitsOfThePlainOne) {
  on_every_target([] {
    for (const auto& row : format_table()) {
      for (const std::size_t group : {1U, 5U, 31U, 64U, 128U, 1000U}) {
        if (row.format.constraint == Constraint::kOneZeroInFour && group % 4 != 0) continue;
        for (auto format : with_scales(row)) {
          format.scaling.group = group;
          for (const auto& weights : cases::corners(group, 6e4F)) expect_equal(weights, format);
          for (unsigned s = 0; s < format.alphabet.selectors(); ++s) {
            for (const float scale : {1.0F, 0x1.554p-7F}) expect_equal(cases::midpoints(format, s, scale), format);
          }
        }
      }
    }
  });
}

TEST(SimdQuantizer, GivesTheBitsOfThePlainOneOnManyGroups) {
  std::mt19937_64 random(99);
  std::normal_distribution<float> normal(0, 0.02F);
  const auto gaussian = cases::make_case("gaussian", 64, 4096, [&](std::size_t) { return normal(random); });
  on_every_target([&] {
    for (const auto& row : format_table()) expect_equal(gaussian, row.format);
  });
}

/// Takes minifloats with the IEEE rule, where a tie goes to the even code. No row of the table uses it on a grid yet.
TEST(SimdKernels, GridsCanTieToTheEvenCode) {
  auto format = parse_format("bitmod-fp4");
  format.ties = TieRule::kToEven;
  format.alphabet.special_code.reset();
  format.alphabet.special_numerators.clear();
  const std::vector<float> ties = {12, 0.5F, 1.5F, 2.5F, 3.5F, 5, 7, 10};
  const std::vector<std::uint8_t> codes = {7, 0, 2, 2, 4, 4, 6, 6};
  const auto grid = codebook(format).grids.at(0);
  std::vector<float> weights;
  for (int copy = 0; copy < 17; ++copy) weights.insert(weights.end(), ties.begin(), ties.end());
  on_every_target([&] {
    for (const auto* kernels : {&scalar_kernels(), &simd_kernels()}) {
      for (const float sign : {1.0F, -1.0F}) {
        auto signed_weights = weights;
        for (auto& weight : signed_weights) weight *= sign;
        std::vector<std::uint8_t> found(weights.size());
        kernels->encode_grid(signed_weights, grid, 1.0, found);
        for (std::size_t i = 0; i < found.size(); ++i) {
          const unsigned expected = codes[i % 8] == 0 || sign > 0 ? codes[i % 8] : codes[i % 8] + 8U;
          ASSERT_EQ(found[i], expected) << signed_weights[i];
        }
      }
    }
  });
}

TEST(SimdKernels, MagnitudeFindsWhatIsNotFiniteAnywhere) {
  on_every_target([] {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
      for (std::size_t at = 0; at < 41; ++at) {
        std::vector<float> weights(41, -3.5F);
        EXPECT_EQ(simd_kernels().max_magnitude(weights), 3.5F);
        weights[at] = bad;
        EXPECT_FALSE(std::isfinite(simd_kernels().max_magnitude(weights)));
        EXPECT_FALSE(std::isfinite(scalar_kernels().max_magnitude(weights)));
      }
    }
  });
}

/// The estimate decides only outside its bound, so the bound must hold: the plain sum is good to 2^-43.
TEST(SimdKernels, ErrorEstimateIsWithinItsBound) {
  on_every_target([] {
    for (const std::string name : {"bitmod-fp3", "bitmod-fp4"}) {
      const auto book = codebook(parse_format(name));
      for (const auto& weights : cases::corners(17, 1e5F)) {
        for (const auto& grid : book.grids) {
          for (const double scale : {0x1p-16, 0x1.554p-7, 1.0, 65504.0}) {
            const auto plain = scalar_kernels().squared_error(weights.weights, grid, scale);
            const auto fast = simd_kernels().squared_error(weights.weights, grid, scale);
            EXPECT_LE(std::abs(plain.value - fast.value), plain.error + fast.error) << weights.name;
            EXPECT_LE(fast.error, fast.value * 1e-4 + 1e-30) << weights.name;
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace subbyte::quant
