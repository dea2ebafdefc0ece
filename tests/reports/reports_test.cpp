// Tests the writers of the result record: exact text of the terminal and CSV writers, and the JSON round trip.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reports/page.hpp"
#include "reports/page_assets.hpp"
#include "reports/record.hpp"
#include "reports/svg.hpp"
#include "reports/text.hpp"
#include "tests/support/sample_record.hpp"

namespace subbyte::reports {
namespace {

TEST(CellText, SignificantDigitsWithoutExponentForReadableSizes) {
  EXPECT_EQ(cell_text(41.6234), "41.62");
  EXPECT_EQ(cell_text(1234567.0), "1234567");
  EXPECT_EQ(cell_text(0.00012345), "0.0001234");
  EXPECT_EQ(cell_text(1.5e-9), "1.5e-09");
  EXPECT_EQ(cell_text(0.0), "0.000");
  EXPECT_EQ(cell_text(nullptr), "-");
  EXPECT_EQ(cell_text(true), "yes");
  EXPECT_EQ(cell_text(17), "17");
}

TEST(Terminal, AlignsColumnsByCodePoints) {
  EXPECT_EQ(terminal(sample().tables[0]),
            "Points\n"
            "  format   SQNR   area  front\n"
            "             dB    mm²\n"
            "  int8    41.62  1.235    yes\n"
            "  a,\"b\"   5.500      -     no\n"
            "  int4    20.25  2.346     no\n"
            "  A note.\n");
}

TEST(Csv, QuotesAndKeepsFullPrecision) {
  EXPECT_EQ(csv(sample().tables[0]),
            "format,SQNR [dB],area [µm²],front\r\n"
            "int8,41.6234,1234567.0,true\r\n"
            "\"a,\"\"b\"\"\",5.5,,false\r\n"
            "int4,20.25,2345678.0,false\r\n");
}

TEST(Json, RoundTrip) {
  const nlohmann::json json = to_json(sample());
  EXPECT_EQ(to_json(record_from_json(json)), json);
}

TEST(Json, RecordsWithoutChartsLoad) {
  nlohmann::json json = to_json(sample());
  for (const char* key : {"scatters", "treemaps", "bars", "rooflines"}) json.erase(key);
  const Record record = record_from_json(json);
  EXPECT_TRUE(record.scatters.empty() && record.treemaps.empty() && record.bars.empty() && record.rooflines.empty());
  json = to_json(sample());
  for (const char* key : {"log_x", "log_y", "label", "join"}) json["scatters"][0].erase(key);
  EXPECT_EQ(record_from_json(json).scatters[0].join, Join::kNone);
}

TEST(Json, ChartsKeepEveryField) {
  const Record record = record_from_json(to_json(sample()));
  EXPECT_EQ(record.scatters[0].join, Join::kMarked);
  EXPECT_EQ(record.treemaps[0].group, kNoColumn);
  EXPECT_EQ(record.treemaps[1].group, 3U);
  EXPECT_EQ(record.bars[0].values, (std::vector<std::size_t>{1, 2}));
  EXPECT_TRUE(record.bars[0].log && !record.bars[0].stacked);
  EXPECT_EQ(record.rooflines[0].bandwidth, 1U);
}

TEST(Json, WhatIsNoFiniteNumberIsNull) {
  Record record = sample();
  record.metrics = {{"snr", "error", "dB", std::numeric_limits<double>::infinity(), "derived"},
                    {"k", "time", "s", 2, "rtl"}};
  const nlohmann::json json = nlohmann::json::parse(to_json(record).dump());
  EXPECT_TRUE(json["metrics"][0]["value"].is_null());
  const Record read = record_from_json(json);
  EXPECT_TRUE(std::isnan(read.metrics[0].value));
  EXPECT_EQ(to_json(read), json);
  EXPECT_NE(terminal(read).find("snr  - dB"), std::string::npos) << terminal(read);
  EXPECT_NE(html("Report", {read}).find("<dd title='null dB'>- <span>dB"), std::string::npos);
  Record other = read;
  other.title = "another";
  EXPECT_TRUE(side_by_side({&read, &other}).rows[0][1].is_null());
}

TEST(Json, ChartsNameTablesAndColumnsThatExist) {
  const auto refused = [](const char* chart, const char* key, const nlohmann::json& value) {
    nlohmann::json json = to_json(sample());
    json[chart][0][key] = value;
    EXPECT_THROW(record_from_json(json), std::invalid_argument) << chart << "." << key;
  };
  for (const char* key : {"table", "x", "y", "series", "mark", "label"}) refused("scatters", key, 9);
  for (const char* key : {"table", "name", "value", "group"}) refused("treemaps", key, 9);
  for (const char* key : {"table", "category"}) refused("bars", key, 9);
  refused("bars", "values", {1, 9});
  for (const char* key : {"table", "name", "intensity", "attained", "peak", "bandwidth", "design"})
    refused("rooflines", key, 9);
  refused("scatters", "join", "all");
  refused("treemaps", "group", "front");
}

TEST(Json, SaysWhatIsWrong) {
  const auto message = [](nlohmann::json json) -> std::string {
    try {
      record_from_json(json);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };
  nlohmann::json json = to_json(sample());
  json.erase("title");
  EXPECT_EQ(message(json), "result record: key 'title' is missing");
  json = to_json(sample());
  json["tables"][0]["rows"][0].erase(0);
  EXPECT_EQ(message(json), "result record: table 'Points' has a row of 3 cells, expected 4");
  json = to_json(sample());
  json["scatters"][0]["x"] = 9;
  EXPECT_EQ(message(json), "result record: a plot names a column that is not there");
}

TEST(Scatter, OnePointPerPlottableRow) {
  const std::string svg = scatter_picture(sample().scatters[0], sample().tables[0]);
  std::size_t dots = 0;
  for (std::size_t at = svg.find("fill-opacity="); at != std::string::npos; at = svg.find("fill-opacity=", at + 1))
    ++dots;
  EXPECT_EQ(dots, 2U);  // the row without an area is left out
  EXPECT_NE(svg.find("stroke-width='1.5'"), std::string::npos);
}

}  // namespace
}  // namespace subbyte::reports
