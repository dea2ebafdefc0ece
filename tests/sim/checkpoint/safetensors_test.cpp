#include "sim/files/safetensors.hpp"

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

std::string safetensors(const std::string& header, const std::string& data) {
  return Bytes{}.put<std::uint64_t>(header.size()).text(header).text(data).data;
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& range) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + range + "}";
}

std::string failure(const std::string& data) {
  return error_of([&] { sim::open_safetensors(as_file(data, "m.safetensors")); });
}

const std::string kSix = Bytes{}.floats(6).data;

TEST(Safetensors, ListsLinearLayersAndConverts) {
  const std::string embedding = entry("model.embed_tokens.weight", "F32", "[2,3]", "[0,24]");
  const std::string norm = entry("model.norm.weight", "F32", "[2]", "[24,32]");
  const std::string half = entry("model.layers.0.self_attn.q_proj.weight", "F16", "[1,2]", "[32,36]");
  const std::string brain = entry("model.layers.0.mlp.up_proj.weight", "BF16", "[2,1]", "[36,40]");
  Bytes data;
  data.floats(6).floats(2).put<std::uint16_t>(0x3C00).put<std::uint16_t>(0xC000);
  data.put<std::uint16_t>(0x3FC0).put<std::uint16_t>(0xBF80);
  const std::string file = safetensors(
      "{\"__metadata__\":{\"format\":\"pt\"}," + embedding + "," + norm + "," + half + "," + brain + "}   ", data.data);
  const sim::Checkpoint model = sim::open_safetensors(as_file(file, "m"));
  ASSERT_EQ(model.layers().size(), 3U);
  EXPECT_EQ(model.load("model.layers.0.self_attn.q_proj").values, (std::vector<float>{1, -2}));
  EXPECT_EQ(model.load("model.layers.0.mlp.up_proj.weight").values, (std::vector<float>{1.5, -1}));
  EXPECT_EQ(model.layer("lm_head").rows, 2U);
  EXPECT_EQ(model.load("lm_head").values, (std::vector<float>{0, 1, 2, 3, 4, 5})) << "tied weights are copied";
  EXPECT_EQ(sim::open_safetensors(as_file(file, "m"), false).layers().size(), 2U);
  EXPECT_EQ(model.matching("*proj").size(), 2U);
  EXPECT_EQ(error_of([&] { model.layer("lm_haed"); }), "m: no linear layer 'lm_haed'; did you mean 'lm_head'?");
}

TEST(Safetensors, WrittenFilesAreReadBack) {
  const TemporaryDirectory directory;
  const std::vector<std::uint8_t> bytes(kSix.begin(), kSix.end());
  const sim::SafetensorsEntry entry{"a.weight", "F32", {2, 3}, bytes};
  sim::write_safetensors(directory / "a.safetensors", std::span(&entry, 1), {{"k", "v"}});
  const auto file = sim::FileBytes::map(directory / "a.safetensors");
  EXPECT_EQ(sim::read_safetensors(file).metadata.at("k"), "v");
  EXPECT_EQ(sim::read_safetensors(file).tensors.at(0).offset % 8, 0U);
  EXPECT_EQ(sim::open_safetensors(file).load("a").values, (std::vector<float>{0, 1, 2, 3, 4, 5}));
}

TEST(Safetensors, RefusesDamage) {
  const std::string header = "{" + entry("a.weight", "F32", "[2,3]", "[0,24]") + "}";
  const std::string good = safetensors(header, kSix);
  const std::string data_at = std::to_string(8 + header.size());
  ASSERT_EQ(failure(good), "no error");
  EXPECT_EQ(failure("1234567"), "m.safetensors: offset 0: truncated: the header length needs 8 bytes, 7 are left");
  EXPECT_EQ(failure(good.substr(0, 20)),
            "m.safetensors: offset 0: header length " + std::to_string(header.size()) +
                ", expected at most 12, the bytes that follow (truncated or not safetensors)");
  EXPECT_EQ(failure(std::string(16, '\xff')),
            "m.safetensors: offset 0: header length 18446744073709551615, expected at most 8, the bytes that "
            "follow "
            "(truncated or not safetensors)");
  EXPECT_EQ(failure(safetensors("[1]", "")),
            "m.safetensors: offset 8: wrong magic, expected the '{' of a safetensors header");
  EXPECT_EQ(failure(safetensors("{\"a\":", "")), "m.safetensors: offset 13: the header is not JSON");
  EXPECT_EQ(failure(good.substr(0, good.size() - 1)),
            "m.safetensors: offset 9: tensor 'a.weight': data_offsets [0, 24], expected begin <= end <= 23");
  EXPECT_EQ(failure(good + "x"),
            "m.safetensors: offset " + std::to_string(good.size()) + ": 1 bytes after the last tensor, expected none");
}

TEST(Safetensors, RefusesBadEntries) {
  const auto refused = [](const std::string& entries) { return failure(safetensors("{" + entries + "}", kSix)); };
  EXPECT_EQ(refused(entry("a.weight", "F32", "[2,2]", "[0,24]")),
            "m.safetensors: offset 9: tensor 'a.weight': data_offsets hold 24 bytes, expected 16 for F32 [2, 2]");
  EXPECT_EQ(refused(entry("a.weight", "F32", "[4294967296,4294967296]", "[0,24]")),
            "m.safetensors: offset 9: tensor 'a.weight': data_offsets hold 24 bytes, expected more than 2^63 "
            "for F32 "
            "[4294967296, 4294967296]");
  EXPECT_EQ(refused(entry("a.weight", "F32", "[2,3]", "[24,0]")),
            "m.safetensors: offset 9: tensor 'a.weight': data_offsets [24, 0], expected begin <= end <= 24");
  EXPECT_EQ(refused(entry("a.weight", "F32", "[-2,3]", "[0,24]")),
            "m.safetensors: offset 9: tensor 'a.weight': 'shape' is missing or not a list of unsigned integers");
  EXPECT_EQ(refused(entry("a.weight", "Q4", "[2,3]", "[0,24]")),
            "m.safetensors: offset 9: tensor 'a.weight': unknown dtype 'Q4'");
  EXPECT_EQ(refused(entry("a.weight", "I32", "[2,3]", "[0,24]")).substr(0, 15), "m.safetensors: ");
  EXPECT_NE(
      refused(entry("a.weight", "I32", "[2,3]", "[0,24]")).find("'a.weight' has type I32, expected F32, F16 or BF16"),
      std::string::npos);
  const std::string twice =
      entry("a.weight", "F32", "[1,3]", "[0,12]") + "," + entry("a.weight", "F32", "[1,3]", "[12,24]");
  EXPECT_EQ(refused(twice), "m.safetensors: offset 9: tensor 'a.weight': the name appears twice");
  const std::string overlap =
      entry("a.weight", "F32", "[1,4]", "[0,16]") + "," + entry("b.weight", "F32", "[1,4]", "[8,24]");
  EXPECT_NE(refused(overlap).find("tensor 'b.weight': the data begins at offset"), std::string::npos);
  EXPECT_NE(refused(overlap).find("tensors overlap"), std::string::npos);
  EXPECT_NE(refused(entry("a.weight", "F32", "[1,4]", "[8,24]")).find("tensors leave a gap"), std::string::npos);
  EXPECT_NE(refused(entry("a.weight", "F32", "[0,4]", "[0,0]") + "," + entry("b", "F32", "[6]", "[0,24]"))
                .find("has shape [0, 4], expected positive extents"),
            std::string::npos);
  EXPECT_NE(refused(entry("a.bias", "F32", "[6]", "[0,24]")).find("no linear layer, expected"), std::string::npos);
  EXPECT_NE(refused("\"a\":[[[[[[]]]]]]").find("nests deeper"), std::string::npos);
}

TEST(Safetensors, RefusesValuesThatAreNotFinite) {
  const std::string header = "{" + entry("a.weight", "F16", "[1,2]", "[0,4]") + "}";
  Bytes data;
  data.put<std::uint16_t>(0x3C00).put<std::uint16_t>(0x7C00);
  const sim::Checkpoint model = sim::open_safetensors(as_file(safetensors(header, data.data), "m"));
  EXPECT_EQ(error_of([&] { model.load("a"); }),
            "m: offset " + std::to_string(8 + header.size() + 2) +
                ": tensor 'a.weight': row 0, column 1 is not a finite FP32 number, expected finite values");
}

}  // namespace
}  // namespace subbyte::tests
