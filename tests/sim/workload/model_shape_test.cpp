// Tests the shapes of models: the committed ones beside their published config.json and number of parameters, the
// layers that follow, and what is refused.
#include "sim/workload/model_shape.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/workload/model_shape_file.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/published_models.hpp"

namespace subbyte::tests {
namespace {

using namespace sim;
TEST(ModelShapes, CommittedOnesAreWhatTheirConfigJsonSays) {
  for (const PublishedModel& model : kPublishedModels) {
    SCOPED_TRACE(model.name);
    ModelShape shape = read_model_shape(std::string(model.name)).shape;
    EXPECT_EQ(shape.name, model.name);
    EXPECT_EQ(parameter_count(shape), model.parameters);
    const ModelShapeFile from_json = read_hf_model_shape(as_file(std::string(model.config), "models/tiny/config.json"));
    EXPECT_TRUE(from_json.unread.empty()) << from_json.unread.front();
    EXPECT_EQ(from_json.shape.name, "tiny");
    shape.name = from_json.shape.name;
    shape.source = from_json.shape.source;
    EXPECT_EQ(shape, from_json.shape);
  }
}

TEST(ModelShapes, EveryCommittedOneIsTestedHere) {
  std::vector<std::string> names{"embedded"};
  for (const PublishedModel& model : kPublishedModels) names.emplace_back(model.name);
  std::ranges::sort(names);
  EXPECT_EQ(model_shape_names(), names);
  EXPECT_EQ(parameter_count(read_model_shape("embedded").shape), 361088U);
}

TEST(ModelShapes, TheCountComparesEveryNumber) {
  // A shape of another width, or without its biases, has another count; so the published count holds each number.
  for (const PublishedModel& model : kPublishedModels) {
    const ModelShape good = read_model_shape(std::string(model.name)).shape;
    const auto changed = [&](auto change) {
      ModelShape shape = good;
      change(shape);
      return parameter_count(shape);
    };
    EXPECT_NE(changed([](ModelShape& s) { ++s.layers; }), model.parameters);
    EXPECT_NE(changed([](ModelShape& s) { ++s.hidden_size; }), model.parameters);
    EXPECT_NE(changed([](ModelShape& s) { s.kv_heads *= 2; }), model.parameters);
    EXPECT_NE(changed([](ModelShape& s) { ++s.head_dim; }), model.parameters);
    EXPECT_NE(changed([](ModelShape& s) { ++s.intermediate_size; }), model.parameters);
    EXPECT_NE(changed([](ModelShape& s) { ++s.vocab_size; }), model.parameters);
    EXPECT_NE(changed([](ModelShape& s) { s.tied_head = !s.tied_head; }), model.parameters);
    EXPECT_NE(changed([](ModelShape& s) { s.biases.qkv = !s.biases.qkv; }), model.parameters);
  }
}

TEST(ModelShapes, LinearLayersOfADenseModel) {
  const auto layers = linear_layers(read_model_shape("llama-3-8b").shape);
  std::vector<std::string> names;
  for (const WorkloadLayer& layer : layers) names.push_back(layer.name);
  EXPECT_EQ(names, (std::vector<std::string>{"model.layers.*.self_attn.q_proj", "model.layers.*.self_attn.k_proj",
                                             "model.layers.*.self_attn.v_proj", "model.layers.*.self_attn.o_proj",
                                             "model.layers.*.mlp.gate_proj", "model.layers.*.mlp.up_proj",
                                             "model.layers.*.mlp.down_proj", "lm_head"}));
  const auto size = [&](std::size_t at) { return std::pair(layers[at].rows, layers[at].cols); };
  EXPECT_EQ(size(0), std::pair(std::size_t{4096}, std::size_t{4096}));
  EXPECT_EQ(size(1), std::pair(std::size_t{1024}, std::size_t{4096}));
  EXPECT_EQ(size(4), std::pair(std::size_t{14336}, std::size_t{4096}));
  EXPECT_EQ(size(6), std::pair(std::size_t{4096}, std::size_t{14336}));
  EXPECT_EQ(size(7), std::pair(std::size_t{128256}, std::size_t{4096}));
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(std::pair(layers[i].count, layers[i].active), std::pair(32UL, 32UL));
  EXPECT_EQ(layers[7].count, 1U);
}

TEST(ModelShapes, LinearLayersOfOptHaveNoGate) {
  const auto layers = linear_layers(read_model_shape("opt-1.3b").shape);
  ASSERT_EQ(layers.size(), 7U);
  EXPECT_EQ(layers[3].name, "model.decoder.layers.*.self_attn.out_proj");
  EXPECT_EQ(layers[4].name, "model.decoder.layers.*.fc1");
  EXPECT_EQ(std::pair(layers[4].rows, layers[4].cols), std::pair(8192UL, 2048UL));
  EXPECT_EQ(std::pair(layers[5].rows, layers[5].cols), std::pair(2048UL, 8192UL));
}

// 12.88e9 is what Mixtral's authors call its active parameters, 12.9 B.
TEST(ModelShapes, ExpertsAreManyLayersOfWhichATokenUsesFew) {
  const auto layers = linear_layers(read_model_shape("mixtral-8x7b").shape);
  std::uint64_t stored = 0, active = 0;
  for (const WorkloadLayer& layer : layers) {
    stored += layer.count * layer.rows * layer.cols;
    active += layer.active * layer.rows * layer.cols;
  }
  EXPECT_EQ(layers[4].name, "model.layers.*.block_sparse_moe.gate");
  EXPECT_EQ(layers[4].rows, 8U);
  EXPECT_EQ(layers[5].name, "model.layers.*.block_sparse_moe.experts.*.w1");
  EXPECT_EQ(std::pair(layers[5].count, layers[5].active), std::pair(256UL, 64UL));
  constexpr std::uint64_t kNorms = 65 * 4096, kEmbedding = 32000 * 4096;
  EXPECT_EQ(stored + kNorms + kEmbedding, 46702792704U);
  EXPECT_EQ(active + kNorms + kEmbedding, 12879925248U);
}

TEST(ModelShapes, AttentionProducts) {
  const auto products = attention_products(read_model_shape("qwen3-0.6b").shape, 300);
  ASSERT_EQ(products.size(), 2U);
  for (const AttentionProduct& product : products) {
    EXPECT_EQ(product.count, 28U);
    EXPECT_EQ(product.kv_heads, 8U);
    EXPECT_EQ(product.queries, 2U);
  }
  EXPECT_EQ(products[0].name, "attn_qk");
  EXPECT_EQ(std::pair(products[0].rows, products[0].cols), std::pair(300UL, 128UL));
  EXPECT_EQ(products[1].name, "attn_av");
  EXPECT_EQ(std::pair(products[1].rows, products[1].cols), std::pair(128UL, 300UL));
}

}  // namespace
}  // namespace subbyte::tests
