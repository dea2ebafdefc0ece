// Tests term_encoder: golden against RTL, its timing, its generated tables, and the comparison on a broken encoder.
#include "kernels/catalogue.hpp"
#include "quant/formats/formats.hpp"
#include "testbenches/tables/tables.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

TEST(TermEncoder, RtlEqualsGolden) { expect_rtl_equals_golden("term_encoder", 300); }

TEST(TermEncoder, OneTermPerCycleFromTheFirst) {
  const auto& info = kernels::unit("term_encoder");
  const auto& point = info.points[0];
  for (const char* name : {"int8", "int6", "bitmod-fp4"}) {
    const auto stimulus = info.random(point, {quant::parse_format(name), 50, 1, {}, true});
    const auto trace = sim::run_rtl(kernels::unit("term_encoder"), point, stimulus);
    const std::uint64_t terms = trace.size() / stimulus.input.count;
    EXPECT_EQ(terms, std::string(name) == "int8" ? 4U : std::string(name) == "int6" ? 3U : 2U);
    for (std::uint64_t i = 0; i < trace.size(); ++i) ASSERT_EQ(trace.cycle(i), stimulus.config.size() + i);
  }
}

TEST(TermEncoder, ResetProgramIsBitmodFp4) {
  const auto& info = kernels::unit("term_encoder");
  for (const auto& point : info.points) {
    if (info.unsupported(point, quant::parse_format("bitmod-fp4"))) continue;
    auto stimulus = info.random(point, {quant::parse_format("bitmod-fp4"), 200, 5, {}, false});
    const auto programmed = info.golden(point, stimulus, {});
    stimulus.config.clear();
    EXPECT_TRUE(kernels::compare(programmed, info.golden(point, stimulus, {})).equal());
    EXPECT_EQ(kernels::compare(programmed, sim::run_rtl(kernels::unit("term_encoder"), point, stimulus)).bit_mismatches,
              0U);
  }
}

// Takes codes, selectors and zeros that no quantizer emits, on the reset program as it is cut to each point's
// parameters.
TEST(TermEncoder, ResetProgramIsCutAlikeEverywhere) {
  const auto& info = kernels::unit("term_encoder");
  for (const auto& point : info.points) {
    auto stimulus = info.random(point, {quant::parse_format("int3"), 200, 5, {}, true});
    stimulus.config.clear();
    EXPECT_TRUE(
        kernels::compare(info.golden(point, stimulus, {}), sim::run_rtl(kernels::unit("term_encoder"), point, stimulus))
            .equal());
  }
}

// Run with SUBBYTE_UPDATE=1 to write the committed copies again.
TEST(TermEncoder, CommittedTablesAreTheGeneratedOnes) {
  std::size_t files = 0;
  for (const auto& file : testbenches::generated_tables()) {
    const std::string path = (tested_source().string() + "/") + file.path;
    if (std::getenv("SUBBYTE_UPDATE") != nullptr) std::ofstream(path) << file.text;
    std::stringstream committed;
    committed << std::ifstream(path).rdbuf();
    EXPECT_EQ(committed.str(), file.text) << file.path << ": run this test with SUBBYTE_UPDATE=1";
    ++files;
  }
  for (const auto& entry : std::filesystem::directory_iterator((tested_source().string() + "/rtl/generated")))
    files -= entry.path().extension() == ".sv" ? 1 : 0;
  EXPECT_EQ(files, 0U) << "rtl/generated holds a file that nothing generates";
}

// A row that says it has a term table gets one, whoever adds it.
TEST(TermEncoder, ANewRowHasItsTermTableByWhatItSays) {
  const auto row = [](const char* name, quant::FormatUses uses) {
    return quant::make_row(
        name, {"tally{N}"}, "", "", {},
        [](const auto& /*option*/) {
          quant::Format format;
          format.alphabet = quant::table_alphabet("tally", 2, {-3, -1, 1, 3});
          return format;
        },
        uses);
  };
  const std::vector<quant::FormatRow> table{row("tally-3", {.term_table = true}), row("tally-4", {})};
  const auto files = testbenches::term_tables(table);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, "rtl/generated/terms_tally_3.sv");
  EXPECT_NE(files[0].text.find("module terms_tally_3 ("), std::string::npos);
}

// Booth digit +2 loses its factor 2, which is wrong exactly in beats that hold a positive term with an odd shift.
TEST(TermEncoder, ABrokenDigitIsFoundAtItsBeat) {
  const auto& info = kernels::unit("term_encoder");
  const auto& point = info.points[0];
  const auto stimulus = info.random(point, {quant::parse_format("int8"), 20, 3, {}, false});
  const auto golden = info.golden(point, stimulus, {});
  const auto shape = info.output_shape(point);
  std::uint64_t expected = 0;
  const auto has_positive_double = [&](std::uint64_t beat) {
    for (unsigned lane = 0; lane < shape.fields()[0].count; ++lane) {
      const auto term = kernels::get_bits(golden.beat(beat), lane * 5, 5);
      if ((term & 0x18) == 0x08 && (term & 1) != 0) return true;
    }
    return false;
  };
  while (!has_positive_double(expected)) ++expected;
  const BrokenRtl folder("codes/term_decode.sv", "(window == 3'b011)", "(window == 3'b111)");
  const auto verdict = compare_broken("term_encoder", point, stimulus, folder);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, expected);
}

TEST(TermEncoder, ABuildErrorIsShown) {
  const auto& info = kernels::unit("term_encoder");
  const auto stimulus = info.random(info.points[0], {quant::parse_format("int8"), 1, 3, {}, true});
  const BrokenRtl folder("term_encoder.sv", "logic [2:0] term_q, last_term;", "logic [2:0] term_q last_term;");
  try {
    compare_broken("term_encoder", info.points[0], stimulus, folder);
    FAIL() << "a syntax error was accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("term_encoder.sv:"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("syntax error"), std::string::npos) << error.what();
  }
}

TEST(TermEncoder, AFailingAssertionEndsTheRun) {
  const auto& info = kernels::unit("term_encoder");
  const auto stimulus = info.random(info.points[0], {quant::parse_format("int8"), 5, 3, {}, true});
  const BrokenRtl folder("term_encoder.sv", "last ? 3'd0 : term_q + 3'd1", "term_q + 3'd1");
  try {
    compare_broken("term_encoder", info.points[0], stimulus, folder);
    FAIL() << "the term counter ran past its end unnoticed";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("term counter beyond the last term"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace subbyte
