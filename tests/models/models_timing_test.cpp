// Tests cycles of the SystemC models against lists worked out by hand from kernels/TIMING.md.
#include <gtest/gtest.h>

#include <string>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "models/catalogue.hpp"

namespace subbyte::models {
namespace {

using kernels::Parameters;
using kernels::Side;
using kernels::StallPlan;
using kernels::Stimulus;
using Cycles = std::vector<std::uint64_t>;
using Flags = std::vector<std::string>;

/// Makes beats of zeros in which the named one-bit fields are set.
Stimulus stimulus_of(const std::string& unit, const Parameters& given, const std::vector<Flags>& beats) {
  const kernels::UnitInfo& info = kernels::unit(unit);
  const kernels::BeatShape shape = info.input_shape(resolve(info, given));
  kernels::Beats words(shape.words());
  for (const Flags& flags : beats) {
    const std::span<std::uint64_t> beat = words.append();
    for (const std::string& flag : flags) kernels::set_bits(beat, shape.offset(flag), 1, 1);
  }
  return {{}, source_of(std::move(words)), {}, beats.size()};
}

Cycles cycles_of(const std::string& unit, const Parameters& given, const Stimulus& stimulus) {
  const kernels::Trace trace = run_systemc(kernels::unit(unit), given, stimulus);
  Cycles cycles;
  for (std::uint64_t i = 0; i < trace.size(); ++i) cycles.push_back(trace.cycle(i));
  return cycles;
}

/// Returns a plan whose side is stalled in the cycles of `pattern` that hold '1' and free where it holds '0'; '.' is
/// any.
StallPlan plan_with(Side side, const std::string& pattern) {
  StallPlan plan;
  (side == Side::kInput ? plan.input_percent : plan.output_percent) = 70;
  const auto fits = [&] {
    for (std::size_t cycle = 0; cycle < pattern.size(); ++cycle) {
      if (pattern[cycle] != '.' && plan.stalled(side, cycle) != (pattern[cycle] == '1')) return false;
    }
    return true;
  };
  while (!fits()) ++plan.seed;
  return plan;
}

std::string pattern(std::initializer_list<std::pair<unsigned, char>> runs) {
  std::string text;
  for (const auto& [count, what] : runs) text.append(count, what);
  return text;
}

Cycles range(std::uint64_t first, std::uint64_t count) {
  Cycles cycles;
  for (std::uint64_t i = 0; i < count; ++i) cycles.push_back(first + i);
  return cycles;
}

TEST(TermEncoder, GivesATermPerCycleFromCycleZero) {
  // The reset program is bitmod-fp4 with two terms. The latency is 0, so the first output is at the first edge.
  const Stimulus stimulus = stimulus_of("term_encoder", {}, {{}, {}, {}});
  EXPECT_EQ(cycles_of("term_encoder", {}, stimulus), range(0, 6));
}

TEST(TermEncoder, WaitsForTheConfigurationWrites) {
  Stimulus stimulus = stimulus_of("term_encoder", {}, {{}, {}});
  stimulus.config = {{20, 3U << 2}, {255, 0}, {0, 0}};  // control word: three terms, Booth; two writes without effect
  EXPECT_EQ(cycles_of("term_encoder", {}, stimulus), range(3, 6));
}

TEST(TermEncoder, PassesStallsOn) {
  Stimulus stimulus = stimulus_of("term_encoder", {}, {{}, {}});
  stimulus.stalls = plan_with(Side::kOutput, "10110010");
  EXPECT_EQ(cycles_of("term_encoder", {}, stimulus), (Cycles{1, 4, 5, 7}));
}

TEST(BitserialPe, GivesTheSumTwoEdgesAfterTheLastBeat) {
  EXPECT_EQ(cycles_of("bitserial_pe", {}, stimulus_of("bitserial_pe", {}, {{"last"}, {"last"}, {"last"}})),
            range(2, 3));
  const std::vector<Flags> groups_of_four = {{}, {}, {}, {"last"}, {}, {}, {}, {"last"}};
  EXPECT_EQ(cycles_of("bitserial_pe", {}, stimulus_of("bitserial_pe", {}, groups_of_four)), (Cycles{5, 9}));
}

TEST(BitserialPe, HoldsStageOneWhileTheOutputIsFull) {
  // Edge 0 loads group 0, and edge 1 moves it and loads group 1. It is stalled at 2 and 3, where nothing moves. At edge
  // 4 it goes out, moves and loads.
  Stimulus stimulus = stimulus_of("bitserial_pe", {}, {{"last"}, {"last"}, {"last"}});
  stimulus.stalls = plan_with(Side::kOutput, "..11000");
  EXPECT_EQ(cycles_of("bitserial_pe", {}, stimulus), (Cycles{4, 5, 6}));
}

TEST(BitserialPe, KeepsAccumulatingWhileTheOutputIsFull) {
  // Group 0 fills the output at edge 1. Beats 1..3 enter at 1, 2, 3; the last one waits in stage 1 until
  // edge 8.
  Stimulus stimulus = stimulus_of("bitserial_pe", {}, {{"last"}, {}, {}, {"last"}, {"last"}});
  stimulus.stalls = plan_with(Side::kOutput, "..111111000");
  EXPECT_EQ(cycles_of("bitserial_pe", {}, stimulus), (Cycles{8, 9, 10}));
}

TEST(BitserialPe, TakesABeatOnlyWhenItIsPresented) {
  // They are presented, and so accepted, at 1, 4 and 5.
  Stimulus stimulus = stimulus_of("bitserial_pe", {}, {{"last"}, {"last"}, {"last"}});
  stimulus.stalls = plan_with(Side::kInput, "101100");
  EXPECT_EQ(cycles_of("bitserial_pe", {}, stimulus), (Cycles{3, 6, 7}));
}

TEST(GroupDequant, TakesACycleForAScaleBit) {
  // In FP16 the input is at 0, the output at 0 + 11 + 1, and the next input at 11.
  EXPECT_EQ(cycles_of("group_dequant", {}, stimulus_of("group_dequant", {}, {{}, {}, {}})), (Cycles{12, 23, 34}));
  const Flags u8 = {"scale_u8"};
  EXPECT_EQ(cycles_of("group_dequant", {}, stimulus_of("group_dequant", {}, {u8, u8, u8})), (Cycles{9, 17, 25}));
  EXPECT_EQ(cycles_of("group_dequant", {}, stimulus_of("group_dequant", {}, {{}, u8, {}})), (Cycles{12, 20, 31}));
}

TEST(GroupDequant, HoldsTheNextProductWhileTheOutputIsFull) {
  // Product 1 is done at edge 22 and waits; edge 26 frees the output and lets it move, and input 2 enters.
  Stimulus stimulus = stimulus_of("group_dequant", {}, {{}, {}, {}});
  stimulus.stalls = plan_with(Side::kOutput, pattern({{12, '.'}, {14, '1'}, {2, '0'}, {10, '.'}, {1, '0'}}));
  EXPECT_EQ(cycles_of("group_dequant", {}, stimulus), (Cycles{26, 27, 38}));
}

TEST(ColumnAccumulator, GivesTheValueThreeEdgesAfterTheLastGroup) {
  const std::vector<Flags> one_group(8, Flags{"last"});
  EXPECT_EQ(cycles_of("column_accumulator", {}, stimulus_of("column_accumulator", {}, one_group)), range(3, 8));
  const Parameters two_rows = {{"rows", 2}};
  const std::vector<Flags> two_groups = {{}, {}, {"last"}, {"last"}};
  EXPECT_EQ(cycles_of("column_accumulator", two_rows, stimulus_of("column_accumulator", two_rows, two_groups)),
            (Cycles{5, 6}));
}

TEST(ColumnAccumulator, FillsItsThreeStagesWhileTheOutputIsFull) {
  // Edges 0, 1, 2 bring values 0, 1, 2 as far as output, stage 2 and stage 1; value 3 enters at edge 6.
  const Parameters one_row = {{"rows", 1}};
  Stimulus stimulus = stimulus_of("column_accumulator", one_row, std::vector<Flags>(4, Flags{"last"}));
  stimulus.stalls = plan_with(Side::kOutput, "...1110000");
  EXPECT_EQ(cycles_of("column_accumulator", one_row, stimulus), range(6, 4));
}

TEST(ColumnAccumulator, AddsPastAFullOutput) {
  // Value 0 is in the output register from edge 2; the two beats behind it are added, the last one reaches
  // stage 2 at 4.
  const Parameters one_row = {{"rows", 1}};
  Stimulus stimulus = stimulus_of("column_accumulator", one_row, {{"last"}, {}, {}, {"last"}});
  stimulus.stalls = plan_with(Side::kOutput, "...111100");
  EXPECT_EQ(cycles_of("column_accumulator", one_row, stimulus), (Cycles{7, 8}));
}

TEST(ColumnAccumulator, AddsPastAFullStageTwo) {
  // Output and stage 2 are full from edge 2; the addition behind them moves at 3 and lets value 2 into
  // stage 1.
  const Parameters one_row = {{"rows", 1}};
  Stimulus stimulus = stimulus_of("column_accumulator", one_row, {{"last"}, {"last"}, {}, {"last"}});
  stimulus.stalls = plan_with(Side::kOutput, "...111111000");
  EXPECT_EQ(cycles_of("column_accumulator", one_row, stimulus), range(9, 3));
}

const Flags kTile = {"group_last", "tile_last"};
const Flags kTileU8 = {"group_last", "tile_last", "scale_u8"};

TEST(BitserialTile, DrainsOneRowPerCycle) {
  // One group of one beat has two terms: the last term is at 1, the PE result at 3, the product at 3 + 11 + 1 = 15, and
  // the value at 15 + 3.
  const Stimulus fp16 = stimulus_of("bitserial_tile", {}, {kTile});
  EXPECT_EQ(cycles_of("bitserial_tile", {}, fp16), range(18, 8));
  const Stimulus u8 = stimulus_of("bitserial_tile", {}, {kTileU8});
  EXPECT_EQ(cycles_of("bitserial_tile", {}, u8), range(15, 8));
  const Parameters three_rows = {{"rows", 3}};
  EXPECT_EQ(cycles_of("bitserial_tile", three_rows, stimulus_of("bitserial_tile", three_rows, {kTile})), range(18, 3));
  const Parameters two_ports = {{"rows", 16}};
  EXPECT_EQ(cycles_of("bitserial_tile", two_ports, stimulus_of("bitserial_tile", two_ports, {kTile})), range(18, 8));
}

TEST(BitserialTile, HidesTheScaleBehindALongGroup) {
  // Two groups have 32 beats of two terms: the last term is at 127, the PE result at 129, the product at 141, and the
  // value at 144.
  std::vector<Flags> beats(64);
  beats[31] = {"group_last"};
  beats[63] = kTile;
  EXPECT_EQ(cycles_of("bitserial_tile", {}, stimulus_of("bitserial_tile", {}, beats)), range(144, 8));
}

TEST(BitserialTile, IsPacedByTheScaleOfShortGroups) {
  // Groups of two cycles stand against 11 scale bits: the dequantizers start at 3, 14 and 25, and the tile ends with
  // the third.
  const Stimulus one_tile = stimulus_of("bitserial_tile", {}, {{"group_last"}, {"group_last"}, kTile});
  EXPECT_EQ(cycles_of("bitserial_tile", {}, one_tile), range(40, 8));
  Cycles expected;
  for (std::uint64_t tile = 0; tile < 5; ++tile) {
    for (const std::uint64_t cycle : range(18 + 11 * tile, 8)) expected.push_back(cycle);
  }
  const Stimulus five_tiles = stimulus_of("bitserial_tile", {}, std::vector<Flags>(5, kTile));
  EXPECT_EQ(cycles_of("bitserial_tile", {}, five_tiles), expected);
}

TEST(BitserialTile, EightRowsDrainAsFastAsAnEightBitScale) {
  Cycles expected;
  for (std::uint64_t tile = 0; tile < 4; ++tile) {
    for (const std::uint64_t cycle : range(15 + 8 * tile, 8)) expected.push_back(cycle);
  }
  const Stimulus stimulus = stimulus_of("bitserial_tile", {}, std::vector<Flags>(4, kTileU8));
  EXPECT_EQ(cycles_of("bitserial_tile", {}, stimulus), expected);
}

TEST(BitserialTile, BacksUpFromAFullOutput) {
  // There is one row with u8. Products at 12, 20 and 28 enter the accumulator, and the third stops in its stage 1.
  // Product 3 (ready at 36) enters when edge 36 frees the output. Dequantizer 4 starts at 35: its product is at 44, and
  // the value at 47.
  const Parameters one_row = {{"rows", 1}};
  Stimulus stimulus = stimulus_of("bitserial_tile", one_row, std::vector<Flags>(5, kTileU8));
  stimulus.stalls = plan_with(Side::kOutput, pattern({{15, '.'}, {21, '1'}, {4, '0'}, {7, '.'}, {1, '0'}}));
  EXPECT_EQ(cycles_of("bitserial_tile", one_row, stimulus), (Cycles{36, 37, 38, 39, 47}));
}

}  // namespace
}  // namespace subbyte::models
