// Tests squared errors that differ by less than any floating-point sum of them can tell.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "quant/rules/group_kernels.hpp"
#include "quant/rules/quantize.hpp"

namespace subbyte::quant {
namespace {

/// In FP3 with scale 1, a weight 2.75 gains (2 w - 5) = 1/2 by the special value +3, and one of -2.75 as much by -3.
/// The rest errs by n/8 in all under both, and by more under +-6.
unsigned chosen(std::size_t count, float negative, const GroupKernels& kernels) {
  std::vector<float> weights(count);
  for (std::size_t i = 0; i < count; ++i) weights[i] = i % 2 == 0 ? 1.5F : 2.0F;
  weights[0] = 4.0F;
  weights[count / 2] = 2.75F;
  weights[count - 1] = negative;
  const auto format = parse_format("bitmod-fp3:g" + std::to_string(count));
  return quantize_with({weights, 1, count}, format, kernels).selector(0, 0);
}

TEST(NearTies, TheExactErrorDecides) {
  // 128 is below the resolution of an FP32 sum, and 2^18 below the bound of a double one.
  for (const std::size_t count : {std::size_t{128}, std::size_t{1} << 18}) {
    for (const auto* kernels : {&scalar_kernels(), &simd_kernels()}) {
      EXPECT_EQ(chosen(count, -2.75F, *kernels), 0U) << count << ": a tie goes to the earlier selector";
      EXPECT_EQ(chosen(count, -std::nextafter(2.75F, 3.0F), *kernels), 1U) << count;
      EXPECT_EQ(chosen(count, -std::nextafter(2.75F, 2.0F), *kernels), 0U) << count;
    }
  }
}

}  // namespace
}  // namespace subbyte::quant
