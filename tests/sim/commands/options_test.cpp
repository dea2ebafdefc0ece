// Tests the options of a command: values into fields, what is refused and how, relations, and help.
#include "sim/commands/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Words = std::vector<std::string>;

enum class Colour { kRed, kGreen };

/// Has an option of every kind.
struct Chosen {
  bool json = false, loud = false, check = false;
  std::string file, pattern = "*";
  std::uint64_t cases = 200;
  std::int64_t offset = 0;
  std::optional<double> clock;
  std::optional<std::string> into, codes, zeros, waves;
  std::vector<unsigned> stalls{0, 30};
  std::vector<std::string> weights;
  Colour colour = Colour::kRed;
  std::size_t length = 0;  ///< of a name
};

void declare(Options& options, Chosen& chosen) {
  options.value("file FILE", chosen.file, "Read this file.").required("a file to read").without_name();
  options.value("cases N", chosen.cases, "Draw N cases.", {1, 1000});
  options.value("offset N", chosen.offset, "Begin at this place.");
  options.value("clock F", chosen.clock, "Aim at this clock.", {0.5, 100});
  options.value("into FILE", chosen.into, "Write this file.");
  options.list("stalls N,...", chosen.stalls, "Stall so often.", {0, 99});
  options.repeated("weights P", chosen.weights, "Add these weights.");
  options.choice("colour WORD", chosen.colour, {{"red", Colour::kRed}, {"green", Colour::kGreen}}, "Paint it.");
  options.named(
      "name NAME", chosen.length, "four", [](const std::string& name) { return name.size(); }, "Measure this name.");
  options.pattern("layers PATTERN", chosen.pattern, "Take these layers.");
  options.flag("loud", chosen.loud, "Say more.");
  options.flag("check", chosen.check, "Check it.");
  options.file_or_flag("codes FILE", chosen.codes, ".npy", "Write codes.");
  options.file_or_flag("zeros FILE", chosen.zeros, ".npy", "Write zeros.");
  options.optional_value("waves FOLDER", chosen.waves, "Write waves.");
}

Chosen read(const Words& words) {
  Chosen chosen;
  Options options("try FILE [OPTIONS]", chosen.json);
  declare(options, chosen);
  EXPECT_TRUE(options.parse(words));
  return chosen;
}

/// Returns what the relations, or parse(), have to say.
template <typename Check>
std::string refusal(const Words& words, Check check) {
  Chosen chosen;
  Options options("try FILE [OPTIONS]\n       subbyte try", chosen.json);
  declare(options, chosen);
  try {
    options.parse(words);
    check(options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string refusal(const Words& words) {
  return refusal(words, [](const Options&) {});
}

TEST(Options, TheStructHasTheDefaultsUnlessGiven) {
  const Chosen chosen = read({"x"});
  EXPECT_EQ(chosen.file, "x");
  EXPECT_EQ(chosen.cases, 200U);
  EXPECT_FALSE(chosen.clock || chosen.into || chosen.codes || chosen.waves);
  EXPECT_FALSE(chosen.json || chosen.loud);
  EXPECT_THAT(chosen.stalls, ElementsAre(0U, 30U));
  EXPECT_THAT(chosen.weights, IsEmpty());
  EXPECT_EQ(chosen.length, 4U) << "a default is looked up as what was given is";
}

TEST(Options, EveryKindOfValueIsRead) {
  const Chosen chosen = read({"--cases=7", "--offset", "-3",     "--clock",   "1e1", "--into",      "o",
                              "--stalls",  "5,99",     "x",      "--weights", "a",   "--weights=b", "--colour",
                              "green",     "--name",   "sixsix", "--layers",  "l.*", "--loud",      "--json"});
  EXPECT_EQ(chosen.file, "x");
  EXPECT_EQ(chosen.cases, 7U);
  EXPECT_EQ(chosen.offset, -3);
  EXPECT_EQ(chosen.clock, 10);
  EXPECT_EQ(chosen.into, "o");
  EXPECT_THAT(chosen.stalls, ElementsAre(5U, 99U));
  EXPECT_THAT(chosen.weights, ElementsAre("a", "b"));
  EXPECT_EQ(chosen.colour, Colour::kGreen);
  EXPECT_EQ(chosen.length, 6U);
  EXPECT_EQ(chosen.pattern, "l.*");
  EXPECT_TRUE(chosen.loud && chosen.json);
}

TEST(Options, AllWordsMayGoToARepeatedOption) {
  bool json = false;
  Words files;
  Options options("try FILE ...", json);
  options.repeated("files FILE", files, "Read these.").required("a file").without_name();
  EXPECT_TRUE(options.parse(Words{"a", "--json", "b"}));
  EXPECT_THAT(files, ElementsAre("a", "b"));
}

TEST(Options, AFileMayBeLeftOut) {
  EXPECT_EQ(read({"--codes", "x"}).codes, "") << "the next word is the argument";
  EXPECT_EQ(read({"--codes", "x"}).file, "x");
  EXPECT_EQ(read({"--codes", "c.npy", "x"}).codes, "c.npy") << "it ends like a file";
  EXPECT_EQ(read({"x", "--codes", "c"}).codes, "c") << "the argument is named already";
  EXPECT_EQ(read({"--codes", "c", "--file", "x"}).codes, "c") << "and here it is named later";
  EXPECT_EQ(read({"--codes=c", "x"}).codes, "c");
  EXPECT_EQ(read({"x", "--codes"}).codes, "");
  const Chosen both = read({"x", "--codes", "--zeros", "z", "--into", "o"});
  EXPECT_EQ(both.codes, "");
  EXPECT_EQ(both.zeros, "z");
  EXPECT_EQ(both.into, "o");
  EXPECT_EQ(read({"--into", "o", "--codes", "x"}).file, "x") << "the value of another option is no argument";
}

TEST(Options, AValueMayBeLeftOut) {
  EXPECT_EQ(read({"x", "--waves"}).waves, "");
  EXPECT_EQ(read({"x", "--waves=w"}).waves, "w");
  EXPECT_EQ(read({"x", "--waves", "w"}).waves, "w");
  EXPECT_EQ(read({"x", "--waves", "--loud"}).waves, "");
}

TEST(Options, WhatCannotBeReadIsRefusedWithWhatWasExpected) {
  const std::pair<Words, std::string> cases[] = {
      {{}, "--file: is missing, expected a file to read"},
      {{"x", "--case", "3"}, "--case: is not an option of `subbyte try`; did you mean '--cases'?"},
      {{"x", "--cases"}, "--cases: has no value, expected one after it"},
      {{"x", "--cases", "--loud"}, "--cases: is --loud, expected a whole number 1..1000"},
      {{"x", "--cases="}, "--cases: has nothing after its equals sign, expected a value there"},
      {{"x", "--loud=3"}, "--loud: takes no value, expected the option alone"},
      {{"x", "--cases", "3", "--cases", "4"}, "--cases: is given several times, expected once"},
      {{"x", "--cases", "many"}, "--cases: is many, expected a whole number 1..1000"},
      {{"x", "--cases", "0"}, "--cases: is 0, expected 1..1000"},
      {{"x", "--cases", "-3"}, "--cases: is -3, expected 1..1000"},
      {{"x", "--cases", "99999999999999999999"}, "--cases: is 99999999999999999999, expected 1..1000"},
      {{"x", "--offset", "1.5"}, "--offset: is 1.5, expected a whole number"},
      {{"x", "--clock", "nan"}, "--clock: is nan, expected 0.5..100"},
      {{"x", "--stalls", "5,100"}, "--stalls: is 100, expected 0..99"},
      {{"x", "--stalls", "5,"}, "--stalls: is '', expected a whole number 0..99"},
      {{"x", "--stalls", ""}, "--stalls: is empty, expected values separated by commas"},
      {{"x", "--layers", ""}, "--layers: is empty, expected a shell pattern, for example 'model.layers.0.*'"},
      {{"x", "--colour", "blue"}, "--colour: is 'blue', expected red or green"},
      {{"x", "y"}, "'y' stands without an option, expected subbyte try FILE [OPTIONS]"}};
  for (const auto& [words, text] : cases) EXPECT_EQ(refusal(words), text);
  EXPECT_THAT(refusal({"x", "--no-such-option"}), HasSubstr("--no-such-option: is not an option of `subbyte try`"));
  EXPECT_THAT(refusal({"x", "-q"}), HasSubstr("is not an option of `subbyte try`"));
}

TEST(Options, OneMayExcludeOthers) {
  const auto excludes = [](const Options& options) { options.excludes({"loud", "cases"}, "check"); };
  EXPECT_EQ(refusal({"x", "--loud", "--cases", "3"}, excludes), "no error");
  EXPECT_EQ(refusal({"x", "--check"}, excludes), "no error") << "a default is not given";
  EXPECT_EQ(refusal({"x", "--check", "--loud"}, excludes), "--loud: is given with --check, expected one of them");
  EXPECT_EQ(refusal({"x", "--check", "--cases", "200"}, excludes),
            "--cases: is given with --check, expected one of them")
      << "the default, but given";
}

TEST(Options, OneMayNeedAnother) {
  const auto needs = [](const Options& options) {
    options.needs({"clock"}, {"check"});
    options.needs({"into"}, {"loud", "check"});
  };
  EXPECT_EQ(refusal({"x"}, needs), "no error");
  EXPECT_EQ(refusal({"x", "--clock", "3", "--into", "o", "--check"}, needs), "no error");
  EXPECT_EQ(refusal({"x", "--into", "o", "--loud"}, needs), "no error");
  EXPECT_EQ(refusal({"x", "--clock", "3"}, needs), "--clock: is given without --check, expected --check beside it");
  EXPECT_EQ(refusal({"x", "--into", "o"}, needs),
            "--into: is given without --loud and --check, expected one of them beside it");
}

TEST(Options, OneOfTwoMayBeNeeded) {
  const auto one_of = [](const Options& options) { options.one_of("into", "clock"); };
  EXPECT_EQ(refusal({"x", "--into", "o"}, one_of), "no error");
  EXPECT_EQ(refusal({"x"}, one_of), "--into: is missing, expected it or --clock");
  EXPECT_EQ(refusal({"x", "--into", "o", "--clock", "1"}, one_of),
            "--into: is given with --clock, expected one of them");
}

TEST(Options, OptionsMayBeRefusedForAReason) {
  const auto refuse = [](const Options& options) { options.refuse({"loud"}, "is of no use here"); };
  EXPECT_EQ(refusal({"x", "--check"}, refuse), "no error");
  EXPECT_EQ(refusal({"x", "--loud"}, refuse), "--loud: is of no use here");
  EXPECT_THROW(refusal({"x"}, [](const Options& options) { options.refuse({"laud"}, ""); }), std::logic_error)
      << "a relation of an option that nobody declared is a mistake of the program";
}

TEST(Options, HelpTellsValuesDefaultsAndNotesAndReadsNothing) {
  Chosen chosen;
  Options options("try FILE [OPTIONS]", chosen.json);
  declare(options, chosen);
  options.notes("\nExample: subbyte try x\n");
  testing::internal::CaptureStdout();
  EXPECT_FALSE(options.parse(Words{"--help", "--cases", "none"}));
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(help.starts_with("Usage: subbyte try FILE [OPTIONS]\n\nOptions:\n  --file FILE ")) << help;
  EXPECT_TRUE(help.ends_with("\nExample: subbyte try x\n")) << help;
  for (const char* text : {"--cases N (=200)", "--stalls N,... (=0,30)", "--colour WORD (=red)", "--name NAME (=four)",
                           "--into FILE  ", "--codes [FILE]", "--waves [FOLDER]", "-h [ --help ]", "--json"})
    EXPECT_THAT(help, HasSubstr(text));
  EXPECT_EQ(chosen.cases, 200U);
}

}  // namespace
}  // namespace subbyte::sim
