// Tests packed layers as GGUF models and as plain safetensors: the same numbers, in GGUF's row order, or a refusal.
#include <random>

#include "quant/rules/quantize.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/checkpoint/tokenizer.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/llm/llama_forward.hpp"
#include "sim/packed/decoded_file.hpp"
#include "sim/packed/packed_export.hpp"
#include "sim/packed/packed_import.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/safetensors_text.hpp"

namespace subbyte::tests {
namespace {

/// A random Llama of one block in Hugging Face's order: 4 heads of 8, 2 key heads.
std::vector<Entry> llama_tensors() {
  std::mt19937 random(7);
  std::normal_distribution<float> gauss;
  const auto tensor = [&](const std::string& name, std::vector<std::size_t> shape) {
    std::size_t count = 1;
    for (const std::size_t extent : shape) count *= extent;
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) bytes.put(gauss(random) * (shape.size() == 1 ? 1.0F : 0.3F));
    return Entry{name, "F32", shape, bytes.data};
  };
  const std::string block = "model.layers.0.";
  return {tensor("model.embed_tokens.weight", {16, 32}),
          tensor(block + "self_attn.q_proj.weight", {32, 32}),
          tensor(block + "self_attn.k_proj.weight", {16, 32}),
          tensor(block + "self_attn.v_proj.weight", {16, 32}),
          tensor(block + "self_attn.o_proj.weight", {32, 32}),
          tensor(block + "mlp.gate_proj.weight", {64, 32}),
          tensor(block + "mlp.up_proj.weight", {64, 32}),
          tensor(block + "mlp.down_proj.weight", {32, 64}),
          tensor(block + "input_layernorm.weight", {32}),
          tensor(block + "post_attention_layernorm.weight", {32}),
          tensor("model.norm.weight", {32}),
          tensor("lm_head.weight", {16, 32})};
}

constexpr const char* kConfig =
    R"({"model_type": "llama", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1,
  "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 16, "max_position_embeddings": 32,
  "rms_norm_eps": 1e-5, "tie_word_embeddings": false})";

std::string write_model(const TemporaryDirectory& folder, const std::string& name, const std::vector<Entry>& tensors) {
  std::filesystem::create_directory(folder.path() / name);
  write_bytes(folder / (name + "/config.json"), kConfig);
  write_bytes(folder / (name + "/model.safetensors"), checkpoint(tensors));
  return folder / name;
}

std::string pack(const sim::Checkpoint& model, const std::string& format, const std::string& path) {
  std::vector<sim::PackedLayer> layers;
  for (const auto& layer : model.layers()) {
    const auto tensor = model.load(layer.name);
    layers.push_back(
        {layer.name, quant::quantize({tensor.values, layer.rows, layer.cols}, quant::parse_format(format))});
  }
  sim::write_packed_file(path, layers);
  return path;
}

void export_to(const std::string& path, const sim::PackedFile& packed, const sim::ExportOptions& options) {
  std::vector<std::string> notes;
  const auto keys = sim::export_keys(packed, options, notes);
  const auto tensors = sim::export_tensors(packed, options);
  std::vector<sim::GgufField> fields;
  for (const auto& tensor : tensors) fields.push_back(tensor.field);
  sim::GgufWriter writer(path, keys, fields);
  for (const auto& tensor : tensors) tensor.write(writer);
  writer.commit();
}

std::vector<float> logits(const sim::Checkpoint& model) {
  const sim::LlamaForward forward(model, 1);
  const sim::LinearFunction linear = [&](const sim::LinearLayer& layer, std::span<const float> x, std::size_t tokens,
                                         std::span<float> y) {
    const auto w = model.load(layer.name).values;
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t r = 0; r < layer.rows; ++r) {
        double sum = 0;
        for (std::size_t c = 0; c < layer.cols; ++c)
          sum += static_cast<double>(w[r * layer.cols + c]) * x[t * layer.cols + c];
        y[t * layer.rows + r] = static_cast<float>(sum);
      }
    }
  };
  return forward.logits({{1, 5, 9, 2, 15, 3}, {0}}, linear);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  return largest;
}

/// Makes the model whose linear layers are the decoded packed ones, in the order of the model.
sim::Checkpoint decoded_model(const TemporaryDirectory& folder, const sim::PackedFile& packed) {
  auto tensors = llama_tensors();
  for (Entry& entry : tensors) {
    for (const auto& layer : packed.layers()) {
      if (entry.name != layer.name + ".weight") continue;
      const auto values = packed.load_values(layer.name);
      entry.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    }
  }
  return sim::open_checkpoint(write_model(folder, "decoded", tensors));
}

TEST(Export, WholeModelComputesTheSameInGgufsRowOrder) {
  const TemporaryDirectory folder;
  const sim::Checkpoint model = sim::open_checkpoint(write_model(folder, "hf", llama_tensors()));
  for (const char* format : {"q8_0", "q4_0", "mxfp4"}) {
    const auto packed = sim::PackedFile::open(pack(model, format, folder / "p.safetensors"));
    export_to(folder / "m.gguf", packed, {"", &model, false});
    const sim::Checkpoint exported = sim::open_checkpoint(folder / "m.gguf");
    EXPECT_EQ(exported.required_llama().context, 32U);
    const auto expected = logits(decoded_model(folder, packed));
    EXPECT_LT(largest_difference(logits(exported), expected), 1e-5) << format;
    export_to(folder / "unordered.gguf", packed, {"", &model, true});
    EXPECT_GT(largest_difference(logits(sim::open_checkpoint(folder / "unordered.gguf")), expected), 1e-3)
        << "the order of the rows matters here";
  }
}

TEST(Export, GgufToPackedToGgufKeepsEverything) {
  const TemporaryDirectory folder;
  const sim::Checkpoint model = sim::open_checkpoint(write_model(folder, "hf", llama_tensors()));
  export_to(folder / "a.gguf", sim::PackedFile::open(pack(model, "q8_0", folder / "p.safetensors")),
            {"", &model, false});
  const sim::Checkpoint first = sim::open_checkpoint(folder / "a.gguf");
  const auto layers = sim::select_layers("a", sim::open_import(folder / "a.gguf", {}), "*");
  std::vector<sim::PackedLayerInfo> infos;
  for (const auto& layer : layers) infos.push_back(layer.info);
  sim::PackedWriter writer(folder / "q.safetensors", infos);
  for (const auto& layer : layers) sim::write_layer(layer, writer);
  writer.commit();
  export_to(folder / "b.gguf", sim::PackedFile::open(folder / "q.safetensors"), {"", &first, false});
  const auto a = sim::FileBytes::map(folder / "a.gguf");
  const auto b = sim::FileBytes::map(folder / "b.gguf");
  const auto one = sim::read_gguf(a);
  const auto two = sim::read_gguf(b);
  ASSERT_EQ(one.tensors.size(), two.tensors.size());
  EXPECT_EQ(one.metadata.entries().size(), two.metadata.entries().size());
  const sim::Checkpoint second = sim::open_checkpoint(folder / "b.gguf");
  for (const auto& tensor : first.tensors()) {
    EXPECT_EQ(second.parameter(tensor.name).values, first.parameter(tensor.name).values) << tensor.name;
  }
}

TEST(Export, RefusesWhatGgufDoesNotHold) {
  const TemporaryDirectory folder;
  const sim::Checkpoint model = sim::open_checkpoint(write_model(folder, "hf", llama_tensors()));
  const auto refusal = [&](const std::string& format, const sim::ExportOptions& options) {
    const auto packed = sim::PackedFile::open(pack(model, format, folder / "p.safetensors"));
    const std::string text = error_of([&] { export_to(folder / "x.gguf", packed, options); });
    EXPECT_FALSE(std::filesystem::exists(folder / "x.gguf"));
    return text;
  };
  EXPECT_NE(refusal("q8_0", {}).find("expected --model M, or --keep-rows"), std::string::npos);
  EXPECT_NE(refusal("bitmod-fp4:g32", {"", &model, false}).find("no GGUF type holds the format bitmod-fp4:g32"),
            std::string::npos);
  EXPECT_NE(refusal("int8:g32", {"TQ9", &model, false}).find("--type: unknown type 'TQ9'"), std::string::npos);
  EXPECT_NE(refusal("q8_0", {"Q4_0", &model, false}).find("Q4_0 cannot hold the format q8_0:g32"), std::string::npos);
  EXPECT_NE(refusal("nvfp4", {"", &model, false}).find("rows of 32 weights, expected a multiple of 64 for NVFP4"),
            std::string::npos);
  EXPECT_NE(
      refusal("ternary:g256", {"", &model, false}).find("rows of 32 weights, expected a multiple of 256 for TQ1_0"),
      std::string::npos);
}

TEST(Export, TensorScaleGoesBesideNvfp4OnlyWhereItIsExact) {
  const TemporaryDirectory folder;
  const sim::Checkpoint model = sim::open_checkpoint(write_model(folder, "hf", llama_tensors()));
  const std::string name = "model.layers.0.mlp.down_proj";
  const auto weights = model.load(name);
  const auto exported = [&](const std::string& format, std::optional<float> scale) {
    auto tensor = quant::quantize({weights.values, 32, 64}, quant::parse_format(format));
    if (scale) tensor.tensor_scale = *scale;
    sim::write_packed_file(folder / "p.safetensors", std::vector<sim::PackedLayer>{{name, tensor}});
    const auto packed = sim::PackedFile::open(folder / "p.safetensors");
    export_to(folder / "m.gguf", packed, {});
    EXPECT_EQ(sim::open_checkpoint(folder / "m.gguf").load(name).values, packed.load_values(name)) << format;
  };
  exported("nvfp4", {});
  exported("nvfp4", 1.0F);
  exported("nvfp4:global=encode", 1024.0F);
  EXPECT_NE(error_of([&] { exported("nvfp4:global=encode", 1000.0F); }).find("its reciprocal is not exact"),
            std::string::npos);
}

TEST(Export, DecodedSafetensorsHoldTheValues) {
  const TemporaryDirectory folder;
  const sim::Checkpoint model = sim::open_checkpoint(write_model(folder, "hf", llama_tensors()));
  const auto packed = sim::PackedFile::open(pack(model, "int4:g32", folder / "p.safetensors"));
  sim::write_decoded(folder / "d.safetensors", packed, {"lm_head", "model.layers.0.mlp.up_proj"});
  const sim::Checkpoint decoded = sim::open_checkpoint(folder / "d.safetensors");
  ASSERT_EQ(decoded.layers().size(), 2U);
  EXPECT_EQ(decoded.load("lm_head").values, packed.load_values("lm_head"));
  EXPECT_EQ(decoded.load("model.layers.0.mlp.up_proj").values, packed.load_values("model.layers.0.mlp.up_proj"));
}

TEST(Export, TokenizerOfLlama2cTravels) {
  const std::string folder_of_model = tested_source().string() + "/../shared/models/stories260K";
  if (!std::filesystem::exists(folder_of_model)) GTEST_SKIP() << folder_of_model << " is absent";
  const TemporaryDirectory folder;
  const sim::Checkpoint model = sim::open_checkpoint(folder_of_model + "/stories260K.bin");
  const auto& layer = model.layer("lm_head");
  const auto values = model.load("lm_head").values;
  sim::write_packed_file(folder / "p.safetensors",
                         std::vector<sim::PackedLayer>{{"lm_head", quant::quantize({values, layer.rows, layer.cols},
                                                                                   quant::parse_format("q8_0"))}});
  export_to(folder / "m.gguf", sim::PackedFile::open(folder / "p.safetensors"), {"", &model, false});
  ASSERT_EQ(sim::Tokenizer::beside(folder / "m.gguf"), folder / "m.gguf");
  const auto ours = sim::Tokenizer::open(folder / "m.gguf");
  const auto theirs = sim::Tokenizer::open(folder_of_model + "/tok512.bin");
  for (const char* text :
       {"Once upon a time, there was a girl.\nShe said \"Hi!\"", " two  spaces", "\u00e9\u4e2d \xff", "<s>"})
    EXPECT_EQ(ours.encode(text), theirs.encode(text)) << text;
  EXPECT_EQ(ours.bos(), theirs.bos());
  EXPECT_EQ(ours.decode(ours.encode("a tall tree")), "a tall tree");
}

}  // namespace
}  // namespace subbyte::tests
