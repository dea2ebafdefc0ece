// Tests that a layer quantized in blocks of rows on several threads is the layer quantized at once.
#include "sim/packed/quantize_layer.hpp"

#include <cmath>
#include <limits>

#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/safetensors.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

/// Has seven blocks of 2^18 weights each, and a rest.
constexpr std::size_t kRows = 1800;
constexpr std::size_t kCols = 1030;

/// Makes one BF16 layer whose largest weight stands in the last row.
std::vector<float> write_model(const std::string& path) {
  std::vector<float> values(kRows * kCols);
  std::vector<std::uint8_t> bytes(2 * values.size());
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    state = state * 1664525 + 1013904223;
    const float value = static_cast<float>(static_cast<std::int32_t>(state)) * 0x1p-36F;
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(i + 5 == values.size() ? 0.75F : value) & 0xFFFF0000;
    values[i] = std::bit_cast<float>(bits);
    std::memcpy(&bytes[2 * i], reinterpret_cast<const char*>(&bits) + 2, 2);
  }
  const sim::SafetensorsEntry entry{"a.weight", "BF16", {kRows, kCols}, bytes};
  sim::write_safetensors(path, std::span(&entry, 1), {});
  return values;
}

TEST(QuantizeLayer, IsTheWholeAtOnce) {
  const TemporaryDirectory directory;
  const auto values = write_model(directory / "m");
  const sim::Checkpoint model = sim::open_checkpoint(directory / "m");
  for (const quant::FormatRow& row : quant::format_table()) {
    // The searches of these take minutes on a layer of this size.
    const bool fast = row.name.starts_with("int") || row.name.starts_with("nv") || row.name.starts_with("bitmod-fp") ||
                      row.name.starts_with("mxfp4") || row.name == "razer" || row.name == "ternary";
    if (!fast) continue;
    SCOPED_TRACE(row.name);
    const auto whole = quant::quantize({values, kRows, kCols}, row.format);
    double noise = 0;
    std::vector<float> decoded(kCols);
    for (std::size_t r = 0; r < kRows; ++r) {
      whole.decode_row(r, decoded);
      for (std::size_t c = 0; c < kCols; ++c)
        noise += std::pow(static_cast<double>(values[r * kCols + c]) - decoded[c], 2);
    }
    quant::Distortion first;
    for (const unsigned threads : {1U, 3U}) {
      const auto layer = sim::quantize_layer(model, model.layer("a"), row.format, threads);
      for (const auto& buffer : quant::buffers(row.format, kCols)) {
        EXPECT_TRUE(
            std::ranges::equal(quant::buffer_bytes(layer.tensor, buffer.name), quant::buffer_bytes(whole, buffer.name)))
            << buffer.name << " with " << threads << " threads";
      }
      EXPECT_NEAR(layer.distortion.noise / noise, 1, 1e-9);
      if (threads == 1) first = layer.distortion;
      EXPECT_EQ(layer.distortion.noise, first.noise) << "the order of sums depends on the number of threads";
      EXPECT_EQ(layer.distortion.signal, first.signal);
    }
  }
}

TEST(QuantizeLayer, CopiesBlockByBlock) {
  const TemporaryDirectory directory;
  const auto values = write_model(directory / "m");
  const sim::Checkpoint model = sim::open_checkpoint(directory / "m");
  std::vector<float> copied;
  std::size_t blocks = 0;
  const auto distortion = sim::copy_layer(model, model.layer("a"), [&](std::span<const float> block) {
    copied.insert(copied.end(), block.begin(), block.end());
    ++blocks;
  });
  EXPECT_EQ(copied, values);
  EXPECT_GT(blocks, 4U);
  EXPECT_EQ(distortion.noise, 0);
  EXPECT_GT(distortion.signal, 0.5);
}

TEST(QuantizeLayer, NamesTheRowOfTheLayer) {
  const TemporaryDirectory directory;
  std::vector<std::uint8_t> bytes(4 * 2000 * 512);
  const float large = 1e30F;
  std::memcpy(&bytes[4 * (1999 * 512 + 7)], &large, sizeof(large));
  const sim::SafetensorsEntry entry{"a.weight", "F32", {2000, 512}, bytes};
  sim::write_safetensors(directory / "m", std::span(&entry, 1), {});
  const sim::Checkpoint model = sim::open_checkpoint(directory / "m");
  const std::string text =
      error_of([&] { sim::quantize_layer(model, model.layer("a"), quant::parse_format("int8:arith=fp16"), 2); });
  EXPECT_TRUE(text.starts_with(directory / "m" + ": layer 'a': ")) << text;
  EXPECT_NE(text.find("row 1999, "), std::string::npos) << text;
}

/// A group that is not finite becomes NaN where the stored scale has one, and is refused where it has none.
TEST(QuantizeLayer, GroupsThatAreNotFinite) {
  const TemporaryDirectory directory;
  std::vector<float> values(2 * 64, 0.5F);
  values[3] = std::numeric_limits<float>::quiet_NaN();
  values[64 + 40] = std::numeric_limits<float>::infinity();
  std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  const sim::SafetensorsEntry entry{"a.weight", "F32", {2, 64}, bytes};
  sim::write_safetensors(directory / "m", std::span(&entry, 1), {});
  const sim::Checkpoint model = sim::open_checkpoint(directory / "m");
  const auto layer = sim::quantize_layer(model, model.layer("a"), quant::parse_format("mxfp4"), 1);
  EXPECT_EQ(layer.tensor.scale_bits(0, 0), 0xFFU);
  EXPECT_NE(layer.tensor.scale_bits(0, 1), 0xFFU);
  EXPECT_EQ(layer.tensor.scale_bits(1, 1), 0xFFU);
  EXPECT_EQ(layer.distortion.not_finite, 64U);
  EXPECT_TRUE(std::isfinite(layer.distortion.noise));
  const auto text = error_of([&] { sim::quantize_layer(model, model.layer("a"), quant::parse_format("int4"), 1); });
  EXPECT_NE(text.find("row 0, column 3 is not a finite"), std::string::npos) << text;
}

}  // namespace
}  // namespace subbyte::tests
