// Tests scales at the tile's ports against the packed tensor's own: they are equal as real numbers, or refused.
#include "kernels/parts/scale_lowering.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "quant/base/float16.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte::kernels {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// groups * channel has at most 11 + 24 digits, so it is exact in double, like what it is compared with.
void expect_folded(const ScaleRow& row, const FoldedScales& folded, bool u8, const std::string& what) {
  ASSERT_EQ(folded.groups.size(), row.groups.size()) << what;
  for (std::size_t g = 0; g < row.groups.size(); ++g) {
    const double port = u8 ? folded.groups[g] : static_cast<double>(quant::half_to_float(folded.groups[g]));
    if (std::isnan(row.groups[g])) {
      EXPECT_TRUE(std::isnan(port)) << what << " group " << g;
      continue;
    }
    const double expected = std::ldexp(row.groups[g] * row.factor, row.unit_exponent);
    EXPECT_EQ(port * static_cast<double>(folded.channel), expected) << what << " group " << g;
  }
}

FoldedScales check(const std::vector<double>& groups, double factor = 1, int unit = 0) {
  const ScaleRow row{groups, factor, unit};
  const FoldedScales folded = fold_scales(row);
  expect_folded(row, folded, false, "row");
  return folded;
}

std::string error_of(const std::vector<double>& groups, double factor = 1, int unit = 0) {
  try {
    fold_scales({groups, factor, unit});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(ScaleLowering, Fp16CrossesUnchanged) {
  for (const unsigned bits : {0x0001U, 0x03FFU, 0x0400U, 0x2F13U, 0x3C00U, 0x7BFFU}) {
    const auto folded = check({static_cast<double>(quant::half_to_float(static_cast<std::uint16_t>(bits)))}, 1, -3);
    EXPECT_EQ(folded.groups[0], bits);
    EXPECT_EQ(folded.channel, 0.125F);
  }
}

TEST(ScaleLowering, PowersOfTwoTakeTheNearestPower) {
  EXPECT_EQ(check({0x1p-24, 0x1p15}).channel, 1.0F);
  EXPECT_EQ(check({0x1p-25, 0x1p14}).channel, 0x1p-1F);
}

TEST(ScaleLowering, FortyBinadesAndNotOneMore) {
  for (int low = -127; low <= 88; ++low) {
    EXPECT_EQ(check({std::ldexp(1.0, low), std::ldexp(1.0, low + 39)}).groups.size(), 2U) << low;
  }
  EXPECT_EQ(error_of({1, std::ldexp(1.0, -20), std::ldexp(1.0, 20)}),
            "group scales from 9.5367431640625e-07 (group 1) to 1048576 (group 2) span 41 binades; FP16 "
            "scales below one "
            "power of two per row span at most 40");
  // The lowest digit counts, not the magnitude: 15/8 * 2^-23 ends at 2^-26.
  EXPECT_NE(error_of({0x1.Ep-23, 0x1p15}), "no error");
  EXPECT_EQ(error_of({0x1.Ep-23, 0x1p13}), "no error");
}

TEST(ScaleLowering, TheChannelScaleMustHoldUnitAndFactor) {
  EXPECT_EQ(check({0x1p-127}, 1, -9).channel, 0x1p-112F);
  check({0x1p127}, 1, -9);
  check({1.0, 0x1p-20}, 0x1.FFFFFEp-126, -3);  // a power that keeps the factor's digits
  check({1.0, 0x1p-20}, 0x1.FFFFFEp127, 10);   // and one that keeps it finite
  EXPECT_EQ(error_of({1.0, 0x1p-39}, 0x1p127, 40),
            "channel scale 1.7014118346046923e+38 * 2^25 is outside FP32, 2^-149 to 2^128");
  EXPECT_NE(error_of({1.0}, 0x1.FFFFFEp-126, -60), "no error");
  EXPECT_NE(error_of({1.0}, 1 + 0x1p-30), "no error");
  EXPECT_EQ(check({1.0, 0.0}, 0.0).channel, 0.0F);
}

TEST(ScaleLowering, ARowWithOneWideScaleHasItInTheChannel) {
  const auto folded = check({0.1F, 0.1F, 0.0, kNan, 0.1F}, 2, -1);
  EXPECT_EQ(folded.channel, 0.1F);
  EXPECT_EQ(folded.groups, (std::vector<std::uint16_t>{0x3C00, 0x3C00, 0, 0x7E00, 0x3C00}));
  EXPECT_EQ(error_of({0.1F, 0.5}),
            "group 0 has scale 0.10000000149011612 with 24 significant bits and group 1 another, 0.5; a "
            "group's scale "
            "crosses as FP16, 11 bits (a row with one scale folds it into its FP32 channel scale)");
  EXPECT_NE(error_of({0.1F, 0.1F}, static_cast<double>(0.3F)), "no error");
}

TEST(ScaleLowering, NanAndZeroSetNoRange) {
  EXPECT_EQ(check({kNan, 0, 0x1p-60, 0}).groups, (std::vector<std::uint16_t>{0x7E00, 0, 1, 0}));
  EXPECT_EQ(check({kNan, kNan}).channel, 1.0F);
  EXPECT_EQ(check({}).channel, 1.0F);
}

TEST(ScaleLowering, NegativeAndInfiniteAreRefused) {
  EXPECT_EQ(error_of({1, -2}),
            "group 1 has scale -2, expected a finite scale that is not negative (the tile ignores its sign)");
  EXPECT_NE(error_of({std::numeric_limits<double>::infinity()}), "no error");
  EXPECT_NE(error_of({1}, std::numeric_limits<double>::infinity()), "no error");
}

TEST(ScaleLowering, U8CrossesUnchanged) {
  const std::vector<double> groups{1, 255, 17};
  const ScaleRow row{groups, static_cast<double>(0.1F), -1};
  const auto folded = fold_u8_scales(row);
  expect_folded(row, folded, true, "u8");
  EXPECT_EQ(folded.groups, (std::vector<std::uint16_t>{1, 255, 17}));
  EXPECT_EQ(folded.channel, 0.05F);
  for (const double illegal : {0.0, 256.0, 1.5}) {
    EXPECT_THROW(fold_u8_scales({std::vector{illegal}, 1, 0}), std::invalid_argument);
  }
}

TEST(ScaleLowering, AnyScalesOfEveryStoredFormat) {
  std::mt19937_64 random(1);
  std::size_t folded = 0;
  for (const auto stored :
       {quant::ScaleFormat::kFp16, quant::ScaleFormat::kBf16, quant::ScaleFormat::kE8m0, quant::ScaleFormat::kUe4m3,
        quant::ScaleFormat::kUe5m3, quant::ScaleFormat::kUe5m3Ieee, quant::ScaleFormat::kUe3m3}) {
    const auto& info = quant::scale_info(stored);
    for (int i = 0; i < 4000; ++i) {
      std::vector<double> groups;
      const std::uint64_t base = random();
      for (std::size_t g = 0; g < 1 + static_cast<std::size_t>(i) % 5; ++g) {
        // Patterns are neighbours most of the time, so that ranges fit.
        const auto bits =
            static_cast<std::uint32_t>((i % 4 == 0 ? random() : base + random() % 40) & ((1U << info.bits) - 1));
        const double value = info.decode(bits);
        if (info.legal(bits) && !std::signbit(value)) groups.push_back(value);
      }
      const auto factor = std::ldexp(static_cast<float>(random() % (1 << 24)), static_cast<int>(random() % 60) - 50);
      const ScaleRow row{groups, factor, static_cast<int>(random() % 30) - 20};
      try {
        expect_folded(row, fold_scales(row), false, std::string(info.name));
        ++folded;
      } catch (const std::invalid_argument&) {
        if (stored != quant::ScaleFormat::kE8m0 && stored != quant::ScaleFormat::kBf16) {
          ADD_FAILURE() << info.name << ": FP16 and unsigned minifloats always fit";
        }
      }
    }
  }
  EXPECT_GT(folded, 20000U);
}

// For every format of the table, the mapped value of every code is the packed tensor's before the rounding of
// decode_row().
TEST(ScaleLowering, LevelTimesScaleTimesChannelIsThePackedTensors) {
  std::mt19937_64 random(2);
  std::normal_distribution<float> normal(0, 0.02F);
  std::size_t formats = 0;
  for (const auto& table_row : quant::format_table()) {
    const auto& format = table_row.format;
    const bool wide = format.scaling.stored == quant::ScaleFormat::kFp32 && format.scaling.group != quant::kWholeRow;
    if (scales_unsupported(format) || format.alphabet.unit_divisor != 1 || wide) continue;
    const std::size_t cols = std::min<std::size_t>(3 * format.scaling.group, 400);
    std::vector<float> weights(4 * cols);
    for (auto& weight : weights) weight = normal(random);
    const auto tensor = quant::quantize({weights, 4, cols}, format);
    const bool u8 = format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
    for (std::size_t row = 0; row < 4; ++row) {
      const auto folded = lower_scales(tensor, row);
      for (std::size_t g = 0; g < tensor.groups(); ++g) {
        const double port = u8 ? folded.groups[g] : static_cast<double>(quant::half_to_float(folded.groups[g]));
        const double stored = static_cast<double>(tensor.scale_value(row, g)) *
                              static_cast<double>(tensor.channel_scale(row)) * static_cast<double>(tensor.tensor_scale);
        const double mapped = port * static_cast<double>(folded.channel);
        ASSERT_EQ(mapped, std::ldexp(stored, format.alphabet.unit_exponent))
            << format.id() << " row " << row << " group " << g;
        // The decoder applies a tensor scale with a rounding to FP32, and all else without.
        const double decoded = std::ldexp(tensor.multiplier(row, g), format.alphabet.unit_exponent);
        const bool rounded = format.scaling.tensor_scale == quant::TensorScale::kDecode;
        ASSERT_LE(std::fabs(mapped - decoded), rounded ? 0x1p-24 * decoded : 0) << format.id();
      }
    }
    ++formats;
  }
  EXPECT_GT(formats, 10U);
}

TEST(ScaleLowering, RefusalsNameTheRow) {
  const auto format = quant::parse_format("int4:g2");
  auto tensor = quant::quantize({std::vector<float>{1, 2, 3, 4, 1, 2, 3, 4}, 2, 4}, format);
  tensor.scales[4 * 2 - 1] |= 0x80;
  try {
    lower_scales(tensor, 1);
    FAIL() << "a negative scale crossed";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()).rfind("row 1: group 1 has scale -", 0), 0U) << error.what();
  }
  const auto divided =
      quant::quantize({std::vector<float>(64, 0.3F), 2, 32}, quant::parse_format("nvfp4:global=encode"));
  EXPECT_EQ(lower_scales(divided, 0).groups.size(), 2U);  // equal scales: folded into the channel
  auto mixed = divided;
  mixed.scales[1] = static_cast<std::uint8_t>(mixed.scales[0] - 3);
  try {
    lower_scales(mixed, 0);
    FAIL() << "quotients crossed";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("quotients by a tensor scale"), std::string::npos) << error.what();
  }
  auto planes = format;
  planes.scaling.planes = 3;
  EXPECT_NE(text_of(scales_unsupported(planes)), "");
  planes = format;
  planes.scaling.signed_scale = true;
  EXPECT_NE(text_of(scales_unsupported(planes)), "");
}

}  // namespace
}  // namespace subbyte::kernels
