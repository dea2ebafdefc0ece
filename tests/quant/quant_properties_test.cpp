// Tests what every row of the table must hold: a new row is tested by existing.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "quant/rules/group_rule.hpp"
#include "quant/rules/quantize.hpp"

namespace subbyte::quant {
namespace {

/// Returns every row at its default, and under every other value of each of its keys.
std::vector<std::string> ids() {
  std::vector<std::string> found;
  for (const auto& row : format_table()) {
    found.push_back(row.name);
    for (const auto& option : row.options) {
      for (std::size_t i = 1; i < option.values.size(); ++i) {
        found.push_back(row.name + ":" + option.name + "=" + option.values[i]);
      }
    }
  }
  return found;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name;
  for (const char c : info.param)
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? std::string(1, c) : c == '-' ? "m" : "_";
  return name + "_" + std::to_string(info.index);
}

class EveryRow : public testing::TestWithParam<std::string> {
 protected:
  Format format_ = parse_format(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Table, EveryRow, testing::ValuesIn(ids()), test_name);

std::vector<float> gaussian(std::size_t size, float sigma, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0, sigma);
  std::vector<float> values(size);
  for (auto& value : values) value = normal(random);
  return values;
}

std::vector<float> decoded(const PackedTensor& tensor) {
  std::vector<float> values(tensor.rows * tensor.cols);
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    tensor.decode_row(row, std::span(values).subspan(row * tensor.cols, tensor.cols));
  }
  return values;
}

TEST_P(EveryRow, IdReadsBackAndStatesItsOptions) {
  const auto again = parse_format(format_.id());
  EXPECT_EQ(again.id(), format_.id());
  EXPECT_EQ(again.alphabet.numerators, format_.alphabet.numerators);
  EXPECT_EQ(parse_format(GetParam() + ":g48").scaling.group, 48U);
  EXPECT_EQ(parse_format(GetParam() + ":gchannel").scaling.group, kWholeRow);
}

TEST_P(EveryRow, AlphabetIsComplete) {
  const auto& alphabet = format_.alphabet;
  ASSERT_GE(alphabet.code_bits, 1U);
  ASSERT_LE(alphabet.code_bits, 8U);
  ASSERT_EQ(alphabet.numerators.size(), std::size_t{1} << alphabet.code_bits);
  for (const auto& table : alphabet.alternatives) ASSERT_EQ(table.size(), alphabet.numerators.size());
  std::size_t emitted = 0;
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) emitted += alphabet.emitted(code) ? 1 : 0;
  EXPECT_GE(emitted, 2U);
  EXPECT_FALSE(format_.source.empty());
}

/// Checks that packed bytes are what the format declares, for shapes that fill every group and byte, and for ragged
/// ones.
TEST_P(EveryRow, DeclaredBitsArePackedBytes) {
  for (const std::size_t cols : {std::size_t{1920} * 4, std::size_t{1}, std::size_t{37}, std::size_t{333}}) {
    const auto weights = gaussian(3 * cols, 0.05F, cols);
    const auto tensor = quantize({weights, 3, cols}, format_);
    validate(tensor);
    std::size_t bytes = 0;
    for (const auto& buffer : buffers(format_, cols)) {
      EXPECT_EQ(buffer_bytes(tensor, buffer.name).size(), buffer.bytes(3)) << buffer.name;
      bytes += buffer.bytes(3);
    }
    EXPECT_EQ(tensor.bytes(), bytes);
    EXPECT_DOUBLE_EQ(tensor.bits_per_weight(), format_.bits_per_weight(3, cols));
  }
  // Without padding, upper scales and the zero points' nominal eight bits, the nominal figure is the exact one.
  const std::size_t cols = format_.scaling.group * 8 * 5 * 4;
  const auto& scaling = format_.scaling;
  const double channel = scaling.stored == ScaleFormat::kU8BelowChannel ? 32.0 / static_cast<double>(cols) : 0;
  const double tensor = scaling.tensor_scale != TensorScale::kNone ? 32.0 / static_cast<double>(cols) : 0;
  const double zeros = scaling.zero_point ? (8.0 - format_.alphabet.code_bits) / static_cast<double>(scaling.group) : 0;
  EXPECT_NEAR(format_.bits_per_weight(1, cols) - channel - tensor, format_.nominal_bits_per_weight() - zeros, 1e-12);
}

/// Checks that decoding and then encoding with scale, selector and zero point held fixed gives the same codes.
TEST_P(EveryRow, EncodingWhatWasDecodedKeepsTheCodes) {
  const std::size_t cols = 200;
  for (const float sigma : {0.03F, 1.0F, 40.0F}) {
    const auto weights = gaussian(2 * cols, sigma, 11);
    const auto tensor = quantize({weights, 2, cols}, format_);
    const auto values = decoded(tensor);
    const auto& rule = group_rule(format_.rule);
    // A rule with an encoder of its own may choose codes that nearest-level encoding would not; it must keep them too.
    const auto encode = rule.encode != nullptr ? rule.encode : encode_nearest;
    const auto book = codebook(format_);
    const TensorContext context{format_, book, scalar_kernels(), tensor.tensor_scale};
    for (std::size_t row = 0; row < 2; ++row) {
      for (std::size_t g = 0; g < tensor.groups(); ++g) {
        const std::size_t begin = g * format_.scaling.group;
        const std::size_t size = std::min(format_.scaling.group, cols - begin);
        const auto group = std::span(values).subspan(row * cols + begin, size);
        GroupView view{group, row, g, scalar_kernels().max_magnitude(group), {}};
        GroupChoice choice;
        for (unsigned plane = 0; plane < format_.scaling.planes; ++plane)
          choice.scales.at(plane) = tensor.scale_bits(row, g, plane);
        choice.selector = static_cast<std::uint8_t>(tensor.selector(row, g));
        std::vector<std::uint8_t> codes(size);
        if (format_.arithmetic == Arithmetic::kFp16 || format_.scaling.zero_point)
          continue;  // rounded values, own tests
        encode(view, context, choice, tensor.multiplier(row, g), codes);
        for (std::size_t i = 0; i < size; ++i) {
          const unsigned mask = (1U << format_.alphabet.code_bits) - 1;
          const unsigned stored = tensor.code(row, begin + i);
          ASSERT_EQ(values[row * cols + begin + i],
                    [&] {
                      std::vector<float> table(mask + 1);
                      tensor.decode_group(row, g, table);
                      return table[codes[i] & mask];
                    }())
              << "row " << row << ", column " << begin + i << ", code " << stored << " became " << (codes[i] & mask);
        }
      }
    }
  }
}

/// One group's decoded value is the exact product, rounded once.
TEST_P(EveryRow, DecodedIsLevelTimesMultiplierRoundedOnce) {
  const std::size_t cols = 150;
  const auto weights = gaussian(cols, 0.7F, 5);
  const auto tensor = quantize({weights, 1, cols}, format_);
  const auto values = decoded(tensor);
  if (format_.scaling.planes > 1 || format_.arithmetic == Arithmetic::kFp16) return;
  const auto& alphabet = format_.alphabet;
  for (std::size_t col = 0; col < cols; ++col) {
    const std::size_t g = col / format_.scaling.group;
    const double level = alphabet.level(tensor.code(0, col), tensor.selector(0, g), tensor.zero(0, g));
    const long double exact = static_cast<long double>(level) * tensor.multiplier(0, g) / alphabet.unit_divisor;
    EXPECT_EQ(values[col], static_cast<float>(exact)) << col;
  }
}

/// Blocks of rows quantized apart and put together are the whole.
TEST_P(EveryRow, RowBlocksAreTheWhole) {
  const std::size_t cols = 100;
  const auto weights = gaussian(6 * cols, 0.2F, 3);
  const MatrixView all{weights, 6, cols};
  const auto whole = quantize(all, format_);
  const float magnitude = tensor_magnitude(all);
  for (const std::size_t first : {0U, 2U, 5U}) {
    const std::size_t rows = first == 5 ? 1 : first == 2 ? 3 : 2;
    const MatrixView block{std::span(weights).subspan(first * cols, rows * cols), rows, cols};
    const auto part = quantize(block, format_, {{}, magnitude, first});
    EXPECT_EQ(part.tensor_scale, whole.tensor_scale);
    std::vector<float> expected(cols);
    std::vector<float> found(cols);
    for (std::size_t row = 0; row < rows; ++row) {
      whole.decode_row(first + row, expected);
      part.decode_row(row, found);
      EXPECT_EQ(found, expected);
    }
  }
}

/// Groups of zeros, of one weight, of denormals and of huge weights have finite results of the right signs that are no
/// worse than zero.
TEST_P(EveryRow, CornerGroups) {
  const std::size_t cols = 67;
  const auto check = [&](const std::string& what, const std::vector<float>& weights, float relative) {
    SCOPED_TRACE(what);
    const auto tensor = quantize({weights, 1, cols}, format_);
    validate(tensor);
    const auto values = decoded(tensor);
    for (std::size_t i = 0; i < cols; ++i) {
      ASSERT_TRUE(std::isfinite(values[i])) << i;
      const double error = std::abs(static_cast<double>(values[i]) - weights[i]);
      double largest = 0;
      for (const float w : weights) largest = std::max(largest, std::abs(static_cast<double>(w)));
      ASSERT_LE(error, relative * largest + 1.1e-5 * 130) << i << ": " << weights[i] << " became " << values[i];
    }
  };
  // The grids without a zero (nested, binary coding) and the lower limit of FP16 scales leave an absolute remainder.
  check("zeros", std::vector<float>(cols, 0.0F), 0);
  check("negative zeros", std::vector<float>(cols, -0.0F), 0);
  std::vector<float> one(cols, 0.0F);
  one[5] = -3.0F;
  check("one-hot", one, 1.01F);
  check("denormal", std::vector<float>(cols, 0x1p-140F), 2);
  // Asymmetric integers take min and max of the group without 0, as the reference does, so far from 0 they saturate.
  const bool far =
      format_.scaling.zero_point || format_.constraint == Constraint::kOneZeroInFour;  // one weight of four is 0
  check("constant", std::vector<float>(cols, 0.75F), far ? 1.01F : 0.5F);
  std::vector<float> huge(cols);
  for (std::size_t i = 0; i < cols; ++i)
    huge[i] = (i % 2 == 0 ? 1.0F : -1.0F) * 3e4F * static_cast<float>(i + 1) / cols;
  check("huge", huge, 1.01F);
}

TEST_P(EveryRow, FarBeyondFp16IsHeldOrRefusedWithItsPlace) {
  std::vector<float> weights(40);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = i % 2 == 0 ? 1e36F : -1e36F;
  try {
    const auto tensor = quantize({weights, 1, 40}, format_);
    const auto values = decoded(tensor);
    const auto& info = scale_info(format_.scaling.stored);
    // UE5M3 without a tensor scale saturates, as its conversion does.
    if (info.has_nan && tensor.scale_bits(0, 0) == info.encode(std::numeric_limits<double>::max())) return;
    for (const float value : values) EXPECT_NEAR(std::abs(value), 1e36, 0.5e36);
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("row 0"), std::string::npos) << error.what();
  }
}

TEST_P(EveryRow, NotFiniteIsRefusedOrStoredAsNan) {
  auto weights = gaussian(64, 1, 2);
  weights[3] = std::numeric_limits<float>::quiet_NaN();
  if (!scale_info(format_.scaling.stored).has_nan) {
    EXPECT_THROW(quantize({weights, 1, 64}, format_), std::invalid_argument);
    return;
  }
  const auto tensor = quantize({weights, 1, 64}, format_);
  validate(tensor);
  const auto values = decoded(tensor);
  for (std::size_t i = 0; i < 64; ++i) {
    const bool in_group = i / format_.scaling.group == 3 / format_.scaling.group;
    EXPECT_EQ(std::isnan(values[i]), in_group) << i;
  }
}

TEST_P(EveryRow, IsDeterministicAndDistortsLessThanItsWeights) {
  const auto weights = gaussian(4096, 0.02F, 77);
  const auto first = quantize({weights, 2, 2048}, format_);
  const auto second = quantize({weights, 2, 2048}, format_);
  EXPECT_EQ(first.codes, second.codes);
  EXPECT_EQ(first.scales, second.scales);
  const auto values = decoded(first);
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    signal += static_cast<double>(weights[i]) * weights[i];
    noise += std::pow(static_cast<double>(weights[i]) - values[i], 2);
  }
  const double sqnr_db = 10 * std::log10(signal / noise);
  EXPECT_GT(sqnr_db, 0);  // two-bit integers by their maximum come close
}

}  // namespace
}  // namespace subbyte::quant
