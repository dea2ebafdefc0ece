#include "sim/engines/verify.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "kernels/catalogue.hpp"

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
                             std::to_string(one.cases) + " --seed 5 --engine golden,systemc");
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

}  // namespace
}  // namespace subbyte::sim
