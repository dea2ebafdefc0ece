// Tests the report page as text: it is HTML that no content of a record can break.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reports/page.hpp"
#include "reports/page_assets.hpp"
#include "reports/record.hpp"
#include "tests/support/sample_record.hpp"

namespace subbyte::reports {
namespace {

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
  EXPECT_EQ(ends, 3U);  // the glossary, the chart library, the page's own
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

}  // namespace
}  // namespace subbyte::reports
