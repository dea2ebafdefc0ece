// The writers of the result record: exact text of the terminal and CSV writers, JSON round trip.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reports/page.hpp"
#include "reports/page_assets.hpp"
#include "reports/record.hpp"
#include "reports/svg.hpp"
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
            "  format   SQNR     area  front\n"
            "             dB      µm²\n"
            "  int8    41.62  1234567    yes\n"
            "  a,\"b\"   5.500        -     no\n"
            "  int4    20.25  2345678     no\n"
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

Record with_interval() {
  Record record = sample();
  record.metrics = {{"energy", "energy", "pJ", 2.5, "netlist", 0.125, {.timed = true}},
                    {"area", "area", "um2", 7, "netlist", std::nullopt, {.scaled = true}},
                    {"delay", "time", "ns", 3, "netlist"}};
  return record;
}

TEST(Json, AHalfWidthAndABasisBelongToTheirMetric) {
  const auto json = to_json(with_interval());
  EXPECT_EQ(json.at("metrics").at(0).at("half_width"), 0.125);
  EXPECT_EQ(json.at("metrics").at(0).at("basis"), nlohmann::json({"timed"}));
  EXPECT_FALSE(json.at("metrics").at(2).contains("half_width") || json.at("metrics").at(2).contains("basis"));
  const Record read = record_from_json(json);
  EXPECT_EQ(read.metrics[0].half_width, 0.125);
  EXPECT_EQ(read.metrics[0].basis, (Basis{.timed = true}));
  EXPECT_EQ(read.metrics[1].half_width, std::nullopt);
  EXPECT_EQ(read.metrics[1].basis, (Basis{.scaled = true}));
  EXPECT_EQ(read.metrics[2].basis, Basis{});
  EXPECT_EQ(to_json(read), json);
  auto wrong = json;
  wrong["metrics"][0]["basis"] = {"guessed"};
  EXPECT_THROW(record_from_json(wrong), std::invalid_argument);
}

// A record of an older version has the half-width as a metric of its own: both are shown alike everywhere.
TEST(Json, OldAndNewRecordsOfAnIntervalAreShownAlike) {
  const Record record = with_interval();
  auto old = to_json(record);
  old["metrics"][0].erase("half_width");
  for (auto& metric : old["metrics"]) metric.erase("basis");
  old["metrics"].insert(
      old["metrics"].begin() + 1,
      {{"name", "energy_half_width"}, {"quantity", "energy"}, {"unit", "pJ"}, {"value", 0.125}, {"source", "netlist"}});
  const Record read = record_from_json(old);
  ASSERT_EQ(read.metrics.size(), 4U);
  EXPECT_EQ(terminal(read), terminal(record));
  EXPECT_NE(terminal(record).find("energy_half_width  0.1250"), std::string::npos) << terminal(record);
  EXPECT_EQ(html("page", {read}), html("page", {record}));
  const Table both = side_by_side({&read, &record});
  ASSERT_EQ(both.columns.size(), 5U);
  EXPECT_EQ(both.columns[2].name, "energy half width");
  EXPECT_EQ(both.rows[0][2], both.rows[1][2]);
}

TEST(Table, ColumnsAreFoundByName) {
  const Table table = sample().tables[0];
  EXPECT_EQ(column(table, "area"), 2U);
  EXPECT_THROW(column(table, "Area"), std::out_of_range);
  Table twice = table;
  twice.columns[0].name = "area";
  EXPECT_THROW(column(twice, "area"), std::out_of_range);
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
