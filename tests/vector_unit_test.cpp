// Tests the vector unit: golden, SystemC and `fast` on random operations under stalls, cycles in closed form and by
// hand, and that nothing pretends to have its RTL.
#include "kernels/vector_unit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "kernels/catalogue.hpp"
#include "models/catalogue.hpp"
#include "models/fast/fast_trace.hpp"
#include "models/fast/vector_unit_fast.hpp"
#include "sim/base/input_error.hpp"
#include "sim/engines/export_unit.hpp"
#include "sim/engines/rtl_engine.hpp"
#include "sim/engines/verify.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/vector_cases.hpp"

namespace subbyte {
namespace {

using kernels::VectorOperation;
using kernels::VectorParams;
using models::VectorRows;

const kernels::UnitInfo& info() { return kernels::unit("vector_unit"); }

/// Counts the operations of a stimulus by kind.
void count_operations(const VectorParams& params, const kernels::Stimulus& stimulus,
                      std::map<VectorOperation, unsigned>& counts) {
  const kernels::VectorLayout layout(params.lanes);
  kernels::VectorWalk walk(params);
  std::vector<std::uint64_t> beat(layout.in.words());
  for (std::size_t next = 0; next < stimulus.input.count || !walk.takes_word();) {
    const bool begins = walk.begins_row();
    if (walk.takes_word()) stimulus.input.fill(next++, beat);
    const auto step = walk.next(layout.command(beat), layout.count(beat), layout.last(beat));
    if (begins) ++counts[step.command.operation];
  }
}

void expect_engines_agree(const kernels::Parameters& point, const kernels::Stimulus& stimulus) {
  const auto golden = info().golden(point, stimulus, {});
  const auto systemc = models::run_systemc(info(), point, stimulus);
  const auto fast = models::fast_trace(info(), point, stimulus);
  const auto bits = kernels::compare(golden, systemc);
  ASSERT_EQ(bits.bit_mismatches, 0U) << "first at beat " << bits.first_bit_mismatch.value_or(0);
  ASSERT_EQ(golden.size(), systemc.size());
  const auto cycles = kernels::compare(fast, systemc);
  ASSERT_EQ(fast.size(), systemc.size());
  ASSERT_EQ(cycles.cycle_mismatches, 0U) << "first at beat " << cycles.first_cycle_mismatch.value_or(0);
}

// 3600 random operations, at every verified point and under stalls on either side alone and on both.
TEST(VectorUnit, EnginesAgreeOnRandomOperations) {
  std::map<VectorOperation, unsigned> counts;
  std::uint64_t seed = 0;
  for (const kernels::Parameters& point : info().points) {
    for (const char* format : {"int4:g32", "int8-asym:g64", "int3-asym:gchannel"}) {
      for (const auto& [in, out] : {std::pair{0U, 0U}, {50U, 0U}, {0U, 50U}, {30U, 30U}, {60U, 60U}, {90U, 10U}}) {
        ++seed;
        SCOPED_TRACE(kernels::parameters_text(point) + " " + format + " stalls " + std::to_string(in) + " and " +
                     std::to_string(out) + " seed " + std::to_string(seed));
        const auto stimulus =
            info().random(point, {quant::parse_format(format), 50, seed, {seed, in, out}, seed % 2 == 0});
        count_operations(VectorParams::of(point), stimulus, counts);
        expect_engines_agree(point, stimulus);
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_EQ(counts.size(), kernels::kVectorOperations);
  for (const auto& [operation, count] : counts) EXPECT_GT(count, 100U) << static_cast<int>(operation);
}

kernels::VectorCommand command_of(VectorOperation operation) {
  kernels::VectorCommand command;
  command.operation = operation;
  command.bits = 4;
  return command;
}

std::vector<kernels::VectorCommand> all_commands() {
  std::vector<kernels::VectorCommand> commands;
  for (unsigned operation = 0; operation < kernels::kVectorOperations; ++operation)
    commands.push_back(command_of(static_cast<VectorOperation>(operation)));
  return commands;
}

std::vector<std::uint64_t> cycles_of(const VectorParams& params, const kernels::Stimulus& stimulus) {
  const auto trace = models::run_systemc(info(), parameters_of(params), stimulus);
  std::vector<std::uint64_t> cycles;
  for (std::uint64_t i = 0; i < trace.size(); ++i) cycles.push_back(trace.cycle(i));
  return cycles;
}

TEST(VectorUnit, CyclesWorkedOutByHand) {
  using Cycles = std::vector<std::uint64_t>;
  const VectorParams params{4, 3, 16};
  const auto of = [&](VectorOperation operation, std::uint64_t length) {
    return cycles_of(params, rows_of_ones(params, command_of(operation), {1, length}));
  };
  EXPECT_EQ(of(VectorOperation::kCopy, 12), (Cycles{3, 4, 5}));
  // Each set of two words enters with the second one, at edges 1, 3 and 5.
  EXPECT_EQ(of(VectorOperation::kAdd, 12), (Cycles{4, 6, 8}));
  // The sets enter at 3 and 7, and each leaves in two cycles.
  EXPECT_EQ(of(VectorOperation::kRotate, 8), (Cycles{6, 7, 10, 11}));
  // The words of the first pass enter at 0 and 1; the second leaves at 4, and the tree of two levels ends at 6. Those
  // of the second pass enter at 7 and 8; 11, the tree at 13, the reciprocal at 16. Those of the third enter at 17, 18.
  EXPECT_EQ(of(VectorOperation::kSoftmax, 8), (Cycles{20, 21}));
  // The words of x enter at 0 and 1; 4, 6, and the root at 9. Weights come at 10 and 11.
  EXPECT_EQ(of(VectorOperation::kRmsNorm, 8), (Cycles{13, 14}));
}

TEST(VectorUnit, TheClosedFormIsTheModels) {
  for (const unsigned lanes : {1U, 3U, 8U, 64U}) {
    for (const unsigned latency : {2U, 3U, 7U, 20U}) {
      const VectorParams params{lanes, latency, 64};
      for (const kernels::VectorCommand& command : all_commands()) {
        const bool grows = command.operation < VectorOperation::kQuantizeToken;
        for (const VectorRows rows :
             {VectorRows{1, 1, 0}, {1, 5, 0}, {4, 17, 0}, {9, 2, grows ? 1U : 0U}, {3, 2, grows ? 1U : 0U, 2}}) {
          const auto cost = models::vector_cost(params, command, rows);
          const auto stimulus = rows_of_ones(params, command, rows);
          const auto trace = models::run_systemc(info(), parameters_of(params), stimulus);
          ASSERT_EQ(cost.cycles + cost.fill, trace.cycles())
              << "operation " << static_cast<int>(command.operation) << " lanes " << lanes << " latency " << latency
              << " rows " << rows.rows << " x " << rows.length;
        }
      }
    }
  }
}

// Operations one behind the other take the sum of their cycles and the last one's fill; rotations stand last here.
TEST(VectorUnit, CyclesOfOperationsAddUp) {
  const VectorParams params{4, 6, 16};
  kernels::Random random(5);
  for (unsigned i = 0; i < 50; ++i) {
    std::vector<VectorRowCase> cases;
    std::uint64_t cycles = 0, fill = 0;
    for (unsigned k = 0; k < 6; ++k) {
      auto command = all_commands()[random.below(kernels::kVectorOperations)];
      if (command.operation == VectorOperation::kRotate && k < 5) command.operation = VectorOperation::kCopy;
      const VectorRows rows{1, 1 + random.below(60), 0};
      cases.push_back({command, std::vector<VectorPatterns>(4, VectorPatterns(rows.length, pattern32(1)))});
      const auto cost = models::vector_cost(params, command, rows);
      cycles += cost.cycles;
      fill = cost.fill;
    }
    const auto stimulus = stimulus_of_rows(params, cases);
    ASSERT_EQ(models::run_systemc(info(), parameters_of(params), stimulus).cycles(), cycles + fill) << i;
  }
}

TEST(VectorUnit, BytesOfOperations) {
  const VectorParams params{8, 8, 64};
  const auto cost = [&](VectorOperation operation, const VectorRows& rows, bool half = false) {
    auto command = command_of(operation);
    command.half_in = command.half_out = half;
    return models::vector_cost(params, command, rows);
  };
  const auto swiglu = cost(VectorOperation::kGate, {3, 100}, true);
  EXPECT_EQ(swiglu.bytes_in, 3 * 100 * 2 * 2U);
  EXPECT_EQ(swiglu.bytes_out, 3 * 100 * 2U);
  EXPECT_EQ(swiglu.cycles, 3 * 13 * 2U);
  EXPECT_EQ(cost(VectorOperation::kLayerNorm, {1, 10}).bytes_in, 10 * 3 * 4U);
  EXPECT_EQ(cost(VectorOperation::kRotate, {2, 64}).bytes_out, 2 * 64 * 2 * 4U);
  EXPECT_EQ(cost(VectorOperation::kSoftmax, {4, 1, 1}).bytes_in, (1 + 2 + 3 + 4) * 4U);
  EXPECT_EQ(cost(VectorOperation::kQuantizeToken, {2, 100}).bytes_out, 2 * 104U);
  EXPECT_EQ(cost(VectorOperation::kQuantizeGroup, {2, 33}).bytes_out, 2 * 19U);  // 33 x 4 + 16 bits
  EXPECT_EQ(cost(VectorOperation::kQuantizeRange, {2, 32}).bytes_out, 2 * 19U);  // 32 x 4 + 16 + 4 bits
}

TEST(VectorUnit, RowsThatDoNotFitAreRefusedByEveryEngine) {
  const VectorParams params{2, 3, 4};
  const auto command = command_of(VectorOperation::kSoftmax);
  EXPECT_THROW(models::vector_cost(params, command, {1, 9}), std::invalid_argument);
  EXPECT_THROW(models::vector_cost(params, command, {5, 5, 1}), std::invalid_argument);
  EXPECT_THROW(models::vector_cost(params, command, {0, 5}), std::invalid_argument);
  EXPECT_THROW(models::vector_cost(params, command_of(VectorOperation::kQuantizeGroup), {2, 2, 1}),
               std::invalid_argument);
  kernels::Beats beats(kernels::VectorLayout(2).in.words());
  const VectorRowCase row{command, {VectorPatterns(9, 0)}};
  add_words(params, row, 0, 1, true, beats);
  const kernels::Stimulus stimulus{{}, source_of(std::move(beats)), {}, 1};
  const auto point = parameters_of(params);
  EXPECT_THROW(info().golden(point, stimulus, {}), std::invalid_argument);
  EXPECT_THROW(models::run_systemc(info(), point, stimulus), std::invalid_argument);
  EXPECT_THROW(models::fast_trace(info(), point, stimulus), std::invalid_argument);
  // Where no pass reads the buffer, any length will do.
  EXPECT_EQ(golden_row(params, {command_of(VectorOperation::kCopy), {VectorPatterns(99, 0)}}).values.size(), 99U);
}

// What is stopped in the middle of a row gives what it has, in every engine.
TEST(VectorUnit, AnEndInTheMiddleOfARow) {
  const auto& point = info().points[2];
  auto stimulus = info().random(point, {quant::parse_format("int4:g32"), 30, 9, {9, 20, 20}, true});
  for (; stimulus.input.count > 0; --stimulus.input.count) {
    stimulus.least_outputs = kernels::vector_unit_outputs(VectorParams::of(point), stimulus.input);
    expect_engines_agree(point, stimulus);
    if (HasFailure()) return;
  }
}

TEST(VectorUnit, WhateverNeedsItsRtlRefusesItByName) {
  const auto& point = info().points[0];
  const char* const why = "unit vector_unit: it has no RTL yet, expected the engines golden, fast and systemc";
  const sim::Technology technology = sim::read_technology("osu018");
  EXPECT_EQ(message_of([&] { sim::run_rtl(info(), point, {}); }), why);
  EXPECT_EQ(message_of([&] { sim::synthesize(info(), point, technology.library, {}); }), why);
  EXPECT_EQ(message_of([&] { sim::map_netlist(info(), point, technology.library, {}); }), why);
  EXPECT_EQ(message_of([] { kernels::unit_without_memories("vector_unit"); }),
            "'vector_unit' has no RTL yet, of which a netlist is made; expected a unit that has, for example "
            "bitserial_tile");
  const sim::UnitExportRequest request{info(), point, quant::parse_format("int4"), 5, 1, 0, 100, technology};
  EXPECT_EQ(message_of([&] { sim::export_unit(request, testing::TempDir() + "no_vector_unit"); }), why);
}

TEST(VectorUnit, VerifyComparesTheEnginesThatItHas) {
  sim::VerifyRequest request;
  request.units = {&info()};
  request.formats = {quant::parse_format("int4:g32")};
  request.cases = 90;
  request.engines = sim::open_engines(sim::parse_engines("golden,systemc,fast"), {});
  const auto result = sim::verify(request, {});
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.runs.size(), 12U);
  request.engines = sim::open_engines(sim::parse_engines("golden,rtl"), {});
  EXPECT_EQ(message_of([&] { sim::verify(request, {}); }),
            "unit vector_unit cannot run int4:g32: it has no RTL yet, expected the engines golden, fast and systemc");
  // Among other units it is left out, and the reason is told.
  request.units.push_back(&kernels::unit("ternary2_unpack"));
  request.formats = {quant::parse_format("ternary")};
  request.skip_unsupported = true;
  const auto both = sim::verify(request, {});
  EXPECT_TRUE(both.equal());
  ASSERT_FALSE(both.skipped.empty());
  EXPECT_THAT(both.skipped.front().why, testing::StartsWith("it has no RTL yet"));
}

}  // namespace
}  // namespace subbyte
