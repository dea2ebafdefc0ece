#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "reports/record.hpp"
#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"
#include "tests/support/byte_files.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string output_of(int (*run)(Arguments), const std::vector<std::string>& words) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    EXPECT_EQ(run(words), kDone);
  } catch (...) {
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    throw;
  }
  testing::internal::GetCapturedStderr();
  return testing::internal::GetCapturedStdout();
}

std::string evaluate_text(std::vector<std::string> words) { return output_of(run_evaluate, words); }

Json evaluate_json(std::vector<std::string> words) {
  words.push_back("--json");
  return Json::parse(evaluate_text(words));
}

std::string refusal(const std::vector<std::string>& words) {
  return tests::error_of([&] { evaluate_text(words); });
}

TEST(EvaluateCommand, OutputDoesNotDependOnTheThreads) {
  const std::vector<std::string> words{
      "--format", "bitmod-fp3:g64,int4-asym", "--activation-format", "int8", "--tokens", "300", "--sensitivity"};
  std::string expected;
  for (const char* threads : {"1", "2", "5"}) {
    auto with_threads = words;
    with_threads.insert(with_threads.end(), {"--threads", threads, "--json"});
    const std::string text = evaluate_text(with_threads);
    if (expected.empty()) expected = text;
    EXPECT_EQ(text, expected) << threads;
  }
}

TEST(EvaluateCommand, TokensLimitThePredictions) {
  const Json result = evaluate_json({"--tokens", "200"});
  EXPECT_EQ(result["tokens"], 200);
  EXPECT_EQ(result["sequences"], 2);
  EXPECT_TRUE(result["formats"].empty());
  EXPECT_NEAR(evaluate_json({"--tokens", "128"})["unquantized"]["nll"].get<double>(), 1.556118696110846,
              1e-6);  // PyTorch, double
}

TEST(EvaluateCommand, TheTotalsAreThoseOfTheLayers) {
  const Json format = evaluate_json({"--format", "bitmod-fp4:g128:scale=u8", "--tokens", "64"})["formats"][0];
  ASSERT_EQ(format["layers"].size(), 15u);
  double bytes = 0, noise = 0, largest = 0;
  for (const Json& layer : format["layers"]) {
    const double weights = layer["rows"].get<double>() * layer["cols"].get<double>();
    bytes += layer["bytes"].get<double>();
    noise += layer["mse"].get<double>() * weights;
    largest = std::max(largest, layer["max_error"].get<double>());
    double groups = 0;
    for (const Json& share : layer["special_values"]) groups += share["groups"].get<double>();
    EXPECT_NEAR(groups, 1, 1e-12);
    EXPECT_NEAR(layer["bits_per_weight"].get<double>(), 8 * layer["bytes"].get<double>() / weights, 1e-12);
  }
  EXPECT_EQ(format["weights"], 344064);
  EXPECT_EQ(format["bytes"].get<double>(), bytes);
  EXPECT_NEAR(format["bits_per_weight"].get<double>(), 8 * bytes / 344064, 1e-12);
  EXPECT_NEAR(format["mse"].get<double>() * 344064, noise, 1e-9);
  EXPECT_EQ(format["max_error"].get<double>(), largest);
  EXPECT_EQ(format["unquantized_layers"], 0);
}

TEST(EvaluateCommand, APolicyAPackedFileAndAFormatAreTheSameWeights) {
  const tests::TemporaryDirectory directory;
  tests::write_bytes(directory / "policy.yaml", "default: int3:g128\nskip: [lm_head, \"*.mlp.*\"]\n");
  output_of(run_quantize, {"--format", "int3:g128", "--out", directory / "all.safetensors", "--layer", "*self_attn*"});
  const Json result = evaluate_json({"--format", "int3:g128," + directory / "policy.yaml", "--weights",
                                     directory / "all.safetensors", "--tokens", "128"});
  const Json &all = result["formats"][0], &policy = result["formats"][1], &file = result["formats"][2];
  EXPECT_EQ(policy["format"], directory / "policy.yaml");
  EXPECT_EQ(policy["unquantized_layers"], 7);
  EXPECT_EQ(policy["nll"], file["nll"]);
  EXPECT_EQ(policy["layers"], file["layers"]);
  EXPECT_LT(policy["kl"].get<double>(), all["kl"].get<double>());
}

TEST(EvaluateCommand, RecordedActivationsAreReadBySimulate) {
  const tests::TemporaryDirectory directory;
  const std::string recorded = directory / "x.safetensors", packed = directory / "w.safetensors";
  evaluate_text({"--record-activations", recorded, "--record-tokens", "20", "--tokens", "40"});
  const std::string layer = "model.layers.1.mlp.down_proj";
  output_of(run_quantize, {"--format", "bitmod-fp4", "--out", packed, "--layer", layer});
  const Json result = Json::parse(output_of(run_simulate, {packed, "--design", "bitmod-8x8", "--engine", "golden,fast",
                                                           "--layer", layer, "--activations", recorded, "--json"}));
  EXPECT_TRUE(result["equal"].get<bool>());
  EXPECT_EQ(result["tokens"], 20);
  EXPECT_EQ(result["activations"], recorded);
}

TEST(EvaluateCommand, ADesignIsCloseToTheExactDotProductAndNotIt) {
  const std::vector<std::string> words{"--format", "int8:g64", "--tokens", "64", "--activation-format", "fp16"};
  auto on_design = words;
  on_design.insert(on_design.end(), {"--design", "bitmod-published"});
  const double exact = evaluate_json(words)["formats"][0]["kl"];
  const Json published = evaluate_json(on_design);
  EXPECT_EQ(published["arithmetic"], "design bitmod-published");
  EXPECT_EQ(published["design_hash"].get<std::string>().size(), 16u);
  EXPECT_NE(published["formats"][0]["kl"].get<double>(), exact);
  EXPECT_LT(published["formats"][0]["kl"].get<double>(), 0.05);
}

TEST(EvaluateCommand, ARecordIsAReport) {
  const tests::TemporaryDirectory directory;
  evaluate_text({"--format", "int4,int3", "--tokens", "32", "--sensitivity", "--record", directory / "r.json"});
  const reports::Record record = reports::record_from_json(Json::parse(tests::read_bytes(directory / "r.json")));
  EXPECT_EQ(record.kind, "evaluate");
  ASSERT_EQ(record.tables.size(), 6u);
  EXPECT_EQ(record.tables[0].rows.size(), 3u);
  EXPECT_EQ(record.tables[2].rows.size(), 15u);
  EXPECT_NE(reports::html("t", {record}).find("<svg"), std::string::npos);
}

TEST(EvaluateCommand, WrongInputSaysWhatWasExpected) {
  const tests::TemporaryDirectory directory;
  tests::write_bytes(directory / "empty.txt", "");
  tests::write_bytes(directory / "cat.txt", "the cat sees the unicorn.");
  EXPECT_NE(refusal({"--text", directory / "empty.txt"}), "no error");
  EXPECT_NE(refusal({"--text", directory / "cat.txt"}).find("unicorn"), std::string::npos);
  EXPECT_NE(refusal({"--text", directory / "none.txt"}).find("none.txt"), std::string::npos);
  EXPECT_EQ(refusal({"--tokens", "0"}), "--tokens: is 0, expected at least 1");
  EXPECT_EQ(refusal({"--threads", "0"}), "--threads: is 0, expected 1..1024");
  EXPECT_EQ(refusal({"--stories", "--streaming"}), "--streaming: is given with --stories, expected one of them");
  EXPECT_EQ(refusal({"--design", "bitmod-8x8", "--activation-format", "int8", "--format", "int4"}),
            "--activation-format: is int8, but a design's inputs are FP16: expected none or fp16 with --design");
  EXPECT_NE(
      refusal({"--design", "bitmod-published", "--format", "int4:g128,nf4", "--tokens", "2"}).find("cannot run nf4:"),
      std::string::npos);
  // These are token ids without a text: 200 is no word of the embedded model.
  tests::write_bytes(directory / "ids.npy", std::string("\x93NUMPY\x01\0v\0", 10) +
                                                "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 3), }" +
                                                std::string(58, ' ') + "\n" + "\x01\x02\xC8");
  EXPECT_NE(refusal({"--text", directory / "ids.npy"}).find("200"), std::string::npos);
}

struct SharedLoss {
  const char* model;
  const char* cut;
  const char* tokens;
  double nll;
  double tolerance;
};

// These are by PyTorch 1.13: 20 stories in double, and 10 stories in single precision. shared/models/README.md has
// 1.2995 per token on 40 stories, 0.599 per character within stories and 0.756 streaming, without naming them; the
// first 40 give 1.306, 0.622 and 0.764.
TEST(EvaluateCommand, TheSharedModelsHaveTheirPublishedLosses) {
  const fs::path shared = tested_source().parent_path() / "shared/models";
  if (!fs::exists(shared)) GTEST_SKIP() << shared << " is not here: the losses of its two models are not checked";
  for (const SharedLoss& expected : {SharedLoss{"stories260K/stories260K.bin", "--stories", "6449", 1.3348281625, 1e-6},
                                     SharedLoss{"stories260K/stories260K.bin", "--stories", "12658", 1.30, 0.02},
                                     SharedLoss{"babyllama/model5000.bin", "--stories", "2560", 0.6032634916, 1e-6},
                                     SharedLoss{"babyllama/model5000.bin", "--streaming", "5000", 0.756, 0.03}}) {
    const Json result =
        evaluate_json({"--model", shared / expected.model, "--text", shared / "text/tinystories_eval.txt", expected.cut,
                       "--tokens", expected.tokens});
    EXPECT_NEAR(result["unquantized"]["nll"].get<double>(), expected.nll, expected.tolerance)
        << expected.model << " " << expected.cut;
  }
}

}  // namespace
}  // namespace subbyte::sim
