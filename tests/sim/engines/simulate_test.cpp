#include "sim/engines/simulate.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "kernels/catalogue.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/cost/roofline.hpp"
#include "sim/packed/packed_file.hpp"
#include "sim/workload/activations.hpp"
#include "sim/workload/layer_inputs.hpp"
#include "tests/support/broken_rtl.hpp"
#include "tests/support/mapping_reference.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

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

TEST(Simulate, TrafficFollowsTheBuffers) {
  const Layer layer = gaussian_layer("int8:g64", 20, 64, 24);
  Design design = read_design("bitmod-8x8");
  design.memory.weight_buffer_kib = 1;
  design.memory.activation_buffer_kib = 3;
  Traffic traffic = traffic_of(design, layer.weights, 20);
  EXPECT_EQ(traffic.weight_bytes, layer.weights.bytes());
  EXPECT_EQ(traffic.activation_bytes, 20u * 64 * 2);
  EXPECT_EQ(traffic.output_bytes, 20u * 24 * 4);
  design.memory.weight_buffer_kib = 0;
  design.memory.activation_buffer_kib = 2;
  traffic = traffic_of(design, layer.weights, 20);
  EXPECT_EQ(traffic.weight_bytes, layer.weights.bytes() * 3);  // three token tiles of eight
  EXPECT_EQ(traffic.activation_bytes, 20u * 64 * 2 * 3);       // three output tiles of eight
  design.clock_mhz = 1000;
  design.memory.bandwidth_gb_per_s = 1;
  const LayerTime time = layer_time(design, 1000, traffic);
  EXPECT_DOUBLE_EQ(time.compute_s, 1e-6);
  EXPECT_DOUBLE_EQ(time.memory_s, static_cast<double>(traffic.total()) * 1e-9);
  EXPECT_EQ(time.bound(), "memory");
}

TEST(Simulate, UtilisationIsOneWhenEveryLaneWorks) {
  const Layer layer = gaussian_layer("int8:g64", 8, 64, 8);
  // Eight tokens and outputs fill the tile: 64 inputs in 16 beats of four terms.
  EXPECT_DOUBLE_EQ(utilisation(read_design("bitmod-8x8"), layer.weights, 8, 64), 1.0);
  EXPECT_DOUBLE_EQ(utilisation(read_design("bitmod-8x8"), layer.weights, 4, 64), 0.5);
}

int run_command(const std::vector<std::string>& words, std::string& text) {
  testing::internal::CaptureStdout();
  const int status = run_simulate(words);
  text = testing::internal::GetCapturedStdout();
  return status;
}

struct PackedOnDisk {
  explicit PackedOnDisk(const Layer& layer)
      : path((fs::temp_directory_path() / ("subbyte-simulate-" + std::to_string(getpid()) + ".safetensors")).string()) {
    const PackedLayer packed{layer.name, layer.weights};
    write_packed_file(path, std::span(&packed, 1));
  }
  ~PackedOnDisk() { fs::remove(path); }
  std::string path;
};

TEST(Simulate, WhenValuesDifferNoCycleCountIsPrinted) {
  const BrokenRtl broken("group_dequant.sv", "scale_u8 ? 5'd25", "scale_u8 ? 5'd24");
  const Layer layer = gaussian_layer("int4:g32:scale=u8", 3, 64, 5);
  const PackedOnDisk file(layer);
  const std::string design = broken.directory() / "small.yaml";
  std::ofstream(design)
      << "name: small\nsummary: one PE\nunit: bitserial_tile\nparameters: {rows: 1, cols: 1, lanes: 1, "
         "table_bits: 4, table_terms: 2, shift_width: 3, align_bits: 6, acc_width: 20, guard_bits: 3, "
         "rounding: 0, exact: 0}\nclock_mhz: 50\ntechnology: osu018\nmemory: {bandwidth_gb_per_s: 1, "
         "weight_buffer_kib: 1, activation_buffer_kib: 1, dram: lpddr4, sram: ihp130, sram_word_bits: 64, "
         "sram_bank_kib: 1}\n";
  std::string text;
  EXPECT_EQ(run_command({file.path, "--design", design, "--engine", "golden,systemc", "--tokens", "3"}, text), kDone);
  EXPECT_NE(text.find("cycles"), std::string::npos) << text;
  EXPECT_EQ(run_command({file.path, "--design", design, "--tokens", "3", "--rtl-dir", broken.directory()}, text),
            kDiffers);
  EXPECT_EQ(text.find("cycle"), std::string::npos) << text;
  EXPECT_EQ(text.find("tokens/s"), std::string::npos) << text;
  EXPECT_NE(text.find("first wrong value: tile 0, row 0, column 0 (token 0, output 0), beat 0: value[0] is 0x"),
            std::string::npos)
      << text;
  EXPECT_EQ(run_command({file.path, "--design", design, "--rtl-dir", broken.directory(), "--json"}, text), kDiffers);
  const auto json = nlohmann::json::parse(text);
  EXPECT_FALSE(json["equal"].get<bool>());
  EXPECT_FALSE(json.contains("metrics"));
  EXPECT_EQ(text.find("cycle"), std::string::npos) << text;
  EXPECT_EQ(json["mismatch"]["tile"], 0);
}

// Runs every tile that has a committed design from the command line, with a format that it was built for.
TEST(Simulate, EveryTilesDesignRunsFromTheCommandLine) {
  const std::pair<const char*, const char*> runs[] = {
      {"bitmod-8x8", "bitmod-fp4"},    {"fp16-mac-8x8", "int4-asym:g64"},
      {"dequant-fp4-8x8", "nvfp4"},    {"int8-8x8", "int8"},
      {"figna-8x8", "int6"},           {"ternary34-8x8", "sherry"},
      {"ternary-int8-8x8", "ternary"}, {"plane-8x8", "nested8:view=3"},
  };
  std::set<std::string> units;
  for (const auto& [name, format] : runs) {
    const Design design = read_design(name);
    units.insert(design.unit->name);
    const std::vector<std::string> words{"--design", name, "--format", format, "--engine", "golden,fast,systemc",
                                         "--tokens", "9"};
    std::string text;
    ASSERT_EQ(run_command(words, text), kDone) << text;
    EXPECT_NE(text.find("equal: golden = fast = systemc, 1152 values, and the same cycles"), std::string::npos) << text;
    EXPECT_NE(text.find("  cycles "), std::string::npos) << text;
    const bool int8 = activation_format(design) == "int8 per token";
    EXPECT_EQ(text.find("activations: INT8 per token, of recorded inputs") != std::string::npos, int8) << text;
    auto json_words = words;
    json_words.emplace_back("--json");
    ASSERT_EQ(run_command(json_words, text), kDone) << text;
    const auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json["activation_format"], activation_format(design));
    for (const auto& metric : json["metrics"]) {
      if (metric["name"] != "datapath_sqnr") continue;
      // Eight bits per token cost what the tiles' own rounding never does.
      const bool lossy = metric["value"].get<double>() < 55;
      EXPECT_EQ(lossy, int8) << name << " " << metric["value"];
    }
  }
  const auto all = layer_units();
  EXPECT_EQ(units, std::set<std::string>(all.begin(), all.end()));
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
