// Tests every code of every minifloat, and every weight at a border of two codes, with one FP32 step to either side.
#include <gtest/gtest.h>

#include <random>

#include "quant/base/simd_targets.hpp"
#include "quant/rules/group_kernels.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/quant/microscaling_reference.hpp"

namespace subbyte::quant {
namespace {

using microscaling::Element;
using microscaling::Rational;

struct Layout {
  std::string name;
  Minifloat minifloat;
  Element element;  ///< finite codes
};

unsigned finite_codes(unsigned bits, unsigned exponent_bits, unsigned mantissa_bits, bool fp) {
  const unsigned all = 1U << (exponent_bits + mantissa_bits);
  if (fp) return all - (1U << mantissa_bits);
  return bits == 8 ? all - 1 : all;
}

std::vector<Layout> layouts() {
  std::vector<Layout> found;
  for (unsigned exponent_bits = 1; exponent_bits <= 6; ++exponent_bits) {
    for (unsigned mantissa_bits = 0; exponent_bits + mantissa_bits <= 7; ++mantissa_bits) {
      if (exponent_bits + mantissa_bits < 2 || (exponent_bits > 5 && mantissa_bits > 0)) continue;
      for (const std::string flavour : {"fn", "fp"}) {
        const bool fp = flavour == "fp";
        if (fp && exponent_bits == 1) continue;
        const int ieee = (1 << (exponent_bits - 1)) - 1;
        for (const int bias : {ieee, ieee + 1, ieee - 3, ieee - 8}) {
          const unsigned bits = 1 + exponent_bits + mantissa_bits;
          std::string name = "e" + std::to_string(exponent_bits) + "m" + std::to_string(mantissa_bits);
          if (bias != ieee) name += ":bias=" + std::to_string(bias);
          if (fp) name += ":flavour=fp";
          found.push_back({name, *parse_format(name).alphabet.minifloat,
                           microscaling::minifloat(static_cast<int>(exponent_bits), static_cast<int>(mantissa_bits),
                                                   bias, finite_codes(bits, exponent_bits, mantissa_bits, fp))});
        }
      }
    }
  }
  return found;
}

TEST(Minifloats, EveryCodeDecodesToItsFields) {
  std::size_t codes = 0;
  for (const auto& [name, minifloat, element] : layouts()) {
    SCOPED_TRACE(name);
    const unsigned half = 1U << (element.bits - 1);
    for (unsigned code = 0; code < 2 * half; ++code) {
      const double value = minifloat.decode(code);
      const unsigned magnitude = code & (half - 1);
      ++codes;
      if (magnitude < element.magnitudes.size()) {
        EXPECT_EQ(Rational(value), microscaling::level(element, code)) << code;
        EXPECT_EQ(std::signbit(value), code >= half) << code;
        EXPECT_EQ(minifloat.encode(value), code);
      } else if (minifloat.flavour == MinifloatFlavour::kIeee && magnitude == element.magnitudes.size()) {
        EXPECT_TRUE(std::isinf(value) && std::signbit(value) == (code >= half)) << code;
      } else {
        EXPECT_TRUE(std::isnan(value)) << code;
      }
    }
    EXPECT_EQ(Rational(minifloat.largest()), element.magnitudes.back());
    EXPECT_EQ(minifloat.encode(std::numeric_limits<double>::infinity()), minifloat.largest_code());
  }
  EXPECT_GT(codes, 10000U);
}

/// Returns all levels, borders of two codes, one step to either side, and numbers far below and far above, of both
/// signs.
std::vector<float> probes(const Element& element, float scale) {
  std::vector<Rational> points = element.magnitudes;
  for (std::size_t i = 1; i < element.magnitudes.size(); ++i) {
    points.push_back((element.magnitudes[i] + element.magnitudes[i - 1]) / 2);
  }
  points.push_back(element.magnitudes.back() * Rational(3, 2));
  points.push_back(element.magnitudes[1] / 1024);
  std::vector<float> found{0.0F, -0.0F, 1e-45F, 3e38F};
  for (const auto& point : points) {
    const float value = microscaling::fp32(point * microscaling::exact(scale));
    for (const float near : {value, std::nextafter(value, 0.0F), std::nextafter(value, 3e38F)}) {
      if (!std::isfinite(near)) continue;
      found.push_back(near);
      found.push_back(-near);
    }
  }
  return found;
}

template <typename Check>
void on_every_target(Check check) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::GetChosenTarget().Update(target);
    check();
  }
  hwy::GetChosenTarget().DeInit();
}

std::vector<std::uint8_t> expected_codes(const Element& element, const std::vector<float>& weights, float scale) {
  std::vector<std::uint8_t> codes;
  for (const float weight : weights) {
    const Rational ratio = abs(microscaling::exact(weight)) / microscaling::exact(scale);
    const unsigned code = microscaling::nearest(element.magnitudes, ratio);
    codes.push_back(static_cast<std::uint8_t>(microscaling::with_sign(element, code, weight)));
  }
  return codes;
}

/// Returns FP16 scales (11 bits), a power of two, one of 15 bits and one of 16 (the plain loop's), and 0.
TEST(Minifloats, EncodingAtEveryBorder) {
  for (const auto& [name, minifloat, element] : layouts()) {
    SCOPED_TRACE(name);
    for (const float scale : {1.0F, 0x1p-9F, 0x1.554p-7F, 0x1.FFCp3F, 0x1.FFFCp0F, 0x1.FFFEp0F}) {
      const auto weights = probes(element, scale);
      const auto expected = expected_codes(element, weights, scale);
      std::vector<std::uint8_t> codes(weights.size());
      scalar_kernels().encode_minifloat(weights, minifloat, scale, codes);
      ASSERT_EQ(codes, expected) << scale;
      on_every_target([&] {
        std::ranges::fill(codes, std::uint8_t{0xEE});
        simd_kernels().encode_minifloat(weights, minifloat, scale, codes);
        ASSERT_EQ(codes, expected) << scale;
      });
    }
    for (const auto* kernels : {&scalar_kernels(), &simd_kernels()}) {
      const std::vector<float> weights{1.0F, -1.0F, 0.0F, -0.0F};
      std::vector<std::uint8_t> codes(4);
      kernels->encode_minifloat(weights, minifloat, 0, codes);
      const auto sign = static_cast<std::uint8_t>(element.sign);
      EXPECT_EQ(codes, (std::vector<std::uint8_t>{0, sign, 0, sign}));
    }
  }
}

/// Checks FP32 quotients and products with reciprocals, for scales with all 24 bits.
TEST(Minifloats, Fp32RatiosAreRoundedTwice) {
  std::mt19937_64 random(4);
  for (const std::string id : {"nvfp4", "mxfp8-e4m3", "mxfp8-e5m2", "mxfp6-e2m3", "e3m0", "nvint4"}) {
    const auto format = parse_format(id);
    const auto book = codebook(format);
    const auto& minifloat = format.alphabet.minifloat;
    const auto element = minifloat ? microscaling::minifloat(static_cast<int>(minifloat->exponent_bits),
                                                             static_cast<int>(minifloat->mantissa_bits),
                                                             minifloat->bias, minifloat->largest_code() + 1)
                                   : microscaling::integer(4, 0);
    for (int trial = 0; trial < 12; ++trial) {
      const float scale = std::ldexp(1 + static_cast<float>(random() % 8388608) / 8388608, trial * 20 - 130);
      const auto weights = probes(element, scale);
      for (const std::string name : {"division", "reciprocal"}) {
        const auto wanted = microscaling::recipe_codes(weights, element, scale, {name});
        std::vector<std::uint8_t> codes(weights.size());
        const auto check = [&](const GroupKernels& kernels) {
          std::ranges::fill(codes, std::uint8_t{0xEE});
          kernels.encode_fp32(weights, book, {scale, name == "reciprocal"}, codes);
          for (std::size_t i = 0; i < codes.size(); ++i) {
            ASSERT_EQ(codes[i] & ((1U << element.bits) - 1), wanted[i]) << id << ' ' << weights[i] << " / " << scale;
          }
        };
        check(scalar_kernels());
        on_every_target([&] { check(simd_kernels()); });
      }
    }
  }
}

/// The plain sum is good to 2^-43 and must agree within both bounds, for scales of all widths.
TEST(Minifloats, PreciseErrorsAreWithinTheirBound) {
  std::mt19937_64 random(14);
  std::normal_distribution<float> normal;
  const auto book = codebook(parse_format("razer"));
  for (const std::size_t size : {1U, 7U, 16U, 23U, 32U, 100U}) {
    std::vector<float> weights(size);
    for (auto& weight : weights) weight = normal(random);
    for (const auto& grid : book.grids) {
      for (const double scale : {0.0, 0x1.FFFFFEp-3, 0x1.2345678p-4, 0x1p-140, 0x1p120}) {
        const auto plain = scalar_kernels().precise_error(weights, grid, scale);
        on_every_target([&] {
          const auto fast = simd_kernels().precise_error(weights, grid, scale);
          EXPECT_LE(std::abs(plain.value - fast.value), plain.error + fast.error);
          EXPECT_LE(fast.error, fast.value * 1e-13);
        });
      }
    }
  }
}

/// One pass over the magnitudes finds what two grids with the special value of either sign find.
TEST(Minifloats, SpecialErrorsAreThoseOfBothGrids) {
  std::mt19937_64 random(15);
  std::normal_distribution<float> normal;
  const auto format = parse_format("razer");
  const auto book = codebook(format);
  const std::vector<double> magnitudes{0, 0.5, 1, 1.5, 2, 3, 4, 6};
  std::size_t unused = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<float> weights(1 + random() % 40);
    const float size = trial % 3 == 0 ? 0.5F : 3.0F;
    for (auto& weight : weights) weight = trial % 7 == 0 ? std::round(8 * normal(random)) / 2 : size * normal(random);
    const double scale = trial % 11 == 0 ? 0 : trial % 2 == 0 ? 1 : 0x1.2345678p-1;
    for (unsigned pair = 0; pair < 4; pair += 2) {
      const auto plus = scalar_kernels().precise_error(weights, book.grids[pair], scale);
      const auto minus = scalar_kernels().precise_error(weights, book.grids[pair + 1], scale);
      const auto check = [&](const GroupKernels& kernels) {
        const auto found = kernels.special_errors(weights, magnitudes, pair == 0 ? 5 : 8, scale);
        EXPECT_LE(std::abs(found.positive.value - plus.value), found.positive.error + plus.error);
        EXPECT_LE(std::abs(found.negative.value - minus.value), found.negative.error + minus.error);
        EXPECT_LE(found.positive.error, 1e-13 * (plus.value + minus.value) + found.negative.error);
        if (!found.used) {
          ++unused;
          EXPECT_EQ(plus.value, minus.value);
        }
      };
      check(scalar_kernels());
      on_every_target([&] { check(simd_kernels()); });
    }
  }
  EXPECT_GT(unused, 100U);
}

TEST(Minifloats, NamesAreChecked) {
  EXPECT_EQ(parse_format("e4m3").alphabet.minifloat->largest(), 448.0);
  EXPECT_EQ(parse_format("e5m2:flavour=fp").alphabet.minifloat->largest(), 57344.0);
  EXPECT_EQ(parse_format("e2m1:bias=1").id(), "e2m1:g128") << "the default is not part of the id";
  EXPECT_EQ(parse_format("e2m1:bias=2:g64").id(), "e2m1:g64:bias=2");
  EXPECT_THROW(parse_format("e1m2:flavour=fp"), FormatError);
  EXPECT_THROW(parse_format("e8m0"), FormatError);
  EXPECT_THROW(parse_format("e7m0"), FormatError) << "its levels have no common 64-bit unit";
  EXPECT_THROW(parse_format("e2m1:bias=1000"), FormatError);
}

}  // namespace
}  // namespace subbyte::quant
