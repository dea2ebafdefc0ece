// Tests joules of a layer on a core: its actions against a walk through every field of the loop nest, its sums, its
// buffers, and what is refused.
#include "sim/cost/core_energy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/core/core_buffers.hpp"
#include "kernels/core/core_cuts.hpp"
#include "kernels/parts/random_values.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "tests/support/layer_energy_cases.hpp"

namespace subbyte::sim {
namespace {

using kernels::CoreField;
using kernels::CoreStep;
using testing::HasSubstr;

/// Counts by going through every field of every step.
class Walk {
 public:
  Walk(const CoreLayerPlan& plan, const CoreSchedule& schedule)
      : core_(plan.core), layer_(schedule.layer), outputs_(schedule.shape.outputs) {
    for (std::uint32_t j = 0; j < layer_.steps(); ++j) step(kernels::core_step(core_, layer_, j));
  }
  CoreActions actions;
  std::uint64_t work = 0;

 private:
  void step(const CoreStep& step) {
    actions.weight_words += step.weights.words;
    actions.activation_words += step.activations.words;
    for (kernels::CoreFields fields(core_, layer_, step); !fields.done(); fields.next()) {
      ++actions.fields;
      if (fields.field().plane > 0) ++actions.later_planes;
      if (fields.field().part > 0 && fields.field().kind == kernels::CoreFieldKind::kChunk) ++actions.held_codes;
      if (fields.field().kind == kernels::CoreFieldKind::kChunk) chunk(step, fields.field());
    }
    if (step.last_inputs) write(step);
  }

  void chunk(const CoreStep& step, const CoreField& field) {
    const unsigned tokens = kernels::core_tokens(core_, layer_, step, field.t_tile);
    const std::uint32_t column = (step.first_row.address - layer_.output_base) % layer_.output_row_words;
    const std::size_t first = std::size_t{column} * core_.bus_bytes / 4 + std::size_t{field.n_tile} * core_.cols();
    for (unsigned y = 0; y < core_.tile_rows && field.plane == 0; ++y)
      for (unsigned x = 0; x < core_.tile_cols; ++x) {
        const bool token = y * core_.tile.rows < tokens, output = first + x * core_.tile.cols < outputs_;
        ++(!output ? actions.tile_chunks_without_output
           : token ? actions.tile_chunks
                   : actions.tile_chunks_without_token);
      }
    if (!field.tile_last) return;
    actions.results += core_.rows();  // a row of each bank with each of its beats
    if (!step.first_inputs) actions.added += core_.rows();
  }

  // As rtl/core/core_memory.sv reads: with the announcement, and with the last word of each row of results.
  void write(const CoreStep& step) {
    const std::uint32_t words = 4 * core_.cols() / core_.bus_bytes;
    std::uint64_t reads = 0;
    for (std::uint32_t token = 0; token < step.tokens; ++token) {
      ++reads;
      for (std::uint32_t word = 0; word < step.first_row.words; ++word) reads += word % words == words - 1 ? 1 : 0;
    }
    actions.write_back += reads * core_.tile_rows * core_.tile.ports();
  }

  const kernels::CoreParams& core_;
  const kernels::CoreLayer& layer_;
  std::size_t outputs_;
};

/// A layer in blocks that are drawn, whether they cost little or not.
std::optional<CoreSchedule> drawn_schedule(const CoreLayerPlan& plan, kernels::Random& random) {
  const auto cuts = kernels::core_cuts(plan.core, plan.shape);
  CoreSchedule drawn;
  drawn.shape = cuts[random.below(static_cast<unsigned>(cuts.size()))];
  const auto below = [&](std::size_t most) { return std::size_t{1} + random.below(static_cast<unsigned>(most)); };
  try {
    drawn.layer = kernels::core_layer(plan.core, drawn.shape,
                                      {random.percent(50), below(4), below(3), below(drawn.shape.groups())});
  } catch (const std::invalid_argument&) {  // the buffers do not hold it
    return std::nullopt;
  }
  return drawn;
}

void expect_equal(const CoreActions& a, const CoreActions& b) {
  EXPECT_EQ(a.tile_chunks, b.tile_chunks);
  EXPECT_EQ(a.tile_chunks_without_token, b.tile_chunks_without_token);
  EXPECT_EQ(a.tile_chunks_without_output, b.tile_chunks_without_output);
  EXPECT_EQ(a.fields, b.fields);
  EXPECT_EQ(a.later_planes, b.later_planes);
  EXPECT_EQ(a.held_codes, b.held_codes);
  EXPECT_EQ(a.weight_words, b.weight_words);
  EXPECT_EQ(a.activation_words, b.activation_words);
  EXPECT_EQ(a.results, b.results);
  EXPECT_EQ(a.added, b.added);
  EXPECT_EQ(a.write_back, b.write_back);
}

// Random layers and blocks on a core of every tile, whose parts in the closed form are those of the walk.
TEST(CoreEnergy, ActionsAreThoseOfAWalkThroughTheLoopNest) {
  kernels::Random random(29);
  for (const auto& [name, formats] : std::vector<std::pair<const char*, std::vector<const char*>>>{
           {"bitmod-core-4x4", {"bitmod-fp4", "int4-asym:g32", "bitmod-fp3:scale=u8", "int8:gchannel"}},
           {"int8-core-4x4", {"int8", "int4-asym:g32"}},
           {"ternary34-core-4x4", {"sherry"}},
           {"figna-core-32x32", {"int4:g64"}},
           {"ternary-int8-core-4x4", {"ternary", "ternary-5in8:g32"}},
           {"dequant-core-4x4", {"mxfp4", "nvfp4", "razer"}},
           {"plane-core-4x4", {"nested8", "nested8:g32:view=3"}},
           {"fp16-core-24x32", {"int4"}}}) {
    const Design design = read_design(name);
    unsigned layers = 0, split = 0, padded = 0;
    for (unsigned i = 0; i < 120; ++i) {
      const quant::Format format = quant::parse_format(formats[i % formats.size()]);
      const ProductSize size{1U + random.below(70), 1U + random.below(70), 1U + random.below(300)};
      const CoreLayerPlan plan = plan_core_layer(design, format, size);
      const auto schedule = drawn_schedule(plan, random);
      if (!schedule) continue;
      SCOPED_TRACE(std::string(name) + " " + format.id() + " layer " + std::to_string(i));
      const CoreActions walked = Walk(plan, *schedule).actions;
      expect_equal(core_actions(plan, *schedule), walked);
      ++layers;
      split += walked.added > 0 ? 1 : 0;
      padded += walked.tile_chunks_without_token > 0 && walked.tile_chunks_without_output > 0 ? 1 : 0;
    }
    EXPECT_GE(layers, 60U) << name;
    EXPECT_GE(split + (std::string_view(name) == "fp16-core-24x32" ? 1U : 0U), 1U) << name;
    EXPECT_GE(padded, 10U) << name;
  }
}

Design core_of(std::int64_t bank_kib = 1) {
  Design design = read_design("bitmod-core-4x4");
  design.memory.dram = {"d", 10, 5, 20, "test"};
  design.memory.sram = {{"s", 64, 512, 1, 2, 100, 3, "test"}, {"s", 64, 1024, 4, 8, 200, 6, "test"}};
  design.memory.sram_bank_kib = bank_kib;
  return design;
}

/// 16 tokens, 128 outputs and inputs of four bits: what docs/the-core.md shows.
CoreWork work_of(const Design& design, std::size_t tokens = 16) {
  const ProductSize size{tokens, 128, 128};
  CoreResult result;
  result.plan = plan_core_layer(design, quant::parse_format("bitmod-fp4"), size);
  result.schedule = schedule_core(design.name, result.plan);
  result.counts = result.schedule.counts;
  return core_work(result);
}

CorePower power() {
  CorePower power{power_by({})};
  power.without_tokens = UnitPower{40, 1, 30, 500, 1000, 50, "netlist", {}, {}};
  return power;
}

// The design has four tiles of 4 x 4. Words of the weight buffer have 256 bits, and so have those of the others.
TEST(CoreEnergy, EveryActionIsCountedByHand) {
  const Design design = core_of();
  const CoreWork work = work_of(design);
  const LayerEnergy energy = core_energy(design, work, power());
  const auto count = [&](const char* where, const char* action) { return part_of(energy, where, action).count; };
  // 16 x 2 jobs of 32 chunks, each of which takes two cycles of each of the four tiles.
  EXPECT_EQ(count("unit", "cycles"), 32 * 32 * 2 * 4);
  EXPECT_EQ(part_of(energy, "unit", "cycles").pj_each, 100);
  EXPECT_EQ(count("unit", "cycles of drain, clock alone"), 4 * work.counts[kernels::kDrain]);
  EXPECT_EQ(part_of(energy, "unit", "cycles of drain, clock alone").pj_each, 30);
  EXPECT_EQ(count("unit", "cycles of leakage"), 4 * kernels::core_total(work.counts));
  EXPECT_EQ(count("weight buffer", "writes of 64 bits"), 8704 / 8);                  // read once
  EXPECT_EQ(count("weight buffer", "reads of 64 bits"), 32 * 33 * 2 * 4);            // with a field of metadata per job
  EXPECT_EQ(count("activation buffer", "writes of 64 bits"), 3 * 16 * 128 * 2 / 8);  // read three times
  EXPECT_EQ(count("activation buffer", "reads of 64 bits"), 32 * 33 * 2 * 4 * 8);
  EXPECT_EQ(count("output buffer", "writes of 64 bits"), 16 * 128 * 4 / 8);
  EXPECT_EQ(count("output buffer", "reads of 64 bits beside first results"), 16 * 128 * 4 / 8);
  EXPECT_EQ(count("DRAM", "bits of weights"), 8 * 8704);
  EXPECT_EQ(count("DRAM", "bits of outputs"), 16 * 128 * 32);
  EXPECT_THROW(part_of(energy, "unit", "cycles of tiles without a token"), std::invalid_argument);
  EXPECT_DOUBLE_EQ(energy.seconds, static_cast<double>(kernels::core_total(work.counts)) / 50e6);
}

TEST(CoreEnergy, PartsSumToTheWholeAndEveryCycleIsOneOfATile) {
  const Design design = core_of();
  for (const std::size_t tokens : {1, 3, 11, 16}) {
    const CoreWork work = work_of(design, tokens);
    const LayerEnergy energy = core_energy(design, work, power());
    double parts = 0, places = 0, cycles = 0, metrics = 0;
    for (const EnergyPart& part : energy.parts) {
      parts += part.energy_j;
      EXPECT_NEAR(part.energy_j, part.count * part.pj_each * kPico, 1e-12 * part.energy_j) << part.action;
      EXPECT_FALSE(part.source.empty());
      if (part.unit == "unit" && part.action != "cycles of leakage") cycles += part.count;
    }
    for (const std::string& place : energy.places()) places += energy.unit_j(place);
    EXPECT_DOUBLE_EQ(parts, energy.total_j());
    EXPECT_NEAR(places, parts, 1e-12 * parts);
    EXPECT_THAT(energy.places(),
                testing::ElementsAre("unit", "weight buffer", "activation buffer", "output buffer", "DRAM"));
    EXPECT_NEAR(cycles, part_of(energy, "unit", "cycles of leakage").count, 1e-6) << "a cycle of a tile is missing";
    for (const reports::Metric& metric : energy_metrics(energy))
      if (metric.unit == "J/token" && metric.name != "energy_per_token")
        metrics += metric.value * static_cast<double>(tokens);
    EXPECT_NEAR(metrics, parts, 1e-12 * parts);
    const double without = static_cast<double>(work.actions.tile_chunks_without_token);
    if (tokens == 1) {
      EXPECT_EQ(part_of(energy, "unit", "cycles of tiles without a token").pj_each, 40);
    }
    EXPECT_EQ(without > 0, tokens < 5 || tokens == 11) << "tiles of 4 tokens, two of them side by side";
  }
}

// With one token, both rows of tiles get the weights; only what was measured of zeros may stand for the second one.
TEST(CoreEnergy, TilesWithoutATokenNeedAFigureOfTheirOwn) {
  const Design design = core_of();
  CorePower one = power();
  one.without_tokens.reset();
  EXPECT_NO_THROW(core_energy(design, work_of(design, 16), one));
  EXPECT_THROW(core_energy(design, work_of(design, 1), one), std::bad_optional_access);
}

TEST(CoreEnergy, GlitchesAreThoseOfTheWorkAlone) {
  const Design design = core_of();
  CorePower timed = power();
  timed.tile.glitch_factor = 4;
  timed.without_tokens->glitch_factor = 2;
  const LayerEnergy energy = core_energy(design, work_of(design, 1), timed);
  const double work = part_of(energy, "unit", "cycles").energy_j;
  const double without = part_of(energy, "unit", "cycles of tiles without a token").energy_j;
  EXPECT_DOUBLE_EQ(energy.unit_work_j(), work + without);
  EXPECT_DOUBLE_EQ(energy.unit_work_zero_delay_j.value(), work / 4 + without / 2);
}

// 16 KiB are an even and an odd bank of four macros of 64 bits side by side, which are cut where banks have 1 KiB.
TEST(CoreEnergy, BuffersAreMacrosSideBySide) {
  const std::vector<CoreBuffer> buffers = core_buffers(core_of());
  ASSERT_EQ(buffers.size(), 3U);
  EXPECT_EQ(buffers[0].macros, 2U * 4 * 2);
  EXPECT_EQ(buffers[0].macro.capacity_bytes, 1024);
  EXPECT_EQ(buffers[0].of_word, 4U);
  EXPECT_EQ(buffers[0].of_bus, 4U);
  // Eight rows have 8 KiB each, in an even and an odd bank of four macros.
  EXPECT_EQ(buffers[1].macros, 2U * 8 * 4);
  EXPECT_EQ(buffers[1].needed_bytes, 1024);
  EXPECT_EQ(buffers[2].macros, 2U * 2 * 4);
  Design design = core_of(16);
  design.memory.sram = {{"s", 64, 2048, 1, 2, 100, 3, "test"}, {"s", 64, 4096, 4, 8, 200, 6, "test"}};
  EXPECT_EQ(core_buffers(design)[1].needed_bytes, 1024);
  EXPECT_EQ(core_buffers(design)[1].macro.capacity_bytes, 2048) << "the smallest one stands there";
  design.memory.sram = {{"s", 64, 1024, 4, {}, 200, 6, "test"}};
  EXPECT_THROW(check_core_memories(design), InputError);
}

TEST(CoreEnergy, ConditionsNameWhatIsNotCounted) {
  Design design = core_of();
  for (SramEntry& entry : design.memory.sram) entry.leakage_nw.reset();
  const auto conditions = core_energy_conditions(design, power(), read_technology("osu018"));
  const auto text = [&](const char* key) { return conditions.at(key).get<std::string>(); };
  for (const char* what : {"controller", "unpack", "FP32 adders", "no netlist", "leakage of the output buffer"})
    EXPECT_THAT(text("not_counted"), HasSubstr(what));
  EXPECT_THAT(text("padding"), HasSubstr("a tile without a token takes 40 pJ"));
  EXPECT_THAT(text("waiting"), HasSubstr("leakage"));
  EXPECT_EQ(conditions.at("output_buffer").at("macros_of_a_word"), 4);
  // Nothing that the table has no figure of is counted as zero.
  EXPECT_THROW(part_of(core_energy(design, work_of(design), power()), "weight buffer", "cycles of leakage"),
               std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::sim
