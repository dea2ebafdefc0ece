// Tests that readers tell the keys that they accept, and no others.
#include <gtest/gtest.h>

#include "kernels/catalogue.hpp"
#include "sim/config/config.hpp"
#include "sim/config/design.hpp"
#include "sim/config/format_file.hpp"
#include "sim/config/policy.hpp"

namespace subbyte::sim {
namespace {

/// "lanes! integer 1..4", with ! for a key that must be there and = for a default.
std::string line_of(const KeyEntry& entry) {
  return entry.name + (entry.required ? "! " : " ") + entry.type +
         (entry.fallback ? " = " + entry.fallback->dump() : std::string());
}

TEST(ConfigKeys, AReaderThatIsRunTellsWhatItAsksFor) {
  const auto reader = [](const Config& config) {
    ConfigNode root = config.root();
    root.integer({"lanes", "Lanes."}, 1, 4);
    root.real_or({"clock", "Clock."}, 2.5, 1, 9);
    if (root.has("name")) root.text({"name", "Name."});
    ConfigNode inner = root.child({"inner", "Inner."});
    inner.choice_or({"mode", "Mode."}, "b", std::vector<std::string>{"a", "b"});
    for (ConfigNode& rule : root.children({"rules", "Rules."})) rule.boolean({"on", "On."});
    root.child_or_empty({"more", "More."}).integer_choice_or({"bits", "Bits."}, 8, std::vector<std::int64_t>{8, 16});
    root.named_elsewhere({"OTHER", "Other."}, "a thing");
    root.problem("lanes", "is wrong, which does not matter here");
    config.finish();
    ADD_FAILURE() << "what follows finish() reads values that nobody gave";
  };
  std::vector<std::string> lines;
  for (const KeyEntry& entry : described_keys(reader)) lines.push_back(line_of(entry));
  EXPECT_EQ(lines, (std::vector<std::string>{"lanes! an integer 1..4", "clock a number 1..9 = 2.5", "name a text",
                                             "inner! a mapping", "inner.mode one of a, b = \"b\"",
                                             "rules! a list of mappings", "rules[].on! true or false", "more a mapping",
                                             "more.bits one of 8, 16 = 8", "OTHER a thing"}));
}

TEST(ConfigKeys, EveryKeyHasASentence) {
  for (const auto& keys : {design_keys(), policy_keys(), format_keys()}) {
    EXPECT_GT(keys.size(), 4U);
    for (const KeyEntry& entry : keys) {
      EXPECT_GT(entry.meaning.size(), 15U) << entry.name;
      EXPECT_EQ(entry.meaning.back(), '.') << entry.name;
      EXPECT_TRUE(std::isupper(static_cast<unsigned char>(entry.meaning.front()))) << entry.name;
    }
  }
}

TEST(ConfigKeys, ADesignHasTheParametersOfItsUnit) {
  for (const kernels::UnitInfo& unit : kernels::units()) {
    const auto keys = design_parameter_keys(unit);
    ASSERT_EQ(keys.size(), unit.parameters.size()) << unit.name;
    for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(keys[i].name, "parameters." + unit.parameters[i].name);
  }
}

// A bare name on the command line is a parameter's, or a key of the design: never both.
TEST(ConfigKeys, NoParameterIsCalledLikeAKeyOfADesign) {
  for (const kernels::UnitInfo& unit : kernels::units())
    for (const auto& spec : unit.parameters)
      EXPECT_EQ(std::ranges::count(design_keys(), spec.name, &KeyEntry::name), 0) << spec.name;
}

}  // namespace
}  // namespace subbyte::sim
