// Tests the products of prefill and decode: their number beside the published parameters, formats by policy, experts.
#include "sim/workload/model_phases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/workload/model_shape_file.hpp"

namespace subbyte::tests {
namespace {

using namespace sim;

ModelShape shape_of(std::string_view name) { return read_model_shape(std::string(name)).shape; }

std::uint64_t weights_of(const Phase& phase) {
  std::uint64_t weights = 0;
  for (const PhaseLayer& layer : phase.layers)
    for (const CountedProduct& product : layer.products)
      weights += product.size.outputs * product.size.inputs * product.count;
  return weights;
}

// A step of one token multiplies every weight once, apart from embeddings, norms and biases.
TEST(ModelPhases, AStepOfOneTokenIsEveryParameterOfADenseModelOnce) {
  const Phase decode = model_work(shape_of("llama-2-7b"), parse_policy("int4"), {0, 3, 1}).phases.at(0);
  constexpr std::uint64_t kEmbedding = 32000ULL * 4096, kNorms = 65ULL * 4096;
  EXPECT_EQ(weights_of(decode), 3 * (6'738'415'616ULL - kEmbedding - kNorms));
  for (const PhaseLayer& layer : decode.layers) EXPECT_EQ(layer.products.front().size.tokens, 1U) << layer.name;
}

TEST(ModelPhases, APromptIsOnePassAndItsHeadOneToken) {
  const PhaseWork work = model_work(shape_of("llama-3-8b"), parse_policy("int4"), {256, 4, 3});
  ASSERT_EQ(work.phases.size(), 2U);
  const auto size = [&](std::size_t phase, std::string_view name) {
    for (const PhaseLayer& layer : work.phases[phase].layers)
      if (layer.name == name) return layer.products.at(0);
    throw std::out_of_range(std::string(name));
  };
  const CountedProduct keys = size(0, "model.layers.*.self_attn.k_proj");
  EXPECT_EQ(keys.size, (ProductSize{768, 1024, 4096}));
  EXPECT_EQ(keys.count, 32U);
  EXPECT_EQ(size(0, "lm_head").size, (ProductSize{3, 128256, 4096}));
  EXPECT_EQ(size(1, "model.layers.*.self_attn.k_proj").size.tokens, 3U);
  EXPECT_EQ(size(1, "model.layers.*.self_attn.k_proj").count, 32U * 4);
  EXPECT_EQ(size(1, "lm_head").count, 4U);
  EXPECT_THAT(work.not_in_it, testing::Contains("softmax"));
}

TEST(ModelPhases, APhaseOfZeroIsNotRun) {
  const PhaseWork work = model_work(shape_of("phi-2"), parse_policy("int4"), {16, 0, 1});
  ASSERT_EQ(work.phases.size(), 1U);
  EXPECT_EQ(work.phases.front().name, "prefill");
}

constexpr const char* kPolicy = R"(
default: int4
layers:
  - {match: "model.layers.0.*", format: int8}
  - {match: "*.mlp.down_proj", format: int6}
skip: [lm_head]
)";

TEST(ModelPhases, APolicyGivesFormatsToSingleBlocks) {
  const Policy policy = parse_policy_file(kPolicy, "policy.yaml");
  const PhaseWork work = model_work(shape_of("llama-2-7b"), policy, {8, 0, 1});
  EXPECT_EQ(work.left_out, std::vector<std::string>{"lm_head"});
  std::map<std::string, std::size_t> layers;
  for (const PhaseLayer& layer : work.phases.at(0).layers) layers[layer.format.id()] += layer.products.at(0).count;
  EXPECT_EQ(layers, (std::map<std::string, std::size_t>{{"int8:g128", 7}, {"int6:g128", 31}, {"int4:g128", 31 * 6}}));
}

TEST(ModelPhases, APatternOfNoLayerIsRefused) {
  const Policy policy = parse_policy_file("default: int4\nskip: [lm_heat]\n", "policy.yaml");
  EXPECT_THROW(model_work(shape_of("llama-2-7b"), policy, {8, 0, 1}), ConfigError);
}

TEST(ModelPhases, OneTokenGoesThroughAsManyExpertsAsTheModelSays) {
  const Phase decode = model_work(shape_of("mixtral-8x7b"), parse_policy("int4"), {0, 5, 1}).phases.at(0);
  for (const PhaseLayer& layer : decode.layers) {
    const bool expert = layer.name.find(".experts.") != std::string::npos;
    EXPECT_EQ(layer.products.at(0).count, layer.name == "lm_head" ? 5U : 5U * 32 * (expert ? 2 : 1)) << layer.name;
  }
}

std::string error_of(const ModelShape& shape, const Policy& policy, const ModelPhases& phases) {
  try {
    model_work(shape, policy, phases);
    return "no error";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(ModelPhases, SeveralTokensAmongExpertsAreRefusedForWantOfARouting) {
  const ModelShape shape = shape_of("mixtral-8x7b");
  const Policy policy = parse_policy("int4");
  for (const ModelPhases& phases : {ModelPhases{256, 0, 1}, ModelPhases{0, 4, 2}})
    EXPECT_THAT(error_of(shape, policy, phases), testing::HasSubstr("mixtral-8x7b has 8 experts in a block"));
  const Policy uneven =
      parse_policy_file("default: int4\nlayers: [{match: '*.experts.3.w1', format: int8}]\n", "policy.yaml");
  EXPECT_THAT(error_of(shape, uneven, {0, 4, 1}), testing::HasSubstr("expected one format for the experts"));
}

ModelPhases with_cache(ModelPhases phases, const char* format) {
  phases.kv_format = quant::parse_format(format);
  return phases;
}

TEST(ModelPhases, AttentionGrowsWithTheContext) {
  const ModelShape shape = shape_of("llama-3-8b");  // 32 blocks, 8 heads of keys and values for 32 of queries
  const PhaseWork work = model_work(shape, parse_policy("int4"), with_cache({10, 3, 2}, "int8"));
  const auto layer = [&](std::size_t phase, std::size_t place) { return work.phases.at(phase).layers.at(place); };
  EXPECT_EQ(layer(0, 3).name, "attn_qk");
  EXPECT_EQ(layer(0, 3).products.at(0).size, (ProductSize{40, 10, 128}));
  EXPECT_EQ(layer(0, 4).products.at(0).size, (ProductSize{40, 128, 10}));
  EXPECT_EQ(layer(0, 4).products.at(0).count, 2U * 32 * 8) << "each sequence has its own cache";
  ASSERT_EQ(layer(1, 3).products.size(), 3U);
  for (std::size_t step = 0; step < 3; ++step) {
    EXPECT_EQ(layer(1, 3).products[step].size, (ProductSize{4, 11 + step, 128})) << "the token sees itself";
    EXPECT_EQ(layer(1, 4).products[step].size, (ProductSize{4, 128, 11 + step}));
  }
  EXPECT_EQ(layer(1, 5).name, "model.layers.*.self_attn.o_proj");
  EXPECT_EQ(layer(1, 4).format.scaling.group, quant::kWholeRow);
  // A key and a value of 128 bytes with a scale of FP16 each.
  EXPECT_EQ(work.phases[1].kv_appended, 3U * 2 * 32 * 8 * 2 * (128 + 2));
  EXPECT_EQ(work.phases[0].kv_appended, 10U * 2 * 32 * 8 * 2 * (128 + 2));
  EXPECT_THAT(work.not_in_it, testing::Not(testing::Contains(testing::HasSubstr("QK^T"))));
  ModelPhases behind = with_cache({10, 3, 2}, "int8");
  behind.context = 100;
  const PhaseWork later = model_work(shape, parse_policy("int4"), behind);
  EXPECT_EQ(later.phases.at(0).layers.at(3).products.at(0).size, (ProductSize{40, 110, 128}));
  EXPECT_EQ(later.phases.at(1).layers.at(4).products.at(2).size, (ProductSize{4, 128, 113}));
  EXPECT_EQ(later.phases.at(1).kv_appended, work.phases[1].kv_appended);
}

TEST(ModelPhases, ACacheNeedsOneScaleForEachTokenAndHead) {
  const ModelShape shape = shape_of("llama-3-8b");
  const auto error = [&](const char* format) {
    return error_of(shape, parse_policy("int4"), with_cache({1, 1, 1}, format));
  };
  EXPECT_EQ(error("int4:gchannel"), "no error");
  EXPECT_THAT(error("int4-asym"), testing::HasSubstr("zero points"));
  EXPECT_THAT(error("int4:g64"), testing::HasSubstr("groups of 64, several in a head of 128"));
  EXPECT_THAT(error("bitmod-fp4"), testing::HasSubstr("levels that are chosen per group"));
}

}  // namespace
}  // namespace subbyte::tests
