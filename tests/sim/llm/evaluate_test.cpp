#include "sim/llm/evaluate.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "quant/base/float16.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/llm/evaluate_layers.hpp"
#include "sim/llm/evaluation_text.hpp"
#include "sim/llm/record_activations.hpp"
#include "sim/workload/activations.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

const std::string kValidation = tested_source().string() + "/configs/workloads/embedded/validation.npy";

struct Embedded {
  Checkpoint model = open_checkpoint(std::string(kEmbedded));
  LlamaForward forward{model, 2};
  std::vector<TokenSequence> rows = read_sequences(kValidation, nullptr, {TextCut::kStories, 128, 128, 0, 0});

  std::span<const TokenSequence> first(std::size_t count) const { return std::span(rows).first(count); }
};

PackedModel packed(const LlamaForward& forward, const std::string& id) {
  const quant::Format format = quant::parse_format(id);
  return pack_model(forward, id, [&](const Tensor& w) {
    return quant::quantize({w.values, w.shape[0], w.shape[1]}, format);
  });
}

EvaluateOptions exact(unsigned threads = 2) {
  EvaluateOptions options;
  options.arithmetic.threads = threads;
  return options;
}

TEST(Evaluate, TheEmbeddedLossesAreThoseOfTheTraining) {
  const Embedded embedded;
  ASSERT_EQ(embedded.rows.size(), 128u);
  const std::vector<Variant> variants{packed(embedded.forward, "int4:g128").variant,
                                      packed(embedded.forward, "int3:g128").variant};
  const EvaluateResult result = evaluate(embedded.forward, embedded.rows, variants, exact());
  EXPECT_EQ(result.unquantized.tokens, 16384u);
  EXPECT_NEAR(result.unquantized.nll_per_token(), 1.684049211111223,
              1e-6);  // loss_of_validation_npy in training.json
  EXPECT_EQ(result.unquantized.kl, 0);
  EXPECT_NEAR(result.variants[0].score.nll_per_token() - 1.684049, 0.012, 0.0006);
  EXPECT_NEAR(result.variants[1].score.nll_per_token() - 1.684049, 0.093, 0.0006);
  EXPECT_GT(result.variants[1].score.kl, result.variants[0].score.kl);
}

TEST(Evaluate, TheDivergenceIsThatOfTheLogits) {
  const Embedded embedded;
  const PackedModel model = packed(embedded.forward, "int3:g128");
  const EvaluateResult result = evaluate(embedded.forward, embedded.first(1), std::span(&model.variant, 1), exact());
  TokenSequence row = embedded.rows[0];
  row.pop_back();
  const auto p = embedded.forward.logits({row, {0}}, unquantized_linear(embedded.model, 1));
  const auto q = embedded.forward.logits({row, {0}}, packed_linear(embedded.model, model.variant.weights, {}));
  double kl = 0, nll = 0, above = 0, squares = 0;
  for (std::size_t t = 0; t < 128; ++t) {
    long double sum_p = 0, sum_q = 0;
    for (std::size_t i = 0; i < 128; ++i)
      sum_p += std::exp(static_cast<long double>(p[t * 128 + i])),
          sum_q += std::exp(static_cast<long double>(q[t * 128 + i]));
    for (std::size_t i = 0; i < 128; ++i) {
      const long double a = std::exp(static_cast<long double>(p[t * 128 + i])) / sum_p;
      kl += static_cast<double>(a * std::log(a * sum_q / std::exp(static_cast<long double>(q[t * 128 + i]))));
    }
    const std::size_t target = t * 128 + embedded.rows[0][t + 1];
    nll += static_cast<double>(std::log(sum_q) - q[target]);
    const auto difference = static_cast<double>(std::log(sum_q / sum_p) - (q[target] - p[target]));
    above += difference;
    squares += difference * difference;
  }
  EXPECT_NEAR(result.variants[0].score.kl, kl, 1e-9);
  EXPECT_NEAR(result.variants[0].score.nll, nll, 1e-9);
  const double deviation = std::sqrt((squares - above * above / 128) / 127);
  const auto half = result.variants[0].score.difference_half_width(result.unquantized);
  EXPECT_NEAR(half.value(), 1.96 * deviation / std::sqrt(128), 1e-5);
  EXPECT_EQ(result.unquantized.difference_half_width(result.unquantized), 0.0);
  EXPECT_FALSE(Score{}.difference_half_width(Score{}));
}

TEST(Evaluate, NeitherThreadsNorBatchesChangeABit) {
  const Embedded embedded;
  const std::vector<Variant> variants{packed(embedded.forward, "bitmod-fp3:g64").variant};
  EvaluateOptions options = exact(1);
  options.arithmetic.activations = ActivationFormat::parse("int8");
  options.batch_tokens = 1;
  const EvaluateResult one = evaluate(embedded.forward, embedded.first(5), variants, options);
  options.batch_tokens = 300;
  options.arithmetic.threads = 3;
  const EvaluateResult many = evaluate(LlamaForward(embedded.model, 3), embedded.first(5), variants, options);
  EXPECT_EQ(one.unquantized.nll, many.unquantized.nll);
  EXPECT_EQ(one.variants[0].score.nll, many.variants[0].score.nll);
  EXPECT_EQ(one.variants[0].score.kl, many.variants[0].score.kl);
  EXPECT_EQ(one.variants[0].score.squares, many.variants[0].score.squares);
  EXPECT_GT(one.variants[0].score.kl, 0);
}

TEST(Evaluate, Int8ActivationsAreRoundedPerToken) {
  // Token 0 has scale 2, so that 1 and 3 lie at ties; token 1 is zero; token 2 has scale 254 / 127 / 4096.
  std::vector<float> x{254, 1, 3, -5, 0, 0, 0, 0, -254.0F / 4096, 3.1F / 4096, 2.9F / 4096, 0};
  ActivationFormat::parse("int8").round(x, 4);
  EXPECT_EQ(x, (std::vector<float>{254, 0, 4, -4, 0, 0, 0, 0, -254.0F / 4096, 4.0F / 4096, 2.0F / 4096, 0}));
  std::vector<float> half{1.0F / 3, 65504};
  ActivationFormat::parse("fp16").round(half, 2);
  EXPECT_EQ(half[0], quant::round_to_half(1.0F / 3));
  half[1] = 65520;
  EXPECT_THROW(ActivationFormat::parse("fp16").round(half, 2), std::invalid_argument);
  EXPECT_THROW(ActivationFormat::parse("int9"), quant::FormatError);
}

TEST(Evaluate, BlockActivationsAreTheFormatsOwn) {
  std::vector<float> x(2 * 64);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i)) * (i < 64 ? 1.0F : 1000.0F);
  std::vector<float> expected(x.size());
  const ActivationFormat format = ActivationFormat::parse("mxfp8");
  EXPECT_EQ(format.format->name, "mxfp8-e4m3");
  const auto both = quant::quantize({x, 2, 64}, *format.format);
  both.decode_row(0, std::span(expected).first(64));
  both.decode_row(1, std::span(expected).last(64));
  format.round(x, 64);
  EXPECT_EQ(x, expected);
}

TEST(Evaluate, SensitivityIsTheModelWithOneLayerQuantized) {
  const Embedded embedded;
  const PackedModel model = packed(embedded.forward, "int3:g128");
  EvaluateOptions options = exact();
  options.sensitivity = true;
  const EvaluateResult all = evaluate(embedded.forward, embedded.first(2), std::span(&model.variant, 1), options);
  ASSERT_EQ(all.variants[0].alone.size(), 15u);
  for (const std::size_t i : {0, 3, 6, 9, 13, 14}) {
    const std::string& name = model.layers[i].name;
    const Variant alone{"alone", {{name, model.variant.weights.at(name)}}};
    const EvaluateResult one = evaluate(embedded.forward, embedded.first(2), std::span(&alone, 1), exact());
    EXPECT_EQ(all.variants[0].alone[i].nll, one.variants[0].score.nll) << name;
    EXPECT_EQ(all.variants[0].alone[i].kl, one.variants[0].score.kl) << name;
    EXPECT_GT(one.variants[0].score.kl, 0) << name;
    EXPECT_LT(one.variants[0].score.kl, all.variants[0].score.kl) << name;
  }
}

TEST(Evaluate, ADesignRunsItsOwnArithmetic) {
  const Embedded embedded;
  const LinearLayer layer = embedded.forward.linear_layers()[6];
  const Activations x = load_activations(std::string(kEmbedded), layer.name, layer.cols);
  const std::size_t tokens = 21;  // no multiple of a tile
  std::vector<float> inputs;
  for (std::size_t i = 0; i < tokens * layer.cols; ++i) inputs.push_back(quant::half_to_float(x.bits[i]));
  const PackedModel model = packed(embedded.forward, "bitmod-fp4:g128");
  for (const char* name : {"bitmod-8x8", "bitmod-exact"}) {
    const Design design = read_design(name);
    const quant::PackedTensor& weights = model.variant.weights.at(layer.name);
    const ActivationView view{std::span(x.bits).first(tokens * layer.cols), tokens, layer.cols};
    const SimulateResult expected =
        simulate_layer({design, weights, view, open_engines(parse_engines("golden,systemc")), {}, {}});
    ASSERT_TRUE(expected.equal());
    for (const unsigned threads : {1U, 3U}) {
      std::vector<float> y(tokens * layer.rows);
      packed_linear(embedded.model, model.variant.weights, {{}, &design, threads})(layer, inputs, tokens, y);
      EXPECT_EQ(y, expected.y) << name << " " << threads;
    }
  }
}

TEST(Evaluate, RecordedActivationsAreThoseOfTheTraining) {
  const Embedded embedded;
  ActivationRecorder recorder(64);
  EvaluateOptions options = exact();
  options.observe = [&](const LinearLayer& layer, std::span<const float> x) { recorder.observe(layer, x); };
  evaluate(embedded.forward, embedded.first(2), {}, options);
  const tests::TemporaryDirectory directory;
  recorder.write(directory / "recorded.safetensors", "embedded", std::span(embedded.rows[0]).first(64));
  for (const LinearLayer& layer : embedded.forward.linear_layers()) {
    const Activations ours = load_activations(directory / "recorded.safetensors", layer.name, layer.cols);
    const Activations theirs = load_activations(std::string(kEmbedded), layer.name, layer.cols);
    ASSERT_EQ(ours.tokens, 64u);
    for (std::size_t i = 0; i < ours.bits.size(); ++i) {
      const double a = quant::half_to_float(ours.bits[i]), b = quant::half_to_float(theirs.bits[i]);
      ASSERT_NEAR(a, b, 1e-5 + std::fabs(b) * 0x1p-10) << layer.name << " " << i;
    }
  }
}

TEST(Evaluate, SharesAndErrorsOfALayerAreCounted) {
  const Embedded embedded;
  const PackedModel model = packed(embedded.forward, "bitmod-fp4:g128");
  const LayerQuality& layer = model.layers[4];
  const quant::PackedTensor& weights = model.variant.weights.at(layer.name);
  const Tensor tensor = embedded.model.load(layer.name);
  std::vector<double> special(4, 0.0), groups(4, 0.0);
  double noise = 0, largest = 0;
  for (std::size_t r = 0; r < weights.rows; ++r) {
    std::vector<float> decoded(weights.cols);
    weights.decode_row(r, decoded);
    for (std::size_t g = 0; g < weights.groups(); ++g) groups[weights.selector(r, g)] += 1;
    for (std::size_t c = 0; c < weights.cols; ++c) {
      if (weights.code(r, c) == 8) special[weights.selector(r, c / 128)] += 1;
      const double error = std::fabs(double{tensor.values[r * weights.cols + c]} - double{decoded[c]});
      noise += error * error;
      largest = std::max(largest, error);
    }
  }
  ASSERT_EQ(layer.selectors.size(), 4u);
  const auto count = static_cast<double>(weights.rows * weights.cols);
  const std::vector<double> values{10, -10, 16, -16};
  for (unsigned s = 0; s < 4; ++s) {
    EXPECT_EQ(layer.selectors[s].value, values[s]);
    EXPECT_DOUBLE_EQ(layer.selectors[s].weights, special[s] / count);
    EXPECT_DOUBLE_EQ(layer.selectors[s].groups, groups[s] / static_cast<double>(weights.rows * weights.groups()));
  }
  EXPECT_NEAR(layer.distortion.mse(), noise / count, 1e-15);
  EXPECT_EQ(layer.distortion.max_error, largest);
}

TEST(Evaluate, WhatDoesNotFitTheModelIsRefused) {
  const Embedded embedded;
  const auto why = [&](std::vector<TokenSequence> sequences, const Variant& variant, const EvaluateOptions& options) {
    return tests::error_of([&] { evaluate(embedded.forward, sequences, std::span(&variant, 1), options); });
  };
  EXPECT_EQ(why({}, {}, exact()), "text: no tokens, expected at least two");
  EXPECT_EQ(why({{3}}, {}, exact()),
            "text: a sequence of 1 tokens, expected at least two: one is predicted from another");
  EXPECT_NE(why({{3, 128}}, {}, exact()).find("token id 128, expected one below the vocabulary of"), std::string::npos);
  const quant::PackedTensor weights = packed(embedded.forward, "int6:g128").variant.weights.at("lm_head");
  EXPECT_NE(why({{1, 2}}, {"p", {{"lm_hat", weights}}}, exact()).find("layer 'lm_hat': is no linear layer"),
            std::string::npos);
  EXPECT_NE(why({{1, 2}}, {"p", {{"model.layers.0.mlp.up_proj", weights}}}, exact())
                .find("is 128 x 128, expected the model's 256 x 128"),
            std::string::npos);
}

}  // namespace
}  // namespace subbyte::sim
