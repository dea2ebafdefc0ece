#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/safetensors.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

using sim::open_checkpoint;

/// Makes a model of an embedding (tied or not) and one layer.
void write_model(const std::string& path) {
  const std::string data = Bytes{}.floats(6).data;
  const std::vector<std::uint8_t> bytes(data.begin(), data.end());
  const std::vector<sim::SafetensorsEntry> entries{{"model.embed_tokens.weight", "F32", {2, 3}, bytes},
                                                   {"model.layers.0.mlp.up_proj.weight", "F32", {3, 2}, bytes}};
  sim::write_safetensors(path, entries, {});
}

TEST(Checkpoint, DirectoryAndConfiguration) {
  const TemporaryDirectory directory;
  EXPECT_EQ(error_of([&] { open_checkpoint(directory.path()); }),
            directory.path().string() + ": no model.safetensors and no model.safetensors.index.json in this directory");
  write_model(directory / "model.safetensors");
  EXPECT_EQ(open_checkpoint(directory.path()).layers().size(), 2U);
  write_bytes(directory / "config.json", R"({"tie_word_embeddings": false})");
  EXPECT_EQ(open_checkpoint(directory.path()).layers().size(), 1U);
  EXPECT_EQ(open_checkpoint(directory / "model.safetensors").layers().size(), 1U);
  write_bytes(directory / "config.json", R"({"tie_word_embeddings": )");
  EXPECT_EQ(error_of([&] { open_checkpoint(directory.path()); }),
            directory / "config.json" + ": offset 24: not JSON, expected a model configuration");
  write_bytes(directory / "config.json", R"({"tie_word_embeddings": 3})");
  EXPECT_EQ(error_of([&] { open_checkpoint(directory.path()); }),
            directory / "config.json" + ": offset 0: expected an object whose tie_word_embeddings is true or false");
}

TEST(Checkpoint, ContentDecidesNotTheName) {
  const TemporaryDirectory directory;
  write_model(directory / "weights");
  EXPECT_EQ(open_checkpoint(directory / "weights").layers().size(), 2U);
  write_bytes(directory / "noise", "this is not a model at all, but text that goes on");
  EXPECT_EQ(error_of([&] { open_checkpoint(directory / "text"); }),
            directory / "text" + ": cannot be opened: No such file or directory");
  write_bytes(directory / "zero", std::string(64, '\0'));
  EXPECT_EQ(error_of([&] { open_checkpoint(directory / "zero"); }),
            directory / "zero" +
                ": offset 0: not a model, expected safetensors ('{' at offset 8), .npy (\\x93NUMPY), GGUF "
                "or a llama2.c version 0 header");
  EXPECT_NE(error_of([&] { open_checkpoint(directory / "noise"); }), "no error");
  write_bytes(directory / "empty", "");
  EXPECT_NE(error_of([&] { open_checkpoint(directory / "empty"); }).find("not a model"), std::string::npos);
  EXPECT_EQ(error_of([&] { open_checkpoint("/dev/null"); }), "/dev/null: is not a regular file");
}

TEST(Checkpoint, EmbeddedModel) {
  const sim::Checkpoint model = open_checkpoint("embedded");
  EXPECT_EQ(model.layers().size(), 15U) << "two blocks of seven layers and the classifier";
  for (const sim::LinearLayer& layer : model.layers())
    EXPECT_EQ(model.load(layer.name).values.size(), layer.rows * layer.cols);
  EXPECT_EQ(model.layer("lm_head").cols, 128U);
}

TEST(Checkpoint, GlobsAndNames) {
  const TemporaryDirectory directory;
  write_model(directory / "m.safetensors");
  const sim::Checkpoint model = open_checkpoint(directory / "m.safetensors");
  EXPECT_EQ(model.matching("*").size(), 2U);
  EXPECT_EQ(model.matching("*up_proj").size(), 1U);
  EXPECT_EQ(model.matching("*up_proj.weight").size(), 1U);
  EXPECT_NE(error_of([&] { model.matching("zzz*"); }).find("no linear layer matches 'zzz*'; expected "),
            std::string::npos);
}

}  // namespace
}  // namespace subbyte::tests
