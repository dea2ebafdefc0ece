// Tests what a terminal shows: prefixes of units, lines of at most 120 columns, numbered notes, and what is left out
// without --verbose.
#include "reports/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "reports/scaled.hpp"

namespace subbyte::reports {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::ResultOf;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void expect_narrow(const std::string& text) {
  EXPECT_THAT(lines_of(text), Each(ResultOf([](const std::string& line) { return text_width(line); }, Le(120U))))
      << text;
}

const std::string kLong =
    "netlist in NangateOpenCellLibrary (typical: 1.1 V, 25 C, process 1), transitions counted, the clock while it "
    "waits, leakage included";

TEST(FigureWithUnit, HasThePrefixThatReadsBest) {
  EXPECT_EQ(figure_with_unit(90045169601, "MAC/s"), "90.05 GMAC/s");
  EXPECT_EQ(figure_with_unit(2.089e-07, "J/token"), "208.9 nJ/token");
  EXPECT_EQ(figure_with_unit(1.5e-9, "J*s"), "1.500 nJ*s");
  EXPECT_EQ(figure_with_unit(0.0035628, "pJ/MAC"), "3.563 fJ/MAC");
  EXPECT_EQ(figure_with_unit(40226, "pJ"), "40.23 nJ");
  EXPECT_EQ(figure_with_unit(16.324, "ns"), "16.324 ns");
  EXPECT_EQ(figure_with_unit(4000, "s"), "4000 s") << "nobody reads kiloseconds";
  EXPECT_EQ(figure_with_unit(8576, "bytes"), "8.375 KiB");
  EXPECT_EQ(figure_with_unit(512, "bytes"), "512 bytes");
  EXPECT_EQ(figure_with_unit(11460119, "um2"), "11.46 mm2");
  EXPECT_EQ(figure_with_unit(1069, "cycles"), "1069 cycles");
  EXPECT_EQ(figure_with_unit(50e6, "Hz"), "50.00 MHz");
  EXPECT_EQ(figure_with_unit(3, "stories"), "3 stories") << "an s alone is seconds";
  EXPECT_EQ(figure_with_unit(0, "J"), "0 J");
  EXPECT_EQ(figure_with_unit(0.5, ""), "0.50000");
}

TEST(ScaledUnit, KeepsTheValue) {
  for (const double value : {1e-17, 3e-13, 0.999999, 1.0, 999.9, 1000.0, 1e14}) {
    const ScaledUnit scaled = scaled_unit(value, "uJ");
    const ScaledUnit back = scaled_unit(1, scaled.unit);
    EXPECT_EQ(back.unit, scaled.unit) << value;
    EXPECT_GT(value * scaled.factor, value > 1e-9 ? 0.9999 : 0);
    EXPECT_LT(value * scaled.factor, 1000);
  }
}

TEST(Wrapped, BreaksAtBlanksAndKeepsOwnEndsOfLines) {
  EXPECT_EQ(wrapped("one two three", 8), (std::vector<std::string>{"one two", "  three"}));
  EXPECT_EQ(wrapped("one\n  two", 8), (std::vector<std::string>{"one", "  two"}));
  EXPECT_EQ(wrapped("abcdefghij", 4), (std::vector<std::string>{"abcd", "  ef", "  gh", "  ij"}));
  EXPECT_EQ(wrapped("\u00b5\u00b5\u00b5\u00b5 x", 4, 0), (std::vector<std::string>{"\u00b5\u00b5\u00b5\u00b5", "x"}));
}

TEST(KindOfSource, IsWhatStandsBeforeTheConditions) {
  EXPECT_EQ(kind_of_source("derived, clock not checked"), "derived, clock not checked");
  EXPECT_EQ(kind_of_source(kLong), "netlist");
  EXPECT_EQ(kind_of_source("rtl synthesised in osu018_stdcells (typical: 1.8 V)"), "rtl synthesised");
  EXPECT_EQ(kind_of_source("derived: energy with glitches over tokens"), "derived");
}

Record sample() {
  Record record;
  record.title = "One layer";
  record.metrics = {{"cycles", "time", "cycles", 1069, "rtl"},
                    {"energy_per_token", "energy", "J/token", 2.089e-07, kLong},
                    {"unit_energy", "energy", "J", 3e-7, kLong}};
  record.tables = {{"Energy",
                    {{"where", "", ""}, {"energy", "uJ", "derived"}, {"source", "", ""}},
                    {{"unit", 1.5, kLong}, {"DRAM", 0.25, "table: lpddr4"}},
                    "Sum: 1.75 uJ.\ntable: lpddr4: as listed in Accelergy's plug-in.\nwires: none."}};
  return record;
}

TEST(Terminal, LeavesOutFootnotesAndSaysHowMany) {
  EXPECT_EQ(terminal(sample()),
            "One layer\n"
            "  cycles            1069 cycles     [rtl]\n"
            "  energy_per_token  208.9 nJ/token  [netlist]\n"
            "  unit_energy       300.0 nJ        [netlist]\n"
            "\n"
            "Energy\n"
            "  where  energy  source\n"
            "             uJ\n"
            "  unit    1.500  netlist\n"
            "  DRAM   0.2500  table: lpddr4\n"
            "  Sum: 1.75 uJ.\n"
            "3 more notes: --verbose\n");
}

TEST(Terminal, VerboseNumbersEveryDistinctSourceOnce) {
  const std::string text = terminal(sample(), true);
  expect_narrow(text);
  EXPECT_THAT(text, HasSubstr("  energy_per_token  208.9 nJ/token  [1]\n  unit_energy       300.0 nJ        [1]\n"
                              "  [1] netlist in NangateOpenCellLibrary"));
  EXPECT_THAT(text, Not(HasSubstr("[2]")));
  EXPECT_THAT(text, HasSubstr("  wires: none.\n"));
  EXPECT_THAT(text, Not(HasSubstr("--verbose")));
}

TEST(Terminal, ANoteWithoutAFirstLineIsAFootnote) {
  Table table{"T", {{"a", "", ""}}, {{"x"}}, "\nonly for those who ask"};
  EXPECT_EQ(terminal(table), "T\n  a\n  x\n1 more note: --verbose\n");
  EXPECT_EQ(terminal(table, true), "T\n  a\n  x\n  only for those who ask\n");
}

TEST(TableText, AColumnTakesThePrefixOfItsLargestFigure) {
  const Table table{"T", {{"layer", "", ""}, {"attained", "MAC/s", ""}}, {{"q", 9.0045e10}, {"k", 1.0e9}}, ""};
  EXPECT_EQ(terminal(table),
            "T\n"
            "  layer  attained\n"
            "           GMAC/s\n"
            "  q         90.05\n"
            "  k         1.000\n");
}

TEST(TableText, AHalfWidthHasTheUnitOfItsFigure) {
  const Table table{
      "T", {{"unit", "", ""}, {"energy", "uJ", ""}, {"energy half width", "uJ", "", 2}}, {{"tile", 2.5, 0.024}}, ""};
  EXPECT_EQ(terminal(table),
            "T\n"
            "  unit  energy  energy half width\n"
            "            uJ                 uJ\n"
            "  tile   2.500              0.024\n");
}

TEST(TableText, LongHeadersAndCellsAreBrokenBeforeColumnsAreMoved) {
  Table table{"T", {{"where", "", ""}, {"action", "", ""}}, {}, ""};
  for (int i = 0; i < 8; ++i) table.columns.push_back({"average of a kind", "pJ", ""});
  table.rows.push_back({"activation buffer", "cycles that wait for memory, clock alone", 1, 2, 3, 4, 5, 6, 7, 8});
  const std::string text = terminal(table);
  expect_narrow(text);
  EXPECT_EQ(text.find("\n\n"), std::string::npos) << text;
  EXPECT_THAT(text, HasSubstr("average"));
  EXPECT_THAT(text, Not(HasSubstr("average of a kind")));
}

TEST(TableText, TooManyColumnsStandInBlocksWithTheNamesOfTheRows) {
  Table table{"T", {{"format", "", ""}, {"variant", "", ""}}, {}, ""};
  for (int i = 0; i < 16; ++i) table.columns.push_back({"column" + std::to_string(i), "", ""});
  for (const char* variant : {"rows=2", "rows=4"}) {
    table.rows.push_back({"bitmod-fp4", variant});
    for (int i = 0; i < 16; ++i)
      table.rows.back().emplace_back(1000 * i + 123456.5 + 10.0 * static_cast<double>(table.rows.size()));
  }
  const std::string text = terminal(table);
  expect_narrow(text);
  EXPECT_EQ(std::ranges::count(lines_of(text), ""), 1) << text;
  std::size_t names = 0;
  for (const std::string& line : lines_of(text)) names += line.starts_with("  bitmod-fp4  rows=4") ? 1 : 0;
  EXPECT_EQ(names, 2U) << text;
  for (int i = 0; i < 16; ++i) EXPECT_THAT(text, HasSubstr("column" + std::to_string(i)));
}

TEST(TableText, WhatIsTheSameInEveryRowIsSaidOnceWhereTheTableIsTooWide) {
  Table table{"T", {{"layer", "", ""}, {"technology", "", ""}}, {}, ""};
  for (int i = 0; i < 14; ++i) table.columns.push_back({"column" + std::to_string(i), "pJ", ""});
  for (int row = 0; row < 2; ++row) {
    table.rows.push_back({"layer" + std::to_string(row), "osu018"});
    for (int i = 0; i < 14; ++i) table.rows.back().emplace_back(i == 7 ? 1.5 : 2.0 + row + i);
  }
  const std::string text = terminal(table);
  expect_narrow(text);
  EXPECT_THAT(text, HasSubstr("  In every row: technology osu018, column7 1.500 pJ.\n"));
  EXPECT_THAT(text, Not(HasSubstr("  technology")));
}

TEST(TableText, ACellThatFitsInNoColumnIsANoteUnderTheTable) {
  Table table{"T", {{"figure", "", ""}, {"why", "", ""}, {"because", "", ""}}, {}, ""};
  table.rows = {{"one", kLong, kLong}, {"two", "short", kLong}};
  const std::string text = terminal(table);
  expect_narrow(text);
  EXPECT_THAT(text, HasSubstr("  one     [1]    [1]\n  two     short  [1]\n  [1] netlist in Nangate"));
}

}  // namespace
}  // namespace subbyte::reports
