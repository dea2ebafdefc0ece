// Tests configurations of Llama-like models, and parameters by their Hugging Face names.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/llama2c.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/safetensors.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

using Json = nlohmann::ordered_json;

Json good() {
  return Json::parse(
      R"({"model_type": "llama", "hidden_act": "silu", "hidden_size": 96, "intermediate_size": 176,
    "num_hidden_layers": 3, "num_attention_heads": 8, "num_key_value_heads": 2, "vocab_size": 50,
    "max_position_embeddings": 300, "rms_norm_eps": 1e-6, "rope_theta": 500000, "rope_scaling": null,
    "attention_bias": false})");
}

sim::LlamaDescription read(const Json& json) { return sim::read_hf_config(as_file(json.dump(), "config.json")); }

std::string problem(const std::string& key, const Json& value) {
  Json json = good();
  json[key] = value;
  const auto description = read(json);
  EXPECT_NE(description.config.has_value(), description.problem.has_value());
  return description.problem ? description.problem->what() : "no error";
}

TEST(LlamaConfig, HuggingFace) {
  const auto description = read(good());
  ASSERT_TRUE(description.config.has_value()) << description.problem->what();
  const sim::LlamaConfig& c = *description.config;
  EXPECT_EQ(c.dim, 96U);
  EXPECT_EQ(c.hidden, 176U);
  EXPECT_EQ(c.layers, 3U);
  EXPECT_EQ(c.heads, 8U);
  EXPECT_EQ(c.kv_heads, 2U);
  EXPECT_EQ(c.head_dim, 12U);
  EXPECT_EQ(c.vocab, 50U);
  EXPECT_EQ(c.context, 300U);
  EXPECT_EQ(c.rms_eps, 1e-6F);
  EXPECT_EQ(c.rope_theta, 5e5F);
  EXPECT_FALSE(c.rope_adjacent);
}

TEST(LlamaConfig, DefaultsAndVariants) {
  Json json = good();
  json.erase("num_key_value_heads");
  json.erase("rope_theta");
  json["head_dim"] = 32;
  json["model_type"] = "mistral";
  json["sliding_window"] = 64;
  const auto c = read(json).config.value();
  EXPECT_EQ(c.kv_heads, 8U);
  EXPECT_EQ(c.head_dim, 32U) << "not dim / heads";
  EXPECT_EQ(c.rope_theta, 1e4F);
  EXPECT_EQ(c.context, 64U) << "inside the window it changes nothing";
  json["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 2e5}};
  EXPECT_EQ(read(json).config.value().rope_theta, 2e5F) << "transformers 5";
}

TEST(LlamaConfig, RefusesWhatIsNotComputed) {
  EXPECT_EQ(problem("attention_bias", true),
            "config.json: 'attention_bias': is true, expected false: the forward pass has nothing else");
  EXPECT_NE(problem("mlp_bias", true).find("'mlp_bias'"), std::string::npos);
  EXPECT_EQ(problem("hidden_act", "gelu"),
            "config.json: 'hidden_act': is \"gelu\", expected \"silu\": the forward pass has nothing else");
  EXPECT_EQ(problem("rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}}),
            "config.json: 'rope_scaling': is {\"factor\":8.0,\"rope_type\":\"llama3\"}, expected null: only "
            "the plain "
            "rotation is computed");
  EXPECT_NE(problem("rope_parameters", {{"rope_type", "yarn"}}).find("'rope_type': is \"yarn\""), std::string::npos);
  EXPECT_NE(problem("partial_rotary_factor", 0.5).find("'partial_rotary_factor'"), std::string::npos);
  EXPECT_NE(problem("quantization_config", Json::object()).find("'quantization_config'"), std::string::npos);
  EXPECT_EQ(problem("model_type", "gpt2"), "config.json: 'model_type': is \"gpt2\", expected \"llama\" or \"mistral\"");
}

TEST(LlamaConfig, RefusesWrongValues) {
  EXPECT_EQ(problem("hidden_size", nullptr), "config.json: 'hidden_size': is missing, expected a positive integer");
  EXPECT_EQ(problem("hidden_size", 0), "config.json: 'hidden_size': is 0, expected an integer 1..2147483647");
  EXPECT_EQ(problem("vocab_size", -3), "config.json: 'vocab_size': is -3, expected an integer 1..2147483647");
  EXPECT_NE(problem("rms_norm_eps", 0).find("'rms_norm_eps': is 0, expected a positive number"), std::string::npos);
  EXPECT_NE(problem("rope_theta", "big").find("'rope_theta': is \"big\""), std::string::npos);
  EXPECT_NE(problem("num_key_value_heads", 3).find("expected a divisor of num_attention_heads 8"), std::string::npos);
  EXPECT_NE(problem("num_attention_heads", 7).find("expected a divisor of hidden_size 96"), std::string::npos);
  EXPECT_NE(problem("head_dim", 5).find("expected an even number"), std::string::npos);
}

TEST(LlamaConfig, OfADirectory) {
  const sim::Checkpoint model = sim::open_checkpoint("embedded");
  ASSERT_TRUE(model.llama().has_value());
  EXPECT_EQ(model.llama()->heads, 4U);
  EXPECT_FALSE(model.llama()->rope_adjacent);
  EXPECT_EQ(model.parameter("model.norm.weight").shape, (std::vector<std::size_t>{128}));
  EXPECT_EQ(model.parameter("model.layers.1.post_attention_layernorm").values.size(), 128U);
  EXPECT_EQ(model.parameter("model.embed_tokens.weight").shape, (std::vector<std::size_t>{128, 128}));
  EXPECT_EQ(model.parameter("lm_head.weight").values, model.load("lm_head").values);
  const std::string text = error_of([&] { model.parameter("model.norn.weight"); });
  EXPECT_NE(text.find("no tensor 'model.norn.weight'; did you mean 'model.norm.weight'?"), std::string::npos) << text;
}

TEST(LlamaConfig, IsAskedForOnlyByAForwardPass) {
  const TemporaryDirectory directory;
  const std::vector<std::uint8_t> bytes(24);
  const sim::SafetensorsEntry entry{"a.weight", "F32", {2, 3}, bytes};
  sim::write_safetensors(directory / "model.safetensors", std::span(&entry, 1), {});
  EXPECT_EQ(error_of([&] { sim::open_checkpoint(directory.path()).required_llama(); }),
            directory / "config.json" + ": is missing, expected the model's configuration");
  write_bytes(directory / "config.json", R"({"model_type": "gpt2"})");
  const sim::Checkpoint model = sim::open_checkpoint(directory.path());
  EXPECT_EQ(model.load("a").values.size(), 6U) << "quantizing needs no configuration";
  EXPECT_FALSE(model.llama().has_value());
  EXPECT_EQ(error_of([&] { model.required_llama(); }),
            directory / "config.json" + ": 'model_type': is \"gpt2\", expected \"llama\" or \"mistral\"");
}

TEST(LlamaConfig, Llama2c) {
  // The model has dim 4, hidden 6, 2 layers, 2 heads, 1 kv head, vocabulary 3 (own classifier) and length 5; every
  // float is its index.
  Bytes file;
  for (const int field : {4, 6, 2, 2, 1, -3, 5}) file.put<std::int32_t>(field);
  file.floats(12 + 8 + 32 + 16 + 16 + 32 + 8 + 3 * 48 + 4 + 10 + 12);
  const sim::Checkpoint model = sim::open_llama2c(as_file(file.data, "m.bin"));
  const sim::LlamaConfig& c = model.required_llama();
  EXPECT_EQ(c.head_dim, 2U);
  EXPECT_EQ(c.vocab, 3U);
  EXPECT_EQ(c.context, 5U);
  EXPECT_TRUE(c.rope_adjacent);
  EXPECT_EQ(model.parameter("model.embed_tokens.weight").values.size(), 12U);
  EXPECT_EQ(model.parameter("model.layers.1.input_layernorm.weight").values, (std::vector<float>{16, 17, 18, 19}));
  EXPECT_EQ(model.parameter("model.layers.0.post_attention_layernorm.weight").values.front(), 12 + 8 + 96);
  EXPECT_EQ(model.parameter("model.norm.weight").values.front(), 12 + 8 + 96 + 8 + 144);
  EXPECT_EQ(model.parameter("model.layers.0.self_attn.q_proj.weight").shape, (std::vector<std::size_t>{4, 4}));
}

}  // namespace
}  // namespace subbyte::tests
