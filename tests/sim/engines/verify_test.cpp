#include "sim/engines/verify.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "sim/commands/command.hpp"
#include "tests/support/broken_rtl.hpp"

namespace subbyte::sim {
namespace {

kernels::Trace counted(std::uint64_t beats, bool timed, std::uint64_t wrong_beat, std::uint64_t late_from,
                       kernels::TraceWindow window = {}) {
  kernels::Trace trace(1, timed, window);
  for (std::uint64_t i = 0; i < beats; ++i) {
    const std::uint64_t word = i == wrong_beat ? i ^ 0x3F800000U : i;
    trace.append({&word, 1}, i + (i >= late_from ? 1 : 0));
  }
  return trace;
}

constexpr std::uint64_t kNever = UINT64_MAX;
const kernels::TraceWindow kNothing{0, 0};

kernels::BeatShape fp32_shape() { return kernels::BeatShape({{"value", 32, 1, kernels::FieldKind::kFp32}}); }

TEST(EngineCompare, TheCheckpointThatDiffersBoundsTheBeat) {
  const auto good = counted(10000, true, kNever, kNever, kNothing);
  EXPECT_FALSE(differing_window(good, good, {}));
  const auto wrong = differing_window(good, counted(10000, true, 9000, kNever, kNothing), {});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->first, 8192u);
  EXPECT_EQ(wrong->last, 12288u);
  // Bits come first: cycles differ earlier here.
  EXPECT_EQ(differing_window(good, counted(10000, true, 9000, 10, kNothing), {})->first, 8192u);
  EXPECT_EQ(differing_window(good, counted(10000, true, kNever, 5000, kNothing), {})->first, 4096u);
  EXPECT_FALSE(differing_window(good, counted(10000, false, kNever, 5000, kNothing), {true, false}));
  for (const std::uint64_t beats : {0, 1, 4095, 4096, 4097, 8192, 9999}) {
    const auto window = differing_window(good, counted(beats, true, kNever, kNever, kNothing), {});
    ASSERT_TRUE(window) << beats;
    EXPECT_LE(window->first, beats);
    EXPECT_GT(window->last, beats);
  }
}

TEST(EngineCompare, TheFirstWrongFieldIsToldInItsTerms) {
  const auto a = counted(100, false, kNever, kNever);
  const auto wrong = first_mismatch(fp32_shape(), "golden", a, "rtl", counted(100, true, 7, 3), {true, false});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->text(),
            "beat 7: value[0] is 0x00000007 (1e-44) in golden, 0x3f800007 (1.0000008) in rtl (cycles -, 8)");
  EXPECT_EQ(wrong->text(false), "beat 7: value[0] is 0x00000007 (1e-44) in golden, 0x3f800007 (1.0000008) in rtl");
  EXPECT_EQ(wrong->json()["values"][1], "0x3f800007 (1.0000008)");
  EXPECT_EQ(wrong->json()["differs_in"], "bits");
  EXPECT_EQ(wrong->json()["beat"], 7);
  EXPECT_TRUE(wrong->json()["cycles"][0].is_null());
  EXPECT_EQ(wrong->json()["cycles"][1], 8);
  const auto late = first_mismatch(fp32_shape(), "systemc", counted(100, true, kNever, kNever), "rtl",
                                   counted(100, true, kNever, 40), {});
  ASSERT_TRUE(late);
  EXPECT_EQ(late->text(), "beat 40: equal bits, cycle 40 in systemc, cycle 41 in rtl");
  const auto missing =
      first_mismatch(fp32_shape(), "golden", a, "rtl", counted(60, true, kNever, kNever), {true, false});
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->text(), "beat 60: a beat in golden, no such beat in rtl");
  EXPECT_FALSE(first_mismatch(fp32_shape(), "golden", a, "systemc", counted(100, true, kNever, 5), {true, false}));
}

TEST(EngineCompare, FieldsAreDecodedByTheirKind) {
  using kernels::FieldKind;
  const std::uint64_t words[2] = {0xFFFF'FFFF'FFFF'FFFFU, 0x5};
  const auto text = [&](FieldKind kind, unsigned bits, std::uint64_t value) {
    return field_text({"f", bits, 1, kind}, std::span(&value, 1), 0);
  };
  EXPECT_EQ(text(FieldKind::kFp16, 16, 0xC100), "0xc100 (-2.5)");
  EXPECT_EQ(text(FieldKind::kSigned, 9, 0x1FF), "0x1ff (-1)");
  EXPECT_EQ(text(FieldKind::kUnsigned, 9, 0x1FF), "0x1ff (511)");
  EXPECT_EQ(text(FieldKind::kTerm, 5, 0b11011), "0x1b (-2^3)");
  EXPECT_EQ(text(FieldKind::kTerm, 5, 0b01000), "0x08 (2^0)");
  EXPECT_EQ(text(FieldKind::kTerm, 5, 0b10111), "0x17 (0)");
  EXPECT_EQ(field_text({"wide", 75, 1, FieldKind::kSigned}, words, 0), "0x005ffffffffffffffff");
}

VerifyRequest request_for(const std::string& unit, const std::string& format, std::size_t cases) {
  VerifyRequest request;
  request.units = {&kernels::unit(unit)};
  request.formats = {quant::parse_format(format)};
  request.engines = open_engines(parse_engines("golden,systemc,rtl"));
  request.cases = cases;
  request.seed = 5;
  return request;
}

TEST(Verify, StimuliAreAFunctionOfTheRun) {
  VerifyRequest request = request_for("bitserial_pe", "int4:g32", 60);
  request.engines = open_engines(parse_engines("golden,systemc"));
  const VerifyResult whole = verify(request);
  ASSERT_TRUE(whole.equal());
  // One run of it, asked for alone as again() says, has the same beats.
  const VerifyRun& one = whole.runs.back();
  request.parameters = one.parameters;
  request.stall_percents = {one.stall_percent};
  request.cases = one.cases;
  const VerifyResult alone = verify(request);
  ASSERT_EQ(alone.runs.size(), 1u);
  EXPECT_EQ(alone.runs[0].stimulus().input.count, one.stimulus().input.count);
  EXPECT_EQ(alone.pairs()[0].beats, one.pairs[0].beats);
  EXPECT_EQ(one.again(), "subbyte verify --unit bitserial_pe --format int4:g32 --params " +
                             kernels::parameters_text(one.parameters) + " --stalls 60 --cases " +
                             std::to_string(one.cases) + " --seed 5");
}

TEST(Verify, EveryUnitAndFormat) {
  VerifyRequest request;
  for (const auto& unit : kernels::units()) request.units.push_back(&unit);
  for (const auto& row : quant::format_table()) request.formats.push_back(row.format);
  request.engines = open_engines(parse_engines("golden,systemc,rtl"));
  request.skip_unsupported = true;
  request.cases = 400;
  request.seed = 2024;
  const VerifyResult result = verify(request);
  for (const VerifyRun& run : result.runs) {
    EXPECT_TRUE(run.equal()) << run.again() << "\n" << (run.first ? run.first->text() : run.failures.at(0));
    // A case of the column accumulator is a group, and only a tile's last group gives beats.
    const std::size_t least = run.unit->name == "column_accumulator" ? run.cases / 8 : run.cases;
    for (const PairCount& pair : run.pairs) EXPECT_GE(pair.beats, least) << run.again();
  }
  for (const auto* unit : request.units) {
    for (const auto& format : request.formats) {
      std::size_t cases = 0;
      std::size_t points = 0;
      for (const VerifyRun& run : result.runs) {
        if (run.unit != unit || run.format != format.id()) continue;
        cases += run.cases;
        points += run.stall_percent == 0 ? 1 : 0;
      }
      const auto skipped = static_cast<std::size_t>(std::ranges::count_if(result.skipped, [&](const Skipped& skip) {
        return skip.unit == unit->name && skip.format == format.id() && !skip.why.empty();
      }));
      EXPECT_EQ(points + skipped, unit->points.size()) << unit->name << " " << format.id();
      EXPECT_TRUE(points == 0 || cases >= 400) << unit->name << " " << format.id();
    }
  }
  for (const PairCount& pair : result.pairs()) {
    EXPECT_EQ(pair.bit_mismatches, 0u);
    EXPECT_EQ(pair.cycle_mismatches, 0u);
    EXPECT_EQ(pair.cycles_compared, pair.a == "systemc");
    std::cout << pair.a << " = " << pair.b << ": " << pair.cases << " cases, " << pair.beats << " beats\n";
  }
}

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

TEST(Verify, WrongBitsAreFoundAndToldAsJson) {
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

TEST(Verify, WrongCyclesAloneAreAFailure) {
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

TEST(Verify, WrongArgumentsAreToldApart) {
  std::string text;
  EXPECT_THROW(run_command({"--unit", "bitserial_pee", "--format", "int4"}, text), std::invalid_argument);
  EXPECT_THROW(run_command({"--format", "int44"}, text), quant::FormatError);
  EXPECT_THROW(run_command({"--stalls", "0,100"}, text), std::exception);
  EXPECT_THROW(run_command({"--engine", "golden"}, text), std::exception);
  EXPECT_THROW(run_command({"--params", "lanes"}, text), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::sim
