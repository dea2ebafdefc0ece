// Tests imports of other tools' safetensors that are damaged or ambiguous, and TL2 files. Values are checked against
// independent Python in tests/sim/packed/interchange_check.py.
#include <cmath>
#include <random>

#include "quant/rules/quantize.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/packed/packed_import.hpp"
#include "sim/packed/tl2_files.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/safetensors_text.hpp"

namespace subbyte::tests {
namespace {

using quant::TensorScale;

std::vector<sim::ImportedLayer> layers_of(const std::vector<Entry>& entries, sim::ImportOptions options = {},
                                          const std::string& config = "") {
  const auto file = as_file(checkpoint(entries), "m.safetensors");
  std::vector<sim::FileTensor> tensors;
  for (const auto& stored : sim::read_safetensors(file).tensors) tensors.push_back({file, stored, stored.name});
  const auto json = as_file(config, "config.json");
  return sim::compressed_layers(tensors, config.empty() ? nullptr : &json, options);
}

std::string problem_of(const std::vector<Entry>& entries, sim::ImportOptions options = {}) {
  const auto layers = layers_of(entries, options);
  if (layers.empty()) return "no layer";
  return layers[0].problem ? layers[0].problem->what() : "no error";
}

/// Makes one row of 32 weights in compressed-tensors' NVFP4.
std::vector<Entry> nvfp4(float global = 4) {
  return {{"a.weight_packed", "U8", {1, 16}, std::string(16, '\x72')},
          {"a.weight_scale", "F8_E4M3", {1, 2}, "\x38\x40"},
          {"a.weight_global_scale", "F32", {1}, Bytes{}.put(global).data}};
}

TEST(CompressedTensors, GlobalScaleGoesTheWayItsToolSays) {
  EXPECT_NE(problem_of(nvfp4()).find("expected --global-scale encode"), std::string::npos) << problem_of(nvfp4());
  for (const auto& [options, config, first] : std::initializer_list<std::tuple<sim::ImportOptions, std::string, float>>{
           {{TensorScale::kEncode}, "", 0.25F},
           {{TensorScale::kDecode}, "", 4},
           {{}, R"({"quantization_config": {"quant_method": "compressed-tensors"}})", 0.25F},
           {{TensorScale::kDecode}, R"({"quantization_config": {"quant_method": "compressed-tensors"}})", 4}}) {
    const auto layers = layers_of(nvfp4(), options, config);
    ASSERT_EQ(layers.size(), 1U);
    ASSERT_FALSE(layers[0].problem) << layers[0].problem->what();
    const auto tensor = layers[0].load();
    std::vector<float> row(32);
    tensor.decode_row(0, row);
    EXPECT_EQ(row[0], first) << "code 2 is 1.0, the even element in the low nibble";
    EXPECT_EQ(row[1], 6 * first);
    EXPECT_EQ(row[16], 2 * first);
  }
}

TEST(CompressedTensors, DamageNamesItsTensor) {
  const auto changed = [](std::size_t index, const Entry& entry) {
    auto entries = nvfp4();
    entries[index] = entry;
    return problem_of(entries, {TensorScale::kEncode});
  };
  ASSERT_EQ(problem_of(nvfp4(), {TensorScale::kEncode}), "no error");
  for (const float global : {0.0F, -1.0F})
    EXPECT_NE(problem_of(nvfp4(global), {TensorScale::kEncode}).find("expected a positive number"), std::string::npos);
  EXPECT_NE(problem_of(nvfp4(INFINITY), {TensorScale::kEncode}).find("not a finite"), std::string::npos);
  EXPECT_NE(changed(2, {"a.weight_global_scale", "F16", {1}, "\x01\x3c"}).find("expected one F32 number"),
            std::string::npos);
  EXPECT_NE(changed(1, {"a.weight_scale", "F8_E4M3", {2, 1}, "\x38\x40"}).find("expected [1, groups]"),
            std::string::npos);
  EXPECT_NE(changed(1, {"a.weight_scale", "F8_E4M3", {1, 3}, "\x38\x40\x40"}).find("3 block scales per row"),
            std::string::npos);
  EXPECT_NE(changed(1, {"a.weight_scale", "F32", {1, 1}, Bytes{}.put(1.0F).data}).find("expected block scales"),
            std::string::npos);
  EXPECT_NE(changed(1, {"a.weight_scale", "F8_E8M0", {1, 1}, "\x7f"}).find("expected none with E8M0"),
            std::string::npos);
  EXPECT_NE(changed(1, {"b", "U8", {1}, "x"}).find("has no 'a.weight_scale' beside it"), std::string::npos);
  EXPECT_NE(changed(0, {"a.weight_packed", "U8", {0, 16}, ""}).find("expected [0, groups]"), std::string::npos);
  auto negative = nvfp4();
  negative[1].bytes = "\x38\xc0";
  const auto layers = layers_of(negative, {TensorScale::kEncode});
  EXPECT_NE(error_of([&] { layers[0].load(); }).find("tensor 'a.weight_packed'"), std::string::npos);
}

TEST(CompressedTensors, LayersWithoutScalesAreRawOrNamed) {
  const auto layers = layers_of({{"a.weight", "BF16", {1, 2}, std::string("\x80\x3f\x00\x40", 4)},
                                 {"b.weight", "U8", {1, 2}, "xy"},
                                 {"model.embed_tokens.weight", "F32", {1, 1}, std::string(4, '\0')}});
  ASSERT_EQ(layers.size(), 2U) << "an embedding is no layer";
  EXPECT_EQ(layers[0].info.raw, sim::DataType::kBf16);
  ASSERT_TRUE(layers[1].problem);
  EXPECT_NE(
      std::string(layers[1].problem->what()).find("tensor 'b.weight' U8 [1, 2] has no 'b.weight_scale' beside it"),
      std::string::npos);
  EXPECT_NE(error_of([&] { sim::select_layers("m", layers, "*"); }).find("'b.weight'"), std::string::npos);
  EXPECT_EQ(sim::select_layers("m", layers, "a").size(), 1U) << "another layer's problem is none of this one's";
  EXPECT_NE(error_of([&] { sim::select_layers("m", layers, "c"); }).find("no linear layer matches 'c'"),
            std::string::npos);
}

TEST(CompressedTensors, CorpusOfTheFuzzTarget) {
  std::size_t loaded = 0;
  std::size_t refused = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(tested_source().string() + "/tests/corpus/packed_import")) {
    const auto file = as_file(read_bytes(entry.path().string()), entry.path().string());
    const std::string text = error_of([&] {
      std::vector<sim::ImportedLayer> layers;
      if (file.starts_with("GGUF")) {
        layers = sim::gguf_layers(file, sim::read_gguf(file));
      } else {
        std::vector<sim::FileTensor> tensors;
        for (const auto& stored : sim::read_safetensors(file).tensors) tensors.push_back({file, stored, stored.name});
        layers = sim::compressed_layers(tensors, nullptr, {TensorScale::kEncode});
      }
      for (const auto& layer : layers) {
        if (layer.problem) throw *layer.problem;
        if (layer.load) layer.load();
      }
    });
    (text == "no error" ? loaded : refused) += 1;
  }
  EXPECT_GE(loaded, 8U);
  EXPECT_GE(refused, 2U);
}

TEST(Tl2Files, KeepCodesAndScales) {
  const TemporaryDirectory folder;
  std::mt19937 random(3);
  std::normal_distribution<float> gauss;
  std::vector<float> values(128 * 224);  // two blocks of 96 columns and 32 columns of pairs
  for (float& value : values) value = gauss(random);
  const auto tensor = quant::quantize({values, 128, 224}, quant::parse_format("ternary:g32"));
  sim::write_packed_file(folder / "p.safetensors", std::vector<sim::PackedLayer>{{"a.b", tensor}});
  const auto files = sim::write_tl2(folder / "tl2", sim::PackedFile::open(folder / "p.safetensors"), {});
  ASSERT_EQ(files, std::vector<std::string>{folder / "tl2/a.b.tl2.json"});
  const auto layers = sim::open_import(folder / "tl2", {});
  ASSERT_EQ(layers.size(), 1U);
  EXPECT_EQ(layers[0].info.name, "a.b");
  const auto back = layers[0].load();
  EXPECT_EQ(back.codes, tensor.codes);
  EXPECT_EQ(back.scales, tensor.scales);
  const std::string bin = read_bytes(folder / "tl2/a.b.tl2.bin");
  write_bytes(folder / "tl2/a.b.tl2.bin", bin.substr(0, bin.size() - 1));
  EXPECT_NE(error_of([&] { sim::open_import(folder / "tl2", {}); }).find("bytes, expected"), std::string::npos);
  std::string json = read_bytes(files[0]);
  json.replace(json.find("\"rows\": 128"), 11, "\"rows\": 4294967296000");
  write_bytes(folder / "tl2/a.b.tl2.bin", bin);
  write_bytes(files[0], json);
  EXPECT_NE(error_of([&] { sim::open_import(folder / "tl2", {}); }).find("x 224 weights"), std::string::npos);
  sim::write_packed_file(
      folder / "q.safetensors",
      std::vector<sim::PackedLayer>{{"a", quant::quantize({values, 128, 224}, quant::parse_format("int4:g32"))}});
  EXPECT_NE(error_of([&] {
              sim::write_tl2(folder / "x", sim::PackedFile::open(folder / "q.safetensors"), {});
            }).find("tl2 cannot hold the format int4:g32"),
            std::string::npos);
}

}  // namespace
}  // namespace subbyte::tests
