// What a verdict keeps apart: changed designs, other texts, other layers, other cells, clocks that are missed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/verdict.hpp"

namespace subbyte::reports {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Row {
  std::string format;
  json loss;
};

Record evaluated(const std::vector<Row>& rows) {
  Record record;
  record.kind = "evaluate";
  record.provenance = {{"model", "/models/tiny/model.safetensors"}, {"tokens", 500}, {"text", "/texts/a.txt"}};
  Table table{
      "Formats", {{"format", "", ""}, {"above FP32", "nats/token", ""}, {"bits per weight", "bit", ""}}, {}, ""};
  table.rows.push_back({"unquantized", nullptr, nullptr});
  for (const Row& row : rows) table.rows.push_back({row.format, row.loss, 4.0});
  record.tables = {table};
  return record;
}

Record simulated(const std::string& format, double energy_j) {
  Record record;
  record.kind = "simulate";
  record.provenance = {
      {"format", format}, {"tokens", 16}, {"layers", "all"}, {"design", {{"name", "tile"}, {"technology", "cells"}}}};
  record.metrics = {{"layers", "count", "", 15, "derived"},
                    {"tokens_per_s", "rate", "tokens/s", 20000, "derived"},
                    {"energy_per_token", "energy", "J/token", energy_j, "derived"}};
  return record;
}

std::vector<Record> usual() {
  return {evaluated({{"int8", 0.0001}, {"int4", 0.005}}), simulated("int8", 60e-6), simulated("int4", 30e-6)};
}

// A run on a core tells time and clock under the names of a run on a tile, and takes part; what tells nothing is named.
TEST(VerdictApart, ARunOnACoreTakesPartAndRecordsThatTellNothingAreCounted) {
  Record core = simulated("int4", 30e-6);
  core.kind = "simulate-core";
  std::vector<Record> records{evaluated({{"int8", 0.0001}, {"int4", 0.005}}), core};
  const auto with_core = verdict(records);
  ASSERT_THAT(with_core->cost.costs, SizeIs(1));
  EXPECT_EQ(with_core->cost.costs[0].design, "tile");
  EXPECT_DOUBLE_EQ(with_core->cost.costs[0].time_us->value, 50);
  EXPECT_THAT(with_core->aside, IsEmpty());
  Record silent;
  silent.kind = "synth";
  records.insert(records.end(), {silent, silent});
  EXPECT_THAT(verdict(records)->aside, Contains(HasSubstr("neither a loss nor a cost of a format (2 of synth)")));
  silent.kind = "simulate-workload";
  records.push_back(silent);
  silent.kind = "sweep-workload";
  records.insert(records.end(), {silent, silent});
  const auto apart = verdict(records)->aside;
  ASSERT_THAT(apart, SizeIs(2));
  EXPECT_THAT(apart, Contains(AllOf(HasSubstr("no weights that a loss could be of"),
                                    HasSubstr("(1 of simulate-workload, 2 of sweep-workload)"))));
}

// What is decided by is true or false in the record; words decide only where an older version wrote no such field.
TEST(VerdictApart, AClockAndGlitchesAreReadFromFieldsNotFromWords) {
  auto records = usual();
  const auto choose_with = [&](const json& clock, const json& met) {
    for (Record& record : records)
      if (record.provenance.value("format", "") == "int4") {
        record.provenance["clock"] = clock;
        record.provenance["clock_met"] = met;
      }
    return verdict(records)->sentences[0];
  };
  EXPECT_THAT(choose_with("met", false), HasSubstr("Choose int8"));
  EXPECT_THAT(choose_with("what is NOT met elsewhere", true), HasSubstr("Choose int4"));
  EXPECT_THAT(choose_with("nobody says NOT met", nullptr), HasSubstr("Choose int4")) << "null: not checked";
  for (Record& record : records) record.provenance.erase("clock_met");
  EXPECT_THAT(verdict(records)->sentences[0], HasSubstr("Choose int8")) << "records of an older version";
  Record sweep;
  sweep.kind = "sweep";
  sweep.tables = {{"Points",
                   {{"format", "", ""},
                    {"variant", "", ""},
                    {"cycles per token", "cycles", ""},
                    {"energy per token", "µJ", "unit; with glitches"}},
                   {{"int8", "rows=4", 100, 1.0}},
                   ""}};
  EXPECT_TRUE(cost_groups({sweep})[0].glitches) << "a record of an older version";
  sweep.provenance["glitches"] = false;
  EXPECT_FALSE(cost_groups({sweep})[0].glitches);
  sweep.provenance["glitches"] = true;
  sweep.tables[0].columns[3].source = "netlist";
  EXPECT_TRUE(cost_groups({sweep})[0].glitches);
}

TEST(VerdictApart, AChangedDesignHasTheNameThatSaysSo) {
  auto records = usual();
  records.push_back(records[2]);
  records[2].provenance["design_name"] = "tile";
  records[3].provenance["design_name"] = "tile with memory.bandwidth_gb_per_s=0.01";
  const auto found = verdict(records);
  std::vector<std::string> designs;
  for (const Choice& c : found->all) designs.push_back(c.cost.design);
  EXPECT_THAT(designs, Contains("tile with memory.bandwidth_gb_per_s=0.01"));
  EXPECT_THAT(designs, Contains("tile"));
}

TEST(VerdictApart, OtherRtlIsSaidWithTheDesignByItsFolderAndContent) {
  auto records = usual();
  records[2].provenance["rtl"] = {{"folder", "/mine"}, {"hash", "1234567812345678"}};
  records.push_back(records[2]);  // the same folder with changed files
  records[3].provenance["rtl"]["hash"] = "2345678923456789";
  std::vector<std::string> designs;
  const auto found = verdict(records);
  for (const Choice& c : found->all) designs.push_back(c.cost.design);
  EXPECT_THAT(designs,
              testing::UnorderedElementsAre("tile", "tile, RTL of /mine #12345678", "tile, RTL of /mine #23456789"));
  EXPECT_THAT(verdict_html(records), HasSubstr("RTL of"));
}

TEST(VerdictApart, LossesOfOtherTextsAreOthers) {
  const auto split = [](const char* key, const char* value) {
    Record other = evaluated({{"int4", 0.3}});
    other.provenance[key] = value;
    return loss_groups({evaluated({{"int8", 0.0001}}), other}).size();
  };
  EXPECT_EQ(split("text", "/texts/a.txt"), 1U);
  EXPECT_EQ(split("text", "/texts/b.txt"), 2U);
  EXPECT_EQ(split("text", "/others/a.txt"), 2U);
  EXPECT_EQ(split("tokenizer", "/models/t.bin"), 2U);
  EXPECT_EQ(split("cut", "lines"), 2U);
  auto records = usual();
  records.push_back(evaluated({{"int2", 0.3}}));
  records.back().provenance["text"] = "/texts/b.txt";
  EXPECT_THAT(verdict(records)->all, SizeIs(2)) << "int2 was evaluated on another text";
  const std::string page = verdict_html(records);
  EXPECT_THAT(page, HasSubstr("500 tokens of a"));
  EXPECT_THAT(page, HasSubstr("<dt>text:</dt> <dd>/texts/a.txt</dd>"));
  EXPECT_THAT(page, HasSubstr("losses of tiny (500 tokens of b; text /texts/b.txt)"));
}

/// The losses of int8 and int4 in all layers, their costs, and a cost of int4 in some layers.
std::vector<Record> with_a_part() {
  auto records = usual();
  records[0].provenance["format_definitions"] = {"8888", "4444"};
  records[0].provenance["layer_definitions"] = {"all8", "all4"};
  records[1].provenance["format_definitions"] = json::array({"8888"});
  records[1].provenance["layer_definitions"] = json::array({"all8"});
  records[2].provenance["format_definitions"] = json::array({"4444"});
  records[2].provenance["layer_definitions"] = json::array({"part"});
  return records;
}

TEST(VerdictApart, TheCostOfSomeLayersStandsBesideNoLossOfAll) {
  auto records = with_a_part();
  const auto found = verdict(records);
  for (const Choice& c : found->all) EXPECT_FALSE(c.name == "int4 #part" && c.loss);
  EXPECT_THAT(found->missing, Contains(HasSubstr("The cost of int4 #part is of 15 layers, 16 tokens, and no loss")));
  EXPECT_THAT(found->missing, Not(Contains(HasSubstr("the cost is known and the loss is not"))));
  records[2].provenance["layer_definitions"] = json::array({"all4"});
  EXPECT_THAT(verdict(records)->missing, IsEmpty());
  EXPECT_TRUE(verdict(records)->by_energy);
}

TEST(VerdictApart, OneLayerStandsForAllWhereAllHaveItsFormat) {
  auto records = with_a_part();
  for (const std::size_t i : {1U, 2U}) {
    records[i].provenance.erase("layers");
    records[i].provenance.erase("layer_definitions");
    records[i].provenance["layer"] = "q";
    records[i].metrics.erase(records[i].metrics.begin());
  }
  EXPECT_TRUE(verdict(records)->by_energy);
  records[0].provenance["format_definitions"] = {"8888", nullptr};  // now some layers are left unquantized
  records[0].provenance["unquantized_layers"] = {0, 8};
  EXPECT_FALSE(verdict(records)->by_energy);
}

TEST(VerdictApart, LayersLeftUnquantizedAreToldWhereACostIsThere) {
  auto records = with_a_part();
  records[0].provenance["layer_definitions"] = {"all8", "part"};
  records[0].provenance["unquantized_layers"] = {0, 8};
  records.push_back(records[2]);
  records[3].provenance["design_name"] = "another";
  const auto told = testing::HasSubstr("int4 leaves 8 layers unquantized");
  EXPECT_THAT(verdict(records)->missing, Contains(told).Times(1)) << "once, and not for each design";
}

TEST(VerdictApart, PatternsOfAsManyLayersAreOtherWork) {
  Record first = simulated("int4", 1e-6), second = simulated("int4", 1e-6);
  for (const auto& [record, block] : {std::pair{&first, "0.*"}, {&second, "1.*"}}) {
    record->provenance["layers"] = block;
    record->tables = {{"Layers", {{"layer", "", ""}, {"cycles", "", ""}}, {{std::string(block) + "q", 3}}, ""}};
  }
  EXPECT_THAT(cost_groups({first, second}), SizeIs(2));
  EXPECT_EQ(cost_groups({first})[0].work, "15 layers (0.*), 16 tokens");
  second.provenance["layers"] = first.provenance["layers"];
  EXPECT_THAT(cost_groups({first, second}), SizeIs(2)) << "the pattern means other layers in another file";
}

TEST(VerdictApart, TheTechnologyIsThatOfTheEnergiesAndNotTheDesigns) {
  auto records = usual();
  records[2].provenance["technology"] = "other cells";
  const auto groups = cost_groups(records);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(groups[0].technology, "cells");
  EXPECT_EQ(groups[1].technology, "other cells");
  records[2].provenance["technology"] = "cells";
  EXPECT_THAT(cost_groups(records), SizeIs(1));
  records[2].provenance["energy"] = {{"library", "cells, slow corner"}, {"library_hash", "9999"}};
  EXPECT_THAT(cost_groups(records), SizeIs(2)) << "another library under the same name";
  records[2].provenance.erase("technology");  // a record of an older version
  EXPECT_EQ(cost_groups(records)[1].technology, "cells, slow corner");
}

TEST(VerdictApart, ALossThatIsNoNumberMovesNoDefinition) {
  Record record = evaluated({{"a", nullptr}, {"b", 0.1}, {"c", 0.2}});
  record.provenance["format_definitions"] = {"aaaa", "bbbb", "cccc"};
  record.tables.push_back(record.tables[0]);  // of a second table the definitions are not those
  record.tables[1].rows = {{"c", 0.3, 4}, {"b", 0.4, 4}, {"a", 0.5, 4}};
  const auto losses = loss_groups({record})[0].losses;
  ASSERT_THAT(losses, SizeIs(5));
  EXPECT_EQ(losses[0].definition, "bbbb");
  EXPECT_EQ(losses[1].definition, "cccc");
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(losses[i].definition, "");
  record.provenance["format_definitions"] = {"aaaa"};  // not one for each row
  EXPECT_EQ(loss_groups({record})[0].losses[0].definition, "");
}

}  // namespace
}  // namespace subbyte::reports
