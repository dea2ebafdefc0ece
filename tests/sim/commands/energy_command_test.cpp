// Tests `subbyte energy` of one unit: what it prints and in which order, work per beat, technologies, wires, other
// nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "sim/cells/technology.hpp"
#include "sim/commands/command.hpp"
#include "sim/energy/energy_operands.hpp"

namespace subbyte::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

struct Said {
  int status = 0;
  std::string out, err;
};

Said energy(const std::vector<std::string>& args) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  try {
    said.status = run_energy(args);
    said.err = testing::internal::GetCapturedStderr();
  } catch (const std::exception& error) {
    testing::internal::GetCapturedStderr();
    said.status = kWrongInput;
    said.err = error.what();
  }
  said.out = testing::internal::GetCapturedStdout();
  return said;
}

const std::vector<std::string> kPack{"--unit", "ternary34_pack", "--format", "sherry"};

std::vector<std::string> with(std::vector<std::string> args, const std::vector<std::string>& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

double metric(const Json& record, const std::string& name) {
  for (const Json& one : record.at("metrics"))
    if (one.at("name") == name) return one.at("value");
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

double half_width(const Json& record, const std::string& name) {
  for (const Json& one : record.at("metrics"))
    if (one.at("name") == name) return one.at("half_width");
  ADD_FAILURE() << "no metric " << name;
  return 0;
}

TEST(EnergyCommand, LeadsWithWhatIsFreeOfTechnologyAndNamesItsConditions) {
  const Said said = energy(with(kPack, {"--verbose"}));
  ASSERT_EQ(said.status, kDone) << said.err;
  std::size_t at = 0;
  for (const char* word : {"Free of technology",
                           "GE",
                           "FO4",
                           "E_FO4",
                           "In this library",
                           "um2",
                           " ps",
                           " pJ",
                           "Under which conditions",
                           "osu018_stdcells (typical: 1.8 V",
                           "wires",
                           "none",
                           "glitches",
                           "in it: zero delay times",
                           "Yosys",
                           "abc",
                           "stimulus",
                           "windows",
                           "confidence",
                           "accuracy",
                           "Where the energy of a cycle goes",
                           "Where the area goes"}) {
    const std::size_t found = said.out.find(word, at);
    ASSERT_NE(found, std::string::npos) << word << " in order in\n" << said.out;
    at = found;
  }
}

TEST(EnergyCommand, GlitchesAreInEveryFigureUnlessTheyAreLeftOut) {
  const Json with_glitches = Json::parse(energy(with(kPack, {"--json"})).out);
  const Json without = Json::parse(energy(with(kPack, {"--json", "--zero-delay"})).out);
  const double factor = metric(with_glitches, "glitch_factor");
  EXPECT_GE(factor, 1);
  EXPECT_LT(factor, 4);
  for (const char* name : {"energy_per_cycle", "energy_per_weight", "energy_per_cycle_fo4", "energy_per_input_beat"})
    EXPECT_DOUBLE_EQ(metric(with_glitches, name), factor * metric(without, name)) << name;
  EXPECT_EQ(metric(with_glitches, "energy_per_cycle_zero_delay"), metric(without, "energy_per_cycle"));
  for (const Json& one : with_glitches.at("metrics")) {
    const std::string name = one.at("name");
    const bool timed = name == "glitch_factor" || (name.starts_with("energy_") && !name.ends_with("_zero_delay"));
    EXPECT_EQ(one.value("basis", Json::array()).dump() == "[\"timed\"]", timed) << one;
  }
  EXPECT_THAT(without.at("metrics").dump(), AllOf(Not(HasSubstr("timed")), HasSubstr("zero delay (no glitches)")));
  EXPECT_THAT(without.at("title"), HasSubstr("zero delay"));
  EXPECT_THAT(without.at("provenance").at("glitches"), HasSubstr("not in it"));
}

TEST(EnergyCommand, WiresAreThoseOfTheTechnologyAndSayWhereFrom) {
  const Json bare = Json::parse(energy(with(kPack, {"--json", "--zero-delay"})).out);
  const Json wired = Json::parse(energy(with(kPack, {"--json", "--zero-delay", "--wires"})).out);
  const Json same = Json::parse(energy(with(kPack, {"--json", "--zero-delay", "--wire-ff-per-um", "0.146"})).out);
  EXPECT_GT(metric(wired, "energy_per_cycle"), metric(bare, "energy_per_cycle"));
  EXPECT_EQ(metric(wired, "energy_per_cycle"), metric(same, "energy_per_cycle"));
  EXPECT_THAT(wired.at("provenance").at("wires"),
              AllOf(HasSubstr("2.7 cell pitches"), HasSubstr("0.146 fF/um"), HasSubstr("setRC.tcl")));
  EXPECT_EQ(bare.at("provenance").at("wires"), "none");
}

TEST(EnergyCommand, AnotherNodeIsToldOnRequestAloneAndMarkedAsDerived) {
  const Json own = Json::parse(energy(with(kPack, {"--json"})).out);
  const Json scaled = Json::parse(energy(with(kPack, {"--json", "--scale-to", "45@1.1"})).out);
  EXPECT_THAT(own.dump(), Not(HasSubstr("scaled")));
  EXPECT_NEAR(metric(scaled, "energy_per_cycle_scaled"), metric(own, "energy_per_cycle") * 1.044 / 26.4, 1e-9);
  EXPECT_NEAR(metric(scaled, "area_scaled"), metric(own, "area") * 0.053, 1e-6);
  for (const Json& one : scaled.at("metrics")) {
    const bool other_node = one.at("name").get<std::string>().ends_with("_scaled");
    EXPECT_EQ(one.value("basis", Json::array()).dump().find("scaled") != std::string::npos, other_node) << one;
    EXPECT_EQ(one.at("source").get<std::string>().find("factor of 2 to 3") != std::string::npos, other_node) << one;
  }
  EXPECT_THAT(energy(with(kPack, {"--scale-to", "20@0.9"})).out, Not(HasSubstr("critical path scaled")));
}

TEST(EnergyCommand, WhatCannotBeAskedIsRefused) {
  const auto refusal = [](const std::vector<std::string>& args) {
    const Said said = energy(args);
    EXPECT_EQ(said.status, kWrongInput) << said.out;
    return said.err;
  };
  EXPECT_THAT(refusal({}), HasSubstr("--unit: is missing"));
  EXPECT_THAT(refusal({"--unit", "mx_dot", "--all"}), HasSubstr("is given with --all"));
  EXPECT_THAT(refusal(with(kPack, {"--liberty", "x.lib", "--technology", "asap7"})),
              HasSubstr("is given with --liberty"));
  EXPECT_THAT(refusal(with(kPack, {"--wires", "--wire-ff-per-um", "1"})), HasSubstr("--wires"));
  EXPECT_THAT(refusal(with(kPack, {"--glitches", "yes"})),
              HasSubstr("--glitches: is no option any more: glitches are in every energy, and --zero-delay leaves"));
  EXPECT_THAT(refusal(with(kPack, {"--scale-to", "28@0.9"})), HasSubstr("expected NODE@VOLTAGE"));
  EXPECT_THAT(refusal({"--all", "--weights", "w.safetensors"}), HasSubstr("--weights"));
  EXPECT_THAT(refusal({"--all", "--scale-to", "16@0.8"}), HasSubstr("--scale-to"));
  const std::string osu = read_technology("osu018").library.path.string();
  EXPECT_THAT(refusal(with(kPack, {"--liberty", osu, "--wires"})), HasSubstr("names no capacitance"));
  EXPECT_THAT(refusal(with(kPack, {"--liberty", osu, "--scale-to", "16@0.8"})), HasSubstr("node is known"));
  EXPECT_THAT(refusal({"--unit", "ternary34_pack", "--format", "int8"}), HasSubstr("cannot run int8"));
  EXPECT_THAT(refusal(with(kPack, {"--random"})), HasSubstr("takes no layers"));
  EXPECT_THAT(refusal(with(kPack, {"--tokens", "4"})), HasSubstr("takes no layers"));
}

// Sums of groups have no format, so there is no figure per weight and no format in the title.
TEST(EnergyCommand, AGroupSumIsNamedAsSuch) {
  const std::vector<std::string> sums{"--unit", "group_dequant", "--params", "mantissa_width=12",
                                      "--json", "--zero-delay"};
  const Json record = Json::parse(energy(with(sums, {"--format", "int4"})).out);
  EXPECT_GT(metric(record, "energy_per_group_sum"), 0);
  EXPECT_THAT(record.dump(), Not(HasSubstr("energy_per_weight")));
  EXPECT_EQ(record.at("provenance").at("work"), "1 group sum per input beat (group sums with FP16 scales)");
  EXPECT_THAT(record.at("title"), AllOf(HasSubstr("the same for every format"), Not(HasSubstr("int4"))));
  EXPECT_EQ(metric(record, "energy_per_cycle"),
            metric(Json::parse(energy(with(sums, {"--format", "int8"})).out), "energy_per_cycle"));
  const Json pack = Json::parse(energy(with(kPack, {"--json"})).out);
  EXPECT_THAT(pack.at("title"), HasSubstr("sherry"));
  EXPECT_GT(metric(pack, "energy_per_weight"), 0);
  EXPECT_THAT(energy(with(kPack, {"--verbose"})).out, HasSubstr("trits)"));
}

// A factor is told with its interval, and what follows from it has no digits below that.
TEST(EnergyCommand, TimedFiguresAreRoundedToTheirInterval) {
  const Json record = Json::parse(energy(with(kPack, {"--json"})).out);
  const double factor = metric(record, "glitch_factor"), half = half_width(record, "glitch_factor");
  EXPECT_GT(half, 0);
  EXPECT_LT(half, 0.2 * factor);
  const Json without = Json::parse(energy(with(kPack, {"--json", "--zero-delay"})).out);
  EXPECT_NEAR(half_width(record, "energy_per_cycle"),
              std::hypot(half_width(without, "energy_per_cycle") * factor, half * metric(without, "energy_per_cycle")),
              1e-12);
  EXPECT_THAT(record.at("provenance").at("glitches"), HasSubstr(" +- "));
  const std::string text = energy(kPack).out;
  const int decimals = -static_cast<int>(std::floor(std::log10(half_width(record, "energy_per_cycle"))));
  ASSERT_GT(decimals, 0);
  char rounded[32];
  std::snprintf(rounded, sizeof rounded, " %.*f pJ", decimals, metric(record, "energy_per_cycle"));
  EXPECT_THAT(text, HasSubstr(rounded));
}

/// A yosys that writes a line whenever it is asked for its version, first on the path.
class CountedYosys {
 public:
  CountedYosys() : folder_(std::filesystem::path(testing::TempDir()) / ("yosys-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "yosys") << "#!/bin/sh\n[ \"$1\" = -V ] && echo asked >> '" << (folder_ / "asked").string()
                                     << "'\nPATH='" << path_ << "' exec yosys \"$@\"\n";
    std::filesystem::permissions(folder_ / "yosys", std::filesystem::perms::owner_all);
    setenv("PATH", (folder_.string() + ":" + path_).c_str(), 1);
  }
  ~CountedYosys() {
    setenv("PATH", path_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  std::size_t asked() const {
    std::ifstream lines(folder_ / "asked");
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(lines), {}, '\n'));
  }

 private:
  std::filesystem::path folder_;
  std::string path_ = getenv("PATH");
};

TEST(EnergyCommand, AsksTheToolsForTheirVersionsOnce) {
  for (const std::string format : {"sherry", "all"}) {
    const CountedYosys yosys;
    EXPECT_EQ(energy({"--unit", "ternary34_pack", "--format", format}).status, 0);
    EXPECT_EQ(yosys.asked(), 1U) << format;
  }
  const CountedYosys yosys;
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_synth(std::vector<std::string>{"--unit", "ternary34_pack", "--curve", "50,100", "--energy", "--format",
                                               "sherry"}),
            0);
  testing::internal::GetCapturedStdout();
  EXPECT_EQ(yosys.asked(), 1U) << "of two clocks, five scripts and the energies of two netlists";
}

struct WorkCase {
  const char* unit;
  const char* format;
  double macs, terms, weights;
};

// These follow from the shapes of the beats, which say what one input beat holds at the unit's small point.
TEST(BeatWork, IsWhatABeatHolds) {
  const auto technology = read_technology("osu018");
  const WorkCase cases[] = {
      {"term_encoder", "int8", 0, 8, 2},      // 2 lanes, 1 column, four Booth digits
      {"bitserial_pe", "int8", 0.75, 3, 0},   // 3 lanes, one of four terms
      {"group_dequant", "int8", 0, 0, 1},     // 11 or 12 cycles each
      {"ternary34_pack", "sherry", 0, 0, 0},  // filled in below: four trits per group
      {"nvfp4_dot", "nvfp4", 0, 0, 0},        // ... a block
  };
  for (WorkCase expected : cases) {
    const auto& unit = kernels::unit(expected.unit);
    EnergyRequest request;
    request.unit = &unit;
    request.parameters = kernels::resolve(unit, unit.small_point);
    request.zero_delay = true;
    if (unit.name == "ternary34_pack") expected.weights = 4.0 * static_cast<double>(request.parameters.at("groups"));
    if (unit.name == "nvfp4_dot") expected.macs = static_cast<double>(request.parameters.at("block"));
    const Operands operands = operands_of(unit, request.parameters, read_operands(unit, {.format = expected.format}));
    request.stimulus = operands.stimulus;
    const EnergyResult result = unit_energy(request, technology.library);
    const auto work = beat_work(unit, request.parameters, operands, result.counts);
    ASSERT_TRUE(work.has_value()) << unit.name;
    EXPECT_NEAR(work->macs, expected.macs, 1e-9) << unit.name;
    EXPECT_NEAR(work->terms, expected.terms, 1e-9) << unit.name;
    EXPECT_NEAR(work->weights, expected.weights, 1e-9) << unit.name;
  }
}

TEST(BeatWork, OfUnsteadyBeatsIsNotTold) {
  const auto& unit = kernels::unit("nvfp4_dot");
  const auto parameters = kernels::resolve(unit, {});
  StreamCounts counts;
  counts.lane_cycles = 150;
  counts.input_beats = 100;
  EXPECT_FALSE(beat_work(unit, parameters, {}, counts).has_value());
  counts.input_beats = 0;
  EXPECT_FALSE(beat_work(unit, parameters, {}, counts).has_value());
}

// The format is int4 where the unit runs it, and otherwise the format that stands for it.
TEST(EnergyCommand, AUnitWithoutAFormatGetsOneThatItRuns) {
  const Said dot = energy({"--unit", "mx_dot", "--params", "block=8", "--zero-delay", "--json"});
  EXPECT_EQ(dot.status, 0) << dot.err;
  EXPECT_THAT(dot.out, HasSubstr("for mxfp4:g32"));
}

}  // namespace
}  // namespace subbyte::sim
