// Tests --format: a format's id, or a YAML file of rules over layer names.
#include "sim/config/policy.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

const std::vector<std::string> kLayers{"model.layers.0.self_attn.q_proj", "model.layers.0.mlp.up_proj",
                                       "model.layers.1.mlp.up_proj", "lm_head"};

std::string id(const sim::Policy& policy, std::string_view layer) {
  const auto format = policy.format_of(layer);
  return format ? format->id() : "none";
}

/// Returns every line of the ConfigError.
std::string failure(const std::string& yaml) {
  try {
    sim::parse_policy_file(yaml, "p.yaml").check(kLayers);
  } catch (const sim::ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Policy, OfOneFormat) {
  const auto policy = sim::parse_policy("int4:g32");
  EXPECT_EQ(id(policy, "lm_head"), "int4:g32");
  EXPECT_EQ(policy.text(), "int4:g32");
  EXPECT_FALSE(policy.is_file());
  policy.check({});
  EXPECT_THROW(sim::parse_policy("int4:g0"), quant::FormatError);
}

TEST(Policy, FirstRuleWinsAfterSkip) {
  const auto policy = sim::parse_policy_file(
      "default: int8\n"
      "layers:\n"
      "  - {match: 'model.layers.0.*', format: 'int4:g64'}\n"
      "  - {match: '*.mlp.*', format: bitmod-fp3}\n"
      "skip: ['lm_*', '*.1.mlp.up_proj']\n",
      "p.yaml");
  std::vector<std::string> layers(std::begin(kLayers), std::end(kLayers));
  layers.emplace_back("model.layers.2.mlp.up_proj");
  layers.emplace_back("model.layers.2.self_attn.q_proj");
  policy.check(layers);
  // Where no layer is left to a rule, it would be ignored.
  EXPECT_THAT([&] { policy.check(kLayers); }, ::testing::ThrowsMessage<sim::ConfigError>(
                                                  ::testing::HasSubstr("'match' is *.mlp.*, which has no effect")));
  EXPECT_EQ(id(policy, kLayers[0]), "int4:g64");
  EXPECT_EQ(id(policy, kLayers[1]), "int4:g64") << "the rule before";
  EXPECT_EQ(id(policy, kLayers[2]), "none") << "skip comes first";
  EXPECT_EQ(id(policy, "model.layers.2.mlp.up_proj"), "bitmod-fp3:g128");
  EXPECT_EQ(id(policy, kLayers[3]), "none");
  EXPECT_EQ(id(policy, "other"), "int8:g128");
  EXPECT_EQ(policy.text(), "p.yaml");
  EXPECT_EQ(policy.resolved(), nlohmann::json::parse(R"({"default": "int8:g128", "layers":
      [{"match": "model.layers.0.*", "format": "int4:g64"}, {"match": "*.mlp.*", "format": "bitmod-fp3:g128"}],
      "skip": ["lm_*", "*.1.mlp.up_proj"]})"));
}

TEST(Policy, ADefaultThatReachesNoLayerIsRefused) {
  EXPECT_THAT(failure("{default: int8, layers: [{match: '*', format: int4}]}"),
              ::testing::HasSubstr("'default' is int8:g128, which has no effect"));
}

TEST(Policy, WithoutDefaultTheRestIsLeft) {
  const auto policy = sim::parse_policy_file("layers: [{match: '*.mlp.*', format: int4}]", "p.yaml");
  EXPECT_EQ(id(policy, "lm_head"), "none");
  EXPECT_EQ(id(policy, kLayers[1]), "int4:g128");
}

TEST(Policy, EveryProblemWithItsPlace) {
  const std::string text = failure(
      "default: int9\n"
      "layers:\n"
      "  - {match: '*', fromat: int4}\n"
      "  - {match: [1], format: int4}\n"
      "skpi: [lm_head]\n");
  EXPECT_NE(text.find("p.yaml:1:10: 'default' is int9: "), std::string::npos) << text;
  EXPECT_NE(text.find("p.yaml:3:5: 'format' is missing, expected a text"), std::string::npos) << text;
  EXPECT_NE(text.find("p.yaml:3:18: unknown key 'fromat', expected one of match, format; did you mean 'format'?"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("p.yaml:4:13: 'match' is a list, expected a text"), std::string::npos) << text;
  EXPECT_NE(text.find("p.yaml:5:1: unknown key 'skpi'"), std::string::npos) << text;
  EXPECT_NE(text.find("did you mean 'skip'?"), std::string::npos) << text;
  EXPECT_EQ(failure("default: int4\nskip: ['*', '*']\n"),
            "p.yaml:2:7: 'skip' has '*' twice, expected each pattern once");
  EXPECT_EQ(failure(""), "p.yaml:1:1: the document is empty, expected a mapping");
  EXPECT_NE(failure("skip: [lm_head]").find("'layers' is missing, expected rules"), std::string::npos);
  EXPECT_NE(failure("layers: {match: x, format: int4}").find("'layers' is a mapping, expected a list of mappings"),
            std::string::npos);
  EXPECT_NE(failure("[").find("expected YAML"), std::string::npos);
}

TEST(Policy, GlobsThatMatchNothing) {
  EXPECT_EQ(failure("default: int8\n"
                    "layers:\n"
                    "  - {match: 'model.layers.0.mlp.op_proj', format: int4}\n"
                    "skip: [lm_head, zzz]\n"),
            "p.yaml:3:13: 'match' is model.layers.0.mlp.op_proj, expected a pattern of layers: none matches; did "
            "you "
            "mean 'model.layers.0.mlp.up_proj'?\n"
            "p.yaml:4:7: 'skip' is zzz, expected a pattern of layers: none matches; expected "
            "model.layers.0.self_attn.q_proj, model.layers.0.mlp.up_proj, model.layers.1.mlp.up_proj or lm_head");
}

TEST(Policy, ReadsAFile) {
  const TemporaryDirectory directory;
  write_bytes(directory / "p.yaml", "default: int8\n");
  EXPECT_EQ(id(sim::parse_policy(directory / "p.yaml"), "x"), "int8:g128");
  EXPECT_THROW(sim::parse_policy(directory / "none.yaml"), sim::ConfigError);
  EXPECT_THROW(sim::parse_policy(directory.path() / "x.yml"), sim::ConfigError);
}

TEST(Policy, FormatsOfOnesOwnAreRelativeToThePolicy) {
  const TemporaryDirectory directory;
  write_bytes(directory / "own.yaml", "name: own\nalphabet: {levels: [-2, -1, 0, 1]}\nscaling: {group: 32}\n");
  write_bytes(directory / "p.yaml", "default: own.yaml\nskip: []\n");
  EXPECT_EQ(id(sim::parse_policy(directory / "p.yaml"), "x"), "own:g32");
}

}  // namespace
}  // namespace subbyte::tests
