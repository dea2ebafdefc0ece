// Tests nested integers: the bipolar grid at every tie, slices against quantized views, and MatQuant's rounding.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "quant/formats/nested_codes.hpp"
#include "quant/rules/quantize.hpp"
#include "quant/rules/rule_kernels.hpp"
#include "tests/support/quant/quant_cases.hpp"

namespace subbyte::quant {
namespace {

std::string view(const std::string& name, unsigned bits) { return name + ":g16:view=" + std::to_string(bits); }

void expect_same(const PackedTensor& left, const PackedTensor& right) {
  EXPECT_EQ(left.format.id(), right.format.id());
  EXPECT_EQ(left.format.alphabet.numerators, right.format.alphabet.numerators);
  EXPECT_EQ(left.codes, right.codes);
  EXPECT_EQ(left.scales, right.scales);
}

TEST(Nested, SliceIsTheQuantizedView) {
  for (const std::string name : {"nested8", "matquant8"}) {
    for (const auto& weights : cases::corners(3, 6e4F)) {
      const auto parent = quantize(weights.view(), parse_format(name + ":g16"));
      for (unsigned bits = 2; bits <= 8; ++bits) {
        SCOPED_TRACE(view(name, bits) + ", " + weights.name);
        expect_same(slice(parent, bits), quantize(weights.view(), parse_format(view(name, bits))));
      }
    }
  }
}

TEST(Nested, SliceOfASliceIsTheSlice) {
  const auto weights = cases::corners(4, 6e4F).front();
  const auto parent = quantize(weights.view(), parse_format("nested8:g16"));
  for (unsigned first = 2; first <= 8; ++first) {
    for (unsigned second = 2; second <= first; ++second) {
      expect_same(slice(slice(parent, first), second), slice(parent, second));
    }
  }
}

/// This is written from the definition: the nearest of all odd v to 2 w / s in whole multiples of s / 4, with ties to
/// the even q.
TEST(Nested, EveryTieAndItsNeighbours) {
  const float scale = 0.375F;
  for (int k = -260; k <= 260; ++k) {
    const float tie = static_cast<float>(k) * scale;  // between v = 2k - 1 and 2k + 1
    for (const int step : {-1, 0, 1}) {
      const float weight = step == 0 ? tie : std::nextafter(tie, step < 0 ? -1e30F : 1e30F);
      const int below = k + 127;
      const int even = below % 2 == 0 ? below : below + 1;
      const int expected = std::clamp(step < 0 ? below : step > 0 ? below + 1 : even, 0, 255);
      std::uint8_t code = 0;
      scalar_rule_kernels().encode_bipolar(std::span(&weight, 1), scale, std::span(&code, 1));
      ASSERT_EQ(code, expected) << weight;
    }
  }
}

TEST(Nested, TopPlanesAreTheLevelOfTheView) {
  for (unsigned bits = 2; bits <= 8; ++bits) {
    const auto alphabet = bipolar_integer(bits);
    for (unsigned q = 0; q < 256; ++q) {
      const double planes = std::ldexp(2.0 * (q >> (8 - bits)) + 1 - (1 << bits), static_cast<int>(8 - bits));
      EXPECT_EQ(2 * alphabet.level(q >> (8 - bits)), planes);
    }
  }
}

/// The error of a view is within half of its step wherever the parent does not clip.
TEST(Nested, ViewsAreWithinHalfAStep) {
  const auto weights = cases::corners(6, 6e4F).front();
  const auto parent = quantize(weights.view(), parse_format("nested8:g16"));
  std::vector<float> row(weights.cols);
  for (unsigned bits = 2; bits <= 8; ++bits) {
    const auto tensor = slice(parent, bits);
    tensor.decode_row(1, row);
    for (std::size_t col = 0; col < weights.cols; ++col) {
      const double step = std::ldexp(tensor.multiplier(1, col / 16), static_cast<int>(8 - bits));
      ASSERT_LE(std::abs(row[col] - weights.weights[weights.cols + col]),
                0.51 * step + 0.1 * tensor.multiplier(1, col / 16));
    }
    EXPECT_DOUBLE_EQ(tensor.format.nominal_bits_per_weight(), bits + 1);
  }
}

TEST(MatQuant, RoundsHalfUpAndSaturates) {
  for (unsigned bits = 2; bits <= 8; ++bits) {
    for (unsigned q = 0; q < 256; ++q) {
      const double rounded = std::floor(q / std::ldexp(1.0, static_cast<int>(8 - bits)) + 0.5);
      EXPECT_EQ(round_to_slice(q, bits), std::min(rounded, std::ldexp(1.0, static_cast<int>(bits)) - 1));
    }
  }
}

/// 8 -> 4 -> 2 rounds twice, which is the reason why a chain is refused.
TEST(MatQuant, AChainDiffersOnTwentyFourCodes) {
  int differ = 0;
  for (unsigned q = 0; q < 256; ++q) {
    const unsigned four = round_to_slice(q, 4);
    differ += std::min((four + 2) >> 2, 3U) != round_to_slice(q, 2) ? 1 : 0;
  }
  EXPECT_EQ(differ, 24);
}

TEST(MatQuant, AllCodesOfTheParentAreUsed) {
  std::vector<float> weights;
  for (int code = -128; code < 128; ++code) weights.push_back(static_cast<float>(code));
  weights.front() = -127.5F;
  const auto tensor = quantize({weights, 1, 256}, parse_format("matquant8:g256"));
  EXPECT_EQ(tensor.scale_value(0, 0), 1);
  std::set<unsigned> codes;
  for (std::size_t col = 0; col < 256; ++col) codes.insert(tensor.code(0, col));
  EXPECT_EQ(codes.size(), 256U);
  EXPECT_EQ(slice(tensor, 2).code(0, 0), 0b10U);    // -128: S = 0, worth -2 * 64
  EXPECT_EQ(slice(tensor, 2).code(0, 255), 0b01U);  // 127 saturates at +64
}

std::string error_of(const PackedTensor& tensor, unsigned bits) {
  try {
    slice(tensor, bits);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(Slice, SaysWhatItCannotDo) {
  const std::vector<float> weights(20, 0.5F);
  const auto of = [&](const std::string& id) { return quantize({weights, 1, 20}, parse_format(id)); };
  EXPECT_EQ(error_of(of("matquant8:view=4"), 2),
            "slice of 'matquant8:g128:view=4': it is a slice already and rounding twice is not rounding "
            "once, expected the "
            "parent of 8 bits");
  EXPECT_EQ(error_of(of("nested8:view=4"), 5), "slice of 'nested8:g128:view=4': 5 bits, expected 2..4");
  EXPECT_EQ(error_of(of("nested8"), 1), "slice of 'nested8:g128': 1 bits, expected 2..8");
  EXPECT_EQ(error_of(of("int8"), 4), "slice of 'int8:g128': not a nested format, expected nested8 or matquant8");
}

TEST(Integers, TwoBitsHaveThreeLevels) {
  const std::vector<float> weights = {-1, -0.51F, -0.5F, -0.1F, 0, 0.5F, 0.51F, 1};
  const auto tensor = quantize({weights, 1, 8}, parse_format("int2:g8"));
  std::vector<unsigned> codes;
  for (std::size_t col = 0; col < 8; ++col) codes.push_back(tensor.code(0, col));
  EXPECT_EQ(codes, (std::vector<unsigned>{3, 3, 0, 0, 0, 0, 1, 1}));
}

TEST(Integers, AsymmetricEndsAreReached) {
  for (const std::string id : {"int2-asym:g8", "int8-asym:g8"}) {
    const std::vector<float> weights = {-1, 2, 0, 0.5F};
    const auto tensor = quantize({weights, 1, 4}, parse_format(id));
    const unsigned last = tensor.format.alphabet.numerators.size() - 1;
    EXPECT_EQ(tensor.code(0, 0), 0U);
    EXPECT_EQ(tensor.code(0, 1), last);
    std::vector<float> row(4);
    tensor.decode_row(0, row);
    EXPECT_NEAR(row[1], 2, 0.005);
  }
}

}  // namespace
}  // namespace subbyte::quant
