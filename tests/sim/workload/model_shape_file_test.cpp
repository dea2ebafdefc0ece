// Tests the readers of model shapes: a config.json, a YAML file, and every refusal.
#include "sim/workload/model_shape_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/base/process.hpp"
#include "sim/config/config.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/published_models.hpp"

namespace subbyte::tests {
namespace {

using namespace sim;
using Json = nlohmann::ordered_json;

ModelShapeFile read_config(const Json& json) {
  return read_hf_model_shape(as_file(json.dump(), "models/tiny/config.json"));
}

Json config_of(const std::string& name) {
  const auto* const found = std::ranges::find(kPublishedModels, name, &PublishedModel::name);
  return Json::parse(found->config);
}

/// The error for a published config.json with one key changed; null takes the key away.
std::string problem(const std::string& name, const std::string& key, const Json& value) {
  Json json = config_of(name);
  json[key] = value;
  return error_of([&] { read_config(json); });
}

TEST(ModelShapeFile, AnUnknownNameIsToldTheNearest) {
  EXPECT_NE(error_of([] { read_model_shape("lama-2-7b"); }).find("did you mean 'llama-2-7b'?"), std::string::npos);
  EXPECT_NE(error_of([] { read_model_shape("gpt"); }).find("bitnet-2b4t"), std::string::npos);
  EXPECT_NE(error_of([] { read_model_shape("gpt"); }).find(", or the path of a YAML file"), std::string::npos);
}

// `reproduce` reads shapes by their names wherever it runs.
TEST(ModelShapeFile, ANameIsThatOfAShapeWhateverFolderIsHere) {
  const auto before = std::filesystem::current_path();
  const ScratchFolder scratch(std::filesystem::temp_directory_path());
  std::filesystem::create_directory(scratch.path() / "phi-2");
  std::filesystem::current_path(scratch.path());
  EXPECT_EQ(read_model_shape("phi-2").shape.layers, 32U);
  EXPECT_NE(error_of([] { read_model_shape("./phi-2"); }).find("./phi-2/config.json"), std::string::npos);
  EXPECT_THROW(read_model_shape("./phi-3"), ConfigError);
  std::filesystem::current_path(before);
}

TEST(HfModelShape, RefusesWhatWouldGiveAnotherShape) {
  const std::string file = "models/tiny/config.json: ", other = ": the layers of such a model are not known here";
  EXPECT_NE(problem("llama-2-7b", "model_type", "lama").find("did you mean 'llama'?"), std::string::npos);
  EXPECT_EQ(
      problem("llama-2-7b", "model_type", "falcon"),
      file + "'model_type': is \"falcon\", expected one of opt, phi, llama, mistral, qwen2, qwen3, mixtral, bitnet");
  EXPECT_EQ(problem("opt-1.3b", "word_embed_proj_dim", 512),
            file + "'word_embed_proj_dim': is 512, expected 2048" + other);
  EXPECT_EQ(problem("opt-1.3b", "do_layer_norm_before", false),
            file + "'do_layer_norm_before': is false, expected true" + other);
  EXPECT_EQ(problem("phi-2", "qk_layernorm", true), file + "'qk_layernorm': is true, expected false" + other);
  EXPECT_EQ(problem("llama-2-7b", "hidden_size", nullptr),
            file + "'hidden_size': is missing, expected a positive integer");
  EXPECT_EQ(problem("llama-2-7b", "num_attention_heads", 33),
            file + "'num_key_value_heads': is 32, expected a divisor of num_attention_heads 33");
  EXPECT_EQ(problem("phi-2", "hidden_size", 2561),
            file + "'num_attention_heads': is 32, expected a divisor of hidden_size 2561");
  EXPECT_EQ(problem("qwen3-0.6b", "head_dim", nullptr), file + "'head_dim': is missing, expected a positive integer");
  EXPECT_EQ(problem("mixtral-8x7b", "num_experts_per_tok", 9),
            file + "'num_experts_per_tok': is 9, expected an integer 1..8");
  EXPECT_EQ(problem("yi-6b", "tie_word_embeddings", "no"),
            file + "'tie_word_embeddings': is \"no\", expected true or false");
  EXPECT_EQ(problem("yi-6b", "num_hidden_layers", 5000),
            file + "'num_hidden_layers': is 5000, expected an integer 1..4096");
  EXPECT_EQ(error_of([] { read_hf_model_shape(as_file("[1]", "config.json")); }),
            "config.json: offset 0: expected an object, a model's configuration");
}

TEST(HfModelShape, DefaultsAreThoseOfTransformers) {
  Json json = config_of("llama-2-7b");
  json.erase("num_key_value_heads");
  json.erase("tie_word_embeddings");
  json["mlp_bias"] = json["attention_bias"] = true;
  const ModelShape llama = read_config(json).shape;
  EXPECT_EQ(llama.kv_heads, 32U);
  EXPECT_FALSE(llama.tied_head);
  EXPECT_EQ(llama.biases, (LinearBiases{true, true, true, false}));
  json["model_type"] = "qwen2";
  const ModelShapeFile qwen2 = read_config(json);
  EXPECT_EQ(qwen2.shape.biases, (LinearBiases{true, false, false, false}));
  EXPECT_EQ(qwen2.unread, (std::vector<std::string>{"attention_bias", "mlp_bias"})) << "which Qwen2 does not have";
  json["head_dim"] = 64;
  EXPECT_EQ(read_config(json).shape.head_dim, 64U);
}

TEST(HfModelShape, ActivationAndRotationAreReadWhereTheyStand) {
  Json json = config_of("phi-2");
  EXPECT_EQ(read_config(json).shape.rotary_dim, 32U);
  json["hidden_act"] = "gelu";
  json["partial_rotary_factor"] = 0.25;
  EXPECT_EQ(read_config(json).shape.activation, "gelu") << "which the vector unit does not have";
  EXPECT_EQ(read_config(json).shape.rotary_dim, 20U);
  json.erase("hidden_act");
  json.erase("partial_rotary_factor");
  EXPECT_EQ(read_config(json).shape.activation, "gelu_tanh");
  EXPECT_EQ(read_config(json).shape.rotary_dim, 40U);
  EXPECT_NE(problem("phi-2", "partial_rotary_factor", 2).find("'partial_rotary_factor': is 2, expected 0..1"),
            std::string::npos);
  EXPECT_NE(problem("phi-2", "hidden_act", 3).find("'hidden_act': is 3, expected a word"), std::string::npos);
  EXPECT_EQ(read_config(config_of("opt-1.3b")).shape.activation, "relu");
}

TEST(HfModelShape, NamesTheKeysThatItDoesNotKnow) {
  Json json = config_of("llama-2-7b");
  json["new_kind_of_layer"] = 3;
  json["a_third"] = nullptr;
  EXPECT_EQ(read_config(json).unread, (std::vector<std::string>{"a_third", "new_kind_of_layer"}));
}

constexpr const char* kTiny = R"(name: tiny
source: nowhere
architecture: llama
layers: 2
hidden_size: 8
heads: 4
kv_heads: 2
head_dim: 2
intermediate_size: 16
vocab_size: 10
tied_head: false
)";

std::string yaml_error(const std::string& text) {
  try {
    parse_model_shape(text, "tiny.yaml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

std::string with(const std::string& key, const std::string& value) {
  std::string text = kTiny;
  const auto at = text.find("\n" + key + ": ") + 1;
  text.replace(at, text.find('\n', at) - at, key + ": " + value);
  return text;
}

TEST(ModelShapeFile, EveryErrorIsToldWithItsPlace) {
  EXPECT_EQ(yaml_error(kTiny), "no error");
  EXPECT_EQ(
      yaml_error(with("architecture", "lama") + "head: 3\n"),
      "tiny.yaml:3:15: 'architecture' is lama, expected one of opt, phi, llama, mistral, qwen2, qwen3, "
      "mixtral, bitnet; did you mean 'llama'?\n"
      "tiny.yaml:12:1: unknown key 'head', expected one of name, source, architecture, layers, hidden_size, heads, "
      "kv_heads, head_dim, intermediate_size, vocab_size, tied_head, experts, experts_per_token, "
      "learned_positions, rotary_dim, activation, biases, parameters; did you mean 'heads'?");
  EXPECT_EQ(yaml_error(with("kv_heads", "3")), "tiny.yaml:7:11: 'kv_heads' is 3, expected a divisor of heads 4");
  EXPECT_EQ(yaml_error(std::string(kTiny) + "rotary_dim: 3\n"),
            "tiny.yaml:12:13: 'rotary_dim' is 3, expected an even number up to head_dim 2");
  EXPECT_NE(yaml_error(std::string(kTiny) + "activation: gelu\n").find("expected one of silu, gelu_tanh, relu, relu2"),
            std::string::npos);
  EXPECT_EQ(yaml_error(with("layers", "0")), "tiny.yaml:4:9: 'layers' is 0, expected 1..4096");
  EXPECT_EQ(yaml_error(std::string(kTiny) + "experts: 8\n"),
            "tiny.yaml:12:10: 'experts' stands in a file of llama, which has none");
  EXPECT_EQ(yaml_error(with("architecture", "mixtral")),
            "tiny.yaml:1:1: 'experts' is missing, expected how many experts this mixtral has");
  EXPECT_EQ(yaml_error(with("architecture", "mixtral") + "experts: 2\nexperts_per_token: 3\n"),
            "tiny.yaml:13:20: 'experts_per_token' is 3, expected at most the 2 experts");
  EXPECT_EQ(yaml_error(std::string(kTiny) + "learned_positions: 5\n"),
            "tiny.yaml:12:20: 'learned_positions' is 5, expected none of llama");
  EXPECT_EQ(yaml_error(with("architecture", "opt")),
            "tiny.yaml:1:1: 'learned_positions' is 0, expected at least 1 of opt");
  EXPECT_EQ(yaml_error(std::string(kTiny) + "biases: [qvk]\n"),
            "tiny.yaml:12:9: 'biases' has 'qvk', expected any of qkv, output, mlp, head");
  EXPECT_NE(yaml_error(std::string(kTiny) + "parameters: 1000\n").find("'parameters' is 1000, but this shape has 1352"),
            std::string::npos);
  EXPECT_EQ(yaml_error(std::string(kTiny) + "parameters: 1352\n"), "no error");
}

TEST(ModelShapeFile, CountsOfATinyModelByHand) {
  const ModelShape shape = parse_model_shape(kTiny, "tiny.yaml");
  // q and o 8x8, k and v 4x8, three of 16x8, two norms of 8; embedding and head 10x8, the last norm.
  EXPECT_EQ(parameter_count(shape), 2 * (2 * 64 + 2 * 32 + 3 * 128 + 2 * 8) + 2 * 80 + 8U);
}

}  // namespace
}  // namespace subbyte::tests
