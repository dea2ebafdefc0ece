// The writers of the result record: exact text of the terminal and CSV writers, JSON round trip, HTML that cannot be
// broken by content.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reports/page.hpp"
#include "reports/page_assets.hpp"
#include "reports/record.hpp"
#include "reports/svg.hpp"

namespace subbyte::reports {
namespace {

Record sample() {
  Record record;
  record.title = "A <b>title</b>";
  record.kind = "sweep";
  record.provenance = {{"seed", 7}};
  record.metrics = {{"cycles per token", "time", "cycles", 1234.5, "rtl"}};
  Table table{
      "Points",
      {{"format", "", "", 4}, {"SQNR", "dB", "derived", 4}, {"area", "µm²", "table: osu018", 4}, {"front", "", "", 4}},
      {},
      "A note."};
  table.rows = {
      {"int8", 41.6234, 1234567.0, true}, {"a,\"b\"", 5.5, nullptr, false}, {"int4", 20.25, 2345678.0, false}};
  record.tables = {table};
  record.scatters = {{"SQNR against area", 0, 2, 1, 0, 3, true}};
  record.scatters[0].join = Join::kMarked;
  record.treemaps = {{"Area by format", 0, 0, 2}, {"Area by front", 0, 0, 2, 3}};
  record.bars = {{"Area and SQNR", 0, 0, {1, 2}, false, true}};
  record.rooflines = {{"Roofline", 0, 0, 1, 2, 2, 1, 0}};
  return record;
}

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

TEST(Html, EscapesContentAndNeedsNoNetwork) {
  const std::string page = html("Report", {sample()});
  EXPECT_EQ(page.find("<b>title"), std::string::npos);
  EXPECT_NE(page.find("A &lt;b&gt;title&lt;/b&gt;"), std::string::npos);
  EXPECT_NE(page.find("data-v='41.6234'"), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  std::string own = page;  // the chart library names XML namespaces, which are no addresses to load
  ASSERT_NE(own.find(kChartLibrary), std::string::npos);
  own.erase(own.find(kChartLibrary), kChartLibrary.size());
  for (const char* load : {"http:", "https:", "src=", "url(", "@import", "<link"})
    EXPECT_EQ(own.find(load), std::string::npos) << load;
  EXPECT_EQ(kChartLibrary.find("</script"), std::string::npos);
}

TEST(Html, TextsAreData) {
  const std::string evil = "</script><b onclick='x'>\"\\&";
  Record record = sample();
  record.title = record.kind = record.tables[0].title = record.tables[0].note = record.scatters[0].title =
      record.treemaps[0].title = evil;
  record.provenance = {{evil, evil}, {"list", {evil, 1}}};
  record.metrics[0] = {evil, evil, evil, 1.5, evil};
  record.tables[0].columns[0] = {evil, evil, evil, 4};
  record.tables[0].rows[0][0] = evil;
  const std::string page = html(evil, {record});
  EXPECT_EQ(page.find("<b onclick"), std::string::npos);
  std::size_t ends = 0;
  for (std::size_t at = page.find("</script"); at != std::string::npos; at = page.find("</script", at + 1)) ++ends;
  EXPECT_EQ(ends, 2U);
}

TEST(Html, TheTotalStandsApart) {
  Record record = sample();
  record.tables[0].rows.push_back({"total", 1.0, 2.0, nullptr});
  const std::string page = html("Report", {record});
  EXPECT_NE(page.find("</tbody><tfoot><tr><td class='text'>total</td>"), std::string::npos);
  EXPECT_EQ(html("Report", {sample()}).find("<tfoot><tr>"), std::string::npos);
}

TEST(Html, RecordsOfOneKindAreComparedWhereTheyDiffer) {
  Record a = sample(), b = sample();
  a.title = "layer in int8 on 8x8";
  b.title = "layer in fp4 on 8x8";
  a.metrics = {{"layer_time", "time", "s", 4.5e-5, "derived"}, {"cycles", "time", "cycles", 2000.0, "rtl"}};
  b.metrics = {{"layer_time", "time", "s", 2.5e-5, "model"}};
  const Table table = side_by_side({&a, &b});
  EXPECT_EQ(table.columns[1].name, "layer time");
  EXPECT_EQ(table.columns[1].unit, "µs");
  EXPECT_EQ(table.columns[1].source, "derived; model");
  EXPECT_EQ(table.rows[0][0], "int8");
  EXPECT_NEAR(table.rows[1][1].get<double>(), 25, 1e-12);
  EXPECT_EQ(table.rows[0][2], 2000);
  EXPECT_TRUE(table.rows[1][2].is_null());
  EXPECT_NE(html("Report", {a, b}).find("2 records side by side"), std::string::npos);
}

TEST(Html, ContentsShowWhatTellsRecordsApart) {
  const std::string where = " of embedded, 16 tokens, activations: recorded (acc_width=20,cols=2,rows=2)";
  EXPECT_EQ(distinct_parts({"tile: q_proj in int8" + where, "tile: q_proj in int4" + where}),
            (std::vector<std::string>{"int8", "int4"}));
  const auto parts = distinct_parts({"tile: layers.0.q_proj in int8" + where, "tile: layers.0.q_proj in int4" + where,
                                     "fp16: layers.0.q_proj in int4 (lanes=1)"});
  EXPECT_EQ(parts[0], "tile: … int8 …");
  EXPECT_EQ(parts[1], "tile: … int4 …");
  EXPECT_EQ(distinct_parts({"a b", "a b"}), (std::vector<std::string>{"a b", "a b"}));
}

TEST(Html, NamesBreakAtTheirJoints) {
  EXPECT_EQ(breakable("int4-asym:g12/8"), "int4-<wbr>asym:<wbr>g12/<wbr>8");
  EXPECT_EQ(breakable("term_encoder"), "term_<wbr>encoder");
  EXPECT_EQ(breakable("1.5 <b>='"), "1.5 &lt;b&gt;=<wbr>&#39;");
}

TEST(Html, LargeFiguresTakePrefixesWhereTheirUnitDoes) {
  EXPECT_EQ(figure_text(12494947569, {"rate", "MAC/s", ""}), "12.49\u202fG");
  EXPECT_EQ(figure_text(999999, {"rate", "MAC/s", ""}), "999\u202f999");
  EXPECT_EQ(figure_text(1234567, {"area", "um2", ""}), "1\u202f234\u202f567");
  EXPECT_EQ(figure_text(1234567, {"count", "", ""}), "1\u202f234\u202f567");
  Record record = sample();
  record.tables[0].columns[2].unit = "byte/s";
  EXPECT_NE(html("Report", {record}).find("data-v='1234567.0'>1.235\u202fM</td>"), std::string::npos);
}

TEST(Html, LongSourcesAreNumbered) {
  Record record = sample();
  const std::string longer = "netlist in osu018_stdcells, transitions counted";
  record.metrics = {{"a", "energy", "J/token", 3.25e-05, longer},
                    {"b", "energy", "pJ", 2, "derived"},
                    {"c", "energy", "pJ", 3, longer}};
  const std::string page = html("Report", {record});
  EXPECT_NE(page.find("32.500 <span>µJ/token</span></dd><dd class='source' title='" + longer + "'>source 1<"),
            std::string::npos);
  EXPECT_NE(page.find("'>derived</dd>"), std::string::npos);
  EXPECT_NE(page.find("<b>source 1</b>: " + longer), std::string::npos);
  EXPECT_EQ(page.find("source 2"), std::string::npos);
}

TEST(Html, ThousandsStandApart) {
  EXPECT_EQ(spaced("1234"), "1234");
  EXPECT_EQ(spaced("-1234567.25"), "-1\u202f234\u202f567.25");
  EXPECT_EQ(spaced("1.5e-09"), "1.5e-09");
  EXPECT_EQ(spaced("inf"), "inf");
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
