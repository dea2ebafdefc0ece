// Tests `subbyte simulate` on every tile's committed design, and what it says where values differ.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/commands/command.hpp"
#include "sim/engines/simulate.hpp"
#include "sim/packed/packed_file.hpp"
#include "tests/support/broken_rtl.hpp"
#include "tests/support/mapping/mapping_cases.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

int run_command(const std::vector<std::string>& words, std::string& text) {
  testing::internal::CaptureStdout();
  const int status = run_simulate(words);
  text = testing::internal::GetCapturedStdout();
  return status;
}

struct PackedOnDisk {
  explicit PackedOnDisk(const quant::PackedTensor& weights)
      : path((fs::temp_directory_path() / ("subbyte-simulate-" + std::to_string(getpid()) + ".safetensors")).string()) {
    const PackedLayer packed{"gaussian", weights};
    write_packed_file(path, std::span(&packed, 1));
  }
  ~PackedOnDisk() { fs::remove(path); }
  std::string path;
};

TEST(SimulateCommand, WhenValuesDifferNoCycleCountIsPrinted) {
  const BrokenRtl broken("group_dequant.sv", "scale_u8 ? 5'd25", "scale_u8 ? 5'd24");
  const PackedOnDisk file(test::random_layer("int4:g32:scale=u8", 3, 64, 5, 77).weights);
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
TEST(SimulateCommand, EveryTilesDesignRunsFromTheCommandLine) {
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

}  // namespace
}  // namespace subbyte::sim
