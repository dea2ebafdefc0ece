// `subbyte energy`: what it prints and in which order, work per beat, rows of many units, technologies,
// wires, other nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "sim/command.hpp"
#include "sim/energy_all.hpp"
#include "sim/energy_operands.hpp"
#include "sim/energy_report.hpp"
#include "sim/input_error.hpp"
#include "sim/reproduce.hpp"
#include "sim/synthesis_flow.hpp"
#include "sim/technology.hpp"

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

TEST(EnergyCommand, LeadsWithWhatIsFreeOfTechnologyAndNamesItsConditions) {
  const Said said = energy(kPack);
  ASSERT_EQ(said.status, kDone) << said.err;
  std::size_t at = 0;
  for (const char* word : {"Free of technology",
                           "GE",
                           "FO4",
                           "E_FO4",
                           "In this library",
                           "um2",
                           " ns",
                           " pJ",
                           "Under which conditions",
                           "osu018_stdcells (typical: 1.8 V",
                           "Yosys",
                           "abc",
                           "stimulus",
                           "windows",
                           "confidence",
                           "wires",
                           "none",
                           "glitches",
                           "factor",
                           "accuracy",
                           "Where the energy of a cycle goes",
                           "Where the area goes"}) {
    const std::size_t found = said.out.find(word, at);
    ASSERT_NE(found, std::string::npos) << word << " in order in\n" << said.out;
    at = found;
  }
}

TEST(EnergyCommand, GlitchesAreASecondFigureOfTheSameRun) {
  const Json with_glitches = Json::parse(energy(with(kPack, {"--json"})).out);
  const Json without = Json::parse(energy(with(kPack, {"--json", "--glitches", "no"})).out);
  const double factor = metric(with_glitches, "glitch_factor");
  EXPECT_GE(factor, 1);
  EXPECT_LT(factor, 4);
  EXPECT_EQ(metric(with_glitches, "energy_per_cycle"), metric(without, "energy_per_cycle"));
  EXPECT_DOUBLE_EQ(metric(with_glitches, "energy_per_cycle_timed"),
                   factor * metric(without, "energy_per_cycle"));
  EXPECT_THAT(without.at("metrics").dump(), Not(HasSubstr("timed")));
  EXPECT_THAT(without.at("provenance").at("glitches"), HasSubstr("not simulated"));
}

TEST(EnergyCommand, WiresAreThoseOfTheTechnologyAndSayWhereFrom) {
  const Json bare = Json::parse(energy(with(kPack, {"--json", "--glitches", "no"})).out);
  const Json wired = Json::parse(energy(with(kPack, {"--json", "--glitches", "no", "--wires"})).out);
  const Json same =
      Json::parse(energy(with(kPack, {"--json", "--glitches", "no", "--wire-ff-per-um", "0.146"})).out);
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
  EXPECT_NEAR(metric(scaled, "energy_per_cycle_scaled"), metric(own, "energy_per_cycle") * 1.044 / 26.4,
              1e-9);
  EXPECT_NEAR(metric(scaled, "area_scaled"), metric(own, "area") * 0.053, 1e-6);
  for (const Json& one : scaled.at("metrics")) {
    const bool other_node = one.at("name").get<std::string>().ends_with("_scaled");
    EXPECT_EQ(one.at("source").get<std::string>().find("factor of 2 to 3") != std::string::npos, other_node)
        << one;
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
  EXPECT_THAT(refusal(with(kPack, {"--glitches", "some"})), HasSubstr("expected auto, yes or no"));
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

struct WorkCase {
  const char* unit;
  const char* format;
  double macs, terms, weights;
};

// By the shapes of the beats: what one input beat holds at the unit's small point.
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
    request.unit = unit.name;
    request.parameters = kernels::resolve(unit, unit.small_point);
    if (unit.name == "ternary34_pack")
      expected.weights = 4.0 * static_cast<double>(request.parameters.at("groups"));
    if (unit.name == "nvfp4_dot") expected.macs = static_cast<double>(request.parameters.at("block"));
    OperandQuery query;
    query.format = expected.format;
    const Operands operands = operands_of(unit, request.parameters, query);
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

TEST(Formats, OfEveryUnitHaveOneThatStandsForIt) {
  for (const kernels::UnitInfo& unit : kernels::units()) {
    const auto parameters = kernels::resolve(unit, {});
    const auto formats = formats_of(unit, parameters);
    ASSERT_FALSE(formats.empty()) << unit.name;
    for (const std::string& format : formats)
      EXPECT_EQ(unit.unsupported(parameters, quant::parse_format(format)), "") << unit.name;
    EXPECT_EQ(energy_points({unit.name}, "").size(), 1U);
    EXPECT_EQ(energy_points({unit.name}, "all").size(), formats.size());
  }
  EXPECT_EQ(formats_of(kernels::unit("int8_mac_tile"), kernels::resolve(kernels::unit("int8_mac_tile"), {}))
                .front(),
            "int8:g128");
  EXPECT_EQ(energy_points({}, "").size(), kernels::units().size());
  EXPECT_TRUE(energy_points({"ternary34_pack"}, "int8").empty());
}

TEST(Energies, AreOneRowPerPointInOrder) {
  const auto technology = read_technology("osu018");
  const EnergyConditions conditions{technology, {}, {}, ""};
  const std::vector<EnergyPoint> points{
      {"ternary2_unpack", "ternary"}, {"ternary34_pack", "sherry"}, {"ternary34_unpack", "sherry"}};
  std::size_t done = 0;
  const auto rows = energies(points, conditions, [&](const EnergyRow&) { ++done; });
  EXPECT_EQ(done, 3U);
  const reports::Record record = all_energy_record(rows, conditions);
  const reports::Table& table = record.tables.at(0);
  ASSERT_EQ(table.rows.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table.rows[i][0], points[i].unit);
    EXPECT_GT(table.rows[i][13].get<double>(), 0);  // pJ per value
  }
  EXPECT_THAT(all_energy_text(record),
              AllOf(HasSubstr("Under which conditions"), HasSubstr("accuracy"), HasSubstr("wires")));
  EXPECT_THROW(energies(std::vector<EnergyPoint>{{"ternary2_unpack", "int8"}}, conditions), InputError);
}

// Energy follows the format and, on a bit-serial tile, hardly the codes.
TEST(Reproduce, BitmodHardwareOrdersItsFormats) {
  if (std::getenv("SUBBYTE_NIGHTLY") == nullptr) GTEST_SKIP() << "minutes of netlists; with SUBBYTE_NIGHTLY";
  const Reproduced result = find_reproduction("bitmod-hardware").run({});
  std::map<std::string, double> pj;
  for (const auto& row : result.record.tables.at(1).rows) {
    pj[row[0]] = row[3];
    EXPECT_NEAR(row[5].get<double>(), 1, 0.25) << row[0];
    EXPECT_GE(row[8].get<double>(), row[7].get<double>()) << row[0] << ": random codes have the most entropy";
  }
  EXPECT_EQ(result.record.tables.at(0).rows.size(), 7U);
  EXPECT_GT(pj.at("INT8"), pj.at("INT6"));
  EXPECT_GT(pj.at("INT6"), pj.at("FP4"));
  EXPECT_NEAR(pj.at("FP3") / pj.at("FP4"), 1, 0.1);
  EXPECT_LT(pj.at("FP4, published PE widths"), pj.at("FP4"));
  EXPECT_LT(pj.at("ternary 3:4"), pj.at("FP4"));
}

// Areas are those of parts mapped one by one; energy is of all cells and composes nothing. Mapped as one flat netlist the
// tile is 3.5 % smaller: what PEs of a row or a column compute alike from the same operands is then made once.
TEST(Composition, OfA2x2TileIsALittleLargerThanTheFlatNetlist) {
  if (std::getenv("SUBBYTE_NIGHTLY") == nullptr) GTEST_SKIP() << "a minute of yosys; with SUBBYTE_NIGHTLY";
  const auto technology = read_technology("osu018");
  const kernels::Parameters tile{{"rows", 2}, {"cols", 2}};
  const SynthesisResult parts = synthesize("bitserial_tile", tile, technology.library);
  const SynthesisFlow flow = open_flow(technology.library, {});
  const auto& unit = kernels::unit("bitserial_tile");
  std::map<std::string, std::string> rtl;
  for (const auto& spec : unit.parameters)
    rtl[spec.rtl_name] = std::to_string(parts.parameters.at(spec.name));
  Part top = elaborate(flow, unit.name, rtl).front();
  EXPECT_FALSE(top.children.empty());
  top.children.clear();  // nothing is a black box
  double flat = 0;
  for (const auto& [name, count] : map_part(flow, top, {top}).cells)
    flat += technology.library.find(name)->area * static_cast<double>(count);
  EXPECT_LT(flat, 1.005 * parts.area_um2);
  EXPECT_GT(flat, 0.955 * parts.area_um2);
}

}  // namespace
}  // namespace subbyte::sim
