// Tests the vectorised PE array against the scalar one: every bit of every PE, at widths that use each kind of lanes.
#include <gtest/gtest.h>

#include <cstdio>

#include "kernels/catalogue.hpp"
#include "kernels/parts/pe_array.hpp"
#include "kernels/parts/pe_array_simd.hpp"
#include "kernels/parts/random_values.hpp"
#include "quant/base/simd_targets.hpp"

namespace subbyte::kernels {
namespace {

struct Shape {
  unsigned rows, cols;
};
constexpr Shape kShapes[] = {{8, 8},  {1, 1},  {1, 3},  {3, 5},  {2, 16}, {5, 17},
                             {16, 2}, {4, 32}, {1, 32}, {7, 12}, {24, 1}};

std::vector<PeParams> param_points() {
  std::vector<PeParams> points;
  for (const Parameters& point : unit("bitserial_pe").points) points.push_back(PeParams::of(point));
  for (const unsigned lanes : {1U, 2U, 3U, 4U, 8U, 16U}) {
    for (const bool truncate : {false, true}) {
      points.push_back({lanes, 3, 6, 20, 3, truncate, false});
      points.push_back({lanes, 4, 3, 14, 3, truncate, false});
      points.push_back({lanes, 3, 16, 28, 1, truncate, false});  // the widest that fits 32-bit lanes
      points.push_back({lanes, 3, 16, 28, 2, truncate, false});  // the narrowest that does not
      points.push_back({lanes, 4, 16, 40, 8, truncate, false});
      points.push_back({lanes, 2, 1, 8, 1, truncate, false});
      points.push_back({lanes, 4, 12, 8, 8, truncate, false});
    }
    points.push_back({lanes, 4, 6, 20, 3, false, true});
  }
  return points;
}

void compare_paths(const PeParams& params, Shape shape, std::uint64_t seed, unsigned groups) {
  PeArray simd(params, shape.rows, shape.cols, PeArrayPath::kSimd);
  PeArray scalar(params, shape.rows, shape.cols, PeArrayPath::kScalar);
  Random random(seed);
  for (unsigned g = 0; g < groups; ++g) {
    const ActivationKind kind = draw_kind(random, true);
    const unsigned dead_percent = random.percent(20) ? 95 : 10;
    const unsigned beats = 1 + random.below(24);
    std::vector<std::uint16_t> activations;
    for (unsigned b = 0; b < beats; ++b) {
      if (b % 2 == 0) activations = draw_activations(random, kind, shape.rows * params.lanes, true);
      std::vector<TermBits> terms(shape.cols * params.lanes);
      for (TermBits& term : terms) {
        term = random.below(1U << (params.shift_width + 2));
        if (random.percent(dead_percent)) term &= ~(1U << params.shift_width);
      }
      for (PeArray* array : {&simd, &scalar}) {
        array->align(activations, terms);
        array->accumulate(b + 1 == beats);
      }
    }
    for (unsigned r = 0; r < shape.rows; ++r) {
      for (unsigned c = 0; c < shape.cols; ++c) {
        const PeState a = simd.result(r, c);
        const PeState b = scalar.result(r, c);
        ASSERT_EQ(a, b) << "row " << r << " col " << c << " group " << g << " acc_width " << params.acc_width << ": "
                        << a.mantissa << "@" << a.exponent << " against " << b.mantissa << "@" << b.exponent;
      }
    }
  }
}

TEST(PeArray, VectorsGiveTheScalarBitsOnEveryInstructionSet) {
  // Highway's own list of what this machine can run; the best one is what everything else uses.
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    std::printf("%s\n", simd_target());
    std::uint64_t seed = 1;
    for (const PeParams& params : param_points()) {
      for (const Shape shape : kShapes) compare_paths(params, shape, ++seed, 4);
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(PeArray, LongRunsAtTheDefaultPoint) { compare_paths(PeParams{}, {8, 8}, 99, 2000); }

TEST(PeArray, ChoosesTheLanesThatHoldItsNumbers) {
  EXPECT_TRUE(fits_narrow_lanes(PeParams{}));
  EXPECT_TRUE(fits_narrow_lanes({4, 3, 16, 28, 1, false, false}));
  EXPECT_FALSE(fits_narrow_lanes({4, 3, 16, 28, 2, false, false}));
  EXPECT_FALSE(fits_narrow_lanes({4, 3, 6, 20, 3, false, true}));
}

TEST(PeArray, NeedsAtLeastOnePe) {
  EXPECT_THROW(PeArray(PeParams{}, 0, 4), std::invalid_argument);
  EXPECT_THROW(PeArray(PeParams{}, 4, 0), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::kernels
