// Tests tokens in INT8, with scales and roundings by hand.
#include "quant/rules/int8_tokens.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace subbyte::sim {
namespace {

TEST(Int8Tokens, ByHand) {
  // Halfway cases go to even; the scale is 1 with the largest magnitude 127.
  const quant::Int8Token token = quant::int8_token(std::vector<float>{-127, 2.5F, 3.5F, -2.5F, 126.5F, 0.5F, -0.0F});
  EXPECT_EQ(token.scale, 1);
  EXPECT_EQ(token.values, (std::vector<std::int8_t>{-127, 2, 4, -2, 126, 0, 0}));
  const quant::Int8Token zero = quant::int8_token(std::vector<float>{0, -0.0F});
  EXPECT_EQ(zero.scale, 0);
  EXPECT_EQ(zero.values, (std::vector<std::int8_t>{0, 0}));
  // The FP32 scale 65504 / 127 is rounded, and 127 of it stay 127.
  const quant::Int8Token wide = quant::int8_token(std::vector<float>{65504, 1});
  EXPECT_EQ(wide.scale, 65504.0F / 127);
  EXPECT_EQ(wide.values, (std::vector<std::int8_t>{127, 0}));
  EXPECT_EQ(wide.value(0), 127.0F * wide.scale);
  EXPECT_THROW(quant::int8_token(std::vector<float>{1, std::numeric_limits<float>::infinity()}), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::sim
