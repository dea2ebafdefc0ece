// Tests microscaling formats against kept and published vectors and published signal-to-noise ratios.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "quant/rules/quantize.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::quant {
namespace {

using nlohmann::json;
using Weights = std::vector<float>;

constexpr std::size_t kCols = 64;

PackedTensor quantized(const Weights& weights, const std::string& id) {
  return quantize({weights, weights.size() / kCols, kCols}, parse_format(id));
}

TEST(Microscaling, BlocksThatAreNotFiniteAreNan) {
  const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  const std::map<std::string, unsigned> nan_codes{
      {"mxfp4:g16", 0xFF},     {"mxfp8-e5m2:g16", 0xFF}, {"mxint8:g16", 0xFF},
      {"bfp6", 0xFF},          {"nvfp4", 0x7F},          {"nvint4", 0x7F},
      {"four-over-six", 0x7F}, {"fp4-ue5m3", 0xFF},      {"fp4-ue5m3:codebook=ieee", 0xFC}};
  for (const auto& [id, code] : nan_codes) {
    for (const float value : bad) {
      Weights weights(kCols, 0.5F);
      weights[17] = value;
      const auto tensor = quantized(weights, id);
      EXPECT_EQ(tensor.scale_bits(0, 1), code) << id;
      std::vector<float> decoded(kCols);
      tensor.decode_row(0, decoded);
      for (std::size_t i = 0; i < kCols; ++i) {
        EXPECT_EQ(std::isnan(decoded[i]), i / 16 == 1) << id << ' ' << i;
        EXPECT_TRUE(i / 16 != 1 || tensor.code(0, i) == 0U) << id;
      }
    }
  }
  Weights weights(kCols, 0.5F);
  weights[17] = bad[1];
  EXPECT_THROW(quantized(weights, "razer"), std::invalid_argument) << "UE3M3 has no NaN";
}

/// Products below 2^-126 are FP32 subnormals and stay what they are.
TEST(Microscaling, DecodedSubnormalsAreNotFlushed) {
  Weights weights(kCols, std::ldexp(1.0F, -140));
  weights[0] = std::ldexp(3.0F, -130);
  const auto tensor = quantized(weights, "mxfp8-e5m2");
  EXPECT_EQ(tensor.scale_bits(0, 0), 0U);
  std::vector<float> decoded(kCols);
  tensor.decode_row(0, decoded);
  EXPECT_EQ(decoded, weights);
}

/// Returns the signal to quantization noise of Gaussian weights in dB.
double qsnr(const std::string& id) {
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal;
  const std::size_t rows = 256;
  const std::size_t cols = 4096;
  Weights weights(rows * cols);
  for (auto& weight : weights) weight = normal(random);
  const auto tensor = quantize({weights, rows, cols}, parse_format(id));
  double signal = 0;
  double noise = 0;
  std::vector<float> decoded(cols);
  for (std::size_t row = 0; row < rows; ++row) {
    tensor.decode_row(row, decoded);
    for (std::size_t col = 0; col < cols; ++col) {
      const double w = weights[row * cols + col];
      signal += w * w;
      noise += (w - decoded[col]) * (w - decoded[col]);
    }
  }
  return 10 * std::log10(signal / noise);
}

TEST(Microscaling, GaussianSignalToNoise) {
  EXPECT_NEAR(qsnr("nvfp4"), 20.43, 0.05);
  EXPECT_NEAR(qsnr("four-over-six"), 21.21, 0.05);
  EXPECT_NEAR(qsnr("nvint4"), 21.28, 0.05);
  EXPECT_NEAR(qsnr("mxfp4"), 18.79, 0.05);
  EXPECT_NEAR(qsnr("mxfp4:mode=ceil"), 18.75, 0.05);
  EXPECT_NEAR(qsnr("mxfp4:mode=even"), 19.02, 0.05);
  EXPECT_NEAR(qsnr("mxint8:mode=ceil"), 41.62, 0.05);
  EXPECT_NEAR(qsnr("mxint4:mode=ceil"), 16.85, 0.05);
  RecordProperty("razer", std::to_string(qsnr("razer")));
}

/// Returns "scale selector codes" per block of sixteen in hexadecimal.
std::string summary(const PackedTensor& tensor) {
  std::string text;
  char field[8];
  for (std::size_t g = 0; g < tensor.groups(); ++g) {
    std::snprintf(field, sizeof field, "%02x%x ", tensor.scale_bits(0, g), tensor.selector(0, g));
    text += field;
    for (std::size_t i = 0; i < 16; ++i) {
      std::snprintf(field, sizeof field, "%02x", tensor.code(0, 16 * g + i));
      text += field;
    }
    text += ' ';
  }
  return text;
}

const std::map<std::string, std::string> kKept{
    {"mxfp4:g16:mode=floor", "7d0 010b0708050008060e05020d000f0306 770 020c05070e070a00060f03000d070f07 "},
    {"mxfp4:g16:mode=ceil", "7e0 00090608030008040c03010b000d0204 780 010a03050c060900040d02000b060e05 "},
    {"mxfp4:g16:mode=even", "7e0 00090608030008040c03010b000d0204 780 010a03050c060900040d02000b060e05 "},
    {"mxfp6-e2m3:g16:mode=floor", "7d0 042c1f211200201a39150933023d0d16 770 062e121b391f2800173d0c02331e3f1a "},
    {"mxfp6-e2m3:g16:mode=ceil", "7e0 022617200a002012310d052b0135060e 780 03270a13311824000f3506012b163812 "},
    {"mxfp6-e2m3:g16:mode=even", "7d0 042c1f211200201a39150933023d0d16 780 03270a13311824000f3506012b163812 "},
    {"mxfp6-e3m2:g16:mode=floor", "7b0 0f361f251900201d3c1b153a0a3e161b 750 1237191e3d1f34001c3e160b3a1f3f1d "},
    {"mxfp6-e3m2:g16:mode=ceil", "7c0 0b321c231500201938171136063a1217 760 0e33151a391c3000183a1207361b3c19 "},
    {"mxfp6-e3m2:g16:mode=even", "7c0 0b321c231500201938171136063a1217 760 0e33151a391c3000183a1207361b3c19 "},
    {"mxfp8-e4m3:g16:mode=floor", "770 5eec7eca7200807af97569f355fd6d76 710 64ee727bf97ee80077fd6c57f37efe7a "},
    {"mxfp8-e4m3:g16:mode=ceil", "780 56e477c26a008072f16d61eb4df5656e 720 5ce66a73f178e0006ff5644feb76f872 "},
    {"mxfp8-e4m3:g16:mode=even", "770 5eec7eca7200807af97569f355fd6d76 720 5ce66a73f178e0006ff5644feb76f872 "},
    {"mxfp8-e5m2:g16:mode=floor", "700 6bf27be175008079f87771f666fa7277 6a0 6ef3757af97bf00078fa7267f67bfb79 "},
    {"mxfp8-e5m2:g16:mode=ceil", "710 67ee78dd71008075f4736df262f66e73 6b0 6aef7176f578ec0074f66e63f277f875 "},
    {"mxfp8-e5m2:g16:mode=even", "710 67ee78dd71008075f4736df262f66e73 6b0 6aef7176f578ec0074f66e63f277f875 "},
    {"mxint8:g16:mode=floor", "7f0 07e87aff29000050ba3513d3039a1a3a 790 0ce3295ab67df0003d9a1904d3738352 "},
    {"mxint8:g16:mode=ceil", "7f0 07e87aff29000050ba3513d3039a1a3a 790 0ce3295ab67df0003d9a1904d3738352 "},
    {"mxint8:g16:mode=even", "7f0 07e87aff29000050ba3513d3039a1a3a 790 0ce3295ab67df0003d9a1904d3738352 "},
    {"mxint4:g16:mode=floor", "7f0 000f0700030000050c03010d000a0204 790 010e03060b070f00040a02000d070905 "},
    {"mxint4:g16:mode=ceil", "800 000f0400010000020e02010f000d0102 7a0 000f01030e040f00020d01000f040c03 "},
    {"mxint4:g16:mode=even", "800 000f0400010000020e02010f000d0102 7a0 000f01030e040f00020d01000f040c03 "},
    {"bfp6:mode=ceil", "7f0 023a1e000a0000142e0d05350126060e 7a0 023c050b37103e00083303003a0e300a "},
    {"nvfp4:recipe=division:global=decode",
     "7e0 010a0708040008060d05020c000f0305 4e0 010b04060e070a00050f02000c070f06 "},
    {"nvfp4:recipe=division:global=encode",
     "7e0 010a0708040008060d05020c000f0305 4e0 010b04060e070a00050f02000c070f06 "},
    {"nvfp4:recipe=reciprocal:global=decode",
     "7e0 010a0708040008060d05020c000f0305 4e0 010b04060e070a00050f02000c070f06 "},
    {"nvfp4:recipe=reciprocal:global=encode",
     "7e0 010a0708040008060d05020c000f0305 4e0 010b04060e070a00050f02000c070f06 "},
    {"nvfp4:recipe=clamp:global=decode", "7e0 010a0708040008060d05020c000f0305 4e0 010b04060e070a00050f02000c070f06 "},
    {"nvfp4:recipe=clamp:global=encode", "7e0 010a0708040008060d05020c000f0305 4e0 010b04060e070a00050f02000c070f06 "},
    {"nvint4", "7e0 000f0700020000050c03010d000a0103 4e0 010e02050c070f00040a01000d070905 "},
    {"fp4-ue5m3", "6a0 010a0708040008060e05020c000f0305 3a0 010b04060e070a00050f02000c070f06 "},
    {"four-over-six", "7c0 000a0608030008050c03010b000d0204 4c0 010a03050c060900040d02000b060e05 "},
    {"razer", "3e1 010a0700040000060d05020c00080305 0e1 010b04060e070a00050802000c070f06 "},
};

/// Two blocks of sixteen, an ordinary and a small one. The scale and the codes of each were computed by the rational
/// reference and are kept here.
TEST(Microscaling, KeptVectors) {
  const Weights weights{0.11F,   -0.37F, 1.9F,   -0.02F,  0.64F,  0.0F,    -0.0F,   1.25F,  -1.1F,    0.83F,   0.29F,
                        -0.71F,  0.05F,  -1.6F,  0.4F,    0.9F,   3e-3F,   -7e-3F,  0.01F,  0.022F,   -0.018F, 0.0305F,
                        -0.004F, 0.0F,   0.015F, -0.025F, 0.006F, 0.0009F, -0.011F, 0.028F, -0.0305F, 0.02F};
  for (const auto& [id, expected] : kKept) {
    const auto tensor = quantize({weights, 1, 32}, parse_format(id));
    EXPECT_EQ(summary(tensor), expected) << id;
  }
}

class MicroscalingVectors : public testing::Test {
 protected:
  void SetUp() override {
    const auto path = tested_source() / "../shared/vectors/microscaling.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference vectors at " << path;
    std::ifstream(path) >> file_;
  }

  static float number(const json& hex) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(std::stoul(hex.get<std::string>(), nullptr, 16)));
  }
  static Weights numbers(const json& list) {
    Weights values;
    for (const auto& hex : list) values.push_back(number(hex));
    return values;
  }
  /// These are bits, so that -0 is not 0.
  static std::vector<std::uint32_t> patterns(const Weights& values) {
    std::vector<std::uint32_t> found;
    for (const float value : values) found.push_back(std::bit_cast<std::uint32_t>(value));
    return found;
  }

  json file_;
};

TEST_F(MicroscalingVectors, Blocks) {
  const std::map<std::string, std::string> names{{"MXFP4", "mxfp4"},           {"MXFP8_E4M3", "mxfp8-e4m3"},
                                                 {"MXFP8_E5M2", "mxfp8-e5m2"}, {"MXFP6_E2M3", "mxfp6-e2m3"},
                                                 {"MXFP6_E3M2", "mxfp6-e3m2"}, {"MXINT8", "mxint8"}};
  std::size_t blocks = 0;
  for (const auto& [key, name] : names) {
    if (!file_["blocks"].contains(key)) continue;
    for (const auto& block : file_["blocks"][key]) {
      const auto weights = numbers(block["input_f32"]);
      for (const std::string mode : {"floor", "ceil", "even"}) {
        SCOPED_TRACE(name + " " + block["name"].get<std::string>() + " " + mode);
        const auto tensor = quantize({weights, 1, weights.size()}, parse_format(name + ":mode=" + mode));
        const auto& expected = block[mode];
        EXPECT_EQ(tensor.scale_bits(0, 0), expected["scale_e8m0"].get<unsigned>());
        Weights decoded(weights.size());
        tensor.decode_row(0, decoded);
        for (std::size_t i = 0; i < weights.size(); ++i) {
          const unsigned mask = (1U << tensor.format.alphabet.code_bits) - 1;
          EXPECT_EQ(tensor.code(0, i), static_cast<unsigned>(expected["codes"][i].get<int>()) & mask) << i;
        }
        for (std::size_t i = 0; i < weights.size(); ++i) {
          const auto& value = expected["dequant"][i];
          const float wanted = value.is_string() ? std::stof(value.get<std::string>()) : value.get<float>();
          EXPECT_EQ(patterns({decoded[i]}), patterns({wanted})) << i;
        }
        ++blocks;
      }
    }
  }
  EXPECT_GE(blocks, 45U);
}

TEST_F(MicroscalingVectors, NvFp4Recipes) {
  const auto& tensors = file_["blocks"]["NVFP4"];
  Weights weights;
  for (const auto& block : tensors["input_f32"]) {
    const auto values = numbers(block);
    weights.insert(weights.end(), values.begin(), values.end());
  }
  const std::map<std::string, std::string> ids{{"division", "nvfp4"},
                                               {"division_clamp", "nvfp4:recipe=clamp"},
                                               {"reciprocal", "nvfp4:recipe=reciprocal:global=encode"}};
  for (const auto& [key, id] : ids) {
    const auto& expected = tensors[key];
    const auto tensor = quantize({weights, weights.size() / 16, 16}, parse_format(id));
    const bool encode = key == "reciprocal";
    EXPECT_EQ(tensor.tensor_scale, number(expected[encode ? "global_encode_scale_f32" : "global_decode_scale_f32"]));
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      const auto& block = expected["blocks"][row];
      SCOPED_TRACE(key + " " + block["name"].get<std::string>());
      EXPECT_EQ(tensor.scale_bits(row, 0), block["scale_ue4m3"].get<unsigned>());
      std::vector<unsigned> codes;
      for (std::size_t i = 0; i < 16; ++i) codes.push_back(tensor.code(row, i));
      EXPECT_EQ(codes, block["codes"].get<std::vector<unsigned>>());
      Weights decoded(16);
      tensor.decode_row(row, decoded);
      EXPECT_EQ(patterns(decoded), patterns(numbers(block["dequant_f32"])));
    }
  }
}

}  // namespace
}  // namespace subbyte::quant
