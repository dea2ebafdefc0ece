// The writers of the result record: exact text of the terminal and CSV writers, JSON round trip, HTML that cannot be broken by content.
#include <gtest/gtest.h>

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
  Table table{"Points", {{"format", "", "", 4}, {"SQNR", "dB", "derived", 4}, {"area", "µm²", "table: osu018", 4}, {"front", "", "", 4}}, {}, "A note."};
  table.rows = {{"int8", 41.6234, 1234567.0, true}, {"a,\"b\"", 5.5, nullptr, false}, {"int4", 20.25, 2345678.0, false}};
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
  for (const char* key : {"table", "name", "intensity", "attained", "peak", "bandwidth", "design"}) refused("rooflines", key, 9);
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
  EXPECT_EQ(page.find("http"), std::string::npos);
  EXPECT_NE(page.find("data-v='41.6234'"), std::string::npos);
}

TEST(Scatter, OnePointPerPlottableRow) {
  const std::string svg = scatter_svg(sample().scatters[0], sample().tables[0]);
  std::size_t dots = 0;
  for (std::size_t at = svg.find("class='dot"); at != std::string::npos; at = svg.find("class='dot", at + 1)) ++dots;
  EXPECT_EQ(dots, 2U);  // the row without an area is left out
  EXPECT_NE(svg.find("marked"), std::string::npos);
}

}  // namespace
}  // namespace subbyte::reports
