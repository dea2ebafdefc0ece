// Tests sharded safetensors, which have a model.safetensors.index.json.
#include <gtest/gtest.h>

#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/safetensors.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

const std::string kUp = "model.layers.0.mlp.up_proj.weight";
const std::string kDown = "model.layers.0.mlp.down_proj.weight";

void write_shard(const std::string& path, const std::vector<std::string>& names, float first) {
  const std::string data = Bytes{}.floats(6, first).data;
  const std::vector<std::uint8_t> bytes(data.begin(), data.end());
  std::vector<sim::SafetensorsEntry> entries;
  for (const std::string& name : names) entries.push_back({name, "F32", {2, 3}, bytes});
  sim::write_safetensors(path, entries, {{"format", "pt"}});
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

/// Makes a folder of two shards and an index of the given weight_map and total.
class Sharded : public ::testing::Test {
 protected:
  Sharded() {
    write_shard(directory / "a.safetensors", {kUp}, 0);
    write_shard(directory / "b.safetensors", {kDown, "model.embed_tokens.weight"}, 100);
  }
  std::string index(const std::string& map, const std::string& total = "72") const {
    return R"({"metadata": {"total_size": )" + total + R"(}, "weight_map": {)" + map + "}}";
  }
  std::string map(const std::string& up = "a.safetensors", const std::string& down = "b.safetensors") const {
    return quoted(kUp) + ": " + quoted(up) + ", " + quoted(kDown) + ": " + quoted(down) + ", " +
           quoted("model.embed_tokens.weight") + ": " + quoted("b.safetensors");
  }
  std::string failure(const std::string& text) const {
    write_bytes(path(), text);
    return error_of([&] { sim::open_checkpoint(directory.path()); });
  }
  /// Returns "FILE: offset N: " of the first place of `word` in `text`.
  std::string at(const std::string& text, const std::string& word) const {
    EXPECT_NE(text.find(word), std::string::npos);
    return path() + ": offset " + std::to_string(text.find(word)) + ": ";
  }
  std::string path() const { return directory / "model.safetensors.index.json"; }
  TemporaryDirectory directory;
};

TEST_F(Sharded, IsOneModel) {
  ASSERT_EQ(failure(index(map())), "no error");
  for (const std::string& name : {directory.path().string(), path()}) {
    const sim::Checkpoint model = sim::open_checkpoint(name);
    ASSERT_EQ(model.layers().size(), 3U) << name;
    EXPECT_EQ(model.load("model.layers.0.mlp.up_proj").values, (std::vector<float>{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(model.load("model.layers.0.mlp.down_proj").values.front(), 100);
    EXPECT_EQ(model.load_rows("model.layers.0.mlp.down_proj", 1, 1), (std::vector<float>{103, 104, 105}));
    EXPECT_EQ(model.load("lm_head").values.front(), 100) << "tied to the embedding of another shard";
    EXPECT_EQ(model.path(), path());
  }
  EXPECT_EQ(failure(R"({"weight_map": {)" + map() + "}}"), "no error") << "total_size is not required";
}

TEST_F(Sharded, ConfigurationBesideTheIndexIsRead) {
  ASSERT_EQ(failure(index(map())), "no error");
  write_bytes(directory / "config.json", R"({"tie_word_embeddings": false})");
  EXPECT_EQ(sim::open_checkpoint(directory.path()).layers().size(), 2U);
}

TEST_F(Sharded, MissingShard) {
  const std::string text = index(map("c.safetensors"));
  EXPECT_EQ(failure(text), at(text, quoted(kUp)) + "tensor '" + kUp + "': its shard " + (directory / "c.safetensors") +
                               " is missing, expected every shard beside the index");
}

TEST_F(Sharded, ShardOutsideTheFolder) {
  for (const std::string shard : {"../a.safetensors", "/etc/passwd", "x/../../a.safetensors", "", ".."}) {
    const std::string text = index(map(shard));
    EXPECT_EQ(failure(text), at(text, quoted(kUp)) + "tensor '" + kUp + "': the shard '" + shard +
                                 "' is not inside the model's folder, expected a file name");
  }
}

TEST_F(Sharded, TensorNotInItsShard) {
  const std::string extra = ", \"model.norm.weight\": \"a.safetensors\"";
  const std::string text = index(map() + extra);
  EXPECT_EQ(failure(text),
            at(text, "\"model.norm.weight\"") + "tensor 'model.norm.weight': is not in its shard 'a.safetensors'");
}

TEST_F(Sharded, TensorInTwoShards) {
  write_shard(directory / "b.safetensors", {kDown, "model.embed_tokens.weight", kUp}, 100);
  const std::string text = failure(index(map(), "96"));
  EXPECT_TRUE(text.starts_with(directory / "b.safetensors" + ": offset ")) << text;
  EXPECT_NE(text.find("tensor '" + kUp + "' is in this shard, expected it in 'a.safetensors' alone"), std::string::npos)
      << text;
  const std::string twice = index(map() + ", " + quoted(kUp) + ": " + quoted("b.safetensors"));
  EXPECT_NE(failure(twice).find("the name appears twice, expected one shard for a tensor"), std::string::npos);
}

TEST_F(Sharded, TensorThatIsNotListed) {
  write_shard(directory / "a.safetensors", {kUp, "model.norm.weight"}, 0);
  EXPECT_NE(failure(index(map())).find("tensor 'model.norm.weight' is not listed in the weight_map of " + path()),
            std::string::npos);
}

TEST_F(Sharded, TotalSizeAndDamage) {
  const std::string text = index(map(), "73");
  EXPECT_EQ(failure(text),
            at(text, "\"total_size\"") + "metadata.total_size is 73, expected 72, the bytes of the tensors listed");
  EXPECT_NE(failure("{").find(": the index is not JSON"), std::string::npos);
  EXPECT_NE(failure("[]").find("not an index of shards"), std::string::npos);
  EXPECT_NE(failure(R"({"weight_map": {}})").find("not an index of shards"), std::string::npos);
  EXPECT_NE(failure(R"({"weight_map": {"a.weight": 3}})").find("tensor 'a.weight': the shard is not a text"),
            std::string::npos);
  const std::string good = read_bytes(directory / "b.safetensors");
  write_bytes(directory / "b.safetensors", good.substr(0, good.size() - 1));
  EXPECT_TRUE(failure(index(map())).starts_with(directory / "b.safetensors" + ": offset ")) << "the shard is named";
}

TEST_F(Sharded, EveryPrefixOfTheIndexIsRefused) {
  const std::string good = index(map());
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_NE(failure(good.substr(0, size)), "no error") << size;
}

TEST(Shrinking, IsAnErrorAndNoSignal) {
  const TemporaryDirectory directory;
  const std::string path = directory / "m.safetensors";
  const std::vector<std::uint8_t> bytes(std::size_t{1} << 20);
  const sim::SafetensorsEntry entry{"a.weight", "F32", {512, 512}, bytes};
  sim::write_safetensors(path, std::span(&entry, 1), {});
  const sim::Checkpoint model = sim::open_checkpoint(path);
  std::filesystem::resize_file(path, 4096);
  const std::string text = error_of([&] { model.load("a"); });
  EXPECT_NE(text.find(path + ": offset 4096: truncated while it was read"), std::string::npos) << text;
}

}  // namespace
}  // namespace subbyte::tests
