// Tests bit identity to the published reference vectors (../shared/vectors/bitmod.json), where they are present.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "quant/base/float16.hpp"
#include "quant/formats/term_program.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::quant {
namespace {

using nlohmann::json;

std::vector<std::uint16_t> halves_of(const std::string& hex) {
  std::vector<std::uint16_t> halves;
  for (std::size_t i = 0; i < hex.size(); i += 4) {
    halves.push_back(static_cast<std::uint16_t>(std::stoul(hex.substr(i, 4), nullptr, 16)));
  }
  return halves;
}

class ReferenceVectors : public testing::Test {
 protected:
  void SetUp() override {
    const auto path = tested_source() / "../shared/vectors/bitmod.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference vectors at " << path;
    std::ifstream(path) >> file_;
  }

  std::vector<json> of_kind(const std::string& kind) const {
    std::vector<json> found;
    for (const auto& vector : file_["vectors"]) {
      if (vector["kind"] == kind) found.push_back(vector);
    }
    return found;
  }

  json file_;
};

/// Returns a vector's weights quantized in a format whose name lacks the group.
PackedTensor quantized(const json& vector, const std::string& name, const std::string& keys) {
  std::vector<float> weights;
  for (const auto half : halves_of(vector["w_fp16_hex"])) weights.push_back(half_to_float(half));
  const auto group = vector["group_size"].get<std::size_t>();
  const auto format = parse_format(name + ":g" + std::to_string(group) + keys);
  return quantize({weights, vector["shape"][0], vector["shape"][1]}, format);
}

std::vector<int> codes_of(const PackedTensor& tensor, std::size_t row) {
  std::vector<std::uint8_t> raw(tensor.cols);
  tensor.unpack_row(row, raw);
  return {raw.begin(), raw.end()};
}

void expect_decoded(const PackedTensor& tensor, const std::vector<std::uint16_t>& expected) {
  std::vector<float> decoded(tensor.cols);
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    tensor.decode_row(row, decoded);
    for (std::size_t col = 0; col < tensor.cols; ++col) {
      // The reference rounds a small negative weight to -0; an integer code has one zero, and it is +0.
      const auto reference = expected[row * tensor.cols + col];
      const auto bits = half_from_float(decoded[col]);
      EXPECT_EQ(half_to_float(bits), decoded[col]);
      EXPECT_EQ(bits, reference == 0x8000 ? 0 : reference) << "row " << row << ", column " << col;
    }
  }
}

std::string bitmod_name(const json& vector) { return "bitmod-fp" + std::to_string(vector["bits"].get<int>()); }

TEST_F(ReferenceVectors, BitmodInFp16ArithmeticIsBitIdentical) {
  const auto vectors = of_kind("mixed_bitmod");
  ASSERT_FALSE(vectors.empty());
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector["name"]);
    const auto tensor = quantized(vector, bitmod_name(vector), ":arith=fp16");
    std::vector<int> codes;
    for (std::size_t row = 0; row < tensor.rows; ++row) {
      const auto of_row = codes_of(tensor, row);
      codes.insert(codes.end(), of_row.begin(), of_row.end());
    }
    EXPECT_EQ(codes, vector["codes"].get<std::vector<int>>());
    for (const auto& group : vector["groups"]) {
      const std::size_t row = group["row"];
      const std::size_t index = group["group"];
      EXPECT_EQ(tensor.selector(row, index), group["selector"].get<unsigned>()) << group;
      EXPECT_EQ(tensor.scale_bits(row, index), halves_of(group["scale_ref_hex"])[0]) << group;
    }
    expect_decoded(tensor, halves_of(vector["ref_dequant_fp16_hex"]));
  }
}

TEST_F(ReferenceVectors, ExactArithmeticChoosesTheSelectorOfTheExactError) {
  for (const auto& vector : of_kind("mixed_bitmod")) {
    SCOPED_TRACE(vector["name"]);
    const auto tensor = quantized(vector, bitmod_name(vector), "");
    for (const auto& group : vector["groups"]) {
      EXPECT_EQ(tensor.selector(group["row"], group["group"]), group["selector_if_exact_mse"].get<unsigned>()) << group;
    }
  }
}

/// Takes vectors of one candidate type: the grid and its ties are checked with an alphabet that offers that selector
/// alone.
TEST_F(ReferenceVectors, SingleTypesTieToTheLowerValue) {
  const auto vectors = of_kind("single_type");
  ASSERT_FALSE(vectors.empty());
  const std::vector<std::string> types = {"er_pos", "er_neg", "ea_pos", "ea_neg"};
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector["name"]);
    const std::string type = vector["dtype"].get<std::string>().substr(4);
    const auto selector = static_cast<std::size_t>(std::ranges::find(types, type) - types.begin());
    for (const auto arithmetic : {Arithmetic::kExact, Arithmetic::kFp16}) {
      auto format = parse_format(bitmod_name(vector));
      format.arithmetic = arithmetic;
      format.alphabet.special_numerators = {format.alphabet.special_numerators.at(selector)};
      std::vector<float> weights;
      for (const auto half : halves_of(vector["w_fp16_hex"])) weights.push_back(half_to_float(half));
      const auto tensor = quantize({weights, vector["shape"][0], vector["shape"][1]}, format);
      EXPECT_EQ(tensor.scale_value(0, 0), vector["scale_ref"][0].get<float>());
      std::vector<double> levels;
      for (const int code : codes_of(tensor, 0))
        levels.push_back(format.alphabet.numerator(static_cast<unsigned>(code)));
      EXPECT_EQ(levels, vector["q_ref_grid_units"].get<std::vector<double>>());
      expect_decoded(tensor, halves_of(vector["ref_dequant_fp16_hex"]));
    }
  }
}

TEST_F(ReferenceVectors, IntegersInFp16ArithmeticAreBitIdentical) {
  auto vectors = of_kind("int_sym");
  const auto asymmetric = of_kind("int_asym");
  vectors.insert(vectors.end(), asymmetric.begin(), asymmetric.end());
  ASSERT_FALSE(vectors.empty());
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector["name"]);
    const bool offset = vector["kind"] == "int_asym";
    const auto name = "int" + std::to_string(vector["bits"].get<int>()) + (offset ? "-asym" : "");
    const auto tensor = quantized(vector, name, ":arith=fp16");
    std::vector<int> codes;
    for (const int code : codes_of(tensor, 0)) {
      codes.push_back(tensor.format.alphabet.numerator(static_cast<unsigned>(code)));
    }
    EXPECT_EQ(codes, vector["codes"].get<std::vector<int>>());
    for (std::size_t group = 0; group < tensor.groups(); ++group) {
      EXPECT_EQ(tensor.scale_value(0, group), vector["scale"][group].get<float>());
      const double zero = offset ? vector["zero_point"][group].get<double>() : 0;
      EXPECT_EQ(tensor.zero(0, group), zero);
    }
    expect_decoded(tensor, halves_of(vector["ref_dequant_fp16_hex"]));
  }
}

/// Returns the level in grid units, whose quotient by the largest level's half is what is multiplied by 2^e.
TEST_F(ReferenceVectors, BitmodsOwnMxRuleIsBitIdentical) {
  const auto vectors = of_kind("mx");
  ASSERT_FALSE(vectors.empty());
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector["name"]);
    const auto name = "bitmod-mx" + std::to_string(vector["bits"].get<int>());
    for (const std::string keys : {"", ":arith=fp16"}) {
      const auto tensor = quantized(vector, name, keys);
      std::vector<double> levels;
      for (const int code : codes_of(tensor, 0)) {
        levels.push_back(static_cast<double>(tensor.format.alphabet.numerator(static_cast<unsigned>(code))));
      }
      EXPECT_EQ(levels, vector["q_grid_units"].get<std::vector<double>>());
      for (std::size_t group = 0; group < tensor.groups(); ++group) {
        EXPECT_EQ(tensor.scale_value(0, group), std::ldexp(1.0, vector["shared_exp"][group].get<int>()));
      }
      if (!keys.empty()) expect_decoded(tensor, halves_of(vector["ref_dequant_fp16_hex"]));
    }
  }
}

TEST_F(ReferenceVectors, AntInFp16ArithmeticIsBitIdentical) {
  const auto vectors = of_kind("mixed_ant");
  ASSERT_FALSE(vectors.empty());
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector["name"]);
    const auto tensor = quantized(vector, "ant" + std::to_string(vector["bits"].get<int>()), ":arith=fp16");
    std::vector<double> levels;
    const auto codes = codes_of(tensor, 0);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const unsigned selector = tensor.selector(0, i / tensor.format.scaling.group);
      levels.push_back(tensor.format.alphabet.level(static_cast<unsigned>(codes[i]), selector));
    }
    EXPECT_EQ(levels, vector["q_ref_grid_units"].get<std::vector<double>>());
    for (std::size_t group = 0; group < tensor.groups(); ++group) {
      const bool integer = vector["dtype_per_group"][group].get<std::string>().starts_with("int");
      EXPECT_EQ(tensor.selector(0, group), integer ? 0U : 1U);
      EXPECT_EQ(tensor.scale_value(0, group), vector["scale_ref"][group].get<float>());
    }
    expect_decoded(tensor, halves_of(vector["ref_dequant_fp16_hex"]));
  }
}

/// A kind that no test above knows must not pass in silence.
TEST_F(ReferenceVectors, EveryKindIsTested) {
  const std::vector<std::string> known = {"mixed_bitmod", "single_type", "int_sym",           "int_asym",
                                          "mx",           "mixed_ant",   "proposed_canonical"};
  for (const auto& vector : file_["vectors"]) {
    EXPECT_NE(std::ranges::find(known, vector["kind"].get<std::string>()), known.end()) << vector["kind"];
  }
}

/// The vector's convention has selectors by exact errors, codes by the reference's FP16 division by the FP16 scale
/// (arith=fp16, wherever that mode chooses the same selector), and scales in E2M1 units (twice ours in FP4).
TEST_F(ReferenceVectors, CanonicalPackingHasOurScalesSelectorsAndFirstLevelCodes) {
  const auto vectors = of_kind("proposed_canonical");
  ASSERT_FALSE(vectors.empty());
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector["name"]);
    const auto name = bitmod_name(vector);
    const float unit = name == "bitmod-fp4" ? 2 : 1;
    const auto tensor = quantized(vector, name, ":scale=u8");
    const auto divided = quantized(vector, name, ":arith=fp16");
    const auto compared = quantized(vector, name, "");
    for (const auto& row : vector["rows"]) {
      const std::size_t index = row["row"];
      EXPECT_EQ(unit * tensor.channel_scale(index), row["channel_scale_fp32"].get<float>());
      for (std::size_t group = 0; group < tensor.groups(); ++group) {
        EXPECT_EQ(tensor.scale_bits(index, group), row["q_scale"][group].get<unsigned>());
        EXPECT_EQ(tensor.selector(index, group), row["selector"][group].get<unsigned>());
        const bool agree = divided.selector(index, group) == tensor.selector(index, group);
        const auto codes = codes_of(agree ? divided : compared, index);
        const auto first = codes.begin() + static_cast<std::ptrdiff_t>(group * tensor.format.scaling.group);
        EXPECT_EQ(std::vector<int>(first, first + 128), row["codes"][group].get<std::vector<int>>()) << group;
      }
    }
  }
}

/// The published decoder and ours need not agree on the digits, only on their sum and their number.
TEST_F(ReferenceVectors, TermsSumToThePublishedLevels) {
  const auto& tables = file_["bit_serial_terms"]["tables"];
  const std::vector<std::string> types = {"er_pos", "er_neg", "ea_pos", "ea_neg"};
  for (const std::string bits : {"3", "4"}) {
    const auto program = lower(parse_format("bitmod-fp" + bits));
    EXPECT_EQ(program.terms, 2U);
    const double unit = bits == "3" ? 1 : 2;  // FP4 levels are in half units of E2M1
    for (unsigned selector = 0; selector < types.size(); ++selector) {
      for (const auto& entry : tables["fp" + bits][types[selector]]) {
        double sum = 0;
        for (const auto& term : terms_of(program, entry["code"], selector, 0)) sum += static_cast<double>(term.value());
        EXPECT_EQ(sum, unit * entry["value"].get<double>()) << entry;
      }
    }
  }
  for (const std::string bits : {"5", "6", "8"}) {
    const auto program = lower(parse_format("int" + bits));
    for (const auto& entry : tables["int" + bits]) {
      const int value = entry["value"];
      const auto terms = terms_of(program, static_cast<unsigned>(value) & ((1U << program.code_bits) - 1), 0, 0);
      ASSERT_EQ(terms.size(), entry["terms"].size());
      std::int64_t sum = 0;
      for (const auto& term : terms) sum += term.value();
      EXPECT_EQ(sum, value);
    }
  }
}

}  // namespace
}  // namespace subbyte::quant
