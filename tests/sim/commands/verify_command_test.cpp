// Tests what `subbyte verify` says of broken RTL and of wrong arguments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"
#include "tests/support/broken_rtl.hpp"

namespace subbyte::sim {
namespace {

using ::testing::StartsWith;

int run_command(const std::vector<std::string>& words, std::string& text) {
  testing::internal::CaptureStdout();
  int status = 0;
  try {
    status = run_verify(words);
  } catch (...) {
    testing::internal::GetCapturedStdout();
    throw;
  }
  text = testing::internal::GetCapturedStdout();
  return status;
}

TEST(VerifyCommand, WrongBitsAreFoundAndToldAsJson) {
  const BrokenRtl broken("group_dequant.sv", "scale_u8 ? 5'd25", "scale_u8 ? 5'd24");
  const std::string waves = broken.directory() / "waves";
  std::string text;
  const int status =
      run_command({"--unit", "group_dequant", "--format", "int4:g32:scale=u8", "--params", "mantissa_width=21",
                   "--cases", "90", "--rtl-dir", broken.directory(), "--waves=" + waves, "--json"},
                  text);
  EXPECT_EQ(status, kDiffers) << text;
  const auto json = nlohmann::json::parse(text);
  EXPECT_FALSE(json["equal"].get<bool>());
  ASSERT_EQ(json["pairs"].size(), 3u);
  EXPECT_EQ(json["pairs"][0]["engines"], nlohmann::json({"golden", "systemc"}));
  EXPECT_EQ(json["pairs"][0]["bit_mismatches"], 0);
  EXPECT_GT(json["pairs"][1]["bit_mismatches"], 0);
  EXPECT_GT(json["pairs"][2]["bit_mismatches"], 0);
  EXPECT_EQ(json["pairs"][2]["cycle_mismatches"], 0);
  const auto& first = json["runs"][0]["first_mismatch"];
  EXPECT_EQ(first["engines"], nlohmann::json({"golden", "rtl"}));
  EXPECT_EQ(first["field"], "exponent");
  EXPECT_TRUE(first.contains("beat"));
  ASSERT_EQ(json["waves"].size(), 1u);
  EXPECT_EQ(json["waves"][0]["note"], "");
  EXPECT_GT(std::filesystem::file_size(json["waves"][0]["fst"].get<std::string>()), 0u);
  EXPECT_GT(std::filesystem::file_size(json["waves"][0]["save"].get<std::string>()), 0u);
}

TEST(VerifyCommand, WrongCyclesAloneAreAFailure) {
  const BrokenRtl broken("group_dequant.sv", "in_ready_o = !busy_q || move", "in_ready_o = !busy_q");
  std::string text;
  const int status =
      run_command({"--unit", "group_dequant", "--format", "int4:g32", "--params", "mantissa_width=21", "--cases", "90",
                   "--rtl-dir", broken.directory(), "--waves=" + (broken.directory() / "waves").string()},
                  text);
  EXPECT_EQ(status, kDiffers) << text;
  EXPECT_NE(text.find("golden = rtl: 90 cases, 90 beats, 0 bit mismatches, no cycles to compare"), std::string::npos)
      << text;
  EXPECT_NE(text.find("DIFFERS unit group_dequant, format int4:g32, mantissa_width=21, stalls 0 %, seed 1"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("first wrong beat 1: equal bits, cycle "), std::string::npos) << text;
}

TEST(VerifyCommand, WrongArgumentsAreToldApart) {
  const auto error = [](const std::vector<std::string>& arguments) -> std::string {
    std::string text;
    try {
      run_command(arguments, text);
    } catch (const std::exception& thrown) {
      return thrown.what();
    }
    return "no error at an option";
  };
  EXPECT_THAT(error({"--unit", "bitserial_pee"}), StartsWith("--unit: unknown unit 'bitserial_pee', expected one of "));
  EXPECT_THAT(error({"--format", "int44"}), StartsWith("--format: unknown format 'int44', expected one of "));
  EXPECT_THAT(error({"--params", "lanes"}), StartsWith("--params: 'lanes' is not NAME=INTEGER, expected for example "));
  EXPECT_THAT(error({"--params", "a=1,a=2"}), StartsWith("--params: 'a=2' is given twice, also as 'a=1', expected"));
  EXPECT_THAT(error({"--stalls", "0,100"}), StartsWith("--stalls: is 100, expected 0..99"));
  EXPECT_THAT(error({"--engine", "golden"}), StartsWith("--engine"));
}

}  // namespace
}  // namespace subbyte::sim
