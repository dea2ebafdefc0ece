// Tests joules from the command line, on the smallest tile: one layer, several, their conditions, and what is refused.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "reports/record.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/progress.hpp"
#include "sim/commands/command.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;

template <typename Json>
std::string text_of(const Json& conditions, const char* key) {
  return conditions.at(key).template get<std::string>();
}

class SmallTile : public testing::Test {
 protected:
  SmallTile() : folder_(fs::temp_directory_path() / ("subbyte-joules-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    std::ofstream(path("small.yaml"))
        << "name: small\nsummary: 2 x 2\nunit: int8_mac_tile\n"
           "parameters: {rows: 2, cols: 2, lanes: 1, acc_width: 31}\nclock_mhz: 50\ntechnology: osu018\n"
           "memory: {bandwidth_gb_per_s: 1.6, weight_buffer_kib: 16, activation_buffer_kib: 64, dram: lpddr4, "
           "sram: ihp130, sram_word_bits: 64, sram_bank_kib: 16}\n";
    std::ofstream(path("policy.yaml"))
        << "default: int8\nlayers: [{match: \"*.mlp.*\", format: int4}]\nskip: [lm_head]\n";
    std::ofstream(path("wrong.yaml")) << "default: int8\nlayers: [{match: \"*.mlp.up_proj\", format: mxfp8-e4m3}]\n";
  }
  ~SmallTile() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write_core() const {
    std::ofstream(path("core.yaml")) << "base: small.yaml\nmemory: {bandwidth_gb_per_s: 0.8}\n"
                                        "core: {tile_rows: 2, tile_cols: 2, bus_bytes: 16, output_buffer_kib: 4, "
                                        "burst_bytes: 64, latency_ns: 100, turnaround_ns: 20}\n";
  }
  nlohmann::json run(std::vector<std::string> words,
                     const std::vector<std::string>& usual = {"--design", "", "--tokens", "4"}) const {
    for (const std::string& word : usual) words.push_back(word.empty() ? path("small.yaml") : word);
    words.emplace_back("--json");
    testing::internal::CaptureStdout();
    const int status = run_simulate(words);
    const std::string text = testing::internal::GetCapturedStdout();
    EXPECT_EQ(status, kDone);
    return nlohmann::json::parse(text);
  }
  fs::path folder_;
};

double metric(const nlohmann::json& object, const std::string& name) {
  for (const auto& m : object["metrics"])
    if (m["name"] == name) return m["value"].get<double>();
  ADD_FAILURE() << name;
  return 0;
}

TEST_F(SmallTile, OneLayerHasJoulesBesideItsCycles) {
  const auto json = run({"--format", "int8", "--engine", "golden,fast", "--energy", "--record", path("r.json")});
  double parts = 0;
  for (const auto& part : json["energy"]) parts += part["energy_j"].get<double>();
  EXPECT_NEAR(parts, metric(json, "energy"), 1e-9 * parts);
  EXPECT_NEAR(metric(json, "energy_per_token") * 4, parts, 1e-9 * parts);
  EXPECT_GT(metric(json, "unit_energy_per_token"), 0);
  EXPECT_GT(metric(json, "area"), 1e4);
  EXPECT_DOUBLE_EQ(metric(json, "activation_buffer_area"), 4 * 491633.616);
  EXPECT_NEAR(metric(json, "arithmetic_intensity") * 1.6e9, metric(json, "memory_roof"), 1);
  EXPECT_LE(metric(json, "attained_rate"), metric(json, "peak_rate"));
  std::ifstream file(path("r.json"));
  const reports::Record record = reports::record_from_json(nlohmann::json::parse(file));
  ASSERT_EQ(record.tables.size(), 3U);
  EXPECT_EQ(record.tables[1].title, "Energy");
  const auto& conditions = json["conditions"];
  EXPECT_EQ(conditions.dump(), nlohmann::json(record.provenance["energy"]).dump());
  EXPECT_NE(text_of(conditions, "library").find("osu018"), std::string::npos);
  for (const char* key : {"library_hash", "tools", "conventions", "wires", "glitches", "accuracy", "not_counted"})
    EXPECT_FALSE(text_of(conditions, key).empty()) << key;
  EXPECT_NE(conditions["activation_buffer"]["bank"]["source"].get<std::string>().find("RM_IHPSG13_1P_2048x64"),
            std::string::npos);
  EXPECT_NE(conditions["dram"]["source"].get<std::string>().find("older than LPDDR4"), std::string::npos);
  EXPECT_EQ(conditions["dram_file"]["file"], "configs/memories/dram.csv");
  EXPECT_EQ(record.rooflines.size(), 1U);
  EXPECT_EQ(record.treemaps.size(), 1U);
}

// The same tile four times, in a core: tokens 2 and 3 stand in the second row of tiles, and one token leaves it empty.
TEST_F(SmallTile, ALayerOnACoreHasTheSameTable) {
  write_core();
  const auto on = [&](const char* tokens) {
    return run({"--format", "int8", "--engine", "golden,fast", "--energy", "--design", path("core.yaml"), "--tokens",
                tokens, "--record", path("r.json")},
               {});
  };
  const auto json = on("4");
  const auto tile = run({"--format", "int8", "--engine", "fast", "--energy"});
  double parts = 0;
  for (const auto& part : json["energy"]) parts += part["energy_j"].get<double>();
  EXPECT_NEAR(parts, metric(json, "energy"), 1e-9 * parts);
  EXPECT_EQ(json["energy"][0]["pj_each"], tile["energy"][0]["pj_each"]) << "a tile takes what it takes alone";
  EXPECT_GT(metric(json, "output_buffer_energy_per_token"), 0);
  EXPECT_TRUE(json["clock_met"].is_null());
  EXPECT_NE(json["clock"].get<std::string>().find("the tile: 50 MHz"), std::string::npos);
  EXPECT_EQ(json["conditions"].dump(), nlohmann::json(json["record"]["provenance"]["energy"]).dump());
  EXPECT_EQ(json["record"]["provenance"]["technology"], "osu018");
  EXPECT_EQ(json["record"]["tables"].back()["title"], "Energy");
  const auto one = on("1");
  EXPECT_EQ(one["energy"][1]["action"], "cycles of tiles without a token");
  EXPECT_LT(one["energy"][1]["pj_each"], one["energy"][0]["pj_each"]) << "zeros switch less";
  EXPECT_EQ(one["energy"][1]["count"], one["energy"][0]["count"]);
}

// The embedded layer's beats stand for those of a shape, so that a product of its size takes what the layer takes; and
// a phase takes what its products take, one after the other.
TEST_F(SmallTile, AShapeOnACoreTakesWhatItsLayersTake) {
  write_core();
  const auto of = [&](std::vector<std::string> words) {
    for (const char* word : {"--format", "int8", "--energy", "--zero-delay", "--design", ""})
      words.emplace_back(*word == 0 ? path("core.yaml") : word);
    const auto json = run(std::move(words), {});
    return json["record"];
  };
  const auto product = [&](const std::string& size) { return metric(of({"--gemm", size}), "gemm_energy"); };
  const auto layer = of({"--layer", "model.layers.0.self_attn.q_proj", "--tokens", "4", "--engine", "fast"});
  const auto gemm = of({"--gemm", "tokens=4,outputs=128,inputs=128"});
  for (const char* name : {"energy", "energy_per_token", "output_buffer_energy_per_token", "energy_per_mac"})
    EXPECT_DOUBLE_EQ(metric(gemm, std::string("gemm_") + name), metric(layer, name)) << name;
  const auto phases = of({"--workload", "embedded", "--phase", "prefill=4,decode=3"});
  const double square = product("tokens=1,outputs=128,inputs=128");
  const double up = product("tokens=1,outputs=256,inputs=128"), down = product("tokens=1,outputs=128,inputs=256");
  const double step = 2 * (4 * square + 2 * up + down) + square;  // two blocks of the model, and lm_head
  EXPECT_NEAR(metric(phases, "decode_energy"), 3 * step, 1e-9 * step);
  EXPECT_NEAR(metric(phases, "decode_energy_per_token"), step, 1e-9 * step);
  EXPECT_NEAR(metric(phases, "prefill_energy_per_token") * 4, metric(phases, "prefill_energy"), 1e-12);
  double parts = 0;
  for (const auto& row : phases["tables"].back()["rows"]) parts += row[4].get<double>() * 1e-6;
  EXPECT_EQ(phases["tables"].back()["title"], "Decode: energy at zero delay");
  EXPECT_NEAR(parts, metric(phases, "decode_energy"), 1e-9 * parts);
  EXPECT_NE(text_of(phases["provenance"]["energy"], "not_counted").find("softmax"), std::string::npos);
  EXPECT_NE(text_of(phases["provenance"]["energy"], "beats").find("embedded model"), std::string::npos);
  EXPECT_NE(text_of(phases["provenance"], "clock").find("the tile: 50 MHz"), std::string::npos);
}

TEST_F(SmallTile, GlitchesAreInTheEnergyUnlessTheyAreLeftOut) {
  const auto plain = run({"--format", "int8", "--engine", "fast", "--energy", "--zero-delay"});
  const auto timed = run({"--format", "int8", "--engine", "fast", "--energy"});
  const double factor = metric(timed, "glitch_factor");
  EXPECT_GT(factor, 1.01);
  EXPECT_LT(factor, 4);
  // The sum, by hand: the working cycles take the factor, and nothing else does.
  const double macs = metric(timed, "energy") / metric(timed, "energy_per_mac") * 1e12;
  const double work = metric(plain, "unit_work_energy_per_mac") * macs * 1e-12;
  EXPECT_NEAR(metric(timed, "energy"), metric(plain, "energy") + (factor - 1) * work, 1e-9 * metric(plain, "energy"));
  EXPECT_NEAR(metric(timed, "energy_per_token_zero_delay"), metric(plain, "energy_per_token"),
              1e-9 * metric(plain, "energy_per_token"));
  EXPECT_GT(metric(timed, "energy_low"), metric(plain, "energy"));
  EXPECT_GT(metric(timed, "energy_high") - metric(timed, "energy_low"),
            metric(plain, "energy_high") - metric(plain, "energy_low"));
  EXPECT_NE(text_of(plain["conditions"], "glitches").find("not in it"), std::string::npos);
  EXPECT_NE(text_of(timed["conditions"], "glitches").find("in the energies"), std::string::npos);
  for (const auto& m : plain["metrics"]) {
    EXPECT_NE(m["name"], "glitch_factor");
    EXPECT_FALSE(m.contains("basis")) << m;
  }
  for (const auto& m : timed["metrics"])
    if (m["name"] == "energy_per_token" || m["name"] == "average_power" || m["name"] == "energy_delay_product") {
      EXPECT_EQ(m["basis"].dump(), "[\"timed\"]") << m;
    }
}

TEST_F(SmallTile, ATableOfOnesOwnIsNamedWithItsContent) {
  std::ofstream(path("d.csv")) << "name,pj_per_bit,low,high,source\nlpddr4,8,7.7,8,measured\n";
  const auto own = run({"--format", "int8", "--engine", "fast", "--energy", "--dram", path("d.csv")});
  const auto committed = run({"--format", "int8", "--engine", "fast", "--energy"});
  EXPECT_NE(own["design_hash"], committed["design_hash"]);
  EXPECT_EQ(own["design"]["memory"]["dram_table"]["file"], path("d.csv"));
  EXPECT_EQ(own["design"]["memory"]["dram_table"]["hash"], own["conditions"]["dram_file"]["hash"]);
  EXPECT_NE(own["conditions"]["dram_file"]["hash"], committed["conditions"]["dram_file"]["hash"]);
  EXPECT_EQ(own["energy"].back()["source"], "table: lpddr4 of " + path("d.csv"));
}

TEST_F(SmallTile, APolicysLayersOnOneDesignAndTheirSum) {
  const auto json = run({"--format", path("policy.yaml"), "--layers", "model.layers.0.*", "--record", path("r.json")});
  ASSERT_EQ(json["layers"].size(), 7U);
  std::uint64_t cycles = 0;
  double seconds = 0;
  for (const auto& layer : json["layers"]) {
    const bool mlp = layer["layer"].get<std::string>().find(".mlp.") != std::string::npos;
    EXPECT_EQ(layer["format"].get<std::string>().substr(0, 4), mlp ? "int4" : "int8");
    cycles += layer["cycles"].get<std::uint64_t>();
    seconds += layer["time_s"].get<double>();
  }
  EXPECT_EQ(metric(json, "cycles"), static_cast<double>(cycles));
  EXPECT_NEAR(metric(json, "tokens_per_s"), 4 / seconds, 1e-6);
  EXPECT_EQ(run({"--format", path("policy.yaml"), "--layers", "*q_proj"})["layers"].size(), 2U);
}

TEST_F(SmallTile, EnergyOfLayersIsThatOfEachAlone) {
  const auto all = run({"--format", "int8", "--layers", "*.[01].self_attn.[kv]_proj", "--energy"});
  ASSERT_EQ(all["layers"].size(), 4U);
  EXPECT_FALSE(text_of(all["conditions"], "not_counted").empty());
  double sum = 0;
  for (const auto& layer : all["layers"]) sum += layer["energy_j"].get<double>();
  EXPECT_NEAR(metric(all, "energy"), sum, 1e-9 * sum);
  const auto one = run({"--format", "int8", "--layer", all["layers"][1]["layer"], "--engine", "fast", "--energy"});
  EXPECT_DOUBLE_EQ(metric(one, "energy"), all["layers"][1]["energy_j"].get<double>());
}

// The line says how many energies are left to simulate: layers of the cache are none.
TEST_F(SmallTile, TimeLeftIsThatOfLayersThatTheCacheHasNot) {
  const char* const usual = std::getenv("SUBBYTE_CACHE");
  const std::optional<std::string> before = usual != nullptr ? std::optional<std::string>(usual) : std::nullopt;
  ::setenv("SUBBYTE_CACHE", path("cache").c_str(), 1);
  const auto said = [&](const char* pattern) {
    std::ostringstream out;
    auto now = ProgressDisplay::Time();
    {
      ProgressDisplay display({out, true, 400, [&] { return now += std::chrono::hours(1); }, false});
      const std::jthread often([&](const std::stop_token& stop) {
        for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(1))) display.tick();
      });
      run({"--format", "int8", "--layers", pattern, "--energy"});
    }
    return out.str();
  };
  const auto left = [](const std::string& text) -> std::string {  // the count of the first such line
    const std::size_t at = text.find("energies of layers: ");
    return at == std::string::npos ? "none" : text.substr(text.find(" of ", at + 20), 5);
  };
  EXPECT_EQ(left(said("*.0.self_attn.q_proj")), " of 1");
  EXPECT_EQ(left(said("*.0.self_attn.[qkv]_proj")), " of 2");
  EXPECT_EQ(left(said("*.0.self_attn.[qkv]_proj")), "none");
  before ? ::setenv("SUBBYTE_CACHE", before->c_str(), 1) : ::unsetenv("SUBBYTE_CACHE");
}

TEST_F(SmallTile, WhatCannotRunIsNamedBeforeAnythingRuns) {
  const auto error = [&](std::vector<std::string> words, const char* design = "small.yaml",
                         const std::vector<std::string>& usual = {"--tokens", "4"}) -> std::string {
    words.insert(words.end(), usual.begin(), usual.end());
    words.insert(words.end(), {"--design", path(design)});
    try {
      run_simulate(words);
    } catch (const InputError& wrong) {
      return wrong.what();
    }
    return "no error";
  };
  const std::string refused = error({"--format", path("wrong.yaml"), "--layers", "all"});
  EXPECT_NE(refused.find("layer 'model.layers.0.mlp.up_proj' in mxfp8-e4m3"), std::string::npos) << refused;
  EXPECT_NE(refused.find("layer 'model.layers.1.mlp.up_proj' in mxfp8-e4m3"), std::string::npos) << refused;
  EXPECT_NE(error({"--format", "int8", "--layers", "nothing"}).find("'nothing' matches no layer"), std::string::npos);
  EXPECT_NE(error({"--format", path("policy.yaml"), "--layers", "lm_head"}).find("no quantized layer among lm_head"),
            std::string::npos);
  EXPECT_NE(error({"--format", "int8", "--layers", "all", "--layer", "x"}).find("is given with --layers"),
            std::string::npos);
  EXPECT_NE(error({"--format", "int8", "--engine", "golden", "--energy"}).find("needs cycles"), std::string::npos);
  write_core();
  std::ofstream(path("none.yaml")) << "layers: []\nskip: [\"*\"]\n";
  EXPECT_NE(error({"--format", "int8", "--engine", "golden", "--energy"}, "core.yaml").find("needs cycles"),
            std::string::npos);
  EXPECT_NE(error({"--format", "int8", "--energy", "--sram", "cacti45-lstp"}, "core.yaml").find("energy of a write"),
            std::string::npos);
  EXPECT_NE(error({"--format", path("none.yaml"), "--workload", "embedded", "--energy"}, "core.yaml", {})
                .find("leaves every linear layer unquantized"),
            std::string::npos);
  EXPECT_NE(error({"--format", "int8", "--zero-delay"}).find("--zero-delay: is given without --energy"),
            std::string::npos);
  EXPECT_NE(error({"--format", "int8", "--energy", "--glitches"}).find("--glitches: is no option any more"),
            std::string::npos);
  EXPECT_NE(error({"--format", "int8", "--technology", "osu018"}).find("without --synth and --energy"),
            std::string::npos);
  EXPECT_NE(error({"--format", "int8", "--energy", "--dram", "/nowhere.csv"}).find("/nowhere.csv"), std::string::npos);
}

}  // namespace
}  // namespace subbyte::sim
