// Tests user formats: the examples work end to end in the quantizer, levels that clip are told, and a definition
// survives being written into a file.
#include "sim/config/format_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "quant/formats/term_program.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/config/format_text.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

using testing::HasSubstr;

std::string path(const std::string& name) { return tested_source().string() + "/configs/formats/" + name; }

std::vector<float> gaussian(std::size_t size) {
  std::mt19937_64 random(5);
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<float> weights(size);
  for (float& weight : weights) weight = normal(random);
  return weights;
}

/// Finds the level nearest to w / scale by exhaustion; ties are left out of the comparison.
void expect_nearest(const quant::PackedTensor& tensor, const std::vector<float>& weights) {
  const auto& alphabet = tensor.format.alphabet;
  for (std::size_t row = 0; row < tensor.rows; ++row) {
    for (std::size_t col = 0; col < tensor.cols; ++col) {
      const std::size_t group = col / tensor.format.scaling.group;
      const double scale = tensor.multiplier(row, group);
      const unsigned selector = tensor.selector(row, group);
      const unsigned zero = tensor.zero(row, group);
      const double weight = weights[row * tensor.cols + col];
      double least = 1e300;
      for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
        if (alphabet.emitted(code))
          least = std::min(least, std::abs(weight - alphabet.level(code, selector, zero) * scale));
      }
      const double chosen = alphabet.level(tensor.code(row, col), selector, zero) * scale;
      EXPECT_LE(std::abs(weight - chosen), least * (1 + 1e-12)) << row << " " << col;
    }
  }
}

TEST(FormatFile, EveryExampleQuantizesToItsNearestLevels) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path(""))) {
    if (entry.path().extension() != ".yaml") continue;  // the folder has a README too
    SCOPED_TRACE(entry.path().string());
    const auto format = read_format(entry.path().string());
    const auto weights = gaussian(4 * 200);
    const auto tensor = quant::quantize({weights, 4, 200}, format);
    quant::validate(tensor);
    if (format.scaling.stored != quant::ScaleFormat::kE8m0) expect_nearest(tensor, weights);
    std::vector<float> row(200);
    double error = 0;
    double power = 0;
    for (std::size_t r = 0; r < 4; ++r) {
      tensor.decode_row(r, row);
      for (std::size_t c = 0; c < 200; ++c) {
        error += std::pow(row[c] - weights[r * 200 + c], 2);
        power += std::pow(weights[r * 200 + c], 2);
      }
    }
    EXPECT_GT(10 * std::log10(power / error), 12);
    EXPECT_NEAR(format.bits_per_weight(4, 200), tensor.bits_per_weight(), 1e-12);
    ++found;
  }
  EXPECT_GE(found, 3U);
}

TEST(FormatFile, ADefinitionSurvivesItsDescription) {
  for (const auto& entry : std::filesystem::directory_iterator(path(""))) {
    if (entry.path().extension() != ".yaml") continue;  // the folder has a README too
    for (const std::string group : {"", ":g48", ":gchannel"}) {
      const auto format = read_format(entry.path().string() + group);
      const std::string text = describe(format);
      EXPECT_EQ(text.find('\n'), std::string::npos);
      const auto again = parse_description(text);
      EXPECT_EQ(describe(again), text);
      EXPECT_EQ(again.id(), format.id());
      EXPECT_EQ(again.alphabet.numerators, format.alphabet.numerators);
      EXPECT_EQ(again.alphabet.special_numerators, format.alphabet.special_numerators);
      EXPECT_EQ(again.scaling.group, format.scaling.group);
      const auto weights = gaussian(2 * 96);
      const auto first = quant::quantize({weights, 2, 96}, format);
      const auto second = quant::quantize({weights, 2, 96}, again);
      EXPECT_EQ(first.codes, second.codes);
      EXPECT_EQ(first.scales, second.scales);
      if (!group.empty()) {
        EXPECT_EQ(format.scaling.group, group == ":g48" ? 48U : quant::kWholeRow);
      }
    }
  }
}

TEST(FormatFile, RowsOfTheTableAreDescribedByTheirIds) {
  for (const auto& row : quant::format_table()) {
    EXPECT_EQ(describe(row.format), row.format.id());
    EXPECT_EQ(parse_description(describe(row.format)).id(), row.format.id());
    EXPECT_EQ(read_format(row.name).id(), row.format.id());
  }
}

TEST(FormatFile, LevelsAreExact) {
  const auto format = parse_format_definition("name: x\nalphabet: {levels: [0, 0.0625, -1.5, 1e1, +3]}\n", "f.yaml");
  const auto& alphabet = format.alphabet;
  EXPECT_EQ(alphabet.unit_exponent, -4);
  EXPECT_EQ(alphabet.code_bits, 3U);
  EXPECT_EQ(alphabet.numerators, (std::vector<std::int64_t>{0, 1, -24, 160, 48, 0, 0, 0}));
  EXPECT_EQ(alphabet.unused, (std::vector<std::uint8_t>{5, 6, 7}));
}

TEST(FormatFile, MinifloatsAreTheirBits) {
  const auto format =
      parse_format_definition("name: x\nalphabet: {minifloat: e4m3, flavour: nan, bias: 9}\n", "f.yaml");
  const quant::Minifloat expected{4, 3, 9, quant::MinifloatFlavour::kNanOnly};
  for (unsigned code = 0; code < 256; ++code) {
    if (format.alphabet.level_class(code) == quant::LevelClass::kNan) continue;
    EXPECT_EQ(format.alphabet.level(code), expected.decode(code));
  }
  const auto special = parse_format_definition(
      "name: x\nalphabet: {minifloat: e2m1, special: {code: 8, values: [5, -5, 0.125]}}\n", "f.yaml");
  EXPECT_EQ(special.alphabet.selectors(), 3U);
  EXPECT_EQ(special.alphabet.level(8, 2), 0.125);
  EXPECT_EQ(special.alphabet.level(7), 6);
  const auto one =
      parse_format_definition("name: x\nalphabet: {minifloat: e2m1, special: {code: 8, values: [5]}}\n", "f.yaml");
  EXPECT_EQ(one.selector_bits(), 0U);
  EXPECT_EQ(one.alphabet.level(8), 5);
  EXPECT_TRUE(one.alphabet.emitted(8));
}

TEST(FormatFile, IntegersAreTheTables) {
  const auto weights = gaussian(3 * 70);
  for (const bool asymmetric : {false, true}) {
    const std::string range = asymmetric ? "range: asymmetric}\nscaling: {rule: minmax}\n" : "range: symmetric}\n";
    const auto mine = parse_format_definition("name: x\nalphabet: {integer: 4, " + range, "f.yaml");
    const auto theirs = quant::parse_format(asymmetric ? "int4-asym" : "int4");
    const auto first = quant::quantize({weights, 3, 70}, mine);
    const auto second = quant::quantize({weights, 3, 70}, theirs);
    EXPECT_EQ(first.codes, second.codes);
    EXPECT_EQ(first.scales, second.scales);
    EXPECT_EQ(first.zeros, second.zeros);
  }
}

TEST(FormatFile, ADefinitionLikeARowGivesTheRowsBits) {
  const auto weights = gaussian(3 * 300);
  const auto mine = parse_format_definition(
      "name: x\nalphabet:\n  levels: [0, 1, 2, 3, 4, 6, 8, 12, 0.5, -1, -2, -3, -4, -6, -8, -12]\n"
      "  special: {code: 8, values: [10, -10, 16, -16]}\nties: lower\n",
      "f.yaml");
  const auto first = quant::quantize({weights, 3, 300}, mine);
  const auto second = quant::quantize({weights, 3, 300}, quant::parse_format("bitmod-fp4"));
  EXPECT_EQ(first.codes, second.codes);
  EXPECT_EQ(first.scales, second.scales);
  EXPECT_EQ(first.selectors, second.selectors);
}

TEST(FormatFile, HardwareSaysWhichLevelNeedsHowManyTerms) {
  const auto format = parse_format_definition("name: x\nalphabet: {levels: [0, 1, 85, -2]}\n", "f.yaml");
  try {
    quant::lower(format, 2);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("level 85 needs 4 terms"));
  }
  // The level is the one that stands in the file.
  try {
    quant::lower(parse_format_definition("name: x\nalphabet: {levels: [0, 1, 5.5, -2]}\n", "f.yaml"), 2);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("level 5.5 (11 times 2^-1) needs 3 terms"));
  }
}

TEST(FormatFile, LopsidedLevelsSayWhatTheyClip) {
  const auto text = [](const std::string& alphabet) {
    return clipping_text(parse_format_definition("name: x\nalphabet: {" + alphabet + "}\n", "f.yaml"));
  };
  EXPECT_EQ(text("levels: [-1, 0, 1, 8]"),
            "levels from -1 to 8: a weight below -0.125 times its group's largest magnitude is clipped to the lowest "
            "level");
  EXPECT_EQ(text("levels: [-4, 0, 1, 2]"),
            "levels from -4 to 2: a weight above 0.5 times its group's largest magnitude is clipped to the highest "
            "level");
  EXPECT_EQ(text("levels: [-1, 0, 1, 8]}\nscaling: {rule: floor, stored: e8m0"),
            "levels from -1 to 8: a weight below -1 times the group's scale is clipped to the lowest level");
  // Levels of one sign: the end near zero is not 0.
  EXPECT_EQ(text("levels: [1, 2, 3, 4]"),
            "levels from 1 to 4: a weight below 0.25 times its group's largest magnitude is clipped to the lowest "
            "level");
  EXPECT_EQ(text("levels: [-1, -2, -3, -4]"),
            "levels from -4 to -1: a weight above -0.25 times its group's largest magnitude is clipped to the highest "
            "level");
  EXPECT_EQ(text("levels: [1, 2, 3, 4]}\nscaling: {rule: floor, stored: e8m0"),
            "levels from 1 to 4: a weight below 1 times the group's scale is clipped to the lowest level");
  EXPECT_EQ(text("levels: [0, 1, 2, 3]"), "levels from 0 to 3: a weight below 0 is clipped to the lowest level");
  EXPECT_EQ(text("levels: [0, -1]"), "levels from -1 to 0: a weight above 0 is clipped to the highest level");
  EXPECT_EQ(text("levels: [-4, 0, 1, 4]"), "");
  EXPECT_EQ(text("minifloat: e2m1"), "");
  EXPECT_EQ(text("levels: [-4, 0, 1, 4], special: {code: 1, values: [8, -8]}"), "");
  const auto mine = parse_format_definition("name: x\nalphabet: {levels: [0, 1]}\n", "f.yaml");
  EXPECT_EQ(clipping_texts({{"a", mine}, {"b", std::nullopt}, {"c", mine}, {"d", read_format("int4")}}),
            std::vector<std::string>{"x:g128 has " + clipping_text(mine)});
  // That is what the quantizer does: -1 beside 8 becomes -1/8 of it.
  const auto lopsided = parse_format_definition("name: x\nalphabet: {levels: [-1, 0, 1, 8]}\n", "f.yaml");
  const std::vector<float> weights{8, -8, -1, 0};
  std::vector<float> row(4);
  quant::quantize({weights, 1, 4}, lopsided).decode_row(0, row);
  EXPECT_EQ(row, (std::vector<float>{8, -1, -1, 0}));
}

TEST(FormatFile, PathsAndNames) {
  EXPECT_TRUE(is_format(Config::read(path("skewed4.yaml"))));
  EXPECT_FALSE(is_format(Config::parse("default: int4\n", "policy.yaml")));
  EXPECT_EQ(read_format(path("skewed4.yaml:g32")).id(), "skewed4:g32");
  EXPECT_THROW(read_format("missing.yaml"), ConfigError);
  EXPECT_THROW(read_format("int44"), quant::FormatError);
  EXPECT_THROW(parse_description("{\"name\": 3"), quant::FormatError);
}

TEST(FormatFile, LayersAreToldApartByThoseThatAreQuantizedAndTheirFormats) {
  const auto int4 = read_format("int4"), int8 = read_format("int8");
  const LayerFormats all{{"a", int4}, {"b", int4}}, part{{"a", int4}}, rest{{"b", std::nullopt}, {"a", int4}};
  EXPECT_NE(layers_hash(all), layers_hash(part)) << "of one format, and of other layers";
  EXPECT_EQ(layers_hash(rest), layers_hash(part)) << "a packed file has no layers that are left unquantized";
  EXPECT_EQ(layers_hash(all), layers_hash({{"b", int4}, {"a", int4}}));
  EXPECT_NE(layers_hash(all), layers_hash({{"a", int4}, {"b", int8}}));
  EXPECT_EQ(shared_definition(all), definition_hash(int4));
  EXPECT_EQ(shared_definition(rest), std::nullopt);
  EXPECT_EQ(shared_definition({{"a", int4}, {"b", int8}}), std::nullopt);
}

}  // namespace
}  // namespace subbyte::sim
