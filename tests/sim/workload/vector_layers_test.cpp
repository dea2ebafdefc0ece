// Tests what the vector unit does between the matrix layers of a model: every model has what it needs, in the order in
// which a token goes through it, with rows of the model's own shape.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "sim/workload/model_shape_file.hpp"
#include "sim/workload/vector_phases.hpp"

namespace subbyte::sim {
namespace {

PhaseWork work_of(const std::string& model, const ModelPhases& phases, bool int8 = false) {
  const ModelShape shape = read_model_shape(model).shape;
  return with_vector_operations(model_work(shape, parse_policy("int4:gchannel"), phases), int8);
}

std::vector<std::string> names_of(const char* model, bool int8 = false) {
  std::vector<std::string> names;
  const PhaseWork work = work_of(model, {0, 2, 1, quant::parse_format("int8")}, int8);
  for (const PhaseLayer& layer : work.phases.at(0).layers) {
    const std::size_t star = layer.name.find('*');
    names.push_back((star == std::string::npos ? layer.name : layer.name.substr(star + 2)) +
                    (layer.kind == LayerKind::kVector ? ": " + layer.does() : ""));
  }
  return names;
}

TEST(VectorLayers, WhatModelsNeedBetweenTheirLayers) {
  EXPECT_EQ(names_of("llama-2-7b"), (std::vector<std::string>{"embed_tokens: copy",
                                                              "attention_norm: rms norm",
                                                              "self_attn.q_proj",
                                                              "self_attn.k_proj",
                                                              "self_attn.v_proj",
                                                              "self_attn.q_rope: rotate",
                                                              "self_attn.k_rope: rotate",
                                                              "self_attn.k_cache: quantize group",
                                                              "self_attn.v_cache: quantize group",
                                                              "attn_qk",
                                                              "self_attn.softmax: softmax",
                                                              "self_attn.v_scales: gate",
                                                              "attn_av",
                                                              "attn_av.fp16: copy",
                                                              "self_attn.o_proj",
                                                              "attention_residual: add",
                                                              "mlp_norm: rms norm",
                                                              "mlp.gate_proj",
                                                              "mlp.up_proj",
                                                              "mlp.activation: gate",
                                                              "mlp.down_proj",
                                                              "mlp_residual: add",
                                                              "final_norm: rms norm",
                                                              "lm_head"}));
}

TEST(VectorLayers, WhatSetsModelsApart) {
  const auto phi = names_of("phi-2");
  EXPECT_EQ(std::ranges::count(phi, "attention_norm: layer norm"), 1);
  EXPECT_EQ(std::ranges::count(phi, "mlp_norm: layer norm"), 0) << "attention and MLP share a norm";
  EXPECT_THAT(phi, testing::IsSupersetOf({"self_attn.q_rope.rest: copy", "mlp.activation: activate",
                                          "attention_residual: add", "mlp_residual: add", "lm_head.bias: add"}));
  const auto opt = names_of("opt-1.3b");
  EXPECT_THAT(opt, testing::Not(testing::Contains(testing::HasSubstr("rope"))));
  EXPECT_THAT(opt, testing::IsSupersetOf({"embed_tokens: add", "mlp_norm: layer norm", "mlp.down.bias: add"}));
  EXPECT_THAT(names_of("qwen3-0.6b"),
              testing::IsSupersetOf({"self_attn.q_norm: rms norm", "self_attn.k_norm: rms norm"}));
  EXPECT_THAT(names_of("bitnet-2b4t"),
              testing::IsSupersetOf({"self_attn.inner_norm: rms norm", "mlp.inner_norm: rms norm"}));
  EXPECT_THAT(names_of("mixtral-8x7b"), testing::Contains("router.softmax: softmax"));
  EXPECT_THAT(
      names_of("llama-2-7b", true),
      testing::IsSupersetOf({"attention_norm.int8: quantize token", "self_attn.q.int8: quantize token",
                             "self_attn.v_scales.int8: quantize token", "attn_av.int8: quantize token",
                             "mlp.activation.int8: quantize token", "mlp.up.scale: copy", "lm_head.scale: copy"}));
}

// Elements of a partial rotation, of a context that grows, and of experts.
TEST(VectorLayers, RowsOfModels) {
  const auto rows = [](const char* model, ModelPhases phases, std::string_view name) {
    phases.kv_format = quant::parse_format("int8");
    const PhaseWork work = work_of(model, phases);
    for (const PhaseLayer& layer : work.phases.at(0).layers)
      if (layer.name.ends_with(name)) return layer.operations;
    throw std::out_of_range(std::string(name));
  };
  EXPECT_EQ(rows("phi-2", {0, 1, 3}, "q_rope").at(0).rows.length, 16U) << "32 of 80 elements, as pairs";
  EXPECT_EQ(rows("phi-2", {0, 1, 3}, "q_rope").at(0).rows.rows, 3U * 32);
  EXPECT_EQ(rows("phi-2", {0, 1, 3}, "q_rope.rest").at(0).rows.length, 48U);
  EXPECT_EQ(rows("llama-3-8b", {7, 0, 1}, "k_cache").at(0).rows.rows, 7U * 8) << "keys of 8 heads";
  ModelPhases later{5, 0, 2};
  later.context = 10;
  const CountedOperation causal = rows("llama-2-7b", later, "softmax").at(0);
  EXPECT_EQ(std::tuple(causal.rows.rows, causal.rows.length, causal.rows.growth, causal.rows.times, causal.count),
            std::tuple(5U, 11U, 1U, 2U * 32, 32U));
  const auto steps = rows("llama-2-7b", {0, 3, 2}, "softmax");
  ASSERT_EQ(steps.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(std::pair(steps[i].rows.rows, steps[i].rows.length), std::pair(std::uint64_t{64}, i + 1));
  EXPECT_EQ(rows("mixtral-8x7b", {0, 1, 1}, "mlp.activation").at(0).rows.rows, 2U) << "a token goes through two";
  EXPECT_EQ(rows("llama-2-7b", {9, 0, 2}, "final_norm").at(0).rows.rows, 2U) << "of the last tokens alone";
}

TEST(VectorLayers, WhatTheCacheIsGivenIsWhatJoinsIt) {
  for (const char* format : {"int8", "int4:gchannel", "int3"}) {
    ModelPhases phases{1, 0, 1, quant::parse_format(format)};
    const PhaseWork work = work_of("llama-3-8b", phases);
    std::uint64_t bytes = 0;
    for (const PhaseLayer& layer : work.phases[0].layers) {
      if (!layer.name.ends_with("_cache")) continue;
      const CountedOperation& operation = layer.operations.at(0);
      EXPECT_EQ(operation.command.bits, phases.kv_format->alphabet.code_bits);
      bytes += operation.rows.all() * ((operation.rows.length * operation.command.bits + 16 + 7) / 8) * operation.count;
    }
    EXPECT_EQ(bytes, work.phases[0].kv_appended) << format;
  }
}

}  // namespace
}  // namespace subbyte::sim
