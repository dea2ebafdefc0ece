// Tests what a survey of formats takes from the table: a new format is a row there, and nothing else is edited.
#include "sim/llm/survey.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "quant/formats/formats.hpp"
#include "sim/config/format_file.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

/// A row as somebody adds it.
quant::FormatRow added_row() {
  return quant::make_row("tally3", {"tally{N}", "tallies"}, "a made-up table", "nobody",
                         {{"mood", {"calm", "wild"}, true}, {"hue", {"grey", "red"}}}, [](const auto& /*option*/) {
                           quant::Format format;
                           format.alphabet = quant::table_alphabet("tally3", 2, {-3, -1, 1, 3});
                           return format;
                         });
}

std::string kind_of(const reports::Record& record, std::size_t row) {
  const reports::Table& table = record.tables.at(0);
  return table.rows.at(row).at(record.scatters.at(0).series);
}

TEST(Survey, ANewRowIsSurveyedAndColouredByWhatItSays) {
  const std::vector<quant::FormatRow> table{added_row()};
  EXPECT_EQ(survey_formats(table), (std::vector<std::string>{"tally3", "tally3:mood=wild"}));
  EXPECT_EQ(chart_group_of(table[0].format, table), "tallies");
  Survey survey;
  survey.rows.emplace_back();
  survey.rows[0].format = table[0].format;
  survey.rows[0].chart_group = chart_group_of(table[0].format, table);
  EXPECT_EQ(kind_of(survey_record(survey), 0), "tallies");
}

TEST(Survey, AFormatOfAFileIsDrawnWithTheOtherTables) {
  const auto path = tested_source() / "configs/formats/skewed4.yaml";
  EXPECT_EQ(chart_group_of(read_format(path.string())), "other tables");
}

TEST(Survey, EveryRowOfTheTableHasAColourAndIsTakenOnce) {
  std::size_t found = 0;
  const std::vector<std::string> ids = survey_formats();
  for (const auto& row : quant::format_table()) {
    EXPECT_FALSE(row.chart_group.empty()) << row.name;
    EXPECT_EQ(std::ranges::count(ids, row.name), 1) << row.name;
    ++found;
  }
  EXPECT_GT(ids.size(), found) << "no values of surveyed keys";
}

// These are the names that the picture in reports/formats.svg shows.
TEST(Survey, ColoursOfKnownFormats) {
  const auto of = [](const char* name) { return chart_group_of(quant::parse_format(name)); };
  EXPECT_EQ(of("int4-asym"), "integers");
  EXPECT_EQ(of("matquant8"), "nested");
  EXPECT_EQ(of("sherry"), "ternary");
  EXPECT_EQ(of("mxint8"), "MX, block FP");
  EXPECT_EQ(of("bfp4"), "MX, block FP");
  EXPECT_EQ(of("razer"), "NVFP4 and kin");
  EXPECT_EQ(of("e2m1"), "ExMy");
  EXPECT_EQ(of("bitmod-mx4"), "BitMoD");
  EXPECT_EQ(of("q4_0"), "other tables");
  EXPECT_EQ(of("bcq4"), "other tables");
}

}  // namespace
}  // namespace subbyte::sim
