// Tests the activations of a layer: those of the embedded model, and files of one's own.

#include "sim/workload/activations.hpp"

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/npy.hpp"
#include "sim/files/safetensors.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

TEST(Activations, EveryEmbeddedLayerHasItsOwn) {
  const sim::Checkpoint model = sim::open_checkpoint("embedded");
  EXPECT_EQ(model.layers().size(), 15U);
  for (const sim::LinearLayer& layer : model.layers()) {
    const sim::Activations inputs = sim::load_activations("embedded", layer.name, layer.cols);
    EXPECT_EQ(inputs.tokens, 64U) << layer.name;
    EXPECT_EQ(inputs.bits.size(), 64 * layer.cols);
  }
}

TEST(Activations, NpyIsRoundedToFp16) {
  const TemporaryDirectory directory;
  // 1 + 2^-11 is a tie that goes to even, which is down, and 1 + 3 * 2^-11 is one that goes to even, which is up.
  const std::vector<float> values{1.0F + 0x1p-11F, 1.0F + 3 * 0x1p-11F, -0.0F, 65504.0F};
  sim::write_npy(directory / "a.npy", std::vector<std::size_t>{2, 2}, std::span<const float>(values));
  const sim::Activations a = sim::load_activations(directory / "a.npy", "any", 2);
  EXPECT_EQ(a.tokens, 2U);
  EXPECT_EQ(a.bits, (std::vector<std::uint16_t>{0x3C00, 0x3C02, 0x8000, 0x7BFF}));
  EXPECT_NE(error_of([&] {
              sim::load_activations(directory / "a.npy", "any", 3);
            }).find("shape [2, 2], expected F16 or F32 [tokens][3]"),
            std::string::npos);
  const std::vector<float> large{65520.0F};
  sim::write_npy(directory / "b.npy", std::vector<std::size_t>{1, 1}, std::span<const float>(large));
  EXPECT_NE(error_of([&] { sim::load_activations(directory / "b.npy", "any", 1); }).find("overflows FP16"),
            std::string::npos);
}

TEST(Activations, SafetensorsByLayer) {
  const TemporaryDirectory directory;
  const std::vector<std::uint8_t> bytes{0x00, 0x3C, 0x01, 0x00};
  const sim::SafetensorsEntry entry{"lm_head", "F16", {1, 2}, bytes};
  sim::write_safetensors(directory / "a.safetensors", std::span(&entry, 1), {});
  EXPECT_EQ(sim::load_activations(directory / "a.safetensors", "lm_head.weight", 2).bits,
            (std::vector<std::uint16_t>{0x3C00, 0x0001}));
  EXPECT_EQ(error_of([&] { sim::load_activations(directory / "a.safetensors", "lm_haed", 2); }),
            directory / "a.safetensors" + ": no activations for the layer 'lm_haed'; did you mean 'lm_head'?");
}

}  // namespace
}  // namespace subbyte::tests
