// Tests RTL against netlist: parts that are equal are proven, a netlist with one wrong cell is found by the proof and
// by the run beside the golden function, and what cannot be proven is not called proven.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "kernels/catalogue.hpp"
#include "sim/area/check_report.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/process.hpp"
#include "sim/engines/netlist_check.hpp"
#include "sim/synthesis/version.hpp"

namespace subbyte::sim {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr const char* kOsu018 = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
constexpr double kLimit = 120;

class EquivalenceTest : public testing::Test {
 protected:
  EquivalenceTest() : scratch_(std::filesystem::temp_directory_path()), library_(read_cell_library(kOsu018)) {}

  SynthesisFlow flow() {
    SynthesisOptions options;
    options.cache = scratch_.path();
    options.progress = [this](const std::string& line) { lines_.push_back(line); };
    return open_flow(library_, options);
  }
  std::vector<Part> parts(const std::string& unit, const kernels::Parameters& parameters) {
    const auto& info = kernels::unit(unit);
    return elaborate(flow(), unit, rtl_parameters(info, kernels::resolve(info, parameters)));
  }
  ScratchFolder scratch_;
  CellLibrary library_;
  std::vector<std::string> lines_;
};

/// Returns the netlist with the middle `from` cell replaced by `to`, of the same pins.
std::string with_swapped_cell(std::string verilog, const std::string& from, const std::string& to) {
  std::vector<std::size_t> places;
  const std::string line = "\n  " + from + " ";
  for (std::size_t at = 0; (at = verilog.find(line, at)) != std::string::npos; ++at) places.push_back(at);
  if (places.empty()) throw std::logic_error("no " + from);
  return verilog.replace(places[places.size() / 2] + 3, from.size(), to);
}

struct Broken {
  std::string unit;
  kernels::Parameters parameters;
  std::string from, to;
};

TEST_F(EquivalenceTest, OneSwappedCellIsFoundByBothWays) {
  const std::vector<Broken> cases{{"ternary34_pack", {{"groups", 2}}, "NAND2X1", "NOR2X1"},
                                  {"group_dequant", {{"mantissa_width", 12}}, "NAND2X1", "NOR2X1"},
                                  {"group_dequant", {{"mantissa_width", 12}}, "NOR2X1", "NAND2X1"},
                                  {"nvfp4_dot", {{"block", 8}}, "AOI21X1", "OAI21X1"}};
  CheckOptions options;
  options.lanes = 4096;
  for (const Broken& each : cases) {
    SCOPED_TRACE(each.unit + " " + each.from);
    const auto& unit = kernels::unit(each.unit);
    const auto parameters = kernels::resolve(unit, each.parameters);
    const auto all = parts(each.unit, parameters);
    ASSERT_EQ(all.size(), 1U);
    const SynthesisFlow open = flow();
    const std::string verilog = map_part(open, all[0], all).verilog;
    const PartProof proof = prove_part(open, all[0], all, verilog, kLimit);
    EXPECT_EQ(proof.outcome, ProofOutcome::kProven) << proof.why;
    EXPECT_TRUE(simulate_check(unit, parameters, verilog, library_, options).equal());
    const std::string broken = with_swapped_cell(verilog, each.from, each.to);
    const PartProof refuted = prove_part(open, all[0], all, broken, kLimit);
    EXPECT_EQ(refuted.outcome, ProofOutcome::kDiffers);
    EXPECT_THAT(refuted.why, HasSubstr("Verification failed"));
    const SimulationCheck run = simulate_check(unit, parameters, broken, library_, options);
    EXPECT_FALSE(run.equal());
    if (run.compared > 0) {
      EXPECT_GT(run.differing, 0U) << "nothing differs, " << run.compared << " beats compared";
    }
  }
}

// In a tile's own logic its children are cut out, in the right order.
TEST_F(EquivalenceTest, PartsWithChildrenAreProvenAndWrongWiresBetweenThemFound) {
  const auto all = parts("fp16_mac_tile", {{"rows", 1}, {"cols", 2}});
  ASSERT_EQ(all[0].children.at("fp16_mac"), 2U);
  const SynthesisFlow open = flow();
  const std::string verilog = map_part(open, all[0], all).verilog;
  const PartProof proof = prove_part(open, all[0], all, verilog, kLimit);
  EXPECT_EQ(proof.outcome, ProofOutcome::kProven) << proof.why;
  EXPECT_GT(proof.registers, 10U);
  // The two children get each other's weights.
  const auto pin = [&](std::size_t from) {
    const std::size_t begin = verilog.find(".weight_i(", verilog.find("\n  fp16_mac ", from));
    return std::pair(begin, verilog.find(')', begin) - begin);
  };
  const auto [first, first_size] = pin(0);
  const auto [second, second_size] = pin(first);
  const std::string a = verilog.substr(first, first_size), b = verilog.substr(second, second_size);
  ASSERT_NE(a, b);
  std::string swapped = verilog;
  swapped.replace(second, second_size, a);
  swapped.replace(first, first_size, b);
  const PartProof refuted = prove_part(open, all[0], all, swapped, kLimit);
  EXPECT_EQ(refuted.outcome, ProofOutcome::kDiffers) << refuted.why;
}

TEST_F(EquivalenceTest, RegistersThatAreNotInBothAreNotCalledProven) {
  const auto all = parts("group_dequant", {{"mantissa_width", 12}});
  const SynthesisFlow open = flow();
  std::string verilog = map_part(open, all[0], all).verilog;
  const std::size_t at = verilog.find(" count_q_0_u");
  ASSERT_NE(at, std::string::npos);
  verilog.replace(at, 10, " other_q_0");
  const PartProof proof = prove_part(open, all[0], all, verilog, kLimit);
  EXPECT_EQ(proof.outcome, ProofOutcome::kNotFinished);
  EXPECT_THAT(proof.why, HasSubstr("registers of the RTL alone: count_q_0"));
  EXPECT_THAT(proof.why, HasSubstr("registers of the netlist alone: other_q_0"));
}

TEST_F(EquivalenceTest, FewInputsAreExhaustedAndResultsKept) {
  SynthesisOptions synthesis;
  synthesis.cache = scratch_.path();
  synthesis.progress = [this](const std::string& line) { lines_.push_back(line); };
  CheckOptions options;
  options.lanes = 2048;
  const auto run = [&](const std::string& unit, const kernels::Parameters& parameters) {
    lines_.clear();
    return check_unit(kernels::unit(unit), parameters, library_, synthesis, options);
  };
  const UnitCheck small = run("ternary34_pack", {{"groups", 2}});
  EXPECT_TRUE(small.simulation.exhaustive);
  EXPECT_EQ(small.simulation.compared, std::uint64_t{1} << 16);
  EXPECT_FALSE(small.differs());
  EXPECT_FALSE(lines_.empty());
  const UnitCheck again = run("ternary34_pack", {{"groups", 2}});
  EXPECT_TRUE(lines_.empty());
  EXPECT_EQ(again.simulation.compared, small.simulation.compared);
  EXPECT_EQ(again.parts.at(0).proof.seconds, small.parts.at(0).proof.seconds);
  const UnitCheck wide = run("ternary34_pack", {{"groups", 4}});
  EXPECT_FALSE(wide.simulation.exhaustive);
  EXPECT_EQ(wide.simulation.compared, 2048U);
  const std::vector<UnitCheck> checks{small, wide};
  EXPECT_EQ(proof_counts(checks).proven, 2U);
  EXPECT_EQ(check_record(checks, library_, options).tables.at(1).rows.size(), 2U);
}

TEST_F(EquivalenceTest, WhatIsNotDecidedIsWithinItsLimitAndTriedAgain) {
  const auto all = parts("fp16_mac_tile", {{"rows", 1}, {"cols", 1}});
  ASSERT_EQ(all[1].name, "fp16_mac");
  const SynthesisFlow open = flow();
  const std::string verilog = map_part(open, all[1], all).verilog;
  const auto prove = [&](double limit_s) {
    lines_.clear();
    return prove_part(open, all[1], all, verilog, limit_s);
  };
  for (const double limit_s : {1.0, 2.0, 1.0}) {
    const auto start = std::chrono::steady_clock::now();
    const PartProof proof = prove(limit_s);
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_EQ(proof.outcome, ProofOutcome::kNotFinished);
    EXPECT_EQ(proof.why, "not decided within " + std::to_string(static_cast<int>(limit_s)) + " s");
    EXPECT_FALSE(lines_.empty()) << "kept";
    EXPECT_LT(took, limit_s + 2) << "reading and ABC together have the limit";
  }
}

TEST_F(EquivalenceTest, WhatIsDecidedIsKeptWhateverTheLimit) {
  const auto all = parts("ternary34_pack", {{"groups", 2}});
  SynthesisFlow open = flow();
  const std::string verilog = map_part(open, all[0], all).verilog;
  const auto prove = [&](double limit_s) {
    lines_.clear();
    return prove_part(open, all[0], all, verilog, limit_s);
  };
  ASSERT_EQ(prove(kLimit).outcome, ProofOutcome::kProven);
  EXPECT_FALSE(lines_.empty());
  EXPECT_EQ(prove(1).outcome, ProofOutcome::kProven);
  EXPECT_TRUE(lines_.empty());
  open.tools.abc += " another";
  EXPECT_EQ(prove(kLimit).outcome, ProofOutcome::kProven);
  EXPECT_FALSE(lines_.empty()) << "another prover's proof is not ours";
}

// The name of what is proven holds the version of the sources that prove.
TEST_F(EquivalenceTest, ProofsAreOfTheirSources) {
  EXPECT_EQ(std::string(synthesis_engine()).size(), 16U);
  const SynthesisFlow open = flow();
  EXPECT_THAT(open.tools.abc, HasSubstr("ABC"));
  const auto all = parts("ternary34_pack", {{"groups", 2}});
  prove_part(open, all[0], all, map_part(open, all[0], all).verilog, kLimit);
  unsigned proofs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch_.path())) {
    if (entry.path().extension() != ".json") continue;
    const std::string text = read_text(entry.path());
    if (text.find("prove ") == std::string::npos) continue;
    ++proofs;
    EXPECT_THAT(entry.path().filename().string(), EndsWith(std::string("-") + synthesis_engine() + ".json"));
    EXPECT_THAT(text, HasSubstr(open.tools.abc));
  }
  EXPECT_EQ(proofs, 1U);
}

TEST_F(EquivalenceTest, AProverThatIsMissingIsSaid) {
  SynthesisFlow open = flow();
  open.tools.abc.clear();
  const auto all = parts("ternary34_pack", {{"groups", 2}});
  EXPECT_THROW(prove_part(open, all[0], all, map_part(open, all[0], all).verilog, kLimit), InputError);
}

TEST(UnitCheck, DiffersWhereAPartOrTheRunDoesAndWhereNothingCame) {
  UnitCheck check;
  check.simulation.compared = 5;
  check.parts.resize(1);
  EXPECT_FALSE(check.differs()) << "not finished is no difference";
  check.parts[0].proof.outcome = ProofOutcome::kDiffers;
  EXPECT_TRUE(check.differs());
  check.parts[0].proof.outcome = ProofOutcome::kProven;
  check.simulation.differing = 1;
  EXPECT_TRUE(check.differs());
  check.simulation = {};
  EXPECT_TRUE(check.differs());
}

}  // namespace
}  // namespace subbyte::sim
