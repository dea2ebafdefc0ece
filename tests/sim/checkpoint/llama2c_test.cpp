#include "sim/checkpoint/llama2c.hpp"

#include <cmath>

#include "sim/checkpoint/open_checkpoint.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::tests {
namespace {

/// Makes dim 4, hidden 6, 2 layers, 2 heads, 1 kv head, vocabulary 3 and length 5; every float is its index.
std::string llama2c(int vocab) {
  Bytes bytes;
  for (const int field : {4, 6, 2, 2, 1, vocab, 5}) bytes.put<std::int32_t>(field);
  const std::size_t matrices = 2 * (4 * 4 + 2 * 2 * 4 + 4 * 4 + 3 * 6 * 4);
  const std::size_t rest = 3 * 4 + 2 * 4 + 2 * 4 + 4 + 2 * 5 * 1;
  return bytes.floats(matrices + rest + (vocab < 0 ? 3 * 4 : 0)).data;
}

std::string failure(const std::string& data) {
  return error_of([&] { sim::open_llama2c(as_file(data, "m.bin")); });
}

std::string with_field(std::size_t index, std::int32_t value) {
  std::string data = llama2c(3);
  std::memcpy(data.data() + 4 * index, &value, 4);
  return data;
}

TEST(Llama2c, ListsEveryLinearLayerInItsPlace) {
  const sim::Checkpoint model = sim::open_llama2c(as_file(llama2c(3), "m.bin"));
  EXPECT_EQ(model.layers().size(), 7U * 2U + 1U);
  // The sizes are embedding 12, rms_att 8, wq 32, wk 16, wv 16, wo 32, rms_ffn 8, w1 48, w2 48, w3 48, rms_final 4 and
  // rotary 10.
  EXPECT_EQ(model.load("model.layers.1.self_attn.q_proj").values.front(), 12 + 8 + 16);
  const auto& k = model.layer("model.layers.0.self_attn.k_proj");
  EXPECT_EQ(k.rows, 2U);
  EXPECT_EQ(k.cols, 4U);
  EXPECT_EQ(model.load("model.layers.0.mlp.gate_proj").values.front(), 12 + 8 + 32 + 16 + 16 + 32 + 8);
  const auto& down = model.layer("model.layers.1.mlp.down_proj");
  EXPECT_EQ(down.rows, 4U);
  EXPECT_EQ(down.cols, 6U);
  EXPECT_EQ(model.load("model.layers.1.mlp.down_proj").values.back(), 124 + 48 + 48 - 1);
  EXPECT_EQ(model.load("lm_head").values.front(), 0) << "the classifier is the embedding";
  const sim::Checkpoint own = sim::open_llama2c(as_file(llama2c(-3), "m.bin"));
  EXPECT_EQ(own.load("lm_head").values.front(), 124 + 3 * 48 + 4 + 10) << "a classifier of its own";
}

TEST(Llama2c, RefusesDamage) {
  const std::string good = llama2c(3);
  EXPECT_EQ(failure(good.substr(0, 26)),
            "m.bin: offset 24: truncated: the header field seq_len needs 4 bytes, 2 are left");
  EXPECT_EQ(failure(with_field(0, 0)), "m.bin: offset 0: dim is 0, expected a positive integer");
  EXPECT_EQ(failure(with_field(2, -1)), "m.bin: offset 8: n_layers is -1, expected a positive integer");
  EXPECT_EQ(failure(with_field(5, 0)), "m.bin: offset 20: vocab_size is 0, expected a nonzero integer");
  EXPECT_EQ(failure(with_field(3, 3)),
            "m.bin: offset 12: n_heads is 3 and n_kv_heads 1, expected n_heads to divide dim 4 and "
            "n_kv_heads to divide "
            "n_heads");
  EXPECT_EQ(failure(with_field(5, INT32_MAX)).substr(0, 55), "m.bin: offset 28: truncated: the tensors 'model.embed_t");
  EXPECT_EQ(failure(good.substr(0, good.size() - 4)),
            "m.bin: offset " + std::to_string(good.size() - 40) +
                ": truncated: the tensors 'rotary tables' [2, 5, 1] need 40 bytes, 36 are left");
  EXPECT_EQ(failure(good + "more"), "m.bin: offset " + std::to_string(good.size()) +
                                        ": 4 bytes after the last tensor, expected none for this header");
  EXPECT_EQ(failure(Bytes{}.put<std::uint32_t>(0x616B3432).floats(8).data),
            "m.bin: offset 0: a llama2.c checkpoint of version 1 or later, expected version 0 (export.py "
            "--version 0)");
}

TEST(Llama2c, EveryPrefixIsRefused) {
  const std::string good = llama2c(-3);
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_NE(failure(good.substr(0, size)), "no error") << size;
}

struct Known {
  std::string file;
  std::size_t dim, hidden, kv, vocab;
};

TEST(Llama2c, ReadsTheSharedModels) {
  const std::filesystem::path folder = tested_source() / "../shared/models";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no ../shared/models beside the source; shared models not read";
  for (const Known& known :
       {Known{"stories260K/stories260K.bin", 64, 172, 32, 512}, Known{"babyllama/model5000.bin", 128, 352, 64, 105}}) {
    const sim::Checkpoint model = sim::open_checkpoint((folder / known.file).string());
    EXPECT_EQ(model.layers().size(), 7U * 5U + 1U) << known.file;
    EXPECT_EQ(model.layer("model.layers.4.self_attn.v_proj").rows, known.kv);
    EXPECT_EQ(model.layer("model.layers.0.mlp.down_proj").cols, known.hidden);
    EXPECT_EQ(model.layer("lm_head").rows, known.vocab);
    EXPECT_EQ(model.layer("lm_head").cols, known.dim);
    for (const sim::LinearLayer& layer : model.layers()) {
      const sim::Tensor tensor = model.load(layer.name);
      double energy = 0;
      for (const float value : tensor.values) energy += static_cast<double>(value) * value;
      const double rms = std::sqrt(energy / static_cast<double>(tensor.values.size()));
      EXPECT_GT(rms, 0.005) << layer.name << ": weights of a trained layer, not rotary tables or norms";
      EXPECT_LT(rms, 1.0) << layer.name;
    }
  }
}

}  // namespace
}  // namespace subbyte::tests
