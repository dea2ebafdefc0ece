// Tests power-of-two block scales against exact rationals at every threshold of their rules.
#include "tests/support/quant/microscaling_cases.hpp"

namespace subbyte::quant::microscaling {
namespace {

/// Returns magnitudes at a significand, and one FP32 step to either side, at ordinary, least and largest exponents.
Weights pinned() {
  Weights values;
  for (const int exponent : {-149, -140, -127, -126, -125, -121, -30, -1, 0, 7, 100, 126, 127}) {
    for (const float significand : {1.0F, 1.5F, 1.75F, 1.875F, 1.9375F, 1.96875F, 1.984375F, 1.9921875F, 1.99F}) {
      const float value = std::ldexp(significand, exponent);
      for (const float near : {value, std::nextafter(value, 0.0F), std::nextafter(value, 3e38F)}) {
        if (std::isfinite(near)) values.push_back(near);
      }
    }
  }
  return values;
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
        expect_blocks(tensor, weights, [&](auto block) { return power_block(block, element_of(name), mode); });
      }
    }
  }
}

/// Makes one block per largest weight, with half of it beside it and a tie in the smallest binade.
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
      expect_blocks(tensor, weights, [&](auto block) { return power_block(block, element_of(name), mode); });
    }
  }
}

}  // namespace
}  // namespace subbyte::quant::microscaling
