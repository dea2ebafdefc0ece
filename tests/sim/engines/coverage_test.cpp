// Tests coverage of the RTL: Verilator's counters are read and added up as they are, every unit is measured at its
// small point, and a single beat reaches less than the stimuli of verify.
#include "sim/engines/coverage.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "kernels/catalogue.hpp"
#include "sim/engines/verify.hpp"
#include "tests/support/catalogue_sample.hpp"
#include "tests/support/paths.hpp"

namespace subbyte::sim {
namespace {

std::string point(const std::string& file, int line, const std::string& page, const std::string& what,
                  const std::string& lines, int count, const std::string& instance = "TOP.dut") {
  return "C '\1f\2" + file + "\1l\2" + std::to_string(line) +
         "\1n\2"
         "3\1page\2" +
         page + "\1o\2" + what + (lines.empty() ? "" : "\1S\2" + lines) + "\1h\2" + instance + "' " +
         std::to_string(count) + "\n";
}

const std::string kRtl = (tested_source().string() + "/rtl");
const std::string kFile = kRtl + "/group_dequant.sv";

TEST(Coverage, CountsLinesBranchesAndToggles) {
  Coverage coverage;
  coverage.add(
      "# SystemC::Coverage-3\n" + point(kFile, 66, "v_line/g", "block", "66", 9) +
          point(kFile, 67, "v_branch/g", "if", "67-70", 0) + point(kFile, 67, "v_branch/g", "else", "72,74-75", 7) +
          point(kFile, 80, "v_line/g", "elsif", "80", 0) + point(kFile, 19, "v_toggle/g", "in_data_i[0]", "", 1) +
          point(kFile, 19, "v_toggle/g", "in_data_i[1]", "", 2),
      kRtl);
  const UnitCoverage unit = coverage.summary("group_dequant");
  EXPECT_EQ(unit.lines.total, 1u + 4 + 3 + 1);
  EXPECT_EQ(unit.lines.hit, 1u + 3);
  EXPECT_EQ(unit.branches.total, 3u);  // if, else, elsif; a block is no branch
  EXPECT_EQ(unit.branches.hit, 1u);
  EXPECT_EQ(unit.toggles.total, 2u);
  EXPECT_EQ(unit.toggles.hit, 1u);  // one change may be the one from before reset
  ASSERT_EQ(unit.missed.size(), 5u + 2 + 1);
  EXPECT_EQ(unit.missed.front().line, 19u);
  EXPECT_EQ(unit.missed.front().what, "in_data_i[0]");
  EXPECT_EQ(unit.missed.back().line, 80u);
  EXPECT_EQ(unit.json()["lines"]["percent"], 100.0 * 4 / 9);
}

TEST(Coverage, OneRunAndOneInstanceMustToggleABit) {
  Coverage coverage;
  coverage.add(
      point(kFile, 19, "v_toggle/g", "x", "", 1, "TOP.dut.a") + point(kFile, 19, "v_toggle/g", "x", "", 1, "TOP.dut.b"),
      kRtl);
  coverage.add(point(kFile, 19, "v_toggle/g", "x", "", 1, "TOP.dut.a"), kRtl);
  EXPECT_EQ(coverage.summary("g").toggles.hit, 0u);
  EXPECT_EQ(coverage.summary("g").toggles.total, 1u);
  coverage.add(point(kFile, 19, "v_toggle/g", "x", "", 2, "TOP.dut.b"), kRtl);
  EXPECT_EQ(coverage.summary("g").toggles.hit, 1u);
  EXPECT_NE(coverage.data().find("h\2TOP.dut.a' 2\n"), std::string::npos);
  EXPECT_NE(coverage.data().find("h\2TOP.dut.b' 3\n"), std::string::npos);
}

TEST(Coverage, LeavesOutClockResetUnusedAndTheBench) {
  Coverage coverage;
  coverage.add(point(kFile, 15, "v_toggle/g", "clk_i", "", 0) + point(kFile, 16, "v_toggle/g", "rst_ni", "", 0) +
                   point(kFile, 17, "v_toggle/g", "gen[1].unused_sign", "", 0) +
                   point("/tmp/top.sv", 3, "v_line/t", "block", "3", 0) +
                   point(kRtl + "/generated/term_encoder_reset.sv", 3, "v_toggle/t", "entries_o[3]", "", 0) +
                   point(kRtl + "/../testbenches/stream_sva.sv", 3, "v_line/t", "block", "3", 0),
               kRtl);
  const UnitCoverage unit = coverage.summary("g");
  EXPECT_EQ(unit.lines.total + unit.branches.total + unit.toggles.total, 0u);
  EXPECT_TRUE(unit.missed.empty());
}

TEST(Coverage, KnowsFilesOfAnotherCheckout) {
  Coverage coverage;
  coverage.add(point("/elsewhere/rtl/group_dequant.sv", 66, "v_line/g", "block", "66", 9) +
                   point("/elsewhere/rtl/parts/jam_shift.sv", 20, "v_toggle/g", "x", "", 2),
               kRtl);
  EXPECT_EQ(coverage.summary("g").lines.hit, 1u);
  EXPECT_EQ(coverage.listings(kRtl).count("arithmetic/jam_shift.sv"), 1u);
}

TEST(Coverage, RefusesWhatIsNoCoverage) {
  for (const char* text : {"C 'x' many\n", "C 'x 3\n", "D 'x' 3\n", "C '' 3\n", "C '\1f\2/a.sv' 3\n"}) {
    Coverage coverage;
    try {
      coverage.add(std::string("# SystemC::Coverage-3\n") + text, kRtl);
      ADD_FAILURE() << text << " was taken";
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
    }
  }
}

TEST(Coverage, ListingMarksWhatWasMissed) {
  Coverage coverage;
  coverage.add(point(kFile, 2, "v_branch/g", "if", "2", 0) + point(kFile, 3, "v_branch/g", "else", "3", 5) +
                   point(kFile, 4, "v_toggle/g", "x[0]", "", 4) + point(kFile, 4, "v_toggle/g", "x[1]", "", 0),
               kRtl);
  const std::string text = coverage.listings(kRtl).at("group_dequant.sv");
  EXPECT_NE(text.find("\n%        0               2 //"), std::string::npos) << text.substr(0, 400);
  EXPECT_NE(text.find("\n         5               3 //"), std::string::npos) << text.substr(0, 400);
  EXPECT_NE(text.find("\n%                1/2     4 //"), std::string::npos) << text.substr(0, 400);
}

class UnitCoverageTest : public testing::TestWithParam<std::string> {};

/// Returns what verify asks of one unit at one point, with some of the formats that it runs.
Coverage covered_by_verify(const kernels::UnitInfo& unit, const kernels::Parameters& parameters) {
  constexpr std::size_t kFormats = 8;
  std::vector<quant::Format> formats;
  for (const auto& row : quant::format_table())
    if (!unit.unsupported(parameters, row.format)) formats.push_back(row.format);
  Coverage coverage;
  for (std::size_t i = 0; i < formats.size(); i += formats.size() / kFormats + 1) {
    for (const unsigned percent : {0U, 40U}) {
      const VerifyRun run{&unit, formats[i].id(), parameters, percent, 1, 60, {}, {}, {}};
      cover(unit, parameters, run.stimulus(), {}, coverage);
    }
  }
  return coverage;
}

TEST_P(UnitCoverageTest, StimuliReachTheRtl) {
  const kernels::UnitInfo& unit = kernels::unit(GetParam());
  const kernels::Parameters parameters = kernels::resolve(unit, unit.small_point);
  const UnitCoverage all = covered_by_verify(unit, parameters).summary(unit.name);

  Coverage one_beat;
  kernels::Beats beats((unit.input_shape(parameters).bits() + 63) / 64);
  beats.append();
  cover(unit, parameters, {{}, kernels::source_of(std::move(beats)), {}, 0}, {}, one_beat);
  const UnitCoverage little = one_beat.summary(unit.name);

  std::printf("%-20s lines %zu/%zu, branches %zu/%zu, toggles %zu/%zu; one beat: %zu, %zu, %zu\n", unit.name.c_str(),
              all.lines.hit, all.lines.total, all.branches.hit, all.branches.total, all.toggles.hit, all.toggles.total,
              little.lines.hit, little.branches.hit, little.toggles.hit);
  ASSERT_GT(all.toggles.total, 0u);
  EXPECT_GE(all.lines.percent(), 95.0);
  EXPECT_GE(all.branches.percent(), 90.0);
  EXPECT_GE(all.toggles.percent(), 70.0);  // tests/sim/engines/coverage.md says what is missing
  EXPECT_EQ(little.toggles.total, all.toggles.total);
  // The bench spoils the data behind a beat, and that alone toggles what hangs on few wires.
  EXPECT_LE(little.toggles.hit, unit.combinational ? all.toggles.hit : all.toggles.hit * 4 / 5);
  EXPECT_LE(little.lines.hit, all.lines.hit);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, UnitCoverageTest,
                         testing::ValuesIn(catalogue_sample({"group_dequant", "nvfp4_dot", "ternary34_pack"})),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace subbyte::sim
