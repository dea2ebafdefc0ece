// Tests `subbyte energy` of many units and formats: points, rows, and what was given to which.
#include "sim/energy/energy_all.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cells/technology.hpp"
#include "sim/energy/energy_operands.hpp"
#include "sim/synthesis/flow.hpp"
#include "sim/synthesis/synthesis.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

TEST(Formats, OfEveryUnitHaveOneThatStandsForIt) {
  for (const kernels::UnitInfo& unit : kernels::units()) {
    const auto parameters = kernels::resolve(unit, {});
    const auto formats = formats_of(unit, parameters);
    ASSERT_FALSE(formats.empty()) << unit.name;
    for (const quant::Format& format : formats)
      EXPECT_EQ(text_of(unit.unsupported(parameters, format)), "") << unit.name;
    EXPECT_EQ(energy_points({&unit}, {.format = ""}).size(), 1U);
    EXPECT_EQ(energy_points({&unit}, {.format = "all"}).size(), formats.size());
  }
  EXPECT_EQ(
      formats_of(kernels::unit("int8_mac_tile"), kernels::resolve(kernels::unit("int8_mac_tile"), {})).front().id(),
      "int8:g128");
  EXPECT_EQ(energy_points({}, {.format = ""}).size(), kernels::units().size());
  EXPECT_TRUE(energy_points({&kernels::unit("ternary34_pack")}, {.format = "int8"}).empty());
}

EnergyPoint point(const char* name, const std::string& format) {
  const kernels::UnitInfo& unit = kernels::unit(name);
  return {&unit, format, read_operands(unit, {.format = format})};
}

TEST(Energies, AreOneRowPerPointInOrder) {
  const auto technology = read_technology("osu018");
  const SynthesisFlow flow = open_flow(technology.library, {});
  const EnergyConditions conditions{technology, flow, {}, ""};
  const std::vector<EnergyPoint> points{point("ternary2_unpack", "ternary"), point("ternary34_pack", "sherry"),
                                        point("ternary34_unpack", "sherry")};
  std::size_t done = 0;
  const auto rows = energies(points, conditions, [&](const EnergyRow&) { ++done; });
  EXPECT_EQ(done, 3U);
  const reports::Record record = all_energy_record(rows, conditions);
  const reports::Table& table = record.tables.at(0);
  ASSERT_EQ(table.rows.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table.rows[i][0], points[i].unit->name);
    EXPECT_GT(table.rows[i][14].get<double>(), 0);  // pJ per value
  }
  EXPECT_THAT(all_energy_text(record, false),
              AllOf(HasSubstr("Under which conditions"), HasSubstr("accuracy"), HasSubstr("wires")));
  EXPECT_THROW(energies(std::vector<EnergyPoint>{point("ternary2_unpack", "int8")}, conditions), InputError);
  EXPECT_EQ(record.provenance.at("stimulus"), "the operands of `verify`, corner cases among them, seed 1");
}

/// A text whose lines were broken, in one line.
std::string without_breaks(std::string text) {
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at))
    text.replace(at, std::min(text.find_first_not_of(" \n", at), text.size()) - at, " ");
  return text;
}

// Options of layers are the tiles' and said to be so; where there is no tile they are refused.
TEST(Energies, WhatIsAskedOfLayersIsForTheTilesAlone) {
  const auto technology = read_technology("osu018");
  const SynthesisFlow flow = open_flow(technology.library, {});
  EnergyConditions conditions{technology, flow, {}, ""};
  const OperandNames names{.format = "", .activations = {.tokens = 2, .seed = 5}, .random = true};
  const std::vector<EnergyPoint> points =
      energy_points({&kernels::unit("int8_mac_tile"), &kernels::unit("ternary34_pack")}, names);
  ASSERT_EQ(points.size(), 2U);
  const auto rows = energies(points, conditions);
  const reports::Record record = all_energy_record(rows, conditions);
  ASSERT_EQ(record.tables.at(0).rows.size(), 2U);
  EXPECT_THAT(record.provenance.at("stimulus"),
              AllOf(HasSubstr("tiles: "), HasSubstr("with random codes, seed 5"), HasSubstr("2 tokens"),
                    HasSubstr("; other units: the operands of `verify`, corner cases among them, seed 5"),
                    Not(HasSubstr("first quantized layer"))));
  const auto& tile = record.tables[0].rows[0];
  const auto& pack = record.tables[0].rows[1];
  EXPECT_GT(tile[6].get<double>(), 1.05);
  EXPECT_DOUBLE_EQ(tile[10].get<double>(), tile[6].get<double>() * rows[0].result->zero_delay.pj_per_cycle);
  EXPECT_GE(pack[6].get<double>(), 1);
  EXPECT_GT(pack[7].get<double>(), 0);
  EXPECT_THAT(without_breaks(all_energy_text(record, false)), HasSubstr("with random codes, seed 5"));
  EXPECT_THAT([&] { energy_points({&kernels::unit("ternary34_pack")}, names); },
              ThrowsMessage<InputError>(HasSubstr("takes no layers")));
}

// Areas are those of parts mapped one by one, while energy is of all cells and composes nothing. Mapped as one flat
// netlist the tile is 3.5 % smaller, because what PEs of a row or a column compute alike from the same operands is then
// made once.
TEST(Composition, OfA2x2TileIsALittleLargerThanTheFlatNetlist) {
  if (std::getenv("SUBBYTE_NIGHTLY") == nullptr) GTEST_SKIP() << "a minute of yosys; with SUBBYTE_NIGHTLY";
  const auto technology = read_technology("osu018");
  const kernels::Parameters tile{{"rows", 2}, {"cols", 2}};
  const SynthesisResult parts = synthesize(kernels::unit("bitserial_tile"), tile, technology.library);
  const SynthesisFlow flow = open_flow(technology.library, {});
  const auto& unit = kernels::unit("bitserial_tile");
  std::map<std::string, std::string> rtl;
  for (const auto& spec : unit.parameters) rtl[spec.rtl_name] = std::to_string(parts.parameters.at(spec.name));
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
