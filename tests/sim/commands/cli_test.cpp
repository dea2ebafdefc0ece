// Tests the command line as a process: exit statuses, error texts, and JSON alone on stdout.
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/npy.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/run_subbyte.hpp"

namespace subbyte::tests {
namespace {

using Json = nlohmann::json;

class Cli : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_subbyte(directory, arguments); }
  void write_matrix(const std::string& name, std::size_t rows, std::size_t cols) {
    std::vector<float> values(rows * cols);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.01F * static_cast<float>((i * 37) % 201) - 1.0F;
    sim::write_npy(directory / name, std::vector<std::size_t>{rows, cols}, std::span<const float>(values));
  }
  std::vector<float> floats(const std::string& name) {
    return sim::open_checkpoint(directory / name).load(name.substr(0, name.size() - 4)).values;
  }
  template <typename T>
  std::vector<T> values(const std::string& name) {
    const auto file = sim::FileBytes::map(directory / name);
    const auto tensor = sim::read_npy_header(file);
    EXPECT_EQ(sim::element_bytes(tensor.type), sizeof(T));
    std::vector<T> result(tensor.elements());
    std::memcpy(result.data(), file.all().data() + tensor.offset, result.size() * sizeof(T));
    return result;
  }
  TemporaryDirectory directory;
};

TEST_F(Cli, HelpAndUnknownCommands) {
  EXPECT_EQ(run("").status, 2);
  EXPECT_EQ(run("").out, "");
  const Outcome help = run("--help");
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("  quantize "), std::string::npos);
  const Outcome unknown = run("quantise");
  EXPECT_EQ(unknown.status, 2);
  EXPECT_EQ(unknown.err, "subbyte: unknown command 'quantise'; did you mean 'quantize'?\n");
  EXPECT_EQ(unknown.out, "");
}

TEST_F(Cli, Version) {
  const Outcome outcome = run("--version");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  std::smatch match;
  const std::regex line(R"(subbyte (\d+\.\d+\.\d+) \(([0-9a-f]{7,40}(-dirty)?|unknown)\)\n)");
  ASSERT_TRUE(std::regex_match(outcome.out, match, line)) << outcome.out;
  EXPECT_EQ(match[1], "0.2.0");
  EXPECT_NE(run("--help").out.find("subbyte --version"), std::string::npos);
  // The file that it writes says the same.
  write_matrix("w.npy", 2, 32);
  ASSERT_EQ(run("quantize --model w.npy --format int8:g32 --out p").status, 0);
  const std::string stored = R"("subbyte_version":")" + match[1].str() + '"';
  EXPECT_NE(read_bytes(directory / "p").find(stored), std::string::npos);
}

TEST_F(Cli, EveryCommandExplainsItself) {
  const std::string help = run("--help").out;
  std::istringstream lines(help);
  std::size_t commands = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
    if (!line.starts_with("  ")) continue;
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    const Outcome outcome = run(name + " --help");
    EXPECT_EQ(outcome.status, 0) << name;
    EXPECT_TRUE(outcome.out.starts_with("Usage: subbyte " + name)) << name;
    EXPECT_EQ(outcome.err, "") << name;
    std::istringstream page(outcome.out);
    for (std::string text; std::getline(page, text);) EXPECT_LE(text.size(), 100U) << name << ": " << text;
    EXPECT_EQ(run(name + " --no-such-option").status, 2) << name;
    ++commands;
  }
  EXPECT_GE(commands, 9U);
}

TEST_F(Cli, Listings) {
  const Json formats = Json::parse(run("formats --json").out);
  ASSERT_EQ(formats.size(), 1U);
  bool found = false;
  for (const Json& format : formats["formats"]) found = found || format["name"] == "bitmod-fp4";
  EXPECT_TRUE(found);
  const Json units = Json::parse(run("units --json").out);
  ASSERT_EQ(units["units"].size(), kernels::units().size());
  EXPECT_EQ(units["units"][0]["name"], "term_encoder");
}

TEST_F(Cli, QuantizeAndUnpackAgree) {
  write_matrix("w.npy", 6, 40);
  const Outcome outcome = run("quantize --model w.npy --format int8:g16 --out p --json");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json result = Json::parse(outcome.out);
  EXPECT_EQ(result["layers"].size(), 1U);
  EXPECT_EQ(result["layers"][0]["name"], "w");
  EXPECT_EQ(result["layers"][0]["bytes"], 6 * 40 + 6 * 3 * 2);
  EXPECT_DOUBLE_EQ(result["total"]["bits_per_weight"], 8.0 * (240 + 36) / 240);
  ASSERT_EQ(run("unpack p --out d.npy --codes c.npy --scales=s.npy").status, 0);
  const auto original = floats("w.npy");
  const auto decoded = floats("d.npy");
  const auto codes = values<std::int16_t>("c.npy");
  const auto scales = values<float>("s.npy");
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < 240; ++i) {
    EXPECT_EQ(decoded[i], static_cast<float>(codes[i]) * scales[i / 40 * 3 + i % 40 / 16]) << i;
    signal += static_cast<double>(original[i]) * original[i];
    noise += (static_cast<double>(original[i]) - decoded[i]) * (static_cast<double>(original[i]) - decoded[i]);
  }
  EXPECT_NEAR(result["total"]["sqnr_db"].get<double>(), 10 * std::log10(signal / noise), 1e-9);
  EXPECT_GT(signal / noise, 1e4);
}

TEST_F(Cli, QuantizeMakesFolders) {
  write_matrix("w.npy", 6, 40);
  ASSERT_EQ(run("quantize --model w.npy --format int8:g16 --out new/folder/p").status, 0);
  EXPECT_EQ(run("unpack new/folder/p --out d.npy").status, 0);
}

TEST_F(Cli, QuantizeByPolicy) {
  write_bytes(directory / "p.yaml",
              "default: int8:g32\n"
              "layers:\n"
              "  - {match: '*.0.mlp.*', format: int4:g32}\n"
              "skip: [lm_head]\n");
  const Outcome outcome = run("quantize --format p.yaml --out q --json");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json result = Json::parse(outcome.out);
  EXPECT_EQ(result["format"], "p.yaml");
  EXPECT_EQ(result["policy"]["layers"][0]["format"], "int4:g32");
  double bits = 0;
  double weights = 0;
  std::size_t bytes = 0;
  for (const Json& layer : result["layers"]) {
    const std::string name = layer["name"];
    const bool mlp = name.find(".0.mlp.") != std::string::npos;
    EXPECT_EQ(layer["format"], name == "lm_head" ? "fp32" : mlp ? "int4:g32" : "int8:g32") << name;
    EXPECT_EQ(layer["bits_per_weight"].get<double>(), name == "lm_head" ? 32 : mlp ? 4.5 : 8.5) << name;
    EXPECT_EQ(layer["sqnr_db"].is_null(), name == "lm_head");
    const double count = layer["rows"].get<double>() * layer["cols"].get<double>();
    bits += count * layer["bits_per_weight"].get<double>();
    weights += count;
    bytes += layer["bytes"].get<std::size_t>();
  }
  EXPECT_DOUBLE_EQ(result["total"]["bits_per_weight"], bits / weights) << "by weights, not by layers";
  EXPECT_EQ(result["total"]["bytes"], bytes);
  EXPECT_EQ(run("unpack q --layer lm_head --codes c.npy").status, 2);
  write_bytes(directory / "p.yaml", "default: int8\nskip: [lm_haed]\n");
  EXPECT_EQ(run("quantize --format p.yaml --out q").err,
            "subbyte: p.yaml:2:7: 'skip' is lm_haed, expected a pattern of layers: none matches; did you mean "
            "'lm_head'?\n");
}

TEST_F(Cli, QuantizeDoesNotDependOnThreads) {
  const Outcome one = run("quantize --format bitmod-fp4 --out one --json --threads 1");
  const Outcome many = run("quantize --format bitmod-fp4 --out many --json --threads 7");
  ASSERT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(read_bytes(directory / "one"), read_bytes(directory / "many"));
  EXPECT_EQ(Json::parse(one.out)["layers"], Json::parse(many.out)["layers"]);
}

TEST_F(Cli, UnpackReadsBothFormsOfItsArrayOptions) {
  write_matrix("w.npy", 4, 32);
  ASSERT_EQ(run("quantize --model w.npy --format int4-asym:g16:scale=u8 --out p").status, 0);
  ASSERT_EQ(run("unpack p --codes a.npy").status, 0);
  ASSERT_EQ(run("unpack --codes p --out b.npy").status, 0);
  ASSERT_EQ(run("unpack p --out c.npy --codes").status, 0);
  ASSERT_EQ(run("unpack --codes=d.npy --out e.npy p").status, 0);
  const auto codes = values<std::int16_t>("a.npy");
  for (const std::string name : {"b.npy", "c.npy", "d.npy"}) EXPECT_EQ(values<std::int16_t>(name), codes) << name;
  for (const std::int16_t code : codes) EXPECT_TRUE(code >= 0 && code < 16);
  EXPECT_EQ(values<float>("e.npy").size(), 128U);
  ASSERT_EQ(run("unpack p --zeros z.npy --channel-scales k.npy --scales s.npy").status, 0);
  const auto zeros = values<std::uint8_t>("z.npy");
  const auto scales = values<float>("s.npy");
  const auto channels = values<float>("k.npy");
  ASSERT_EQ(channels.size(), 4U);
  for (std::size_t i = 0; i < 128; ++i) {
    const std::size_t group = i / 16;
    const double exact = (codes[i] - static_cast<double>(zeros[group])) * scales[group] * channels[i / 32];
    EXPECT_EQ(values<float>("e.npy")[i], static_cast<float>(exact)) << i;
  }
}

/// Commands with wrong input, and what standard error begins with.
const std::pair<std::string, std::string> kWrongInput[] = {
    {"quantize --model none --format int8 --out q", "subbyte: none: cannot be opened: No such file or directory\n"},
    {"quantize --format int8", "subbyte: --out: is missing, expected a packed file to write\n"},
    {"quantize --model w.npy --format int8 --out w.npy/q", "subbyte: w.npy/q: cannot be written: the folder w.npy: "},
    {"quantize --model w.npy --format int8 --out q --threads 5000", "subbyte: --threads: is 5000, expected 0..1024\n"},
    {"quantize --model w.npy --format int8 --out ./w.npy",
     "subbyte: w.npy: --out: names ./w.npy, which this command also reads, expected another file\n"},
    {"quantize --model w.npy --format none.yaml --out q",
     "subbyte: none.yaml: cannot be read: No such file or directory, expected a YAML file\n"},
    {"quantize --model w.npy --layer x --format int8 --out q", "subbyte: w.npy: no linear layer matches 'x'; "},
    {"unpack p", "subbyte: --out: is missing, expected a .npy file to write\n"},
    {"unpack p --codes", "subbyte: --codes: needs a FILE, or --out to hold the array\n"},
    {"unpack p --codes --scales --out x.npy", "subbyte: --scales: --out holds --codes already; give a FILE\n"},
    {"unpack p --codes x.npy --out x.npy", "subbyte: x.npy: --codes: is also written by --out, expected two files\n"},
    {"unpack p --selectors x.npy", "subbyte: --selectors: the format int8:g128 has none\n"},
    {"unpack p --out x.npy --codes q --zeros z.npy", "subbyte: --zeros: the format int8:g128 has none\n"},
    {"verify --cases -3", "subbyte: --cases: is -3, expected 1..1000000000\n"},
    {"verify --cases=-3", "subbyte: --cases: is -3, expected 1..1000000000\n"},
    {"verify --seed -1", "subbyte: --seed: is -1, expected a whole number of at least 0\n"},
    {"verify --cases 18446744073709551615", "subbyte: --cases: is 18446744073709551615, expected 1..1000000000\n"},
    {"verify --rtl-dir none", "subbyte: none: --rtl-dir: is not a directory, expected "},
    {"simulate --weights p --rtl-dir none", "subbyte: none: --rtl-dir: is not a directory, expected "},
    {"simulate --weights p --tokens 1 --engine golden,rtl --waves /dev/null/x", "subbyte: /dev/null/x"},
    {"simulate", "subbyte: --weights: is missing, expected it or --format\n"},
    {"simulate p --format int8", "subbyte: --weights: is given with --format, expected one of them\n"},
    {"simulate --format int8 --model w.npy --layer x", "subbyte: w.npy: "},
    {"unpack p --layer z --out x.npy", "subbyte: p: --layer: no layer 'z'; "},
    {"unpack w.npy --out x.npy", "subbyte: w.npy: offset 0: header length "}};

TEST_F(Cli, WrongInputIsStatusTwo) {
  write_matrix("w.npy", 4, 32);
  ASSERT_EQ(run("quantize --model w.npy --format int8 --out p").status, 0);
  for (const auto& [arguments, text] : kWrongInput) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments;
    EXPECT_TRUE(outcome.err.starts_with(text)) << arguments << ": " << outcome.err;
    EXPECT_EQ(outcome.out, "") << arguments;
  }
  EXPECT_NE(run("quantize --model w.npy --format int9 --out q").err.find("did you mean 'int8'?"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(directory / "q"));
  EXPECT_FALSE(std::filesystem::exists(directory / "x.npy"));
}

TEST_F(Cli, SimulateTakesAPolicyInPlaceOfAPackedFile) {
  write_bytes(directory / "p.yaml",
              "default: int4:g32\nlayers: [{match: '*.v_proj', format: bitmod-fp3}]\nskip: ['*.q_proj', lm_head]\n");
  ASSERT_EQ(run("quantize --format p.yaml --out p").status, 0);
  for (const std::string layer : {"", " --layer model.layers.1.self_attn.v_proj"}) {
    const std::string rest = layer + " --tokens 2 --engine golden,systemc --out ";
    const Outcome packed = run("simulate --weights p" + rest + "a.npy");
    const Outcome direct = run("simulate --format p.yaml" + rest + "b.npy");
    ASSERT_EQ(packed.status, 0) << packed.err;
    ASSERT_EQ(direct.status, 0) << direct.err;
    EXPECT_EQ(read_bytes(directory / "a.npy"), read_bytes(directory / "b.npy"));
    EXPECT_TRUE(direct.out.starts_with(layer.empty()
                                           ? "model.layers.0.self_attn.k_proj (128 outputs x 128 inputs, int4:g32"
                                           : "model.layers.1.self_attn.v_proj (128 outputs x 128 inputs, bitmod-fp3"))
        << direct.out;
  }
  const Outcome skipped = run("simulate --format p.yaml --layer lm_head");
  EXPECT_EQ(skipped.status, 2);
  EXPECT_EQ(skipped.err, "subbyte: p.yaml: layer 'lm_head': is left unquantized, expected a quantized layer\n");
}

TEST_F(Cli, DamagedPackedFilesAreRefused) {
  write_matrix("w.npy", 4, 32);
  ASSERT_EQ(run("quantize --model w.npy --format int8 --out p").status, 0);
  std::string bytes = read_bytes(directory / "p");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_bytes(directory / "p", bytes);
  const Outcome outcome = run("unpack p --out x.npy");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_TRUE(outcome.err.starts_with("subbyte: p: offset 8: checksum mismatch: the contents give ")) << outcome.err;
}

}  // namespace
}  // namespace subbyte::tests
