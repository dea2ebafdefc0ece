// Tests quantized tensors of GGUF files: values, places of damage, tensor scales, and the two meanings of type 42.
#include <cmath>

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/gguf_llama.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/gguf.hpp"
#include "sim/files/gguf_writer.hpp"
#include "sim/packed/packed_import.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

constexpr std::uint32_t kF32 = 0, kQ4 = 2, kQ8 = 8, kMxfp4 = 39, kNvfp4 = 40, kQ2 = 42;

struct Part {
  sim::GgufField field;
  std::string bytes;
};

/// GgufWriter writes them, and tests/sim/packed/interchange_check.py reads its files on its own.
std::string gguf(const std::vector<Part>& parts, const sim::GgufKeys& keys = {}) {
  const TemporaryDirectory folder;
  std::vector<sim::GgufField> fields;
  for (const Part& part : parts) {
    fields.push_back(part.field);
    fields.back().bytes = part.bytes.size();
  }
  sim::GgufWriter writer(folder / "m.gguf", keys, fields);
  for (const Part& part : parts)
    writer.write({reinterpret_cast<const std::uint8_t*>(part.bytes.data()), part.bytes.size()});
  writer.commit();
  return read_bytes(folder / "m.gguf");
}

/// Makes a block with code j at weight j, code 15 - j at weight 16 + j, and scale `d` in FP16.
std::string q4_block(std::uint16_t d) {
  Bytes bytes;
  bytes.put(d);
  for (int j = 0; j < 16; ++j) bytes.put(static_cast<std::uint8_t>(j | (15 - j) << 4));
  return bytes.data;
}

std::string q8_block(std::uint16_t d) {
  Bytes bytes;
  bytes.put(d);
  for (int j = 0; j < 32; ++j) bytes.put(static_cast<std::int8_t>(j - 16));
  return bytes.data;
}

std::string nvfp4_block() {
  return std::string(4, '\x38') + std::string(32, '\x72');
}  // scales 1, codes 2 (1.0) and 7 (6.0)

const std::string kEmbedding = q8_block(0x4000) + q8_block(0x3800);  // 2, 0.5

std::vector<Part> good() {
  return {{{"token_embd.weight", {2, 32}, kQ8, 0}, kEmbedding},
          {{"blk.0.attn_q.weight", {2, 32}, kQ4, 0}, q4_block(0x3C00) + q4_block(0xC000)}};
}

std::string failure(const std::string& data) {
  return error_of([&] { sim::open_gguf(as_file(data, "m.gguf")); });
}

TEST(GgufBlocks, LayersAndEmbeddingsAreDecoded) {
  const sim::Checkpoint model = sim::open_gguf(as_file(gguf(good()), "m.gguf"));
  const auto values = model.load("model.layers.0.self_attn.q_proj").values;
  ASSERT_EQ(values.size(), 64U);
  for (int j = 0; j < 16; ++j) {
    EXPECT_EQ(values[j], static_cast<float>(j - 8));
    EXPECT_EQ(values[16 + j], static_cast<float>(7 - j));
    EXPECT_EQ(values[32 + j], -2 * static_cast<float>(j - 8)) << "the scale has a sign";
  }
  EXPECT_EQ(model.load_rows("model.layers.0.self_attn.q_proj", 1, 1),
            std::vector<float>(values.begin() + 32, values.end()));
  const auto embedding = model.parameter("model.embed_tokens.weight").values;
  EXPECT_EQ(embedding[0], -32);
  EXPECT_EQ(embedding[63], 7.5F);
  EXPECT_EQ(model.load("lm_head").values, embedding);
  EXPECT_EQ(model.stored_type("lm_head"), sim::DataType::kF32);
}

TEST(GgufBlocks, ImportKeepsCodesAndScales) {
  const auto file = as_file(gguf(good()), "m.gguf");
  const auto layers = sim::gguf_layers(file, sim::read_gguf(file));
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].info.name, "model.layers.0.self_attn.q_proj");
  EXPECT_EQ(layers[0].info.format.id(), "q4_0:g32");
  const auto tensor = layers[0].load();
  EXPECT_EQ(tensor.scale_bits(1, 0), 0xC000U);
  EXPECT_EQ(tensor.code(0, 16), 15U);
  EXPECT_EQ(layers[1].info.name, "lm_head") << "tied: the embedding's blocks";
}

TEST(GgufBlocks, EveryTruncationIsAnError) {
  const std::string data = gguf(good());
  ASSERT_EQ(failure(data), "no error");
  const std::size_t end = data.find_last_not_of('\0') + 1;  // without the padding of the last tensor
  for (std::size_t size = 0; size + 1 < end; ++size)
    EXPECT_NE(failure(data.substr(0, size)).find("m.gguf: offset "), std::string::npos) << size;
}

TEST(GgufBlocks, SizesThatOverflowAreErrors) {
  auto parts = good();
  for (const std::size_t extent : {std::size_t{1} << 63U, (std::size_t{1} << 58U) + 1, ~std::size_t{0} / 32}) {
    parts[1].field.shape = {extent, 32};
    const std::string text = failure(gguf(parts));
    EXPECT_NE(text.find("tensor 'blk.0.attn_q.weight' Q4_0"), std::string::npos) << text;
    EXPECT_NE(text.find("needs"), std::string::npos) << text;
  }
  parts[1].field.shape = {2, 33};
  EXPECT_NE(failure(gguf(parts)).find("rows of 33 weights, expected a multiple of 32"), std::string::npos);
}

TEST(GgufBlocks, ValuesThatAreNotFiniteAreRefusedWithTheirTensor) {
  auto parts = good();
  parts[1].bytes = q4_block(0x3C00) + q4_block(0x7C00);
  const sim::Checkpoint infinite = sim::open_gguf(as_file(gguf(parts), "m.gguf"));
  EXPECT_NE(error_of([&] { infinite.load("blk.0.attn_q"); }).find("tensor 'blk.0.attn_q.weight'"), std::string::npos);
  parts[1] = {{"blk.0.attn_q.weight", {2, 32}, kMxfp4, 0}, std::string(17, '\x11') + '\xff' + std::string(16, '\x11')};
  const sim::Checkpoint nan = sim::open_gguf(as_file(gguf(parts), "m.gguf"));
  EXPECT_EQ(nan.load_rows("blk.0.attn_q", 0, 1).size(), 32U);
  EXPECT_NE(error_of([&] { nan.load("blk.0.attn_q"); }).find("row 1, column 0 is not a finite FP32 number"),
            std::string::npos);
}

TEST(GgufBlocks, TensorScaleLiesBesideNvfp4) {
  std::vector<Part> parts{{{"blk.0.attn_q.weight", {1, 64}, kNvfp4, 0}, nvfp4_block()},
                          {{"blk.0.attn_q.scale", {1}, kF32, 0}, Bytes{}.put(0.25F).data}};
  const sim::Checkpoint model = sim::open_gguf(as_file(gguf(parts), "m.gguf"));
  EXPECT_EQ(model.load("blk.0.attn_q").values[0], 0.25F);
  EXPECT_EQ(model.load("blk.0.attn_q").values[8], 1.5F);
  parts[1].field.shape = {2};
  parts[1].bytes = Bytes{}.floats(2, 1).data;
  EXPECT_NE(failure(gguf(parts)).find("tensor 'blk.0.attn_q.scale' is F32 [2], expected F32 [1]"), std::string::npos);
  parts[1] = {{"blk.0.attn_q.scale", {1}, kF32, 0}, Bytes{}.put(-1.0F).data};
  const sim::Checkpoint negative = sim::open_gguf(as_file(gguf(parts), "m.gguf"));
  EXPECT_NE(error_of([&] { negative.load("blk.0.attn_q"); }).find("tensor_scale"), std::string::npos);
}

TEST(GgufBlocks, ExpertsHaveTensorScalesOfTheirOwn) {
  auto parts = good();
  parts.push_back({{"blk.0.ffn_up_exps.weight", {2, 1, 64}, kNvfp4, 0}, nvfp4_block() + nvfp4_block()});
  parts.push_back({{"blk.0.ffn_up_exps.scale", {2}, kF32, 0}, Bytes{}.put(0.5F).put(3.0F).data});
  const auto file = as_file(gguf(parts), "m.gguf");
  const auto all = sim::open_gguf(file).parameter("blk.0.ffn_up_exps.weight").values;
  ASSERT_EQ(all.size(), 128U);
  EXPECT_EQ(all[0], 0.5F);
  EXPECT_EQ(all[64], 3);
  const auto layers = sim::gguf_layers(file, sim::read_gguf(file));
  ASSERT_EQ(layers.size(), 4U);
  EXPECT_EQ(layers[2].info.name, "model.layers.0.mlp.experts.1.up_proj");
  EXPECT_EQ(layers[2].load().tensor_scale, 3);
  parts[2] = {{"blk.0.ffn_up_exps.weight", {1U << 30U, 1, 64}, 4000, 0}, "x"};
  const auto many = as_file(gguf(parts), "m.gguf");
  const auto listed = sim::gguf_layers(many, sim::read_gguf(many));
  ASSERT_EQ(listed.size(), 3U) << "a type of unknown size bounds nothing";
  EXPECT_NE(std::string(listed[1].problem->what()).find("experts of a known type"), std::string::npos);
}

TEST(GgufBlocks, Type42IsDecidedByTheRoom) {
  const auto type = [](std::size_t bytes, std::size_t rows) {
    std::vector<Part> parts{{{"blk.0.attn_q.weight", {rows, 256}, kQ2, 0}, std::string(bytes, '\0')},
                            {{"blk.1.attn_q.weight", {1, 2}, kF32, 0}, Bytes{}.floats(2).data}};
    return sim::read_gguf(as_file(gguf(parts), "m.gguf")).tensors[0].type_name;
  };
  for (const std::size_t rows : {1U, 3U, 16U}) {
    EXPECT_EQ(type(42 * rows, rows), "STQ1_0") << rows;
    EXPECT_EQ(type(72 * rows, rows), "Q2_0") << rows;
  }
}

sim::GgufKeys llama_keys() {
  sim::GgufKeys keys;
  keys.add("general.architecture", "llama");
  for (const auto& [key, value] :
       std::initializer_list<std::pair<const char*, std::uint32_t>>{{"embedding_length", 32},
                                                                    {"feed_forward_length", 64},
                                                                    {"block_count", 1},
                                                                    {"attention.head_count", 4},
                                                                    {"attention.head_count_kv", 2},
                                                                    {"context_length", 77}})
    keys.add(std::string("llama.") + key, value);
  keys.add("llama.rope.freq_base", 5e5F);
  return keys;
}

TEST(GgufLlama, ConfigurationComesFromTheMetadata) {
  const sim::Checkpoint model = sim::open_gguf(as_file(gguf(good(), llama_keys()), "m.gguf"));
  const sim::LlamaConfig& c = model.required_llama();
  EXPECT_EQ(c.dim, 32U);
  EXPECT_EQ(c.hidden, 64U);
  EXPECT_EQ(c.kv_heads, 2U);
  EXPECT_EQ(c.head_dim, 8U);
  EXPECT_EQ(c.vocab, 2U);
  EXPECT_EQ(c.context, 77U);
  EXPECT_EQ(c.rope_theta, 5e5F);
  EXPECT_TRUE(c.rope_adjacent);
  auto keys = llama_keys();
  keys.add("llama.rope.scaling.type", "yarn");
  const sim::Checkpoint scaled = sim::open_gguf(as_file(gguf(good(), keys), "m.gguf"));
  EXPECT_NE(error_of([&] { (void)scaled.required_llama(); }).find("llama.rope.scaling.type is 'yarn', expected 'none'"),
            std::string::npos);
  const sim::Checkpoint bare = sim::open_gguf(as_file(gguf(good()), "m.gguf"));
  EXPECT_NE(error_of([&] { (void)bare.required_llama(); }).find("general.architecture is missing"), std::string::npos);
}

TEST(GgufLlama, TokenizerComesFromTheMetadata) {
  sim::GgufKeys keys;
  const std::vector<std::string> tokens{"<unk>", "<s>", "\u2581", "a", "b", "ab"};
  const std::vector<float> scores{0, 0, -1, -2, -3, -0.5F};
  const std::vector<std::int32_t> types{2, 3, 1, 1, 1, 1};
  keys.add("tokenizer.ggml.model", "llama");
  keys.add("tokenizer.ggml.tokens", std::span<const std::string>(tokens));
  keys.add("tokenizer.ggml.scores", std::span<const float>(scores));
  keys.add("tokenizer.ggml.token_type", std::span<const std::int32_t>(types));
  keys.add("tokenizer.ggml.bos_token_id", std::uint32_t{1});
  keys.add("tokenizer.ggml.unknown_token_id", std::uint32_t{0});
  const auto tokenizer = sim::gguf_tokenizer(sim::read_gguf(as_file(gguf(good(), keys), "m.gguf")));
  ASSERT_TRUE(tokenizer.has_value());
  EXPECT_EQ(tokenizer->bos(), 1U);
  EXPECT_EQ(tokenizer->encode("ab"), (std::vector<std::uint32_t>{2, 5}));
  sim::GgufKeys other;
  other.add("tokenizer.ggml.model", "t5");
  EXPECT_NE(error_of([&] {
              sim::gguf_tokenizer(sim::read_gguf(as_file(gguf(good(), other), "m.gguf")));
            }).find("'t5', expected 'llama' or 'gpt2'"),
            std::string::npos);
  EXPECT_FALSE(sim::gguf_tokenizer(sim::read_gguf(as_file(gguf(good()), "m.gguf"))).has_value());
}

TEST(GgufWriter, NothingWithoutCommitAndOnlyWholeTensors) {
  const TemporaryDirectory folder;
  const std::vector<std::uint8_t> bytes(8);
  {
    sim::GgufWriter writer(folder / "m.gguf", {}, {{"a", {2}, kF32, 8}, {"b", {1}, kF32, 4}});
    EXPECT_THROW(writer.write(std::vector<std::uint8_t>(9)), std::invalid_argument);
    writer.write(bytes);
    EXPECT_THROW(writer.commit(), std::invalid_argument);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "m.gguf"));
  EXPECT_THROW(sim::GgufWriter(folder / "m.gguf", {}, {{"a", {2}, kF32, 8}, {"a", {1}, kF32, 4}}),
               std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::tests
