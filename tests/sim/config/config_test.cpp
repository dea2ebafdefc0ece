#include "sim/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "quant/base/suggestion.hpp"

namespace subbyte::sim {
namespace {

std::string problems_of(const Config& config) {
  try {
    config.finish();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no problem";
}

TEST(Config, ReadsWhatIsThereAndKeepsItResolved) {
  const Config config = Config::parse(
      "name: tile\nlanes: 4\nclock: 1.5e2\nfast: true\ngroups: [64, 128]\nformats: [int4, \"int8:g64\"]\n"
      "memory:\n  bandwidth: 3.2\nphases:\n  - tokens: 1\n  - tokens: 64\n",
      "design.yaml");
  ConfigNode root = config.root();
  EXPECT_EQ(root.text({"name", "A key."}), "tile");
  EXPECT_EQ(root.integer({"lanes", "A key."}, 1, 256), 4);
  EXPECT_EQ(root.real({"clock", "A key."}, 1, 1000), 150.0);
  EXPECT_TRUE(root.boolean({"fast", "A key."}));
  EXPECT_EQ(root.integers({"groups", "A key."}, 1, 4096), (std::vector<std::int64_t>{64, 128}));
  EXPECT_EQ(root.texts({"formats", "A key."}), (std::vector<std::string>{"int4", "int8:g64"}));
  EXPECT_EQ(root.child({"memory", "A key."}).real({"bandwidth", "A key."}, 0, 10), 3.2);
  std::vector<ConfigNode> phases = root.children({"phases", "A key."});
  ASSERT_EQ(phases.size(), 2u);
  EXPECT_EQ(phases[1].integer({"tokens", "A key."}, 1, 100), 64);
  EXPECT_EQ(phases[0].integer({"tokens", "A key."}, 1, 100), 1);
  EXPECT_EQ(root.integer_or({"seed", "A key."}, 7, 0, 10), 7);
  EXPECT_EQ(problems_of(config), "no problem");
  EXPECT_EQ(config.resolved().dump(),
            R"({"clock":150.0,"fast":true,"formats":["int4","int8:g64"],"groups":[64,128],"lanes":4,)"
            R"("memory":{"bandwidth":3.2},"name":"tile","phases":[{"tokens":1},{"tokens":64}],"seed":7})");
}

TEST(Config, HashIsOfTheValuesAndNotOfTheSpelling) {
  const auto hash = [](const std::string& text) {
    const Config config = Config::parse(text, "a.yaml");
    config.root().integer({"lanes", "A key."}, 1, 256);
    config.root().integer_or({"rows", "A key."}, 8, 1, 64);
    config.finish();
    return config.hash();
  };
  EXPECT_EQ(hash("lanes: 4\n").size(), 16u);
  EXPECT_EQ(hash("lanes: 4\n"), hash("# four\nrows: 8\nlanes:    4\n"));
  EXPECT_NE(hash("lanes: 4\n"), hash("lanes: 5\n"));
}

TEST(Config, OutOfRangeNamesPlaceValueAndRange) {
  const Config config = Config::parse("rows: 8\nlanes: 512\n", "design.yaml");
  EXPECT_EQ(config.root().integer({"rows", "A key."}, 1, 64), 8);
  EXPECT_EQ(config.root().integer({"lanes", "A key."}, 1, 256), 1);
  EXPECT_EQ(problems_of(config), "design.yaml:2:8: 'lanes' is 512, expected 1..256");
}

TEST(Config, ReportsEveryProblemOfAFileInOrder) {
  const Config config = Config::parse(
      "rows: eight\n"
      "lanse: 4\n"
      "engine: systmec\n"
      "memory:\n"
      "  bandwidth: -1\n"
      "  bandwith: 2\n"
      "exact: yes\n"
      "groups: [64, 0]\n"
      "formats: int4\n",
      "d.yaml");
  ConfigNode root = config.root();
  root.integer({"rows", "A key."}, 1, 64);
  root.integer({"lanes", "A key."}, 1, 256);
  root.choice({"engine", "A key."}, std::array<std::string, 3>{"golden", "systemc", "rtl"});
  root.child({"memory", "A key."}).real({"bandwidth", "A key."}, 0.5, 100);
  root.boolean({"exact", "A key."});
  root.integers({"groups", "A key."}, 1, 4096);
  root.texts({"formats", "A key."});
  root.problem("rows", "is odd, expected even");  // follows from what was not read, and is not told
  root.problem("lanes", "is odd, expected even");
  root.problem("lanse", "is odd, expected even");
  EXPECT_EQ(problems_of(config),
            "d.yaml:1:1: 'lanes' is missing, expected an integer 1..256\n"
            "d.yaml:1:7: 'rows' is eight, expected an integer 1..64\n"
            "d.yaml:2:1: unknown key 'lanse', expected one of rows, lanes, engine, memory, exact, groups, formats; "
            "did you mean 'lanes'?\n"
            "d.yaml:2:8: 'lanse' is odd, expected even\n"
            "d.yaml:3:9: 'engine' is systmec, expected one of golden, systemc, rtl; did you mean 'systemc'?\n"
            "d.yaml:5:14: 'bandwidth' is -1, expected a number 0.5..100\n"
            "d.yaml:6:3: unknown key 'bandwith', expected one of bandwidth; did you mean 'bandwidth'?\n"
            "d.yaml:7:8: 'exact' is yes, expected true or false\n"
            "d.yaml:8:14: 'groups[1]' is 0, expected 1..4096\n"
            "d.yaml:9:10: 'formats' is int4, expected a list of texts");
}

TEST(Config, AMissingMappingIsOneProblem) {
  const Config config = Config::parse("rows: 8\n", "d.yaml");
  ConfigNode root = config.root();
  root.integer({"rows", "A key."}, 1, 64);
  ConfigNode memory = root.child({"memory", "A key."});
  memory.real({"bandwidth", "A key."}, 0, 10);
  memory.child({"inner", "A key."}).text({"name", "A key."});
  EXPECT_EQ(problems_of(config), "d.yaml:1:1: 'memory' is missing, expected a mapping");
}

TEST(Config, DuplicateKeysAndWrongShapes) {
  const Config config = Config::parse("rows: 8\nrows: 9\nmemory: 4\nphases: {}\ntext: [1]\n", "d.yaml");
  ConfigNode root = config.root();
  root.integer({"rows", "A key."}, 1, 64);
  root.child({"memory", "A key."});
  root.children({"phases", "A key."});
  root.text({"text", "A key."});
  EXPECT_EQ(problems_of(config),
            "d.yaml:2:1: 'rows' is given twice, expected once: remove one\n"
            "d.yaml:3:9: 'memory' is 4, expected a mapping\n"
            "d.yaml:4:9: 'phases' is a mapping, expected a list of mappings\n"
            "d.yaml:5:7: 'text' is a list, expected a text");
}

TEST(Config, NumbersAreReadWhole) {
  const Config config = Config::parse("a: 4x\nb: 99999999999999999999\nc: .nan\nd: 0x10\ne:\n", "d.yaml");
  ConfigNode root = config.root();
  root.integer({"a", "A key."}, 1, 64);
  root.integer({"b", "A key."}, 1, 64);
  root.real({"c", "A key."}, 0, 1);
  root.integer({"d", "A key."}, 1, 64);
  root.integer({"e", "A key."}, 1, 64);
  EXPECT_EQ(problems_of(config),
            "d.yaml:1:4: 'a' is 4x, expected an integer 1..64\n"
            "d.yaml:2:4: 'b' is 99999999999999999999, expected an integer 1..64\n"
            "d.yaml:3:4: 'c' is .nan, expected a number 0..1\n"
            "d.yaml:4:4: 'd' is 0x10, expected an integer 1..64\n"
            "d.yaml:5:1: 'e' is empty, expected an integer 1..64");
}

TEST(Config, WhatIsNotAMappingOrNotYaml) {
  EXPECT_EQ(problems_of(Config::parse("- 1\n- 2\n", "d.yaml")),
            "d.yaml:1:1: the document is a list, expected a mapping");
  EXPECT_EQ(problems_of(Config::parse("- 1\n---\n- 2\n", "d.yaml")),
            "d.yaml:1:1: the document is a list, expected a mapping\nd.yaml:3:1: a second document begins, "
            "expected one");
  // yaml-cpp reads empty documents for ever from a token that begins none.
  EXPECT_THAT([] { Config::parse(",", "d.yaml"); },
              testing::ThrowsMessage<ConfigError>("d.yaml:1:1: this begins no document, expected YAML"));
  EXPECT_THAT([] { Config::parse("---\n,\n", "d.yaml"); },
              testing::ThrowsMessage<ConfigError>("d.yaml:2:1: this begins no document, expected YAML"));
  try {
    Config::parse("a: [1, 2\nb: 3\n", "d.yaml");
    FAIL() << "not YAML, and no error";
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 10), "d.yaml:2:2") << error.what();
    EXPECT_NE(std::string(error.what()).find("expected YAML"), std::string::npos) << error.what();
  }
  try {
    Config::read("/nowhere/d.yaml");
    FAIL() << "no file, and no error";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "/nowhere/d.yaml: cannot be read: No such file or directory, expected a YAML file");
  }
}

TEST(Config, BytesThatAreNotUtf8HaveTheirPlace) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      Config::parse(text, "d.yaml");
      return "";
    } catch (const ConfigError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal("a: 1\nb: x\xff\n"), "d.yaml:2:5: the byte 0xff, expected UTF-8 text");
  for (const char* wrong : {"\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
                            "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"})
    EXPECT_TRUE(refusal(std::string("a: ") + wrong).starts_with("d.yaml:1:4: the byte 0x")) << wrong;
  for (const char* right :
       {"\xc3\xa9", "\xe2\x82\xac", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbd"})
    EXPECT_EQ(refusal(std::string("a: ") + right), "") << right;
}

TEST(Config, NearestIsNearOrNothing) {
  const std::array<std::string, 3> names{"golden", "systemc", "rtl"};
  EXPECT_EQ(quant::nearest("goldne", names), "golden");
  EXPECT_EQ(quant::nearest("rlt", names), "rtl");
  EXPECT_EQ(quant::nearest("waveform", names), "");
}

}  // namespace
}  // namespace subbyte::sim
