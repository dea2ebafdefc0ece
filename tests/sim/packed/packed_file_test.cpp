#include "sim/packed/packed_file.hpp"

#include <algorithm>
#include <cmath>

#include "quant/rules/quantize.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/packed/packed_writer.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

std::vector<float> weights(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(static_cast<float>(i * i % 977)) * 0.1F;
  return values;
}

sim::PackedLayer layer(const std::string& name, const std::string& format, std::size_t rows, std::size_t cols) {
  const auto values = weights(rows * cols);
  return {name, quant::quantize({values, rows, cols}, quant::parse_format(format))};
}

void expect_equal(const quant::PackedTensor& a, const quant::PackedTensor& b) {
  EXPECT_EQ(a.format.id(), b.format.id());
  EXPECT_EQ(a.rows, b.rows);
  EXPECT_EQ(a.cols, b.cols);
  EXPECT_EQ(a.codes, b.codes);
  EXPECT_EQ(a.scales, b.scales);
  EXPECT_EQ(a.selectors, b.selectors);
  EXPECT_EQ(a.zeros, b.zeros);
  EXPECT_EQ(a.channel_scales, b.channel_scales);
}

/// Returns every format with every value of its options, with ragged groups and rows.
std::vector<sim::PackedLayer> every_format() {
  std::vector<sim::PackedLayer> layers;
  for (const quant::FormatRow& row : quant::format_table()) {
    layers.push_back(layer(row.name, row.name, 5, 77));
    for (const quant::FormatOption& option : row.options) {
      for (const std::string& value : option.values) {
        const std::string id = row.name + ":" + option.name + "=" + value;
        SCOPED_TRACE(id);
        layers.push_back(layer(id, id, 5, 77));
      }
    }
  }
  return layers;
}

std::string failure(const std::string& bytes) {
  return error_of([&] {
    const auto file = sim::PackedFile::parse(as_file(bytes, "p"));
    for (const auto& each : file.layers()) file.load(each.name);
  });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(PackedFile, EveryFormatIsReadBack) {
  const TemporaryDirectory directory;
  const auto layers = every_format();
  sim::write_packed_file(directory / "p", layers);
  const auto file = sim::PackedFile::open(directory / "p");
  ASSERT_EQ(file.layers().size(), layers.size());
  for (const sim::PackedLayer& each : layers) expect_equal(file.load(each.name), each.tensor);
  for (const auto& tensor : sim::read_safetensors(sim::FileBytes::map(directory / "p")).tensors) {
    EXPECT_EQ(tensor.offset % (tensor.type_name == "F32" ? 4 : tensor.type_name == "F16" ? 2 : 1), 0U) << tensor.name;
  }
}

TEST(PackedFile, ChoosesTheOnlyLayer) {
  const TemporaryDirectory directory;
  sim::write_packed_file(directory / "one", std::vector{layer("a", "int8:g32", 2, 32)});
  EXPECT_EQ(sim::PackedFile::open(directory / "one").layer("").name, "a");
  sim::write_packed_file(directory / "two",
                         std::vector{layer("first", "int8:g32", 2, 32), layer("second", "int4:g32", 2, 32)});
  const auto two = sim::PackedFile::open(directory / "two");
  EXPECT_EQ(two.layer("second.weight").name, "second");
  EXPECT_EQ(error_of([&] { two.layer(""); }),
            directory / "two" + ": --layer: the file holds 2 layers, name one of: first, second");
  EXPECT_EQ(error_of([&] { two.layer("secnd"); }),
            directory / "two" + ": --layer: no layer 'secnd'; did you mean 'second'?");
}

/// `quantize --model q_proj.weight.npy` makes such a layer.
TEST(PackedFile, FindsALayerWhoseOwnNameEndsInWeight) {
  const TemporaryDirectory directory;
  sim::write_packed_file(directory / "p", std::vector{layer("q.weight", "int8:g32", 2, 32)});
  const auto file = sim::PackedFile::open(directory / "p");
  EXPECT_EQ(file.layer("q.weight").name, "q.weight");
  EXPECT_EQ(file.load(file.layer("").name).rows, 2U);
}

TEST(PackedFile, RefusesToWriteNonsense) {
  const TemporaryDirectory directory;
  const auto one = layer("a", "int8:g32", 2, 32);
  EXPECT_THROW(sim::write_packed_file(directory / "p", {}), std::invalid_argument);
  EXPECT_THROW(sim::write_packed_file(directory / "p", std::vector{one, one}), std::invalid_argument);
  auto broken = one;
  broken.tensor.codes.pop_back();
  EXPECT_THROW(sim::write_packed_file(directory / "p", std::vector{broken}), std::invalid_argument);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  write_bytes(directory / "file", "x");
  EXPECT_EQ(error_of([&] { sim::write_packed_file(directory / "file/p", std::vector{one}); }),
            directory / "file/p" + ": cannot be written: the folder " + (directory / "file") + ": Not a directory");
}

TEST(PackedFile, FoldersAreMade) {
  const TemporaryDirectory directory;
  sim::write_packed_file(directory / "new/folder/p", std::vector{layer("a", "int8:g32", 2, 32)});
  EXPECT_EQ(sim::PackedFile::open(directory / "new/folder/p").layers().size(), 1U);
}

TEST(PackedFile, EveryFlippedByteIsNoticed) {
  const TemporaryDirectory directory;
  sim::write_packed_file(directory / "p", std::vector{layer("a", "int4-asym:g32:scale=u8", 3, 70)});
  const std::string good = read_bytes(directory / "p");
  ASSERT_EQ(failure(good), "no error");
  const std::size_t data = sim::read_safetensors(as_file(good, "p")).tensors.front().offset;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    const std::string expected = i < data ? "offset " : "checksum mismatch: the contents give ";
    EXPECT_NE(failure(bad).find(expected), std::string::npos) << i << ": " << failure(bad);
  }
  for (std::size_t i = 0; i < good.size(); ++i) EXPECT_NE(failure(good.substr(0, i)), "no error") << i;
}

TEST(PackedFile, HeaderIsChecked) {
  const TemporaryDirectory directory;
  sim::write_packed_file(directory / "p", std::vector{layer("abc", "bitmod-fp4:g32", 3, 70)});
  const std::string good = read_bytes(directory / "p");
  EXPECT_NE(failure(replaced(good, "subbyte-packed", "subbyte-picked")).find("'format' is 'subbyte-picked', expected"),
            std::string::npos);
  EXPECT_NE(failure(replaced(good, R"("layout_version":"2")", R"("layout_version":"3")"))
                .find("layout version '3', expected '1' or '2'"),
            std::string::npos);
  EXPECT_NE(failure(replaced(good, "bitmod-fp4:g32", "bitmod-fp9:g32")).find("did you mean 'bitmod-fp4'?"),
            std::string::npos);
  EXPECT_NE(failure(replaced(good, R"(\"cols\":70)", R"(\"cols\":68)"))
                .find("the tensor 'abc.codes' is U8 [3, 35], expected U8 [3, 34]"),
            std::string::npos);
  EXPECT_NE(failure(replaced(good, R"(\"cols\":70)", R"(\"cols\":00)")).find("not a JSON list of"), std::string::npos);
  EXPECT_NE(failure(replaced(good, R"(\"cols\":70)", R"(\"cols\":-7)")).find("rows and cols, expected 1.."),
            std::string::npos);
  EXPECT_NE(failure(replaced(good, R"(\"cols\":70)", R"(\"cols\":69)")).find("checksum mismatch"), std::string::npos)
      << "the same bytes under another description";
  EXPECT_NE(failure(replaced(good, R"("abc.scales")", R"("abd.scales")"))
                .find("the tensor 'abc.scales' is missing, expected F16 [3, 3]"),
            std::string::npos);
  EXPECT_NE(failure(replaced(good, "subbyte-packed", "subbyte-packed\",\"format\":\"subbyte-packed")), "no error");
  EXPECT_NE(error_of([&] { sim::PackedFile::open("/dev/null"); }), "no error");
}

/// Returns the file with the checksum that its contents give, as the error of a damaged one names it.
std::string resealed(const std::string& bytes) {
  const std::string text = failure(bytes);
  const std::string given = "the contents give ";
  const std::string expected = "expected the stored ";
  EXPECT_NE(text.find(given), std::string::npos) << text;
  return replaced(bytes, text.substr(text.find(expected) + expected.size(), 16),
                  text.substr(text.find(given) + given.size(), 16));
}

/// Returns the layers of a writer's announcement.
std::vector<sim::PackedLayerInfo> mixed() {
  return {{"a", quant::parse_format("int4:g32"), 3, 70},
          {"b", {}, 2, 3, sim::DataType::kBf16},
          {"c", {}, 1, 2, sim::DataType::kF16},
          {"d", {}, 1, 2, sim::DataType::kF32}};
}

TEST(PackedWriter, UnquantizedLayers) {
  const TemporaryDirectory directory;
  const auto a = layer("a", "int4:g32", 3, 70).tensor;
  sim::PackedWriter writer(directory / "p", mixed());
  writer.add(a);
  writer.add_raw(std::vector<float>{1, 2, 3, 4});
  writer.add_raw(std::vector<float>{-1.5F, 0x1p-130F});
  writer.add_raw(std::vector<float>{0.5F, -65504});
  EXPECT_TRUE(std::filesystem::is_empty(directory.path())) << "no name before it is whole";
  writer.add_raw(std::vector<float>{1e-30F, 3});
  writer.commit();
  const auto file = sim::PackedFile::open(directory / "p");
  expect_equal(file.load("a"), a);
  EXPECT_EQ(file.load_values("b"), (std::vector<float>{1, 2, 3, 4, -1.5F, 0x1p-130F}));
  EXPECT_EQ(file.load_values("c"), (std::vector<float>{0.5F, -65504}));
  EXPECT_EQ(file.load_values("d"), (std::vector<float>{1e-30F, 3}));
  EXPECT_EQ(file.layer("b").format_id(), "bf16");
  std::vector<float> row(70);
  a.decode_row(2, row);
  const auto values = file.load_values("a");
  EXPECT_TRUE(std::ranges::equal(row, std::span(values).subspan(140, 70)));
  EXPECT_EQ(error_of([&] { file.load("b"); }),
            directory / "p" + ": layer 'b': was left unquantized (bf16), expected a quantized layer");
  EXPECT_NE(failure(replaced(read_bytes(directory / "p"), R"(\"raw\":\"BF16\")", R"(\"raw\":\"BF17\")"))
                .find("layer 'b': raw is 'BF17', expected F32, F16 or BF16"),
            std::string::npos);
}

TEST(PackedWriter, RefusesWhatWasNotAnnounced) {
  const TemporaryDirectory directory;
  const auto a = layer("a", "int4:g32", 3, 70).tensor;
  {
    sim::PackedWriter writer(directory / "p", mixed());
    EXPECT_THROW(writer.add_raw(std::vector<float>{1}), std::invalid_argument);
    EXPECT_THROW(writer.add(layer("a", "int4:g32", 3, 69).tensor), std::invalid_argument);
    EXPECT_THROW(writer.add(layer("a", "int4:g16", 3, 70).tensor), std::invalid_argument);
    auto broken = a;
    broken.codes.pop_back();
    EXPECT_THROW(writer.add(broken), std::invalid_argument);
    EXPECT_THROW(writer.commit(), std::invalid_argument);
    writer.add(a);
    EXPECT_THROW(writer.add(a), std::invalid_argument);
    EXPECT_THROW(writer.add_raw(std::vector<float>(7)), std::invalid_argument);
    EXPECT_THROW(writer.commit(), std::invalid_argument);
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path())) << "nothing remains of an unfinished file";
}

/// Seeds of the fuzzing corpus are of version 1, and so is this one, byte by byte.
TEST(PackedFile, VersionOneIsRead) {
  const std::string layers = R"([{\"name\":\"a\",\"format\":\"int8:g32\",\"rows\":1,\"cols\":2}])";
  const std::string header = R"({"__metadata__":{"format":"subbyte-packed","layers":")" + layers +
                             R"(","layout_version":"1","subbyte_version":"0.1.0","xxh3_64":"0123456789abcdef"},)"
                             R"("a.scales":{"dtype":"F16","shape":[1,1],"data_offsets":[0,2]},)"
                             R"("a.codes":{"dtype":"U8","shape":[1,2],"data_offsets":[2,4]}})";
  Bytes file;
  file.put<std::uint64_t>(header.size()).text(header).put<std::uint16_t>(0x3C00);
  file.put<std::int8_t>(-3).put<std::int8_t>(100);
  const std::string sealed = resealed(file.data);
  const auto opened = sim::PackedFile::parse(as_file(sealed, "p"));
  EXPECT_EQ(opened.load_values("a"), (std::vector<float>{-3, 100}));
  const std::string raw = replaced(sealed, R"(\"format\":\"int8:g32\")", R"(\"raw\":\"BF16\",\"x\":\"\")");
  EXPECT_NE(failure(raw), "no error") << "version 1 has no unquantized layers";
}

TEST(PackedFile, IllegalValuesAreRefused) {
  const TemporaryDirectory directory;
  auto bad = layer("a", "int8:g32:scale=u8", 2, 64);
  sim::write_packed_file(directory / "p", std::vector{bad});
  const std::string good = read_bytes(directory / "p");
  const auto offset = [&](const std::string& name) {
    const auto tensors = sim::read_safetensors(as_file(good, "p")).tensors;
    return std::ranges::find(tensors, name, &sim::StoredTensor::name)->offset;
  };
  // The checksum is right and the values are not, so only quant::validate can tell.
  std::string zero_scale = good;
  zero_scale[offset("a.scales") + 3] = 0;
  EXPECT_NE(failure(resealed(zero_scale)).find("row 1, group 1: illegal value 0, expected 1..255"), std::string::npos);
  std::string negative_channel = good;
  negative_channel[offset("a.channel_scales") + 3] ^= static_cast<char>(0x80);
  EXPECT_NE(failure(resealed(negative_channel)).find("channel_scales: row 0: illegal value -"), std::string::npos);
  bad.tensor.scales[1] = 0;
  EXPECT_THROW(sim::write_packed_file(directory / "p", std::vector{bad}), std::invalid_argument);
  EXPECT_EQ(read_bytes(directory / "p"), good) << "a refused write keeps the old file";
}

}  // namespace
}  // namespace subbyte::tests
