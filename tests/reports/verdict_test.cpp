// Tests the verdict: what is joined, the front, the choice and its sentences, and what is said to be missing.
#include "reports/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace subbyte::reports {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Row {
  std::string format;
  double loss, bits;
};

Record evaluated(const std::vector<Row>& rows) {
  Record record;
  record.kind = "evaluate";
  record.provenance = {{"model", "/models/tiny/model.safetensors"}, {"tokens", 500}, {"arithmetic", "exact"}};
  // The columns stand in another order than in the program: they are found by name.
  Table table{
      "Formats", {{"bits per weight", "bit", ""}, {"above FP32", "nats/token", ""}, {"format", "", ""}}, {}, ""};
  table.rows.push_back({nullptr, nullptr, "unquantized"});
  for (const Row& row : rows) table.rows.push_back({row.bits, row.loss, row.format});
  record.tables = {table};
  return record;
}

Record simulated(const std::string& format, double energy_j, double area_um2 = 2e6) {
  Record record;
  record.kind = "simulate";
  record.provenance = {{"format", format},
                       {"tokens", 16},
                       {"layers", "all"},
                       {"design", {{"name", "tile"}, {"technology", "cells"}}},
                       {"technology_remark", "for comparisons only"}};
  record.metrics = {{"layers", "count", "", 15, "derived"},
                    {"tokens_per_s", "rate", "tokens/s", 20000, "derived"},
                    {"area", "area", "um2", area_um2, "netlist"}};
  if (energy_j > 0)
    record.metrics.push_back({"energy_per_token", "energy", "J/token", energy_j, "derived", energy_j / 100});
  return record;
}

std::vector<Record> usual() {
  return {evaluated({{"int8:g128", 0.00001, 8.125},
                     {"int6:g128", 0.0004, 6.125},
                     {"int4:g128", 0.012, 4.125},
                     {"fp4:g128", 0.0083, 4.14},
                     {"fp3:g128", 0.2, 3.14},
                     {"poor:g128", 0.3, 5}}),
          simulated("int8:g128", 60e-6),
          simulated("int6:g128", 45e-6),
          simulated("int4:g128", 31e-6),
          simulated("fp4:g128", 32e-6),
          simulated("fp3:g128", 29e-6),
          simulated("poor:g128", 50e-6)};
}

std::vector<std::string> row_names(const Verdict& verdict) {
  std::vector<std::string> names;
  for (const std::size_t i : verdict.rows) names.push_back(verdict.all[i].name);
  return names;
}

const Choice& named(const Verdict& verdict, const std::string& name) {
  return *std::ranges::find(verdict.all, name, &Choice::name);
}

TEST(Verdict, ChoosesTheCheapestWithinTheToleranceAndTheStrictOne) {
  const auto found = verdict(usual());
  ASSERT_TRUE(found);
  ASSERT_THAT(found->sentences, SizeIs(2));
  EXPECT_EQ(
      found->sentences[0],
      "Choose fp4: it loses 0.0083 nats/token (perplexity +0.83 %) and takes 32.0 µJ and 50.0 µs per token on 2.00 "
      "mm², 53 % of the energy of int8.");
  EXPECT_EQ(
      found->sentences[1],
      "Choose int6 if the loss must stay under 0.001 nats/token: it loses 0.00040 nats/token (perplexity +0.040 %) "
      "and takes 45.0 µJ and 50.0 µs per token on 2.00 mm², 75 % of the energy of int8.");
  EXPECT_THAT(row_names(*found), ElementsAre("fp3", "int4", "fp4", "int6", "int8"));
  EXPECT_FALSE(named(*found, "poor").front);
  EXPECT_THAT(found->missing, IsEmpty());
  EXPECT_EQ(found->cost.remark, "for comparisons only");
  EXPECT_NEAR(*named(*found, "fp4").cost.energy_uj->half, 0.32, 1e-12);
}

TEST(Verdict, LossesThatAreNoneCountAsEqual) {
  const auto found =
      verdict({evaluated({{"a", -0.00002, 8}, {"b", 0.00009, 8}}), simulated("a", 2e-6), simulated("b", 1e-6)});
  EXPECT_FALSE(named(*found, "a").front);
  EXPECT_TRUE(named(*found, "b").front);
  EXPECT_THAT(found->sentences[0], HasSubstr("Choose b: it loses less than 0.0001 nats/token and takes"));
  EXPECT_EQ(found->sentences[1], "It also stays under 0.001 nats/token, and nothing on this page is cheaper.");
  EXPECT_THAT(found->missing, IsEmpty());
  EXPECT_THAT(verdict({evaluated({{"int8", 0.001, 8}, {"int4", -0.02, 4}})})->missing[0],
              HasSubstr("int4 seems to gain 0.020 nats/token"));
}

// fp4 loses less than int4 by less than its loss was measured to, and int4 is cheaper by more than a hundredth.
TEST(Verdict, WhatAMeasurementLeavesOpenDoesNotKeepAPointOnTheFront) {
  auto records = usual();
  Table& table = records[0].tables[0];
  table.columns.push_back({"above FP32 half width", "nats/token", ""});
  for (auto& row : table.rows) row.push_back(0.00001);
  const auto exact = verdict(records);
  EXPECT_TRUE(named(*exact, "fp4").front);
  EXPECT_TRUE(named(*exact, "int4").front);
  for (auto& row : table.rows) row.back() = row[2] == "fp4:g128" ? 0.005 : 0.00001;
  const auto open = verdict(records);
  EXPECT_FALSE(named(*open, "fp4").front);
  EXPECT_EQ(named(*open, "fp4").alike, "int4");
  EXPECT_TRUE(named(*open, "int4").front);
  EXPECT_EQ(named(*open, "fp4").why, kChosen) << "int4 loses too much to be chosen instead";
  EXPECT_THAT(verdict_html(records), HasSubstr("The dashed line joins the front"));
}

// 0.5 % of energy is no reason to lose more; the range of published memories is no measurement of a format.
TEST(Verdict, EnergiesWithinAHundredthAreAlike) {
  const auto choice = [](double energy_j, double loss) {
    return verdict({evaluated({{"a:g128", 0.009, 4}, {"b:g128", loss, 4.1}}), simulated("a:g128", 31e-6),
                    simulated("b:g128", energy_j)});
  };
  EXPECT_EQ(named(*choice(31.1e-6, 0.005), "b").why, kChosen);
  EXPECT_EQ(named(*choice(31.1e-6, 0.005), "a").alike, "b");
  EXPECT_EQ(named(*choice(31.4e-6, 0.005), "a").why, kChosen);
  const auto html = verdict_html({evaluated({{"a:g128", 0.009, 4}, {"b:g128", 0.005, 4.1}}), simulated("a:g128", 31e-6),
                                  simulated("b:g128", 31.1e-6)});
  EXPECT_THAT(html, HasSubstr("One point is the front"));
  EXPECT_THAT(html, testing::Not(HasSubstr("dashed line joins")));
  auto records = usual();
  for (Record& record : records)
    if (record.kind == "simulate") {
      record.metrics.back().half_width.reset();
      for (const auto& [name, factor] : {std::pair{"energy", 1.0}, {"energy_low", 0.5}, {"energy_high", 1.5}})
        record.metrics.push_back({name, "energy", "J", record.metrics[3].value * factor, "derived"});
    }
  const auto wide = verdict(records);
  EXPECT_NEAR(named(*wide, "int4").cost.energy_uj->half.value(), 15.5, 1e-9);
  EXPECT_TRUE(named(*wide, "int6").front);
}

// Two formats, or two policies, of one name and other definitions.
TEST(Verdict, ADefinitionIsJoinedAndNotAName) {
  Record loss = evaluated({{"mine:g32", 0.002, 4.5}, {"mine:g32", 0.02, 4.5}, {"int8:g128", 0.0001, 8.1}});
  loss.provenance["format_definitions"] = {"aaaa1", "bbbb2", "cccc3"};
  Record cost = simulated("mine:g32", 30e-6), other = simulated("int8:g128", 60e-6);
  cost.provenance["format_definitions"] = {"bbbb2"};
  other.provenance["format_definitions"] = {"cccc3"};
  const auto found = verdict({loss, cost, other});
  EXPECT_TRUE(named(*found, "mine #bbbb").cost.energy_uj.has_value());
  EXPECT_DOUBLE_EQ(named(*found, "mine #bbbb").loss->value, 0.02);
  EXPECT_FALSE(named(*found, "mine #aaaa").cost.energy_uj.has_value());
  cost.provenance["format_definitions"] = {"dddd4"};  // edited after it was evaluated
  const auto edited = verdict({loss, cost, other});
  EXPECT_FALSE(named(*edited, "mine #dddd").loss.has_value());
  EXPECT_FALSE(named(*edited, "mine #bbbb").cost.energy_uj.has_value());
  cost.provenance.erase("format_definitions");  // a record of an older version
  EXPECT_TRUE(verdict({evaluated({{"mine:g32", 0.002, 4.5}}), cost})->all[0].cost.energy_uj.has_value());
  EXPECT_EQ(verdict({evaluated({{"mine:g32", 0.002, 4.5}}), cost})->all.size(), 1U);
}

TEST(Verdict, AProvenanceOfOtherTypesIsNoReasonToStop) {
  for (const json& odd : {json(3), json("x"), json::array({1}), json()}) {
    auto records = usual();
    Record sweep;
    sweep.kind = "sweep";
    sweep.provenance = {{"sweep", odd}, {"silicon", odd}, {"clock_mhz", odd}, {"format_definitions", odd}};
    sweep.tables = {{"Points",
                     {{"format", "", ""}, {"variant", "", ""}, {"cycles per token", "", ""}, {"technology", "", ""}},
                     {{"int4", "8x8", 3, "cells"}},
                     ""}};
    records.push_back(sweep);
    for (Record& record : records)
      for (const char* key : {"design", "made_by", "format_definitions"}) record.provenance[key] = odd;
    EXPECT_NO_THROW(verdict_html(records)) << odd;
  }
}

TEST(Verdict, WithoutEnergyItGoesByBitsAndSaysSo) {
  auto records = usual();
  for (std::size_t i = 1; i < records.size(); ++i) records[i].metrics.resize(3);
  const auto found = verdict(records);
  EXPECT_FALSE(found->by_energy);
  EXPECT_THAT(found->sentences[0], HasSubstr("takes 4.14 bits per weight, 51 % of the bits of int8"));
  ASSERT_THAT(found->missing, SizeIs(1));
  EXPECT_THAT(found->missing[0], HasSubstr("subbyte simulate --model /models/tiny/model.safetensors"));
  records.resize(1);
  EXPECT_THAT(verdict(records)->sentences[0], HasSubstr("Choose fp4"));
}

TEST(Verdict, AnIntervalBeyondTheToleranceIsSaid) {
  Record record = evaluated({{"int8", 0.0, 8}, {"int4", 0.008, 4}});
  record.tables[0].columns.push_back({"above FP32 half width", "nats/token", ""});
  for (auto& row : record.tables[0].rows) row.emplace_back(row[1].is_null() ? json() : json(0.003));
  const auto found = verdict({record});
  EXPECT_THAT(found->sentences[0], HasSubstr("Choose int4: it loses 0.0080 nats/token ± 0.0030 (perplexity"));
  EXPECT_THAT(found->missing[0], HasSubstr("The interval of the loss of int4 reaches beyond 0.01 nats/token"));
  EXPECT_THAT(found->missing[1], HasSubstr("The interval of the loss of int8 reaches beyond 0.001 nats/token"));
}

TEST(Verdict, WithoutALossNothingIsChosen) {
  const auto found = verdict({simulated("int8:g128", 2e-6), simulated("int4:g128", 1e-6)});
  EXPECT_THAT(found->sentences, IsEmpty());
  ASSERT_THAT(found->missing, SizeIs(1));
  EXPECT_THAT(found->missing[0], HasSubstr("subbyte evaluate --model MODEL --format int8,int4 --record loss.json"));
  EXPECT_THAT(found->rows, SizeIs(2));
  EXPECT_FALSE(verdict({Record{}}));
}

TEST(Verdict, NothingWithinTheToleranceIsSaid) {
  const auto found = verdict({evaluated({{"int2", 0.5, 2}, {"int3", 0.05, 3}})});
  EXPECT_THAT(found->sentences[0],
              HasSubstr("No format whose cost is known stays within 0.01 nats/token; int3 comes nearest"));
  EXPECT_EQ(found->sentences[1], "No format on this page stays under 0.001 nats/token.");
}

TEST(Verdict, SurveyAndSweepAreJoinedByTheFormatWithItsGroup) {
  Record survey;
  survey.kind = "survey";
  survey.provenance = {{"model", "embedded"}, {"tokens", 100}};
  survey.tables = {{"Number formats",
                    {{"format", "", ""}, {"bits per weight", "bit", ""}, {"group", "", ""}, {"loss increase", "", ""}},
                    {{"int8", 8.1, 128, 0.0}, {"nested:view=4", 4.1, 64, 0.005}, {"fp4:g32", 4.5, 32, 0.004}},
                    ""}};
  Record sweep;
  sweep.kind = "sweep";
  sweep.provenance = {{"sweep", {{"design", "tile"}, {"workload", {{"layer", "q"}, {"tokens", 16}}}}},
                      {"clock_mhz", {{"rows=4", 50.0}, {"rows=8", 50.0}}}};
  Table points{"Points",
               {{"format", "", ""},
                {"variant", "", ""},
                {"cycles per token", "cycles", ""},
                {"area", "µm²", ""},
                {"energy per token", "µJ", ""},
                {"technology", "", ""}},
               {},
               ""};
  for (const char* format : {"int8:g128", "nested:g64:view=4"})
    for (const char* variant : {"rows=4", "rows=8"}) {
      const double nested_uj = variant[5] == '4' ? 2.0 : 1.5;
      points.rows.push_back({format, variant, 100, 1e6, format[0] == 'i' ? 4.0 : nested_uj, "cells"});
    }
  sweep.tables = {points};
  const auto found = verdict({survey, sweep});
  ASSERT_TRUE(found->by_energy);
  EXPECT_THAT(found->all, SizeIs(5));
  EXPECT_THAT(found->sentences[0], HasSubstr("Choose nested:view=4 on tile rows=8: "));
  EXPECT_THAT(found->sentences[0], HasSubstr("1.50 µJ and 2.00 µs per token for this layer alone on 1.00 mm², "
                                             "38 % of the energy of int8 on tile rows=8."));
  EXPECT_THAT(found->missing[0], HasSubstr("fp4"));
  // A time that counts memory is taken before cycles.
  sweep.tables[0].columns.push_back({"time per token", "µs", ""});
  for (auto& row : sweep.tables[0].rows) row.push_back(3.0);
  EXPECT_THAT(verdict({survey, sweep})->sentences[0], HasSubstr("1.50 µJ and 3.00 µs per token"));
}

TEST(Verdict, TheRunOfTheWholeModelIsPreferred) {
  auto records = usual();
  for (const char* format : {"int8:g128", "int6:g128", "int4:g128", "fp4:g128", "fp3:g128", "poor:g128"}) {
    Record layer = simulated(format, 1e-6);
    layer.provenance.erase("layers");
    layer.provenance["layer"] = "q";
    layer.metrics.erase(layer.metrics.begin());
    records.insert(records.begin() + 1, layer);
  }
  EXPECT_EQ(verdict(records)->cost.work, "15 layers, 16 tokens");
}

TEST(Verdict, ThePageOpensWithIt) {
  auto records = usual();
  records[0].provenance["made_by"] = {{"program", "subbyte 1"},
                                      {"revision", "abc"},
                                      {"date", "2026-11-30T10:00:00Z"},
                                      {"machine", {{"cpu", "a CPU"}, {"cores", 2}}}};
  const std::string page = html("Title", records);
  EXPECT_THAT(page, HasSubstr("<h2>Which number format suits the model tiny, and what does it cost on tile?</h2>"));
  for (const char* fact : {"<dd>2026-11-30</dd>", "<dd>subbyte 1 (abc)</dd>", "<dd>a CPU, 2 cores</dd>",
                           "date, version and machine of 6 of 7 records", "<b>cells</b>: for comparisons only."})
    EXPECT_THAT(page, HasSubstr(fact));
  EXPECT_LT(page.find("id='verdict'"), page.find("id='r0'"));
}

}  // namespace
}  // namespace subbyte::reports
