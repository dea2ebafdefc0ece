// Tests mx_dot: the golden steps against exact sums in 128-bit integers, by value
// (tests/support/block_dot_reference.hpp), and against kept vectors.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "kernels/mx_dot.hpp"
#include "tests/support/block_dot_cases.hpp"
#include "tests/support/block_dot_reference.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte {
namespace {

using kernels::BlockBeat;
using kernels::BlockElement;
using kernels::BlockLayout;
using kernels::MxDot;

kernels::Parameters point(unsigned element, unsigned block, unsigned window) {
  return {{"element", element}, {"block", block}, {"window", window}};
}

const char* format_of(unsigned element) {
  static constexpr const char* kFormats[] = {"mxfp4", "mxfp6-e2m3", "mxfp6-e3m2", "mxfp8-e4m3", "mxfp8-e5m2", "mxint8"};
  return kFormats[element];
}

std::uint32_t golden_value(const MxDot& dot, const BlockBeat& block) { return MxDot::value(dot.load(block)); }

std::uint32_t reference_value(const BlockLayout& layout, unsigned window, const BlockBeat& block) {
  return pattern_of(reference_mx_value(static_cast<unsigned>(layout.element), window, elements(layout, block.a),
                                       elements(layout, block.b), block.scale_a, block.scale_b));
}

/// The values of the blocks and the results of the accumulation.
void expect_reference(const kernels::Parameters& parameters, const kernels::Stimulus& stimulus) {
  const MxDot dot(parameters);
  const auto window = static_cast<unsigned>(parameters.at("window"));
  const auto blocks = blocks_of(dot.layout(), stimulus);
  std::vector<std::uint32_t> expected;
  float sum = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::uint32_t value = reference_value(dot.layout(), window, blocks[i]);
    ASSERT_EQ(golden_value(dot, blocks[i]), value) << "block " << i;
    sum += std::bit_cast<float>(value);
    if (!blocks[i].last) continue;
    expected.push_back(pattern_of(sum));
    sum = 0;
  }
  EXPECT_EQ(results_of(kernels::mx_dot_golden(parameters, stimulus, {})), expected);
}

TEST(MxDotGolden, IsTheExactSumRoundedOnceOrTheWindowsSum) {
  const auto info = kernels::mx_dot_info();
  for (unsigned element = 0; element < 6; ++element) {
    for (const unsigned block : {8U, 17U, 32U}) {
      for (const unsigned window : {0U, 16U, 24U, 37U, 48U}) {
        SCOPED_TRACE(std::string(format_of(element)) + " block " + std::to_string(block) + " window " +
                     std::to_string(window));
        const auto parameters = point(element, block, window);
        const auto format = quant::parse_format(format_of(element));
        const bool illegal = window != 37;
        expect_reference(parameters,
                         info.random(parameters, {format, 60, element * 100 + block + window, {}, illegal}));
        if (HasFatalFailure()) return;
      }
    }
  }
}

/// Draws codes uniform in all patterns or in few of them, and scales where the sum is near the ends of FP32; nothing is
/// from random().
TEST(MxDotGolden, IsTheExactSumOfUniformCodes) {
  std::mt19937 random(7);
  for (unsigned element = 0; element < 6; ++element) {
    const BlockLayout layout{static_cast<BlockElement>(element), 32};
    const unsigned mask = (1U << kernels::element_info(layout.element).bits) - 1;
    std::vector<BlockBeat> blocks(3000);
    for (auto& block : blocks) {
      const bool small = random() % 4 == 0;
      for (unsigned i = 0; i < 32; ++i) {
        const auto code = [&] { return static_cast<std::uint8_t>((small ? random() & 1U : random()) & mask); };
        block.a.at(i) = code();
        block.b.at(i) = code();
        // Few blocks of 64 uniform E5M2 codes are finite.
        if (!std::isfinite(element_value(element, block.a.at(i))) && random() % 50 != 0) block.a.at(i) = 0;
        if (!std::isfinite(element_value(element, block.b.at(i))) && random() % 50 != 0) block.b.at(i) = 0;
      }
      const unsigned place = random() % 4;
      block.scale_a = static_cast<std::uint8_t>(place == 0   ? random() % 90
                                                : place == 1 ? 160 + random() % 96
                                                             : random());
      block.scale_b = static_cast<std::uint8_t>(place == 0   ? random() % 90
                                                : place == 1 ? 160 + random() % 96
                                                             : random());
      block.last = random() % 3 != 0;
    }
    expect_reference(point(element, 32, 0), stimulus_of(layout, blocks));
    expect_reference(point(element, 32, 24), stimulus_of(layout, blocks));
  }
}

TEST(MxDotGolden, EveryPairOfElements) {
  for (unsigned element = 0; element < 6; ++element) {
    for (const unsigned window : {0U, 24U}) {
      const MxDot dot(point(element, 8, window));
      for (const BlockBeat& block : every_pair(dot.layout(), 127)) {
        ASSERT_EQ(golden_value(dot, block), reference_value(dot.layout(), window, block)) << format_of(element);
      }
    }
  }
}

/// A window that holds every product in full is exact. It takes 8, 12, 18 or 36 bits from the largest product's top to
/// the least one's end.
TEST(MxDotGolden, AWideWindowIsExact) {
  const unsigned enough[] = {16, 16, 18, 36};
  for (unsigned element = 0; element < 4; ++element) {
    const MxDot exact(point(element, 32, 0));
    const MxDot windowed(point(element, 32, enough[element]));
    const auto format = quant::parse_format(format_of(element));
    const auto stimulus = kernels::mx_dot_random(point(element, 32, 24), {format, 150, element, {}, true});
    for (const BlockBeat& block : blocks_of(exact.layout(), stimulus)) {
      ASSERT_EQ(golden_value(exact, block), golden_value(windowed, block)) << format_of(element);
    }
  }
  // With one bit less it is not exact.
  BlockBeat block;
  block.a = {0x7E, 0x01};
  block.b = {0x7E, 0x01};
  block.scale_a = block.scale_b = 127;
  const auto units = [&](unsigned window) { return MxDot(point(3, 8, window)).load(block).sum; };
  EXPECT_EQ(units(36).sum & 1, 1);
  EXPECT_EQ(units(35).sum << 1, units(36).sum - 1);
}

TEST(MxDotGolden, SpecialValues) {
  constexpr std::uint32_t kNan = 0x7FC00000, kInf = 0x7F800000, kMinusInf = 0xFF800000;
  constexpr std::uint8_t kOne = 0x3C, kE4m3One = 0x38;  // E5M2, E4M3
  struct Case {
    unsigned element;
    std::uint8_t a0, b0, a1, b1;
    std::uint32_t value;
  };
  const Case cases[] = {
      {4, 0x7C, kOne, 0, 0, kInf},           {4, 0xFC, kOne, 0, 0, kMinusInf},  {4, 0xFC, 0xFC, 0, 0, kInf},
      {4, 0x7C, 0xFC, 0, 0, kMinusInf},      {4, 0x7C, 0x00, 0, 0, kNan},       {4, 0x80, 0x7C, 0, 0, kNan},
      {4, 0x7C, kOne, 0xFC, kOne, kNan},     {4, 0x7C, kOne, kOne, 0x7C, kInf}, {4, 0x7C, kOne, 0xFB, 0x7B, kInf},
      {4, 0x7D, kOne, 0, 0, kNan},           {4, 0x7F, 0, 0, 0, kNan},          {4, 0, 0xFE, 0, 0, kNan},
      {4, 0x7C, 0x01, 0, 0, kInf},           {3, 0x7F, kE4m3One, 0, 0, kNan},   {3, 0, 0xFF, 0, 0, kNan},
      {3, 0x78, kE4m3One, 0, 0, 0x43800000},  // 256: exponent 15 is a number
      {3, 0x7E, 0xFE, 0, 0, 0xC8440000},      // -448^2
  };
  for (const Case& c : cases) {
    for (const unsigned window : {0U, 24U}) {
      BlockBeat block;
      block.a = {c.a0, 0, c.a1};
      block.b = {c.b0, 0, c.b1};
      block.scale_a = block.scale_b = 127;
      const MxDot dot(point(c.element, 8, window));
      EXPECT_EQ(golden_value(dot, block), c.value) << int{c.a0} << ' ' << int{c.b0};
      block.scale_b = 255;
      EXPECT_EQ(golden_value(dot, block), kNan);
    }
  }
}

TEST(MxDotGolden, TheEndsOfFp32) {
  BlockBeat block;
  block.a = {4};  // E2M1: 2
  block.b = {4};
  const MxDot dot(point(0, 8, 0));
  const auto value = [&](unsigned a, unsigned b) {
    block.scale_a = static_cast<std::uint8_t>(a);
    block.scale_b = static_cast<std::uint8_t>(b);
    return golden_value(dot, block);
  };
  EXPECT_EQ(value(0, 0), 0U);               // 2^-252
  EXPECT_EQ(value(51, 51), 0U);             // 2^-150: a tie, to even
  EXPECT_EQ(value(51, 52), 1U);             // 2^-149
  EXPECT_EQ(value(127, 252), 0x7F000000U);  // 2^127
  EXPECT_EQ(value(127, 253), 0x7F800000U);
  EXPECT_EQ(value(254, 254), 0x7F800000U);
  block.a = {12};  // -2
  EXPECT_EQ(value(51, 51), 0x80000000U) << "a sum that rounds to zero keeps its sign";
  block.a = {4, 12};
  block.b = {4, 4};
  EXPECT_EQ(value(254, 254), 0U) << "a zero sum is +0";
  block.a = {8, 8};  // -0
  EXPECT_EQ(value(127, 127), 0U);
}

TEST(MxDotGolden, RefusesWindowsBelow16) {
  EXPECT_THROW(MxDot(point(3, 32, 15)), std::invalid_argument);
  const auto info = kernels::mx_dot_info();
  EXPECT_NE(text_of(info.unsupported(point(3, 32, 15), quant::parse_format("mxfp8-e4m3"))), "");
  EXPECT_EQ(text_of(info.unsupported(point(3, 32, 16), quant::parse_format("mxfp8-e4m3"))), "");
  EXPECT_EQ(text_of(info.unsupported(point(3, 32, 0), quant::parse_format("mxfp8-e4m3:g128:mode=ceil"))), "");
  EXPECT_NE(text_of(info.unsupported(point(3, 32, 0), quant::parse_format("mxfp8-e4m3:g16"))), "");
  EXPECT_NE(text_of(info.unsupported(point(3, 32, 0), quant::parse_format("mxfp8-e5m2"))), "");
  EXPECT_NE(text_of(info.unsupported(point(0, 32, 0), quant::parse_format("nvfp4:g32"))), "");
}

class MxDotVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto path = tested_source() / "../shared/vectors/microscaling.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "reference vectors are absent: " << path;
    vectors_ = nlohmann::json::parse(std::ifstream(path)).at("exact_dot");
  }
  nlohmann::json vectors_;
};

TEST_F(MxDotVectors, SumsAndRoundedValues) {
  const char* names[] = {"MX_E2M1_32", "MX_E2M3_32", "MX_E3M2_32", "MX_E4M3_32", "MX_E5M2_32"};
  for (unsigned element = 0; element < 5; ++element) {
    const MxDot dot(point(element, 32, 0));
    ASSERT_GE(vectors_.at(names[element]).size(), 6U);
    for (const auto& vector : vectors_.at(names[element])) {
      BlockBeat block;
      for (std::size_t i = 0; i < 32; ++i) {
        block.a.at(i) = vector.at("a").at(i).get<std::uint8_t>();
        block.b.at(i) = vector.at("b").at(i).get<std::uint8_t>();
      }
      block.scale_a = vector.at("scale_a").get<std::uint8_t>();
      block.scale_b = vector.at("scale_b").get<std::uint8_t>();
      const auto loaded = dot.load(block);
      kernels::Int128 expected = 0;
      const auto text = vector.at("inner_int").get<std::string>();
      for (const char c : text) expected = c == '-' ? expected : expected * 10 + (c - '0');
      EXPECT_TRUE(loaded.sum.sum == (text[0] == '-' ? -expected : expected)) << names[element] << ' ' << text;
      EXPECT_EQ(loaded.sum.exponent, vector.at("inner_unit_log2").get<int>());
      EXPECT_EQ(MxDot::value(loaded), std::stoul(vector.at("result_f32_rne").get<std::string>(), nullptr, 16));
    }
  }
}

/// Measures a figure, not a bit: what a window of 24 bits costs against the exact sum, relative to the L2 norm of the
/// products.
TEST(MxDotWindow, ErrorOf24BitsOnGaussianBlocks) {
  std::mt19937_64 random(24);
  std::normal_distribution<double> gaussian;
  for (const unsigned element : {3U, 4U}) {
    double largest = 0, squares = 0;
    constexpr int kBlocks = 20000;
    const auto& minifloat = kernels::element_info(static_cast<BlockElement>(element)).minifloat;
    for (int n = 0; n < kBlocks; ++n) {
      std::array<std::uint8_t, 32> a{}, b{};
      for (auto* codes : {&a, &b}) {
        std::array<double, 32> values{};
        for (double& value : values) value = gaussian(random);
        const double amax = std::abs(*std::ranges::max_element(values, {}, [](double x) { return std::abs(x); }));
        const int exponent = std::ilogb(amax) - std::ilogb(minifloat.largest());  // OCP: floor
        std::ranges::transform(values, codes->begin(), [&](double x) {
          return static_cast<std::uint8_t>(minifloat.encode(std::ldexp(x, -exponent)));
        });
      }
      double norm = 0;
      for (unsigned i = 0; i < 32; ++i)
        norm += std::pow(element_value(element, a.at(i)) * element_value(element, b.at(i)), 2);
      const auto value = [&](unsigned window) {
        const ReferenceSum sum = reference_sum(element, window, a, b);
        return std::ldexp(static_cast<double>(sum.units), sum.unit);
      };
      const double error = std::abs(value(24) - value(0)) / std::sqrt(norm);
      largest = std::max(largest, error);
      squares += error * error;
    }
    const std::string name = element == 3 ? "E4M3" : "E5M2";
    std::ostringstream text;
    text << "largest " << largest << ", rms " << std::sqrt(squares / kBlocks);
    RecordProperty(name, text.str());
    std::cout << "window 24 against exact, " << name << " x 32: " << text.str() << " of the products' L2 norm\n";
    // 31 products lose less than a unit each; the largest, of two normal numbers, has at least a quarter of 2^24 units.
    EXPECT_LT(largest, 31 * 0x1p-22);
    EXPECT_GT(largest, 0);
  }
}

}  // namespace
}  // namespace subbyte
