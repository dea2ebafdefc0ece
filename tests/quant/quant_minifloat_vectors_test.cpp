// Tests elements and scales against the published decode tables and conversions, where they are present.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "quant/formats/formats.hpp"
#include "quant/formats/scale_format.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::quant {
namespace {

using nlohmann::json;

class MinifloatVectors : public testing::Test {
 protected:
  void SetUp() override {
    const auto path = tested_source() / "../shared/vectors/microscaling.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference vectors at " << path;
    std::ifstream(path) >> file_;
  }

  static std::uint32_t bits(const json& hex) {
    return static_cast<std::uint32_t>(std::stoul(hex.get<std::string>(), nullptr, 16));
  }
  static std::uint32_t bits(double value) {
    return std::isnan(value) ? 0x7FC00000U : std::bit_cast<std::uint32_t>(static_cast<float>(value));
  }

  json file_;
};

TEST_F(MinifloatVectors, DecodeTables) {
  const std::map<std::string, std::string> elements{{"E2M1", "mxfp4"},
                                                    {"E2M3", "mxfp6-e2m3"},
                                                    {"E3M2", "mxfp6-e3m2"},
                                                    {"E4M3", "mxfp8-e4m3"},
                                                    {"E5M2", "mxfp8-e5m2"}};
  for (const auto& [key, id] : elements) {
    const auto alphabet = parse_format(id).alphabet;
    const auto& rows = file_["decode_tables"][key]["rows"];
    EXPECT_EQ(rows.size(), alphabet.numerators.size());
    for (const auto& row : rows) {
      const unsigned code = row["code"];
      EXPECT_EQ(bits(alphabet.level(code)) & (std::isnan(alphabet.level(code)) ? 0x7FC00000U : ~0U), bits(row["f32"]))
          << key << ' ' << code;
    }
  }
  const std::map<std::string, ScaleFormat> scales{{"UE4M3", ScaleFormat::kUe4m3},
                                                  {"UE5M3", ScaleFormat::kUe5m3},
                                                  {"UE5M3_IEEE", ScaleFormat::kUe5m3Ieee},
                                                  {"E8M0", ScaleFormat::kE8m0}};
  for (const auto& [key, format] : scales) {
    for (const auto& row : file_["decode_tables"][key]["rows"]) {
      const unsigned code = row["code"];
      EXPECT_EQ(bits(scale_info(format).decode(code)), bits(row["f32"])) << key << ' ' << code;
    }
  }
  const auto integers = parse_format("mxint8").alphabet;
  for (const auto& row : file_["decode_tables"]["MXINT8"]["rows"]) {
    EXPECT_EQ(integers.level(row["code"]), row["value"].get<double>());
  }
}

TEST_F(MinifloatVectors, Conversions) {
  const std::map<std::string, std::string> elements{{"E2M1", "mxfp4"},
                                                    {"E2M3", "mxfp6-e2m3"},
                                                    {"E3M2", "mxfp6-e3m2"},
                                                    {"E4M3", "mxfp8-e4m3"},
                                                    {"E5M2", "mxfp8-e5m2"}};
  const std::map<std::string, ScaleFormat> scales{
      {"UE4M3", ScaleFormat::kUe4m3}, {"UE5M3", ScaleFormat::kUe5m3}, {"UE5M3_IEEE", ScaleFormat::kUe5m3Ieee}};
  for (const auto& [key, rows] : file_["fp32_to_elem_saturating_rne"].items()) {
    for (const auto& row : rows) {
      const float value = std::bit_cast<float>(bits(row[0]));
      const auto code = elements.contains(key) ? parse_format(elements.at(key)).alphabet.minifloat->encode(value)
                                               : scale_info(scales.at(key)).encode(value);
      EXPECT_EQ(code, row[1].get<unsigned>()) << key << ' ' << row[0];
    }
  }
}

}  // namespace
}  // namespace subbyte::quant
