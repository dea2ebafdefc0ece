#include "sim/llm/llama_forward.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "sim/base/input_error.hpp"
#include "sim/checkpoint/llama2c.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/npy.hpp"
#include "sim/llm/llama_linear.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

TokenBatch embedded_row(std::size_t row) {
  const FileBytes file = FileBytes::map(tested_source().string() + "/configs/workloads/embedded/validation.npy");
  const StoredTensor tokens = read_npy_header(file);
  const auto bytes = file.all().subspan(tokens.offset + row * tokens.shape[1], tokens.shape[1] - 1);
  return {{bytes.begin(), bytes.end()}, {0}};
}

// These are the logits of row 0 of validation.npy by PyTorch 1.13 in double (configs/workloads/embedded/llama.py).
struct Expected {
  std::size_t position;
  std::array<double, 5> logits;
};
constexpr std::array<std::size_t, 5> kIds = {0, 1, 11, 64, 127};
constexpr std::array<Expected, 5> kExpected = {{
    {0, {7.21274487, -0.785096241, 27.6621639, 0.0152555651, 0.290938223}},
    {1, {-3.62955172, 1.21218059, -2.14161958, -0.729981712, -0.222805214}},
    {7, {-7.67452998, 14.4833913, -6.23985174, -1.58431392, -0.548808546}},
    {31, {-7.93076096, -1.86409951, -8.05078468, 3.03864906, -2.8796054}},
    {127, {-6.94415032, -0.490346353, -5.60117854, 3.22606192, -0.928381538}},
}};

TEST(LlamaForward, LogitsOfTheEmbeddedModelAreThoseOfPyTorch) {
  const Checkpoint model = open_checkpoint(std::string(kEmbedded));
  const LlamaForward forward(model, 2);
  const std::vector<float> logits = forward.logits(embedded_row(0), unquantized_linear(model, 2));
  for (const Expected& expected : kExpected) {
    for (std::size_t i = 0; i < kIds.size(); ++i)
      EXPECT_NEAR(logits[expected.position * 128 + kIds[i]], expected.logits[i], 1e-5)
          << expected.position << " " << kIds[i];
  }
}

TEST(LlamaForward, NeitherThreadsNorNeighboursChangeABit) {
  const Checkpoint model = open_checkpoint(std::string(kEmbedded));
  const TokenBatch first = embedded_row(0);
  TokenBatch second = embedded_row(1);
  second.tokens.resize(37);
  TokenBatch both = first;
  both.starts.push_back(first.tokens.size());
  both.tokens.insert(both.tokens.end(), second.tokens.begin(), second.tokens.end());
  std::vector<float> expected;
  for (const TokenBatch& batch : {first, second}) {
    const auto logits = LlamaForward(model, 1).logits(batch, unquantized_linear(model, 1));
    expected.insert(expected.end(), logits.begin(), logits.end());
  }
  for (const unsigned threads : {1U, 3U, 8U})
    EXPECT_EQ(LlamaForward(model, threads).logits(both, unquantized_linear(model, threads)), expected) << threads;
}

// Makes a random llama2.c model with adjacent pairs, two query heads per key head, an odd hidden width, and a shared
// classifier.
struct Toy {
  static constexpr std::size_t kDim = 12, kHidden = 7, kLayers = 2, kHeads = 6, kKvHeads = 3, kVocab = 9, kContext = 10;
  static constexpr std::size_t kHead = kDim / kHeads, kKv = kKvHeads * kHead;

  std::vector<float> values;
  std::size_t taken = 0;

  Toy() {
    std::uint32_t state = 1;
    const std::size_t count = kVocab * kDim +
                              kLayers * (2 * kDim + 2 * kDim * kDim + 2 * kKv * kDim + 3 * kDim * kHidden) + kDim +
                              kContext * kHead;
    while (values.size() < count) {
      state = state * 1664525U + 1013904223U;
      values.push_back(static_cast<float>(static_cast<double>(state >> 8) * 0x1p-23 - 1));
    }
  }
  std::string write() const {
    std::string bytes;
    for (const std::int32_t field : {kDim, kHidden, kLayers, kHeads, kKvHeads, kVocab, kContext})
      bytes.append(reinterpret_cast<const char*>(&field), sizeof(field));
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return bytes;
  }
  const float* take(std::size_t count) {
    taken += count;
    return values.data() + taken - count;
  }
};

using Vector = std::vector<double>;

Vector product(const float* w, std::size_t rows, const Vector& x) {
  Vector y(rows, 0.0);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < x.size(); ++c) y[r] += w[r * x.size() + c] * x[c];
  return y;
}

Vector normed(const Vector& x, const float* weight) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  Vector y;
  for (std::size_t i = 0; i < x.size(); ++i)
    y.push_back(weight[i] * x[i] / std::sqrt(squares / static_cast<double>(x.size()) + 1e-5));
  return y;
}

void turn(Vector& x, std::size_t position) {
  for (std::size_t i = 0; i < x.size(); i += 2) {
    const double angle =
        static_cast<double>(position) / std::pow(1e4, static_cast<double>(i % Toy::kHead) / Toy::kHead);
    const double a = x[i], b = x[i + 1];
    x[i] = a * std::cos(angle) - b * std::sin(angle);
    x[i + 1] = a * std::sin(angle) + b * std::cos(angle);
  }
}

// Runs one token at a time with caches, as llama2.c's run.c does, with everything in double.
class ToyReference {
 public:
  explicit ToyReference(Toy& t)
      : embedding(t.take(Toy::kVocab * Toy::kDim)),
        norm1(t.take(Toy::kLayers * Toy::kDim)),
        wq(t.take(Toy::kLayers * Toy::kDim * Toy::kDim)),
        wk(t.take(Toy::kLayers * Toy::kKv * Toy::kDim)),
        wv(t.take(Toy::kLayers * Toy::kKv * Toy::kDim)),
        wo(t.take(Toy::kLayers * Toy::kDim * Toy::kDim)),
        norm2(t.take(Toy::kLayers * Toy::kDim)),
        w1(t.take(Toy::kLayers * Toy::kHidden * Toy::kDim)),
        w2(t.take(Toy::kLayers * Toy::kDim * Toy::kHidden)),
        w3(t.take(Toy::kLayers * Toy::kHidden * Toy::kDim)),
        norm(t.take(Toy::kDim)) {}

  Vector step(std::uint32_t token) {
    Vector x(embedding + token * Toy::kDim, embedding + (token + 1) * Toy::kDim);
    for (std::size_t l = 0; l < Toy::kLayers; ++l) {
      const Vector h = normed(x, norm1 + l * Toy::kDim);
      Vector q = product(wq + l * Toy::kDim * Toy::kDim, Toy::kDim, h);
      keys[l].push_back(product(wk + l * Toy::kKv * Toy::kDim, Toy::kKv, h));
      values[l].push_back(product(wv + l * Toy::kKv * Toy::kDim, Toy::kKv, h));
      turn(q, position);
      turn(keys[l].back(), position);
      const Vector o = product(wo + l * Toy::kDim * Toy::kDim, Toy::kDim, mix(q, l));
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += o[i];
      const Vector m = normed(x, norm2 + l * Toy::kDim);
      Vector gate = product(w1 + l * Toy::kHidden * Toy::kDim, Toy::kHidden, m);
      const Vector up = product(w3 + l * Toy::kHidden * Toy::kDim, Toy::kHidden, m);
      for (std::size_t i = 0; i < gate.size(); ++i) gate[i] *= up[i] / (1 + std::exp(-gate[i]));
      const Vector d = product(w2 + l * Toy::kDim * Toy::kHidden, Toy::kDim, gate);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += d[i];
    }
    ++position;
    return product(embedding, Toy::kVocab, normed(x, norm));
  }

 private:
  Vector mix(const Vector& q, std::size_t layer) const {
    Vector out(Toy::kDim, 0.0);
    for (std::size_t head = 0; head < Toy::kHeads; ++head) {
      const std::size_t from = head * Toy::kHead, kv = head / (Toy::kHeads / Toy::kKvHeads) * Toy::kHead;
      double sum = 0;
      for (std::size_t t = 0; t <= position; ++t) {
        double score = 0;
        for (std::size_t d = 0; d < Toy::kHead; ++d) score += q[from + d] * keys[layer][t][kv + d];
        const double weight = std::exp(score / std::sqrt(static_cast<double>(Toy::kHead)));
        sum += weight;
        for (std::size_t d = 0; d < Toy::kHead; ++d) out[from + d] += weight * values[layer][t][kv + d];
      }
      for (std::size_t d = 0; d < Toy::kHead; ++d) out[from + d] /= sum;
    }
    return out;
  }

  const float *embedding, *norm1, *wq, *wk, *wv, *wo, *norm2, *w1, *w2, *w3, *norm;
  std::array<std::vector<Vector>, Toy::kLayers> keys, values;
  std::size_t position = 0;
};

TEST(LlamaForward, AdjacentPairsAndGroupedQueriesAreThoseOfLlama2c) {
  Toy toy;
  const Checkpoint model = open_llama2c(tests::as_file(toy.write(), "toy.bin"));
  ASSERT_TRUE(model.llama()->rope_adjacent);
  const TokenBatch batch{{1, 8, 3, 3, 0, 7, 5, 2, 6, 4}, {0}};
  const auto logits = LlamaForward(model, 2).logits(batch, unquantized_linear(model, 2));
  ToyReference reference(toy);
  for (std::size_t t = 0; t < batch.tokens.size(); ++t) {
    const Vector expected = reference.step(batch.tokens[t]);
    for (std::size_t i = 0; i < Toy::kVocab; ++i)
      EXPECT_NEAR(logits[t * Toy::kVocab + i], expected[i], 2e-5) << t << " " << i;
  }
}

TEST(LlamaForward, TokensOutsideTheModelAreRefused) {
  const Checkpoint model = open_checkpoint(std::string(kEmbedded));
  const LlamaForward forward(model, 1);
  EXPECT_THROW(forward.embed({{3, 128}, {0}}), InputError);
  EXPECT_THROW(forward.embed({std::vector<std::uint32_t>(129, 1), {0}}), InputError);
  EXPECT_NO_THROW(forward.embed({std::vector<std::uint32_t>(256, 1), {0, 128}}));
}

TEST(LlamaForward, AModelWithoutAConfigurationIsRefused) {
  const tests::TemporaryDirectory directory;
  const std::vector<float> values(12, 1.0F);
  write_npy(directory / "matrix.npy", std::vector<std::size_t>{3, 4}, values);
  const Checkpoint model = open_checkpoint(directory / "matrix.npy");
  EXPECT_THROW(LlamaForward(model, 1), InputError);
}

}  // namespace
}  // namespace subbyte::sim
