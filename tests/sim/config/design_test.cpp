#include "sim/config/design.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "kernels/bitserial_tile.hpp"
#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/config/config.hpp"
#include "sim/config/config_paths.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

std::string text_of(const std::string& name) {
  std::ifstream file(tested_source().string() + "/configs/designs/" + name + ".yaml");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string error_of(const std::string& text) {
  try {
    parse_design(text, "d.yaml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Design, EveryCommittedDesignIsReadAndNamedAfterItsFile) {
  EXPECT_THROW(config_names("no_such_folder"), InputError);
  const auto names = config_names("designs");
  ASSERT_GE(names.size(), 3u);
  for (const std::string& name : names) {
    const Design design = read_design(name);
    EXPECT_EQ(design.name, name);
    EXPECT_EQ(design.parameters.size(), design.unit->parameters.size());
    EXPECT_EQ(design.hash, config_hash(design.resolved));
  }
}

TEST(Design, TheDefaultDesignIsTheDefaultPoint) {
  const Design design = read_design("bitmod-8x8");
  EXPECT_EQ(design.parameters, kernels::resolve(kernels::unit("bitserial_tile"), {}));
}

TEST(Design, EveryParameterMustBeStated) {
  EXPECT_EQ(error_of(replaced(text_of("bitmod-8x8"), "  guard_bits: 3", "  # guard_bits: 3")),
            "d.yaml:5:3: 'guard_bits' is missing, expected an integer 1..8");
}

TEST(Design, AllProblemsOfADesignAtOnce) {
  std::string text = replaced(text_of("bitmod-8x8"), "lanes: 4 ", "lanes: 512");
  text = replaced(text, "  rounding: 0", "  roundign: 0");
  text = replaced(text, "clock_mhz: 50", "clock_mhz: fast");
  text = replaced(text, "unit: bitserial_tile", "unit: bitserial_tiel");
  // The parameters are judged by the first unit in the list, so a wrong unit is told first and mended first.
  std::string known;
  for (const auto& unit : kernels::units()) known += (known.empty() ? "" : ", ") + unit.name;
  EXPECT_EQ(error_of(text).substr(0, error_of(text).find('\n')),
            "d.yaml:3:7: 'unit' is bitserial_tiel, expected one of " + known + "; did you mean 'bitserial_tile'?");
  text = replaced(text, "unit: bitserial_tiel", "unit: bitserial_tile");
  const std::string errors = error_of(text);
  EXPECT_NE(errors.find("d.yaml:7:10: 'lanes' is 512, expected 1..16"), std::string::npos) << errors;
  EXPECT_NE(errors.find("d.yaml:5:3: 'rounding' is missing, expected an integer 0..1"), std::string::npos) << errors;
  EXPECT_NE(errors.find("d.yaml:14:3: unknown key 'roundign'"), std::string::npos) << errors;
  EXPECT_NE(errors.find("did you mean 'rounding'?"), std::string::npos) << errors;
  EXPECT_NE(errors.find("d.yaml:16:12: 'clock_mhz' is fast, expected a number 0.001..100000"), std::string::npos)
      << errors;
}

TEST(Design, WhatTheUnitRefusesBeyondRangesIsTold) {
  EXPECT_EQ(error_of(replaced(text_of("bitmod-8x8"), "rows: 8", "rows: 9")),
            "d.yaml:5:3: 'parameters' parameter 'rows' of unit bitserial_tile is 9, expected 1..8 or a "
            "multiple of 8");
}

TEST(Design, UnknownNamesNameTheNearest) {
  try {
    read_design("bitmod-8x");
    FAIL() << "no such design, and no error";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("'bitmod-8x' is not a design"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("did you mean 'bitmod-8x8'?"), std::string::npos) << error.what();
  }
  EXPECT_THROW(read_design("/nowhere/d.yaml"), ConfigError);
}

TEST(Design, ChangedParametersChangeTheHash) {
  const Design base = read_design("bitmod-8x8");
  const Design wide = with_parameters(base, {{"cols", 16}});
  EXPECT_EQ(wide.parameters.at("cols"), 16);
  EXPECT_EQ(wide.resolved["parameters"]["cols"], 16);
  EXPECT_NE(wide.hash, base.hash);
  EXPECT_EQ(with_parameters(wide, {{"cols", 8}}).hash, base.hash);
  EXPECT_THROW(with_parameters(base, {{"colums", 16}}), std::invalid_argument);
  EXPECT_THROW(with_parameters(base, {{"rows", 12}}), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::sim
