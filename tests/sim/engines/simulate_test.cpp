#include "sim/engines/simulate.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "kernels/catalogue.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/workload/activations.hpp"
#include "sim/workload/layer_inputs.hpp"
#include "tests/support/mapping/mapping_reference.hpp"

namespace subbyte::sim {
namespace {

struct Layer {
  std::string name;
  quant::PackedTensor weights;
  Activations x;
  ActivationView view() const { return {x.bits, x.tokens, x.cols}; }
};

Layer embedded_layer(const std::string& format, std::size_t tokens) {
  const Checkpoint model = open_checkpoint(std::string(kEmbedded));
  for (const LinearLayer& layer : model.layers()) {
    if (layer.rows < 128 || layer.cols < 128) continue;
    const Tensor tensor = model.load(layer.name);
    Layer found{layer.name, quant::quantize({tensor.values, layer.rows, layer.cols}, quant::parse_format(format)),
                load_activations(std::string(kEmbedded), layer.name, layer.cols)};
    found.x.tokens = std::min(tokens, found.x.tokens);
    found.x.bits.resize(found.x.tokens * found.x.cols);
    return found;
  }
  throw std::runtime_error("the embedded model has no layer of 128 x 128 or more");
}

Layer gaussian_layer(const std::string& format, std::size_t tokens, std::size_t in, std::size_t out) {
  const Activations w = gaussian_activations(out, in, 77);
  std::vector<float> values;
  for (const std::uint16_t bits : w.bits)
    values.push_back(
        std::bit_cast<float>(test::round_fp32((bits & 0x8000) != 0, test::half_in_units(bits & 0x7FFF), -24)));
  return {"gaussian", quant::quantize({values, out, in}, quant::parse_format(format)),
          gaussian_activations(tokens, in, 3)};
}

SimulateResult simulate(const Design& design, const Layer& layer, const std::string& engines,
                        const kernels::StallPlan& stalls = {}) {
  return simulate_layer({design, layer.weights, layer.view(), open_engines(parse_engines(engines)), {}, stalls});
}

std::string why(const SimulateResult& result) {
  std::string text = result.first ? result.first->text() : "";
  for (const EngineRun& run : result.engines) text += run.failure;
  return text;
}

void expect_exact(const Layer& layer, const SimulateResult& result) {
  const auto expected = test::exact_layer(layer.weights, layer.view());
  ASSERT_EQ(result.y.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint32_t>(result.y[i]), expected[i]) << layer.name << " value " << i;
}

TEST(Simulate, AWholeEmbeddedLayerIsEqualInEveryEngine) {
  const Layer layer = embedded_layer("bitmod-fp4:g128", 16);
  ASSERT_GE(layer.weights.rows, 128u);
  ASSERT_GE(layer.weights.cols, 128u);
  ASSERT_EQ(layer.x.tokens, 16u);
  const SimulateResult result = simulate(read_design("bitmod-8x8"), layer, "golden,fast,systemc,rtl");
  ASSERT_TRUE(result.equal()) << why(result);
  ASSERT_TRUE(result.cycles);
  EXPECT_EQ(result.cycle_source, "rtl");
  // Two terms for every chunk of four inputs is the bound; fill and drain come once.
  const std::size_t bound = result.loop.tiles() * result.loop.input_beats_per_tile() * 2;
  EXPECT_GE(*result.cycles, bound);
  EXPECT_LT(*result.cycles, bound + 200);
}

TEST(Simulate, AnExactEmbeddedLayerIsTheIndependentComputation) {
  // This is the exact point that verification covers, so that its RTL is built once.
  const Design small = with_parameters(read_design("bitmod-exact"), {{"rows", 2}, {"cols", 2}, {"lanes", 2}});
  const Layer layer = embedded_layer("bitmod-fp4:g128", 16);
  const SimulateResult result = simulate(small, layer, "golden,systemc,rtl");
  ASSERT_TRUE(result.equal()) << why(result);
  expect_exact(layer, result);
  for (const char* format : {"int8:g128", "int4-asym:g64", "bitmod-fp3:g128:scale=u8"}) {
    const Layer other = embedded_layer(format, 16);
    const SimulateResult golden = simulate(read_design("bitmod-exact"), other, "golden,fast,systemc");
    ASSERT_TRUE(golden.equal()) << format << ": " << why(golden);
    expect_exact(other, golden);
  }
}

TEST(Simulate, DecodeShapesAndStallsAreEqualInEveryEngine) {
  const Design design = with_parameters(read_design("bitmod-exact"), {{"rows", 2}, {"cols", 2}, {"lanes", 2}});
  for (const char* format : {"bitmod-fp4:g30", "int8:g64", "int4-asym:g7", "int6:g128:scale=u8"}) {
    for (const std::size_t tokens : {1, 3}) {
      for (const unsigned percent : {0U, 40U}) {
        const Layer layer = gaussian_layer(format, tokens, 64, 5);
        const SimulateResult result = simulate(design, layer, "golden,fast,systemc,rtl", {9, percent, percent});
        ASSERT_TRUE(result.equal()) << format << " " << tokens << ": " << why(result);
        expect_exact(layer, result);
      }
    }
  }
}

TEST(Simulate, AUnitThatTakesNoLayersNamesThoseThatDo) {
  Design design = read_design("int8-8x8");
  design.unit = &kernels::unit("fp4_dequant");
  const Layer layer = gaussian_layer("int8:g64", 2, 64, 5);
  try {
    simulate(design, layer, "golden");
    FAIL() << "ran";
  } catch (const std::invalid_argument& error) {
    for (const std::string& unit : layer_units())
      EXPECT_NE(std::string(error.what()).find(unit), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace subbyte::sim
