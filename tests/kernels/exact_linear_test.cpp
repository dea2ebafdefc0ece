// Tests exact_linear against integers of any length: cancellation, ties, subnormals, overflow, and every tail length.
#include "kernels/linear/exact_linear.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/linear/exact_linear_simd.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/exact_linear_reference.hpp"

namespace subbyte::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
constexpr float kLargest = std::numeric_limits<float>::max();

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

float one(const std::vector<float>& x, const std::vector<float>& w) {
  float y = kNan;
  exact_linear(x, 1, w, 1, x.size(), {&y, 1});
  return y;
}

/// Compares every output of a layer with the reference, for several thread counts.
void check_layer(const std::vector<float>& x, std::size_t tokens, const std::vector<float>& w, std::size_t out,
                 std::size_t in, const std::string& what) {
  for (const unsigned threads : {1U, 3U}) {
    std::vector<float> y(tokens * out, kNan);
    exact_linear(x, tokens, w, out, in, y, threads);
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t o = 0; o < out; ++o) {
        const float expected = reference(std::span(x).subspan(t * in, in), std::span(w).subspan(o * in, in));
        ASSERT_EQ(bits(y[t * out + o]), bits(expected))
            << what << ": token " << t << ", output " << o << " of [" << tokens << "][" << out << "], in = " << in
            << ", threads = " << threads << ": " << y[t * out + o] << ", expected " << expected;
      }
    }
  }
}

using Draw = float (*)(std::mt19937_64&);

float gaussian(std::mt19937_64& random) { return std::normal_distribution<float>()(random); }
float wide(std::mt19937_64& random) { return std::ldexp(gaussian(random), static_cast<int>(random() % 61) - 30); }
/// Draws any finite pattern, so that products go from 2^-298 to 2^256.
float any_finite(std::mt19937_64& random) {
  const auto pattern = static_cast<std::uint32_t>(random());
  return std::bit_cast<float>((pattern & 0x7F800000) == 0x7F800000 ? pattern & 0x807FFFFF : pattern);
}
float subnormal(std::mt19937_64& random) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(random()) & 0x807FFFFF);
}
/// Draws for products around the smallest FP32: results are subnormal, and ties and zeros of both signs are among them.
float near_smallest(std::mt19937_64& random) {
  return std::ldexp(static_cast<float>(static_cast<int>(random() % 7) - 3), -75 + static_cast<int>(random() % 2));
}
/// Draws for sums around the largest FP32 and beyond.
float near_largest(std::mt19937_64& random) { return std::ldexp(gaussian(random), 63); }
float small_integer(std::mt19937_64& random) { return static_cast<float>(static_cast<int>(random() % 255) - 127); }
/// Draws for sums of 30 bits that lie on FP32 ties often.
float big_integer(std::mt19937_64& random) { return static_cast<float>(static_cast<int>(random() % 65535) - 32767); }
float sparse(std::mt19937_64& random) {
  return random() % 4 == 0 ? gaussian(random) : random() % 2 == 0 ? 0.0F : -0.0F;
}

struct Kind {
  const char* name;
  Draw draw;
};
constexpr Kind kKinds[] = {{"gaussian", gaussian},
                           {"wide", wide},
                           {"any finite", any_finite},
                           {"subnormal", subnormal},
                           {"near smallest", near_smallest},
                           {"near largest", near_largest},
                           {"small integers", small_integer},
                           {"big integers", big_integer},
                           {"sparse", sparse}};

std::vector<float> draw(std::mt19937_64& random, Draw one_of, std::size_t size) {
  std::vector<float> values(size);
  for (auto& value : values) value = one_of(random);
  return values;
}

TEST(ExactLinear, EveryTailLength) {
  std::mt19937_64 random(1);
  for (std::size_t in = 0; in <= 70; ++in) {
    const auto& kind = kKinds[in % std::size(kKinds)];
    const std::size_t tokens = 1 + in % 9;
    const std::size_t out = 1 + in % 11;
    check_layer(draw(random, kind.draw, tokens * in), tokens, draw(random, kind.draw, out * in), out, in, kind.name);
  }
}

TEST(ExactLinear, EveryTileOfTokensAndRows) {
  std::mt19937_64 random(2);
  for (std::size_t tokens = 1; tokens <= 9; ++tokens) {
    for (std::size_t out = 1; out <= 19; ++out) {
      check_layer(draw(random, gaussian, tokens * 21), tokens, draw(random, wide, out * 21), out, 21, "tiles");
    }
  }
}

TEST(ExactLinear, SeveralBlocksOfTokensRowsAndInputs) {
  std::mt19937_64 random(3);
  check_layer(draw(random, gaussian, 67 * 40), 67, draw(random, gaussian, 101 * 40), 101, 40, "blocks");
  for (const std::size_t in : {511, 512, 513, 1024, 1543}) {
    check_layer(draw(random, gaussian, 5 * in), 5, draw(random, gaussian, 13 * in), 13, in, "deep");
  }
}

TEST(ExactLinear, EveryKindOfNumbers) {
  std::mt19937_64 random(4);
  for (const auto& left : kKinds) {
    for (const auto& right : kKinds) {
      check_layer(draw(random, left.draw, 6 * 37), 6, draw(random, right.draw, 9 * 37), 9, 37,
                  std::string(left.name) + " by " + right.name);
    }
  }
}

TEST(ExactLinear, CancellationLeavesTheSmallestProduct) {
  // 2^200 - 2^200 + 2^-200 stand in any place, and double keeps nothing of the last.
  for (std::size_t place = 0; place < 40; ++place) {
    std::vector<float> x(40);
    std::vector<float> w(40);
    for (std::size_t i = 0; i < 40; ++i) {
      x[i] = std::ldexp(1.0F + static_cast<float>(i / 2), 90);
      w[i] = i % 2 == 0 ? 0x1p100F : -0x1p100F;
    }
    x.insert(x.begin() + static_cast<std::ptrdiff_t>(place), 0x1p-70F);
    w.insert(w.begin() + static_cast<std::ptrdiff_t>(place), -0x1.8p-70F);
    EXPECT_EQ(one(x, w), -0x1.8p-140F) << place;
  }
}

TEST(ExactLinear, CancellationToZeroIsPlusZero) {
  EXPECT_EQ(bits(one({0.1F, 0.1F}, {0.3F, -0.3F})), 0U);
  EXPECT_EQ(bits(one({-0.0F, 0.0F}, {1.0F, -1.0F})), 0U);
  EXPECT_EQ(bits(one({kLargest, kLargest}, {kLargest, -kLargest})), 0U);
  EXPECT_EQ(bits(one({}, {})), 0U);
}

TEST(ExactLinear, ZeroOfASumThatIsNotZeroKeepsItsSign) {
  EXPECT_EQ(bits(one({kSmallest}, {-kSmallest})), 0x80000000U);
  EXPECT_EQ(bits(one({kSmallest}, {kSmallest})), 0U);
  EXPECT_EQ(bits(one({1.0F, -1.0F, kSmallest}, {1.0F, 1.0F, -kSmallest})), 0x80000000U);
  EXPECT_EQ(bits(one({kSmallest}, {-0.5F})), 0x80000000U);
  EXPECT_EQ(bits(one({kSmallest, kSmallest}, {-0.5F, -kSmallest})), 0x80000001U);
}

TEST(ExactLinear, TiesAndTheirNeighbours) {
  // 1 + 2^-24 is a tie to even; a product of 2^-298 decides it.
  EXPECT_EQ(one({1.0F, 0x1p-24F}, {1.0F, 1.0F}), 1.0F);
  EXPECT_EQ(one({1.0F, 0x1p-24F, kSmallest}, {1.0F, 1.0F, kSmallest}), std::nextafter(1.0F, 2.0F));
  EXPECT_EQ(one({1.0F, 0x1p-24F, kSmallest}, {1.0F, 1.0F, -kSmallest}), 1.0F);
  const float odd = std::nextafter(1.0F, 2.0F);
  EXPECT_EQ(one({odd, 0x1p-24F}, {1.0F, 1.0F}), std::nextafter(odd, 2.0F));
  EXPECT_EQ(one({odd, 0x1p-24F, kSmallest}, {1.0F, 1.0F, -kSmallest}), odd);
}

TEST(ExactLinear, TheBorderOfOverflow) {
  EXPECT_EQ(one({kLargest, 0x1p103F}, {1.0F, 1.0F}), kInfinity);
  EXPECT_EQ(one({kLargest, 0x1p103F, kSmallest}, {1.0F, 1.0F, -kSmallest}), kLargest);
  EXPECT_EQ(one({-kLargest, 0x1p103F}, {1.0F, -1.0F}), -kInfinity);
  EXPECT_EQ(one({kLargest, kLargest}, {kLargest, kLargest}), kInfinity);
  EXPECT_EQ(one({kLargest, kLargest, 3.0F}, {kLargest, -kLargest, 5.0F}), 15.0F);
}

TEST(ExactLinear, NotFinite) {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      std::vector<float> x(size, 2.0F);
      std::vector<float> w(size, 3.0F);
      x[place] = kInfinity;
      EXPECT_EQ(one(x, w), kInfinity);
      w[place] = -1;
      EXPECT_EQ(one(x, w), -kInfinity);
      w[place] = -0.0F;
      EXPECT_EQ(bits(one(x, w)), 0x7FC00000U);
      w[place] = 1;
      w[(place + 1) % size] = size == 1 ? kInfinity : -kInfinity;
      EXPECT_EQ(bits(one(x, w)), size == 1 ? 0x7F800000U : 0x7FC00000U);
      x[place] = std::bit_cast<float>(0xFFA00001U);
      EXPECT_EQ(bits(one(x, w)), 0x7FC00000U);
    }
  }
}

TEST(ExactLinear, FixedPointAloneIsTheReference) {
  std::mt19937_64 random(5);
  for (const auto& kind : kKinds) {
    for (std::size_t size = 0; size < 60; ++size) {
      const auto x = draw(random, kind.draw, size);
      const auto w = draw(random, kind.draw, size);
      ASSERT_EQ(bits(exact_dot(x, w)), bits(reference(x, w))) << kind.name << ", size " << size;
    }
  }
  EXPECT_THROW(exact_dot(std::vector{1.0F, kNan}, std::vector{1.0F, 1.0F}), std::invalid_argument);
}

// The bound must cover the worst order of additions: large sums that grow alike, and the loop's own sum.
TEST(ExactLinear, ThePartialSumsStayWithinTheirRoundings) {
  std::mt19937_64 random(6);
  for (const std::size_t depth : {1, 2, 9, 64, 500, 512}) {
    std::vector<float> w = draw(random, gaussian, depth);
    std::vector<double> x(depth);
    Integer exact = 0;
    double magnitude = 0;
    for (std::size_t i = 0; i < depth; ++i) {
      w[i] = std::fabs(w[i]);
      const float value = std::fabs(gaussian(random));
      x[i] = value;
      exact += integer(value) * integer(w[i]);
      magnitude += x[i] * static_cast<double>(w[i]);
    }
    double sum = 0;
    simd_dot_block({x.data(), depth, 1, w.data(), depth, 1, depth, &sum, 1});
    const double error = std::fabs((Integer(std::ldexp(sum, 298)) - exact).convert_to<double>()) * 0x1p-298;
    EXPECT_LE(error, static_cast<double>(dot_roundings(depth)) * 0x1p-53 * magnitude) << depth;
  }
}

TEST(ExactLinear, PackedTensorIsItsDecodedRows) {
  std::mt19937_64 random(7);
  for (const auto& row : quant::format_table()) {
    const std::size_t rows = 53;
    const std::size_t cols = 2 * row.format.scaling.group + 5;
    const auto weights = draw(random, gaussian, rows * cols);
    const auto tensor = quant::quantize({weights, rows, cols}, row.format);
    std::vector<float> decoded(rows * cols);
    for (std::size_t r = 0; r < rows; ++r) tensor.decode_row(r, std::span(decoded).subspan(r * cols, cols));
    const auto x = draw(random, gaussian, 3 * cols);
    std::vector<float> dense(3 * rows, kNan);
    std::vector<float> packed(3 * rows, kNan);
    exact_linear(x, 3, decoded, rows, cols, dense);
    exact_linear(tensor, x, 3, packed, 2);
    for (std::size_t i = 0; i < dense.size(); ++i) ASSERT_EQ(bits(packed[i]), bits(dense[i])) << row.name;
  }
}

// Both rows lie on a tie up to the last product, in the same place of two blocks of rows. What was learnt of the grid
// of the first must not decide the second.
TEST(ExactLinear, RowsOfOtherBlocksHaveTheirOwnGrid) {
  constexpr std::size_t kOut = 200;
  const std::vector<float> x{1.0F, 0x1p-24F, 1.0F};
  std::vector<float> w;
  for (std::size_t o = 0; o < kOut; ++o) w.insert(w.end(), {1.0F, 1.0F, o < 48 ? 0.0F : kSmallest});
  check_layer(x, 1, w, kOut, 3, "grids");
}

TEST(ExactLinear, RefusesOtherSizes) {
  std::vector<float> x(6);
  std::vector<float> w(12);
  std::vector<float> y(8);
  EXPECT_NO_THROW(exact_linear(x, 2, w, 4, 3, y, 0));
  EXPECT_THROW(exact_linear(x, 3, w, 4, 3, y), std::invalid_argument);
  EXPECT_THROW(exact_linear(x, 2, w, 5, 3, y), std::invalid_argument);
  EXPECT_THROW(exact_linear(x, 2, w, 4, 3, std::span(y).first(7)), std::invalid_argument);
  EXPECT_THROW(exact_linear({}, 0, {}, 0, std::size_t{1} << 30, {}), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::kernels
