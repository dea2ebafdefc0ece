#include "sim/files/gguf.hpp"

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/gguf_llama.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

constexpr std::uint32_t kF32 = 0, kF16 = 1, kQ4K = 12, kBf16 = 30;

struct Info {
  std::string name;
  std::vector<std::uint64_t> extents;  // innermost first, as in the file
  std::uint32_t type;
  std::uint64_t offset;
};

std::string gguf(const std::vector<Info>& tensors, const std::string& data, std::uint32_t version = 3,
                 std::uint32_t alignment = 32) {
  Bytes bytes;
  bytes.text("GGUF").put(version).put<std::uint64_t>(tensors.size()).put<std::uint64_t>(3);
  bytes.counted("general.alignment").put<std::uint32_t>(4).put(alignment);
  bytes.counted("tokens").put<std::uint32_t>(9).put<std::uint32_t>(8).put<std::uint64_t>(2).counted("a").counted("bc");
  bytes.counted("scores").put<std::uint32_t>(9).put<std::uint32_t>(6).put<std::uint64_t>(2).floats(2);
  for (const Info& info : tensors) {
    bytes.counted(info.name).put(static_cast<std::uint32_t>(info.extents.size()));
    for (const std::uint64_t extent : info.extents) bytes.put(extent);
    bytes.put(info.type).put(info.offset);
  }
  return bytes.align(alignment < 8 ? 8 : alignment).text(data).data;
}

std::string failure(const std::string& data) {
  return error_of([&] { sim::open_gguf(as_file(data, "m.gguf")); });
}

/// Makes three tensors of 24, 4 and 4 bytes at multiples of 32.
std::string data() {
  return Bytes{}
      .floats(6)
      .align(32)
      .put<std::uint16_t>(0x3C00)
      .put<std::uint16_t>(0xC000)
      .align(32)
      .put<std::uint16_t>(0x3FC0)
      .put<std::uint16_t>(0xBF80)
      .data;
}

const std::vector<Info> kGood{{"token_embd.weight", {3, 2}, kF32, 0},
                              {"blk.0.attn_q.weight", {2, 1}, kF16, 32},
                              {"blk.11.ffn_down.weight", {1, 2}, kBf16, 64}};

TEST(Gguf, ReversesExtentsAndUsesLlamaNames) {
  for (const std::uint32_t version : {2U, 3U}) {
    const sim::Checkpoint model = sim::open_gguf(as_file(gguf(kGood, data(), version), "m.gguf"));
    ASSERT_EQ(model.layers().size(), 3U);
    EXPECT_EQ(model.layer("model.layers.0.self_attn.q_proj").cols, 2U);
    EXPECT_EQ(model.load("model.layers.0.self_attn.q_proj").values, (std::vector<float>{1, -2}));
    EXPECT_EQ(model.layer("model.layers.11.mlp.down_proj").rows, 2U);
    EXPECT_EQ(model.load("blk.11.ffn_down").values, (std::vector<float>{1.5, -1}))
        << "found by the file's own name too";
    EXPECT_EQ(model.load("lm_head").shape, (std::vector<std::size_t>{2, 3})) << "tied weights are copied";
    EXPECT_EQ(model.load("lm_head").values, (std::vector<float>{0, 1, 2, 3, 4, 5}));
  }
}

TEST(Gguf, OtherTypesAreRefusedWhenAskedFor) {
  // blk.0.attn_q.weight is 1 x 256 of Q4_K, which is one block of 144 bytes.
  std::vector<Info> tensors{{"token_embd.weight", {3, 2}, kF32, 0}, {"blk.0.attn_q.weight", {256, 1}, kQ4K, 32}};
  const std::string data = Bytes{}.floats(6).align(32).text(std::string(144, 'x')).data;
  const sim::Checkpoint model = sim::open_gguf(as_file(gguf(tensors, data), "m.gguf"));
  EXPECT_EQ(model.load("lm_head").values.size(), 6U);
  EXPECT_EQ(model.layer("model.layers.0.self_attn.q_proj").cols, 256U) << "listed all the same";
  const std::string text = error_of([&] { model.load("model.layers.0.self_attn.q_proj"); });
  EXPECT_NE(text.find("tensor 'blk.0.attn_q.weight' has type Q4_K, expected"), std::string::npos) << text;
  EXPECT_NE(failure(gguf(tensors, data.substr(0, data.size() - 1))).find("needs 144 bytes, the data has 175"),
            std::string::npos);
  tensors[1].extents = {128, 2};
  EXPECT_NE(failure(gguf(tensors, data)).find("Q4_K [2, 128]: rows of 128 weights, expected a multiple of 256"),
            std::string::npos);
  tensors[1].type = 4000;
  const sim::Checkpoint later = sim::open_gguf(as_file(gguf(tensors, data), "m.gguf"));
  EXPECT_NE(error_of([&] { later.load("blk.0.attn_q"); }).find("has type number 4000"), std::string::npos);
}

TEST(Gguf, RefusesDamage) {
  const std::string good = gguf(kGood, data());
  ASSERT_EQ(failure(good), "no error");
  EXPECT_EQ(failure("GGUG" + good.substr(4)), "m.gguf: offset 0: wrong magic, expected GGUF");
  EXPECT_EQ(failure(gguf(kGood, data(), 1)), "m.gguf: offset 4: GGUF version 1, expected 2 or 3 (little-endian)");
  EXPECT_EQ(failure("GGUF"), "m.gguf: offset 4: truncated: the version needs 4 bytes, 0 are left");
  std::string many = good;
  std::memset(many.data() + 8, 0xff, 8);
  EXPECT_NE(failure(many).find("m.gguf: offset "), std::string::npos) << "2^64-1 tensors are not allocated";
  std::string key = good;
  std::memset(key.data() + 24, 0xff, 8);
  EXPECT_EQ(failure(key), "m.gguf: offset 32: truncated: a metadata key needs 18446744073709551615 bytes, " +
                              std::to_string(good.size() - 32) + " are left");
  EXPECT_NE(failure(gguf(kGood, data(), 3, 12)).find("offset 53: general.alignment is 12, expected a multiple of 8"),
            std::string::npos);
  EXPECT_NE(failure(good.substr(0, good.size() - 1))
                .find("tensor 'blk.11.ffn_down.weight' BF16 [2, 1] at data offset 64 needs 4 bytes, the data has 67"),
            std::string::npos);
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_NE(failure(good.substr(0, size)), "no error") << size;
}

TEST(Gguf, RefusesBadTensors) {
  const auto changed = [](auto change) {
    auto tensors = kGood;
    change(tensors[1]);
    return failure(gguf(tensors, data()));
  };
  EXPECT_NE(changed([](Info& i) {
              i.extents = {1ULL << 40, 1ULL << 40};
            }).find("needs more than 2^63 bytes"),
            std::string::npos);
  EXPECT_NE(changed([](Info& i) { i.offset = 33; }).find("data offset 33, expected a multiple of the alignment 32"),
            std::string::npos);
  EXPECT_NE(changed([](Info& i) { i.offset = 1ULL << 50; }).find("at data offset 1125899906842624 needs 4 bytes"),
            std::string::npos);
  EXPECT_NE(changed([](Info& i) { i.offset = 0; }).find("overlaps tensor '"), std::string::npos);
  EXPECT_NE(changed([](Info& i) { i.name = "token_embd.weight"; }).find("the name appears twice"), std::string::npos);
  EXPECT_NE(changed([](Info& i) { i.extents = {}; }).find("has 0 dimensions, expected 1..4"), std::string::npos);
  EXPECT_NE(changed([](Info& i) {
              i.extents = {0, 2};
            }).find("has shape [2, 0], expected positive extents"),
            std::string::npos);
}

TEST(Gguf, RefusesDeepMetadata) {
  Bytes bytes;
  bytes.text("GGUF").put<std::uint32_t>(3).put<std::uint64_t>(0).put<std::uint64_t>(1).counted("k").put<std::uint32_t>(
      9);
  for (int depth = 0; depth < 100000; ++depth) bytes.put<std::uint32_t>(9).put<std::uint64_t>(1);
  EXPECT_NE(failure(bytes.data).find("nested more than 4 deep"), std::string::npos);
}

TEST(GgufLlama, NamesGoBothWays) {
  for (const auto& [gguf_name, hf] : std::initializer_list<std::pair<std::string, std::string>>{
           {"blk.12.attn_norm.weight", "model.layers.12.input_layernorm.weight"},
           {"blk.0.ffn_norm.weight", "model.layers.0.post_attention_layernorm.weight"},
           {"blk.3.attn_output.weight", "model.layers.3.self_attn.o_proj.weight"},
           {"output_norm.weight", "model.norm.weight"},
           {"token_embd.weight", "model.embed_tokens.weight"}}) {
    EXPECT_EQ(sim::gguf_to_hf(gguf_name), hf);
    EXPECT_EQ(sim::hf_to_gguf(hf), gguf_name);
  }
  for (const char* name :
       {"blk.", "blk.0", "blk.weight", "blk.0.weight", "blk.0.attn_q.bias", "model.layers.", "", ".weight"}) {
    EXPECT_EQ(sim::gguf_to_hf(name), "") << name;
    EXPECT_EQ(sim::hf_to_gguf(name), "") << name;
  }
}

}  // namespace
}  // namespace subbyte::tests
