// Tests every number format on the designs that can run it: outputs are equal to the exact reference bit for bit, or
// there is a reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "kernels/catalogue.hpp"
#include "quant/rules/distortion.hpp"
#include "tests/support/mapping/mapping_cases.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte::sim {
namespace {

using namespace test;  // NOLINT: its cases

// Takes every row at its default and, where it has the options, with u8 scales, every view and another group.
std::vector<std::string> all_ids(std::mt19937& random) {
  std::vector<std::string> ids;
  for (const auto& row : quant::format_table()) {
    std::vector<std::string> names{row.name};
    for (const auto& option : row.options) {
      for (const auto& value : option.values) {
        if (option.name == "scale" || option.name == "view")
          names.push_back(row.name + ":" + option.name + "=" + value);
      }
    }
    for (const auto& name : names) {
      ids.push_back(name);
      try {
        const std::size_t colon = std::min(name.find(':'), name.size());
        const auto grouped =
            name.substr(0, colon) + ":g" + std::to_string(4 * (1 + random() % 24)) + name.substr(colon);
        ids.push_back(quant::parse_format(grouped).id());
      } catch (const quant::FormatError&) {  // a format whose group is fixed
      }
    }
  }
  return ids;
}

/// Returns the exact design that runs the format: the four-bit one, or the six-bit one with groups that its sum holds.
std::optional<Design> exact_design(const std::string& id, const kernels::Parameters& shape) {
  const auto format = quant::parse_format(id);
  auto six = shape;
  six["exact"] = 1;
  for (const Design& design : {shaped("bitmod-exact", shape), shaped("bitmod-6bit", six)}) {
    if (!design.unit->unsupported(design.parameters, format)) return design;
  }
  return std::nullopt;
}

TEST(MappingFormats, EveryFormatAndTileShapeIsExactAtRandomShapes) {
  std::mt19937 random(2024);
  const kernels::Parameters shapes[] = {{{"rows", 8}, {"cols", 8}},
                                        {{"rows", 1}, {"cols", 16}},
                                        {{"rows", 16}, {"cols", 2}},
                                        {{"rows", 5}, {"cols", 3}, {"lanes", 2}},
                                        {{"rows", 24}, {"cols", 4}, {"lanes", 8}}};
  std::size_t run = 0;
  for (const auto& id : all_ids(random)) {
    for (const auto& shape : shapes) {
      const auto design = exact_design(id, shape);
      if (!design) continue;
      const std::size_t in = 4 * (1 + random() % 50);  // Sherry's blocks are four wide
      expect_exact(*design, random_layer(id, 1 + random() % 20, in, 1 + random() % 20, random()));
      ++run;
    }
  }
  EXPECT_GT(run, 5 * 18U);
}

// These are the formats that the six-bit design was made for.
TEST(MappingFormats, TheSixBitDesignRunsItsFormats) {
  const Design design = read_design("bitmod-6bit");
  const auto& unit = *design.unit;
  for (const char* id :
       {"mxfp6-e2m3",     "mxfp6-e3m2",     "mxfp4",          "mxint8",     "mxint4",         "nvfp4",
        "nvint4",         "fp4-ue5m3",      "four-over-six",  "razer",      "nested8:view=2", "nested8:view=3",
        "nested8:view=4", "nested8:view=5", "nested8:view=6", "pot4",       "apot4",          "flint4",
        "ternary",        "ternary-5in8",   "sherry",         "e2m1",       "e2m3",           "e3m2",
        "bfp4",           "int8",           "int4-asym",      "bitmod-fp3", "bitmod-fp4"}) {
    EXPECT_EQ(text_of(unit.unsupported(design.parameters, quant::parse_format(id))), "") << id;
    const Layer layer = random_layer(id, 3, 132, 11, 4);
    const auto reference =
        quant::reference_product(quant::decoded(layer.weights), 11, layer.view().values, layer.view().in);
    EXPECT_GT(quant::sqnr_db(reference, run_golden(design, layer)), 60) << id;
  }
}

TEST(MappingFormats, EveryOtherFormatSaysWhyNot) {
  const Design design = read_design("bitmod-6bit");
  std::size_t refused = 0;
  for (const auto& row : quant::format_table()) {
    const std::string why = text_of(design.unit->unsupported(design.parameters, row.format));
    if (why.empty()) continue;
    ++refused;
    const Layer layer = random_layer(row.name, 1, 64, 2, 1);
    try {
      map_layer(design, layer.weights, layer.view());
      ADD_FAILURE() << row.name << " ran, though: " << why;
    } catch (const std::invalid_argument& error) {
      const std::string text = error.what();
      EXPECT_EQ(text.rfind("design 'bitmod-6bit' cannot run " + row.format.id() + ": ", 0), 0U) << text;
      EXPECT_NE(text.find("`subbyte evaluate`"), std::string::npos) << text;
    }
  }
  EXPECT_GT(refused, 0U);
}

TEST(MappingFormats, AScaleThatIsNanMakesItsOutputsNan) {
  auto layer = random_layer("mxfp4", 3, 64, 4, 8);
  layer.weights.scales[2 * 1 + 1] = 0xFF;  // row 1, second group
  const auto y = run_golden(read_design("bitmod-6bit"), layer);
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i % 4 == 1) << i;
}

}  // namespace
}  // namespace subbyte::sim
