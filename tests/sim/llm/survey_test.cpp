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

SurveyRow row_of(const char* name, double bits, double loss, double half_width) {
  SurveyRow row;
  row.format = quant::parse_format(name);
  row.bits_per_weight = bits;
  row.loss = loss;
  row.half_width = half_width;
  return row;
}

// Without the tolerance int8 and int6 would be on the front, for a tenth of what their losses were measured to.
TEST(Survey, ALossThatIsLowerWithinItsHalfWidthDoesNotKeepARowOnTheFront) {
  std::vector<SurveyRow> rows{row_of("int8", 8, 1.6999, 0.002),      row_of("int6", 6, 1.7000, 0.002),
                              row_of("int5", 5, 1.7002, 0.002),      row_of("int4", 4, 1.8000, 0.002),
                              row_of("int4-asym", 4, 1.8000, 0.002), row_of("int3", 3.5, 1.90005, 0),
                              row_of("bitmod-fp3", 3, 1.9001, 0),    row_of("int2", 2.5, 1.903, 0)};
  mark_front(rows);
  std::vector<std::string> front, other;
  for (const SurveyRow& row : rows) {
    if (row.on_front) front.push_back(row.format.name);
    if (!row.gives_way_to.empty()) other.push_back(row.format.name + " to " + row.gives_way_to);
  }
  EXPECT_EQ(front, (std::vector<std::string>{"int5", "int4", "bitmod-fp3", "int2"}));
  EXPECT_EQ(other,
            (std::vector<std::string>{"int8 to int5", "int6 to int5", "int4-asym to int4", "int3 to bitmod-fp3"}));
}

TEST(Survey, OfEqualRowsTheSecondGivesWayToTheFirst) {
  std::vector<SurveyRow> rows{row_of("int4", 4, 1.8, 0.002), row_of("int5", 4, 1.8, 0.002)};
  mark_front(rows);
  EXPECT_TRUE(rows[0].on_front);
  EXPECT_FALSE(rows[1].on_front);
  EXPECT_EQ(rows[1].gives_way_to, "int4");
}

// The standard error of a ratio over rows: other rows of the distribution differ by about as much.
TEST(Survey, SamplesTellHowFarTheyHold) {
  const SampleQsnr qsnr = sample_qsnr(quant::parse_format("int4"));
  EXPECT_GT(qsnr.gaussian_half_db, 0.002);
  EXPECT_LT(qsnr.gaussian_half_db, 0.1);
  EXPECT_GT(qsnr.student_t_half_db, qsnr.gaussian_half_db);
  Survey survey;
  survey.rows.push_back(row_of("int4", 4, 1.8, 0.002));
  const reports::Record record = survey_record(survey);
  EXPECT_EQ(record.tables[0].rows[0][column(record.tables[0], "loss increase half width")], 0.002);
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
