// Tests the codes of the vector unit against the quantizers of quant/, which share no code with it.
#include "kernels/vector_unit_quantize.hpp"

#include <gtest/gtest.h>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/arithmetic/fp32_functions.hpp"
#include "quant/base/float16.hpp"
#include "quant/rules/int8_tokens.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/vector_cases.hpp"

namespace subbyte::kernels {
namespace {

using enum VectorOperation;

std::vector<float> floats_of(const VectorPatterns& patterns) {
  std::vector<float> values;
  for (const std::uint32_t pattern : patterns) values.push_back(std::bit_cast<float>(pattern));
  return values;
}

/// A row in one of several sizes: Gaussian, with few bits so that quotients are ties, FP16, wide, tiny, or of one sign.
VectorPatterns drawn_row(Random& random) {
  const unsigned kind = random.below(6);
  const double size = std::exp2(random.gaussian() * (kind == 3 ? 20 : 2) - (kind == 4 ? 30 : 0));
  VectorPatterns row;
  for (unsigned k = 0, count = 1 + random.below(150); k < count; ++k) {
    double value = size * random.gaussian();
    if (kind == 1) value = std::nearbyint(4 * random.gaussian()) / 2;
    if (kind == 2) value = double{quant::round_to_half(value)};
    if (kind == 5) value = std::abs(value) + 7 * size;
    row.push_back(pattern32(std::clamp(value, -65504.0, 65504.0)));
  }
  return row;
}

TEST(VectorQuantize, Int8TokensAreThoseOfTheQuantizer) {
  Random random(1);
  std::size_t compared = 0;
  for (unsigned i = 0; i < 2000; ++i) {
    const VectorPatterns row = drawn_row(random);
    VectorCommand command;
    command.operation = kQuantizeToken;
    const auto got = golden_row({1 + random.below(64), 2, 256}, {command, {row}});
    const quant::Int8Token token = quant::int8_token(floats_of(row));
    ASSERT_EQ(got.scale, std::bit_cast<std::uint32_t>(token.scale)) << i;
    for (std::size_t k = 0; k < row.size(); ++k)
      ASSERT_EQ(got.values[k], static_cast<std::uint8_t>(token.values[k])) << i << ' ' << k;
    compared += row.size();
  }
  EXPECT_GT(compared, 100000U);
}

// K and V rows as int2 .. int8, with and without zero point: scale, zero point and packed codes are the quantizer's.
TEST(VectorQuantize, GroupsAreThoseOfTheQuantizer) {
  Random random(2);
  std::size_t compared = 0;
  for (unsigned bits = 2; bits <= 8; ++bits) {
    for (const bool range : {false, true}) {
      const std::string name = "int" + std::to_string(bits) + (range ? "-asym" : "") + ":gchannel";
      for (unsigned i = 0; i < 400; ++i) {
        const VectorPatterns row = drawn_row(random);
        VectorCommand command;
        command.operation = range ? kQuantizeRange : kQuantizeGroup;
        command.bits = bits;
        const auto got = golden_row({1 + random.below(64), 2, 256}, {command, {row}});
        const std::vector<float> values = floats_of(row);
        const quant::PackedTensor packed = quant::quantize({values, 1, row.size()}, quant::parse_format(name));
        ASSERT_EQ(got.scale, packed.scale_bits(0, 0)) << name << ' ' << i;
        ASSERT_EQ(got.zero, range ? packed.zero(0, 0) : 0) << name << ' ' << i;
        for (std::size_t k = 0; k < row.size(); ++k)
          ASSERT_EQ(got.values[k], packed.code(0, k)) << name << ' ' << i << ' ' << k;
        compared += row.size();
      }
    }
  }
  EXPECT_GT(compared, 300000U);
}

TEST(VectorQuantize, RowsThatTheQuantizersRefuse) {
  for (const VectorOperation operation : {kQuantizeToken, kQuantizeGroup, kQuantizeRange}) {
    VectorCommand command;
    command.operation = operation;
    command.bits = 4;
    for (const std::uint32_t bad : {kFp32Infinity, kFp32Infinity | kFp32Sign, 0xFFC00001U}) {
      const auto got = golden_row({4, 2, 8}, {command, {{pattern32(1), bad, pattern32(-2)}}});
      EXPECT_EQ(got.values, VectorPatterns(3, 0));
      EXPECT_EQ(got.scale, operation == kQuantizeToken ? kFp32Nan : 0x7E00U);
      EXPECT_EQ(got.zero, 0U);
    }
    if (operation == kQuantizeToken) continue;
    const auto wide = golden_row({4, 2, 8}, {command, {{pattern32(3e38), pattern32(-3e38)}}});
    EXPECT_EQ(wide.scale, 0x7C00U);
    EXPECT_EQ(wide.values, VectorPatterns(2, 0));
  }
}

TEST(VectorQuantize, ZerosAndNegativeZeros) {
  VectorCommand command;
  command.operation = kQuantizeToken;
  const auto token = golden_row({4, 2, 8}, {command, {{0, kFp32Sign, 0}}});
  EXPECT_EQ(token.scale, 0U);
  EXPECT_EQ(token.values, VectorPatterns(3, 0));
  command.operation = kQuantizeGroup;
  const auto group = golden_row({4, 2, 8}, {command, {{0, kFp32Sign, 0}}});
  EXPECT_EQ(group.scale, 0x00A8U);
  EXPECT_EQ(group.values, VectorPatterns(3, 0));
}

TEST(VectorQuantize, QuotientsRoundToEven) {
  const std::uint32_t one = pattern32(1);
  for (const auto& [x, expected] : std::initializer_list<std::pair<double, int>>{
           {0.5, 0}, {1.5, 2}, {2.5, 2}, {-0.5, 0}, {-1.5, -2}, {126.5, 126}, {127.5, 127}, {1e30, 127}, {-1e30, -127}})
    EXPECT_EQ(rounded_quotient(pattern32(x), one, 127), expected) << x;
  EXPECT_EQ(rounded_quotient(1, 1, 127), 1);
  EXPECT_EQ(rounded_quotient(1, 2, 127), 0);
  EXPECT_EQ(rounded_quotient(3, 2, 127), 2);
  EXPECT_EQ(rounded_quotient(0x7F7FFFFF, 1, 127), 127);
  EXPECT_EQ(rounded_quotient(1, 0x7F7FFFFF, 127), 0);
}

}  // namespace
}  // namespace subbyte::kernels
