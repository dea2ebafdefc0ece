// Tests that every tile of the catalogue runs a whole layer of the embedded model from a packed file: golden = SystemC
// = RTL in bits, SystemC = RTL in cycles, and Y is what a computation apart from the kernels says.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <functional>
#include <set>

#include "kernels/catalogue.hpp"
#include "kernels/linear/exact_linear.hpp"
#include "quant/rules/distortion.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/packed/packed_file.hpp"
#include "sim/workload/activations.hpp"
#include "sim/workload/layer_inputs.hpp"
#include "tests/support/broken_rtl.hpp"
#include "tests/support/mapping/tile_reference.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLayer = "model.layers.0.self_attn.q_proj";

/// A layer that went through a file.
struct Layer {
  quant::PackedTensor weights;
  Activations x;
  ActivationView view() const { return {x.bits, x.tokens, x.cols}; }
};

quant::PackedTensor through_a_file(const std::vector<float>& values, std::size_t out, std::size_t in,
                                   const std::string& format) {
  const fs::path path =
      fs::temp_directory_path() / ("subbyte-tile-layers-" + std::to_string(getpid()) + ".safetensors");
  const PackedLayer layer{kLayer, quant::quantize({values, out, in}, quant::parse_format(format))};
  write_packed_file(path.string(), std::span(&layer, 1));
  quant::PackedTensor read = PackedFile::open(path.string()).load(kLayer);
  fs::remove(path);
  return read;
}

Layer embedded_layer(const std::string& format, std::size_t tokens) {
  const Tensor tensor = open_checkpoint(std::string(kEmbedded)).load(kLayer);
  const std::size_t out = 128, in = 128;
  Layer layer{through_a_file(tensor.values, out, in, format), load_activations(std::string(kEmbedded), kLayer, in)};
  layer.x.tokens = tokens;
  layer.x.bits.resize(tokens * in);
  return layer;
}

Layer gaussian_layer(const std::string& format, std::size_t tokens, std::size_t in, std::size_t out) {
  std::vector<float> values;
  for (const std::uint16_t bits : gaussian_activations(out, in, 77).bits) values.push_back(quant::half_to_float(bits));
  return {through_a_file(values, out, in, format), gaussian_activations(tokens, in, 3)};
}

std::vector<float> half_weights(const Layer& layer) {
  std::vector<float> weights = quant::decoded(layer.weights);
  std::ranges::transform(weights, weights.begin(), [](float w) { return quant::round_to_half(w); });
  return weights;
}

/// Returns what the unit computes bit for bit, or nothing where only a bound is known.
using Reference = std::function<std::vector<float>(const Layer&)>;

std::vector<float> mac_reference(const Layer& layer) {
  return test::mac_layer(half_weights(layer), layer.weights.rows, layer.view());
}

// The tensor scale stands behind the sums, and every decoded weight before it is an FP16 number.
std::vector<float> dequant_reference(const Layer& layer) {
  Layer unscaled = layer;
  unscaled.weights.tensor_scale = 1;
  std::vector<float> y = mac_reference(unscaled);
  const bool divides = layer.weights.format.scaling.tensor_scale == quant::TensorScale::kEncode;
  for (float& value : y) value = divides ? value / layer.weights.tensor_scale : value * layer.weights.tensor_scale;
  return y;
}

std::vector<float> int8_reference(const Layer& layer) { return test::int8_layer(layer.weights, layer.view()); }

std::vector<float> exact_reference(const Layer& layer) {
  std::vector<float> y;
  for (const std::uint32_t bits : test::exact_layer(layer.weights, layer.view()))
    y.push_back(std::bit_cast<float>(bits));
  return y;
}

struct TileCase {
  std::string unit;
  kernels::Parameters parameters;  ///< of one of the unit's verified points, so that its RTL is built once
  std::vector<std::string> formats;
  Reference exact;
  unsigned growth = 0;  ///< of the weights, where there is no exact reference
};

void PrintTo(const TileCase& tile, std::ostream* out) { *out << tile.unit; }

const std::vector<TileCase>& cases() {
  static const std::vector<TileCase> table = {
      {"bitserial_tile",
       {{"rows", 2}, {"cols", 2}, {"lanes", 2}, {"exact", 1}},
       {"bitmod-fp4:g128", "int4-asym:g64", "int6:g32:scale=u8"},
       exact_reference},
      {"fp16_mac_tile", {{"rows", 2}, {"cols", 3}}, {"int4-asym:g128", "nf4:g64", "mxfp6-e3m2"}, mac_reference},
      {"dequant_mac_tile",
       {{"rows", 2}, {"cols", 3}},
       {"nvfp4", "nvfp4:global=encode", "mxfp4", "razer", "fp4-ue5m3", "four-over-six"},
       dequant_reference},
      {"int8_mac_tile",
       {{"rows", 2}, {"cols", 2}},
       {"int8:g128", "int4-asym:g64", "int6:g32:scale=u8"},
       int8_reference},
      {"fp16_int8_mac_tile",
       {{"rows", 2}, {"cols", 2}},
       {"int8:g128", "int4-asym:g64", "bitmod-fp4:g32:scale=u8"},
       nullptr,
       7},
      {"ternary_tile",
       {{"rows", 2}, {"cols", 2}, {"lanes", 8}, {"align_bits", 12}, {"acc_width", 28}},
       {"sherry", "sherry:g64", "sherry:gchannel"},
       nullptr,
       0},
      {"ternary_tile",
       {{"rows", 3}, {"cols", 2}, {"lanes", 3}, {"sparse", 0}, {"guard_bits", 1}},
       {"ternary", "ternary-5in8:g32", "sherry"},
       nullptr,
       0},
      {"ternary_tile", {{"rows", 2}, {"cols", 1}, {"act_int8", 1}, {"acc_width", 16}}, {"sherry"}, int8_reference},
      {"ternary_tile",
       {{"rows", 16}, {"cols", 1}, {"lanes", 4}, {"sparse", 0}, {"act_int8", 1}},
       {"ternary", "ternary-5in8"},
       int8_reference},
      {"plane_tile", {{"rows", 2}, {"cols", 2}}, {"nested8", "nested8:view=5", "nested8:g32:view=2"}, nullptr, 8},
  };
  return table;
}

Design design_of(const TileCase& tile) {
  Design design = read_design("bitmod-8x8");
  design.name = tile.unit;
  design.unit = &kernels::unit(tile.unit);
  design.parameters = kernels::resolve(kernels::unit(tile.unit), tile.parameters);
  return design;
}

void expect_near(const Layer& layer, const std::vector<float>& y, std::size_t lanes, unsigned growth) {
  std::vector<float> x;
  for (const std::uint16_t bits : layer.x.bits) x.push_back(quant::half_to_float(bits));
  std::vector<float> expected(y.size());
  kernels::exact_linear(layer.weights, x, layer.x.tokens, expected);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t output = i % layer.weights.rows, token = i / layer.weights.rows;
    const double bound =
        test::rounded_bound(layer.weights, output, layer.view(), token, static_cast<unsigned>(lanes), growth);
    ASSERT_NEAR(y[i], expected[i], bound) << "token " << token << " output " << output;
  }
  const auto reference =
      quant::reference_product(quant::decoded(layer.weights), layer.weights.rows, layer.view().values, layer.view().in);
  EXPECT_GT(quant::sqnr_db(reference, y), 60);
}

void expect_layer(const TileCase& tile, const Layer& layer, const kernels::StallPlan& stalls) {
  const Design design = design_of(tile);
  SCOPED_TRACE(tile.unit + " " + layer.weights.format.id() + ", " + std::to_string(layer.x.tokens) + " tokens, " +
               std::to_string(layer.weights.rows) + " x " + std::to_string(layer.weights.cols));
  const SimulateResult result = simulate_layer(
      {design, layer.weights, layer.view(), open_engines(parse_engines("golden,fast,systemc,rtl")), {}, stalls});
  std::string why = result.first ? result.first->text() : "";
  for (const EngineRun& run : result.engines) why += run.failure;
  ASSERT_TRUE(result.equal()) << why;
  ASSERT_TRUE(result.cycles);
  EXPECT_EQ(result.cycle_source, "rtl");
  EXPECT_GE(*result.cycles, result.loop.tiles() * result.loop.input_beats_per_tile());
  ASSERT_EQ(result.y.size(), layer.x.tokens * layer.weights.rows);
  if (!tile.exact) return expect_near(layer, result.y, result.loop.lanes, tile.growth);
  const std::vector<float> expected = tile.exact(layer);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(result.y[i]), std::bit_cast<std::uint32_t>(expected[i]))
        << "token " << i / layer.weights.rows << " output " << i % layer.weights.rows << ": " << result.y[i]
        << ", expected " << expected[i];
  }
}

TEST(TileLayers, EveryTileOfTheCatalogueTakesLayersAndIsTestedHere) {
  std::set<std::string> catalogue;
  for (const auto& unit : kernels::units())
    if (unit.name.ends_with("_tile")) catalogue.insert(unit.name);
  const auto names = layer_units();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), catalogue);
  std::set<std::string> tested;
  for (const TileCase& tile : cases()) tested.insert(tile.unit);
  EXPECT_EQ(tested, catalogue);
}

TEST(TileLayers, EveryCaseIsAVerifiedPoint) {
  for (const TileCase& tile : cases()) {
    const auto& points = kernels::unit(tile.unit).points;
    EXPECT_NE(std::ranges::find(points, design_of(tile).parameters), points.end()) << tile.unit;
  }
}

class TileLayersOf : public testing::TestWithParam<TileCase> {};

TEST_P(TileLayersOf, AWholeEmbeddedLayerIsEqualInEveryEngine) {
  for (const std::string& format : GetParam().formats)
    ASSERT_NO_FATAL_FAILURE(expect_layer(GetParam(), embedded_layer(format, 5), {}));
}

TEST_P(TileLayersOf, RaggedSizesAndStallsAreEqualInEveryEngine) {
  for (const std::string& format : GetParam().formats) {
    for (const std::size_t tokens : {1, 7}) {
      for (const std::size_t in : {4, 68, 132}) {
        for (const unsigned percent : {0U, 40U})
          ASSERT_NO_FATAL_FAILURE(
              expect_layer(GetParam(), gaussian_layer(format, tokens, in, 5), {9, percent, percent}));
      }
    }
  }
}

// Column 1 multiplies with column 0's weights.
TEST(TileLayers, AWrongValueIsFoundAtItsTokenAndOutput) {
  const BrokenRtl broken("fp16_mac_tile.sv", "operands[(Rows+c)*OperandWidth +: OperandWidth]",
                         "operands[(Rows+(c == 1 ? 0 : c))*OperandWidth +: OperandWidth]");
  const Design design = design_of(*std::ranges::find(cases(), "fp16_mac_tile", &TileCase::unit));
  const Layer layer = gaussian_layer("int4:g32", 3, 36, 5);
  const EngineOptions options{.rtl_dir = broken.directory()};
  const SimulateResult result = simulate_layer(
      {design, layer.weights, layer.view(), open_engines(parse_engines("golden,rtl"), options), options, {}});
  ASSERT_TRUE(result.first);
  EXPECT_FALSE(result.equal());
  EXPECT_FALSE(result.cycles);
  EXPECT_TRUE(result.first->text().starts_with("tile 0, row 0, column 1 (token 0, output 1), beat 0: value[1] is "))
      << result.first->text();
}

INSTANTIATE_TEST_SUITE_P(Units, TileLayersOf, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.unit + "_" + std::to_string(info.index); });

}  // namespace
}  // namespace subbyte::sim
