// Tests fp4_quant: golden against quant/'s quantizers, exact rationals, doubles that are exact, and the reference
// vectors.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/parts/random_values.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/fp4_quant_cases.hpp"
#include "tests/support/paths.hpp"

namespace subbyte {
namespace {

using kernels::Fp4Mode;
using kernels::Fp4QuantConfig;

constexpr const char* kModes[] = {"floor", "ceil", "even"};

/// Returns the blocks of a random stimulus of the unit.
std::vector<Patterns> random_blocks(unsigned block, bool bf16, const char* format, std::size_t count,
                                    std::uint64_t seed) {
  const auto& info = kernels::unit("fp4_quant");
  const auto point = kernels::resolve(info, {{"block", block}, {"bf16", bf16}});
  const auto stimulus = info.random(point, {quant::parse_format(format), count, seed, {}, false});
  std::vector<Patterns> blocks(count, Patterns(block));
  std::vector<std::uint64_t> beat(stimulus.input.words);
  for (std::size_t i = 0; i < count; ++i) {
    stimulus.input.fill(i, beat);
    for (unsigned k = 0; k < block; ++k) blocks[i][k] = static_cast<std::uint16_t>(kernels::get_bits(beat, 16 * k, 16));
  }
  return blocks;
}

/// Returns block `group` of the only row of a packed tensor.
QuantizedBlock block_of(const quant::PackedTensor& tensor, std::size_t group, std::size_t size) {
  QuantizedBlock block{tensor.scale_bits(0, group), {}};
  for (std::size_t i = 0; i < size; ++i) block.codes.push_back(tensor.code(0, group * size + i));
  return block;
}

TEST(Fp4Quant, MxModesAreQuantsBitForBit) {
  std::size_t blocks = 0, scales_at_the_end = 0;
  for (const bool bf16 : {false, true}) {
    for (const unsigned size : {8U, 16U, 32U}) {
      for (unsigned mode = 0; mode < 3; ++mode) {
        const std::string format = "mxfp4:g" + std::to_string(size) + ":mode=" + kModes[mode];
        const auto all = random_blocks(size, bf16, "mxfp4", 4000, 100 * size + mode);
        std::vector<float> weights;
        for (const auto& values : all) {
          for (const float number : floats_of(values, bf16)) weights.push_back(number);
        }
        const auto tensor = quant::quantize({weights, 1, weights.size()}, quant::parse_format(format));
        for (std::size_t i = 0; i < all.size(); ++i) {
          const auto found = golden_block({static_cast<Fp4Mode>(mode)}, all[i], bf16);
          ASSERT_EQ(found, block_of(tensor, i, size)) << format << (bf16 ? " bf16" : " fp16") << " block " << i;
          scales_at_the_end += found.scale == 0 ? 1 : 0;
          ++blocks;
        }
      }
    }
  }
  std::cout << blocks << " blocks, " << scales_at_the_end << " of them with scale 0\n";
  EXPECT_GT(scales_at_the_end, 100U);
}

// For every amax there is, in every mode, compares the scale with that of quant's rule, and the code of amax itself.
TEST(Fp4Quant, EveryAmaxInEveryMxMode) {
  for (const bool bf16 : {false, true}) {
    std::vector<float> weights;
    for (std::uint16_t pattern = 0; pattern < infinity16(bf16); ++pattern) {
      weights.push_back(static_cast<float>(value16(pattern, bf16)));
    }
    for (unsigned mode = 0; mode < 3; ++mode) {
      const auto format = quant::parse_format(std::string("mxfp4:g1:mode=") + kModes[mode]);
      const auto tensor = quant::quantize({weights, 1, weights.size()}, format);
      for (std::uint16_t pattern = 0; pattern < infinity16(bf16); ++pattern) {
        const Patterns values{pattern};
        ASSERT_EQ(golden_block({static_cast<Fp4Mode>(mode)}, values, bf16), block_of(tensor, pattern, 1)) << pattern;
      }
    }
  }
}

TEST(Fp4Quant, BlocksThatAreNotFiniteAreNanAsInQuant) {
  for (const bool bf16 : {false, true}) {
    for (const std::uint16_t bad : {0, 1, 0x40, 0x7F}) {
      for (unsigned mode = 0; mode < 4; ++mode) {
        for (unsigned place = 0; place < 16; ++place) {
          Patterns values(16, 0x8000);
          values[(place + 3) % 16] = 0x3C00;
          values[place] = static_cast<std::uint16_t>(infinity16(bf16) + bad + (place % 2 << 15));
          const QuantizedBlock expected{mode == 3 ? 0x7FU : 0xFFU, std::vector<unsigned>(16)};
          EXPECT_EQ(golden_block({static_cast<Fp4Mode>(mode)}, values, bf16), expected);
        }
      }
    }
  }
  for (const char* name : {"mxfp4:g16", "nvfp4"}) {
    std::vector<float> weights(16, -1);
    weights[5] = std::numeric_limits<float>::infinity();
    const auto tensor = quant::quantize({weights, 1, 16}, quant::parse_format(name));
    const QuantizedBlock expected{name[0] == 'n' ? 0x7FU : 0xFFU, std::vector<unsigned>(16)};
    EXPECT_EQ(block_of(tensor, 0, 16), expected) << name;
  }
  for (const std::uint32_t bad : {0x7F800000U, 0xFF800000U, 0x7FC00000U, 0xFFFFFFFFU}) {
    const Patterns values{0x3C00, 0xBC00};
    const QuantizedBlock nan{0x7F, {0, 0}};
    EXPECT_EQ(golden_block({Fp4Mode::kNvfp4, bad, 0x3F800000}, values, false), nan);
    EXPECT_EQ(golden_block({Fp4Mode::kNvfp4, 0x3F800000, bad}, values, false), nan);
    EXPECT_EQ(golden_block({Fp4Mode::kEven, bad, bad}, values, false).scale,
              125U);  // nothing to the MX modes
  }
}

// Takes every finite value under every power of two, and under divisors of 28 bits.
TEST(Fp4Quant, EveryValueUnderManyDivisors) {
  kernels::Random random(3);
  for (const bool bf16 : {false, true}) {
    std::vector<Fp4QuantConfig> configs(1);
    for (int i = 0; i < 80; ++i) {
      const std::uint32_t dec = (127 - 20 + random.below(24)) << 23 | static_cast<std::uint32_t>(random.next()) >> 9;
      configs.push_back(
          {Fp4Mode::kNvfp4, 0, i % 8 == 0 ? static_cast<std::uint32_t>(random.next()) & 0x7F7FFFFF : dec});
    }
    for (const auto& config : configs) {
      const bool mx = config.mode != Fp4Mode::kNvfp4;
      for (unsigned i = 0; i < (mx ? 255U : 2U); ++i) {
        const unsigned byte = mx ? i : random.below(127);
        const auto divisor = kernels::fp4_divisor(config, {static_cast<std::uint8_t>(byte), false});
        const double dec = static_cast<double>(std::bit_cast<float>(config.dec));
        const double d = mx ? std::ldexp(1, static_cast<int>(byte) - 127) : fp4_scale_reference(1, byte) * dec;
        ASSERT_EQ(std::ldexp(divisor.significand, divisor.exponent), d);
        for (std::uint16_t pattern = 0; pattern < infinity16(bf16); ++pattern) {
          const auto value = static_cast<std::uint16_t>(pattern | (pattern % 3 == 0 ? 0x8000 : 0));
          ASSERT_EQ(kernels::fp4_code(value, divisor, bf16), code_reference(value16(value, bf16), d))
              << value << ' ' << d;
        }
      }
    }
  }
}

// ---- nvfp4 ----

TEST(Fp4Quant, Nvfp4IsExact) {
  kernels::Random random(9);
  std::size_t saturated = 0, vanished = 0;
  for (const bool bf16 : {false, true}) {
    const auto blocks = random_blocks(16, bf16, "nvfp4", 3000, 21 + (bf16 ? 1 : 0));
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      std::uint32_t dec = (127 - 12 + random.below(16)) << 23 | static_cast<std::uint32_t>(random.next()) >> 9;
      std::uint32_t enc = std::bit_cast<std::uint32_t>(1 / (6 * std::bit_cast<float>(dec)));
      if (i % 5 == 0) dec = static_cast<std::uint32_t>(random.next()) & 0xFF7FFFFF;
      if (i % 5 == 1) enc = static_cast<std::uint32_t>(random.next()) & 0xFF7FFFFF;
      if (i % 25 == 2) (i % 2 == 0 ? dec : enc) = static_cast<std::uint32_t>(random.next()) >> (9 + random.below(24));
      const auto found = golden_block({Fp4Mode::kNvfp4, enc, dec}, blocks[i], bf16);
      if ((enc & 0x7F800000) == 0x7F800000 || (dec & 0x7F800000) == 0x7F800000) continue;
      ASSERT_EQ(found, nvfp4_reference(blocks[i], bf16, enc, dec)) << i << std::hex << ' ' << enc << ' ' << dec;
      saturated += found.scale == 0x7E ? 1 : 0;
      vanished += found.scale == 0 ? 1 : 0;
    }
  }
  EXPECT_GT(saturated, 100U);
  EXPECT_GT(vanished, 100U);
}

// Takes amax whose product with enc is a midpoint of two stored scales, and its neighbours: every one of the 126.
TEST(Fp4Quant, EveryTieOfTheStoredScale) {
  const auto amax_of = [](double value) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    return static_cast<std::uint16_t>(bits >> 16);  // exact: midpoints have five bits
  };
  for (unsigned code = 0; code < 126; ++code) {
    const double midpoint = (fp4_scale_reference(1, code) + fp4_scale_reference(1, code + 1)) / 2;
    const auto middle = amax_of(midpoint);
    ASSERT_EQ(value16(middle, true), midpoint);
    for (const int step : {-1, 0, 1}) {
      const Patterns values{static_cast<std::uint16_t>(middle + step)};
      const unsigned expected = step < 0 ? code : step > 0 ? code + 1 : code + code % 2;
      EXPECT_EQ(golden_block({Fp4Mode::kNvfp4, 0x3F800000, 0x3F800000}, values, true).scale, expected);
    }
    for (const std::uint32_t enc : {0x3F7FFFFFU, 0x3F800001U}) {  // beside the tie by less than any bit of amax
      const Patterns values{middle};
      const unsigned expected = enc < 0x3F800000 ? code : code + 1;
      EXPECT_EQ(golden_block({Fp4Mode::kNvfp4, enc, 0x3F800000}, values, true).scale, expected);
    }
  }
  const Patterns beyond{amax_of(464), amax_of(480), amax_of(1e38)};
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(golden_block({Fp4Mode::kNvfp4, 0x3F800000, 0x3F800000}, std::span(beyond).subspan(i, 1), true).scale,
              0x7EU);
  }
}

// The software recipe divides in FP32, with a rounding at each step; the unit multiplies by 1 / (6 g),
// rounded to FP32 once, and compares exactly. They differ at ties and beside them, which BF16 values, having
// few bits, meet more often.
TEST(Fp4Quant, HowOftenTheSoftwareRecipeDiffers) {
  for (const bool bf16 : {false, true}) {
    kernels::Random random(5);
    std::size_t blocks = 0, scales = 0, codes = 0;
    for (unsigned t = 0; t < 20; ++t) {
      std::vector<float> weights;
      Patterns patterns;
      const double size = std::exp2(random.gaussian());
      for (unsigned i = 0; i < 16 * 5000; ++i) {
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(random.gaussian() * size));
        const auto half = static_cast<std::uint16_t>(
            bf16
                ? bits >> 16
                : quant::scale_info(quant::ScaleFormat::kFp16).encode(static_cast<double>(std::bit_cast<float>(bits))));
        patterns.push_back(half);
        weights.push_back(static_cast<float>(value16(half, bf16)));
      }
      const auto tensor = quant::quantize({weights, 1, weights.size()}, quant::parse_format("nvfp4"));
      const float g = tensor.tensor_scale;
      const Fp4QuantConfig config{Fp4Mode::kNvfp4, std::bit_cast<std::uint32_t>(1 / (6 * g)),
                                  std::bit_cast<std::uint32_t>(g)};
      for (std::size_t i = 0; i < patterns.size() / 16; ++i) {
        const auto found = golden_block(config, std::span(patterns).subspan(16 * i, 16), bf16);
        const auto software = block_of(tensor, i, 16);
        ++blocks;
        scales += found.scale != software.scale ? 1 : 0;
        if (found.scale != software.scale) continue;
        for (unsigned k = 0; k < 16; ++k) codes += found.codes[k] != software.codes[k] ? 1 : 0;
      }
    }
    std::cout << (bf16 ? "bf16: " : "fp16: ") << blocks << " blocks: " << scales
              << " scales differ; under equal scales " << codes << " of " << 16 * (blocks - scales)
              << " codes differ\n";
    EXPECT_LE(scales, blocks / 100);
    EXPECT_LE(codes, 16 * blocks / 1000);
  }
}

TEST(Fp4Quant, BlocksOfTheReferenceVectors) {
  const auto path = tested_source() / "../shared/vectors/microscaling.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference vectors at " << path;
  nlohmann::json file;
  std::ifstream(path) >> file;
  unsigned compared = 0;
  for (const auto& block : file["blocks"]["MXFP4"]) {
    for (const bool bf16 : {false, true}) {
      Patterns values;
      bool fits = true;
      for (const auto& hex : block["input_f32"]) {
        const auto number =
            std::bit_cast<float>(static_cast<std::uint32_t>(std::stoul(hex.get<std::string>(), nullptr, 16)));
        const auto stored = bf16 ? quant::ScaleFormat::kBf16 : quant::ScaleFormat::kFp16;
        values.push_back(static_cast<std::uint16_t>(quant::scale_info(stored).encode(static_cast<double>(number))));
        fits = fits && value16(values.back(), bf16) == static_cast<double>(number);
      }
      if (!fits) continue;
      for (unsigned mode = 0; mode < 3; ++mode) {
        const auto& expected = block[kModes[mode]];
        const auto found = golden_block({static_cast<Fp4Mode>(mode)}, values, bf16);
        EXPECT_EQ(found.scale, expected["scale_e8m0"].get<unsigned>());
        EXPECT_EQ(found.codes, expected["codes"].get<std::vector<unsigned>>()) << block["name"] << kModes[mode];
        ++compared;
      }
    }
  }
  std::cout << compared << " blocks and modes fit FP16 or BF16\n";
  EXPECT_GE(compared, 12U);
}

}  // namespace
}  // namespace subbyte
