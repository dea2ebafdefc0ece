// Tests metrics with half-widths and a basis in the record's JSON and in what its writers show, and columns by name.
#include <gtest/gtest.h>

#include <stdexcept>

#include "reports/page.hpp"
#include "reports/record.hpp"
#include "reports/text.hpp"

namespace subbyte::reports {
namespace {

Record with_interval() {
  Record record;
  record.title = "A cell";
  record.kind = "energy";
  record.metrics = {{"energy", "energy", "pJ", 2.5, "netlist", 0.125, {.timed = true}},
                    {"area", "area", "um2", 7, "netlist", std::nullopt, {.scaled = true}},
                    {"delay", "time", "ns", 3, "netlist"}};
  return record;
}

TEST(Metric, AHalfWidthAndABasisBelongToTheirMetric) {
  const auto json = to_json(with_interval());
  EXPECT_EQ(json.at("metrics").at(0).at("half_width"), 0.125);
  EXPECT_EQ(json.at("metrics").at(0).at("basis"), nlohmann::json::array({"timed"}));
  EXPECT_FALSE(json.at("metrics").at(2).contains("half_width") || json.at("metrics").at(2).contains("basis"));
  const Record read = record_from_json(json);
  EXPECT_EQ(read.metrics[0].half_width, 0.125);
  EXPECT_EQ(read.metrics[0].basis, (Basis{.timed = true}));
  EXPECT_EQ(read.metrics[1].half_width, std::nullopt);
  EXPECT_EQ(read.metrics[1].basis, (Basis{.scaled = true}));
  EXPECT_EQ(read.metrics[2].basis, Basis{});
  EXPECT_EQ(to_json(read), json);
  auto wrong = json;
  wrong["metrics"][0]["basis"] = nlohmann::json::array({"guessed"});
  EXPECT_THROW(record_from_json(wrong), std::invalid_argument);
}

// A record of an older version has the half-width as a metric of its own, and both are shown alike everywhere.
TEST(Metric, OldAndNewRecordsOfAnIntervalAreShownAlike) {
  const Record record = with_interval();
  auto old = to_json(record);
  old["metrics"][0].erase("half_width");
  for (auto& metric : old["metrics"]) metric.erase("basis");
  const nlohmann::json half_width{
      {"name", "energy_half_width"}, {"quantity", "energy"}, {"unit", "pJ"}, {"value", 0.125}, {"source", "netlist"}};
  old["metrics"].insert(old["metrics"].begin() + 1, half_width);
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
  const Table table{"Points", {{"format", "", ""}, {"SQNR", "dB", "derived"}, {"area", "um2", "rtl"}}, {}, ""};
  EXPECT_EQ(column(table, "area"), 2U);
  EXPECT_THROW(column(table, "Area"), std::out_of_range);
  Table twice = table;
  twice.columns[0].name = "area";
  EXPECT_THROW(column(twice, "area"), std::out_of_range);
}

}  // namespace
}  // namespace subbyte::reports
