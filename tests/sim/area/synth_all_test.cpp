// Tests synth --all: every unit and every published row is asked for, parts add up to the whole, rates divide areas,
// and published figures are functions of the results.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "kernels/catalogue.hpp"
#include "sim/area/area.hpp"
#include "sim/area/area_all.hpp"
#include "sim/area/published.hpp"
#include "sim/base/process.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kOsu018 = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

SynthesisResult invented(const std::string& unit, const kernels::Parameters& parameters, double area,
                         const std::vector<std::string>& modules = {}) {
  SynthesisResult result;
  result.unit = &kernels::unit(unit);
  result.parameters = kernels::resolve(kernels::unit(unit), parameters);
  result.area_um2 = area;
  result.gate_equivalents = area / 32;
  double share = 1;
  for (const std::string& name : modules) {
    SynthesizedModule module;
    module.name = module.module = name;
    module.instances = 1;
    module.area_um2 = area * (share /= 2);
    module.path = TimingPath{10 * share, "a", "b"};
    result.modules.push_back(module);
  }
  return result;
}

TEST(AreaPoints, HoldEveryUnitAndEveryPublishedRow) {
  const auto points = area_points(AreaBase::kDefault);
  std::set<std::string> names;
  for (const kernels::UnitPoint& point : points)
    EXPECT_TRUE(names.insert(point.name()).second) << point.name() << " twice";
  for (const kernels::UnitInfo& unit : kernels::units()) EXPECT_EQ(names.count(unit.name), 1U) << unit.name;
  std::vector<SynthesisResult> results;
  for (const kernels::UnitPoint& point : points)
    results.push_back(invented(point.unit->name, point.parameters, 1000,
                               {point.unit->name, "bitserial_pe", "group_dequant", "term_encoder", "fp16_mac"}));
  const auto figures = published_figures(results);
  ASSERT_EQ(figures.size(), published_rows().size());
  for (const PublishedFigure& figure : figures) {
    EXPECT_GT(figure.ours, 0) << figure.name;
    EXPECT_GT(figure.published, 0) << figure.name;
    EXPECT_FALSE(figure.source.empty()) << figure.name;
    EXPECT_GT(figure.remark.size(), 20U) << figure.name;
  }
}

TEST(AreaPoints, OfSomeUnitsNeedNoOthers) {
  const auto points = area_points(AreaBase::kSmall, {"ternary34_unpack", "term_encoder"});
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].name(), "term_encoder cols=1 lanes=2");  // catalogue order
  EXPECT_EQ(points[1].name(), "ternary34_unpack groups=2");
  EXPECT_THROW(area_points(AreaBase::kDefault, {"ternary34_unpak"}), std::invalid_argument);
}

TEST(AreaRows, DivideAreasByRates) {
  const std::vector<SynthesisResult> results{
      invented("bitserial_tile", {{"rows", 2}, {"cols", 2}}, 1600, {"bitserial_tile", "x"}),
      invented("fp16_mac_tile", {{"rows", 2}, {"cols", 4}}, 1600), invented("ternary34_unpack", {{"groups", 2}}, 640)};
  const auto rows = area_rows(results);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].name, "bitserial_tile cols=2 rows=2");
  EXPECT_DOUBLE_EQ(rows[0].um2_per_mac.value(), 1600.0 / 8);  // 2 x 2 x 4 lanes, two terms per weight
  EXPECT_DOUBLE_EQ(rows[1].um2_per_mac.value(), 1600.0 / 8);
  EXPECT_DOUBLE_EQ(rows[0].of_fp16.value(), 1.0);
  EXPECT_DOUBLE_EQ(rows[0].path_ns.value(), 5.0);
  EXPECT_FALSE(rows[1].path_ns.has_value());
  EXPECT_FALSE(rows[2].um2_per_mac.has_value());
  EXPECT_DOUBLE_EQ(rows[2].ge_per_weight.value(), 20.0 / 8);
}

TEST(AreaRows, EveryUnitSaysWhatItDoes) {
  for (const kernels::UnitInfo& unit : kernels::units()) {
    ASSERT_TRUE(unit.work_per_cycle) << unit.name;
    const kernels::Work work = unit.work_per_cycle(kernels::resolve(unit, {}));
    EXPECT_GT(work.macs + work.weights, 0) << unit.name;
    EXPECT_TRUE(work.macs == 0 || work.weights == 0) << unit.name;
    EXPECT_FALSE(work.what.empty()) << unit.name;
  }
}

TEST(PublishedFigures, AreFunctionsOfTheResults) {
  // Of the two results of a unit, the row takes the one at its own parameters.
  const std::vector<SynthesisResult> results{invented("bitserial_pe", {}, 9000),
                                             invented("bitserial_pe", published_pe_parameters(), 3000),
                                             invented("group_dequant", published_dequant_parameters(), 1000),
                                             invented("fp16_mac_tile", {}, 8000, {"fp16_mac"})};
  const auto figures = published_figures(results);
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_DOUBLE_EQ(figures[0].ours, 1.0);  // (3000 + 1000) / 4000
  EXPECT_NEAR(figures[0].published, 0.7625, 1e-4);
}

TEST(SynthesizeAll, PartsSumToTheWholeAndErrorsEndTheRun) {
  const ScratchFolder scratch(std::filesystem::temp_directory_path());
  SynthesisOptions options;
  options.cache = scratch.path() / "cache";
  std::size_t lines = 0;
  options.progress = [&](const std::string&) { ++lines; };
  const CellLibrary library = read_cell_library(kOsu018);
  const auto points = area_points(AreaBase::kSmall, {"bitserial_tile", "ternary34_unpack", "ternary2_unpack"});
  std::set<std::size_t> done;
  const auto results = synthesize_all(points, library, options, [&](std::size_t i, double) { done.insert(i); });
  ASSERT_EQ(results.size(), points.size());
  EXPECT_EQ(done.size(), points.size());
  EXPECT_GT(lines, points.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].unit, points[i].unit);
    double area = 0, equivalents = 0;
    std::size_t cells = 0;
    for (const SynthesizedModule& module : results[i].modules) {
      area += module.area_um2 * static_cast<double>(module.instances);
      equivalents += module.gate_equivalents * static_cast<double>(module.instances);
      cells += module.cells * module.instances;
    }
    EXPECT_GT(area, 0) << points[i].name();
    EXPECT_NEAR(area, results[i].area_um2, 1e-6 * area);
    EXPECT_NEAR(equivalents, results[i].gate_equivalents, 1e-6 * equivalents);
    EXPECT_EQ(cells, results[i].cells);
  }
  const auto json = all_json(results, library);
  ASSERT_EQ(json["units"].size(), results.size());
  EXPECT_DOUBLE_EQ(json["units"][0]["area_um2"], results[0].area_um2);
  EXPECT_FALSE(json["published"].empty());
  EXPECT_EQ(all_record(results, library).tables.size(), 2U);

  const std::vector<kernels::UnitPoint> wrong{{&kernels::unit("ternary2_unpack"), {{"codes", 4}}},
                                              {&kernels::unit("ternary2_unpack"), {{"codes", -4}}}};
  EXPECT_THROW(synthesize_all(wrong, library, options), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::sim
