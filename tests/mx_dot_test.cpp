// Tests mx_dot: golden against RTL, its cycles, and the comparison on broken RTL. The numbers are tested in
// tests/kernels/mx_dot_golden_test.cpp.
#include "kernels/mx_dot.hpp"

#include "kernels/catalogue.hpp"
#include "tests/support/block_dot_cases.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

using kernels::BlockBeat;
using kernels::BlockLayout;
using kernels::MxDot;

TEST(MxDot, RtlEqualsGolden) { expect_rtl_equals_golden("mx_dot", 500); }

TEST(MxDot, RtlMultipliesEveryPair) {
  const auto& info = kernels::unit("mx_dot");
  for (const auto& point : info.points) {
    const MxDot dot(point);
    const auto stimulus = stimulus_of(dot.layout(), every_pair(dot.layout(), 127));
    const auto verdict =
        kernels::compare(info.golden(point, stimulus, {}), sim::run_rtl(kernels::unit("mx_dot"), point, stimulus));
    EXPECT_TRUE(verdict.equal()) << "element " << point.at("element") << ", first at "
                                 << verdict.first_bit_mismatch.value_or(0);
    EXPECT_EQ(verdict.beats, std::uint64_t{1} << 2 * kernels::element_info(dot.layout().element).bits);
  }
}

TEST(MxDot, OneBlockPerCycleAndThreeCyclesToTheValue) {
  const auto& info = kernels::unit("mx_dot");
  const auto& point = info.points[0];
  const BlockLayout layout = MxDot(point).layout();
  std::vector<BlockBeat> blocks(40);
  blocks.back().last = true;
  const auto trace = sim::run_rtl(kernels::unit("mx_dot"), point, stimulus_of(layout, blocks));
  ASSERT_EQ(trace.size(), 1U);
  EXPECT_EQ(trace.cycles(), blocks.size() + 3) << "the manual's formula";
  for (const unsigned percent : {0U, 30U, 70U}) {
    const auto stimulus =
        info.random(point, {quant::parse_format("mxfp4"), 60, percent, {percent, percent, percent}, true});
    const auto drawn = blocks_of(layout, stimulus);
    expect_cycles(sim::run_rtl(kernels::unit("mx_dot"), point, stimulus), group_cycles(stimulus.stalls, drawn));
  }
}

/// Makes blocks of one product 1 * 1 with scales of 1.
std::vector<BlockBeat> ones(std::size_t count) {
  std::vector<BlockBeat> blocks(count);
  for (BlockBeat& block : blocks) {
    block.a = {2};
    block.b = {2};
    block.scale_a = block.scale_b = 127;
    block.last = true;
  }
  return blocks;
}

TEST(MxDot, OnesAreOnes) {
  const auto& info = kernels::unit("mx_dot");
  const auto trace =
      sim::run_rtl(kernels::unit("mx_dot"), info.points[0], stimulus_of(MxDot(info.points[0]).layout(), ones(20)));
  EXPECT_EQ(results_of(trace), std::vector<std::uint32_t>(20, 0x3F800000));
}

kernels::Verdict broken(const std::string& file, const std::string& from, const std::string& to,
                        const std::vector<BlockBeat>& blocks) {
  const auto point = kernels::resolve(kernels::unit("mx_dot"), kernels::unit("mx_dot").small_point);
  return compare_broken("mx_dot", point, stimulus_of(MxDot(point).layout(), blocks), BrokenRtl(file, from, to));
}

TEST(MxDot, AnUnclearedSumIsFoundInTheSecondResult) {
  const auto verdict = broken("parts/block_accumulator.sv", "finish_i ? 32'd0 : total", "total", ones(5));
  EXPECT_EQ(verdict.first_bit_mismatch, 1U);
  EXPECT_EQ(verdict.bit_mismatches, 4U);
}

TEST(MxDot, ASubnormalTakenForANormalIsFoundAtItsBeat) {
  auto blocks = ones(8);
  blocks[5].a = {1};
  const auto verdict = broken("arithmetic/minifloat_product.sv", "field_a | ExpBits'(!normal_a)", "field_a", blocks);
  EXPECT_EQ(verdict.first_bit_mismatch, 5U);
  EXPECT_EQ(verdict.bit_mismatches, 1U);
}

// In -144 + 8 the number of negative products is subtracted above the products' bits.
TEST(MxDot, AWrongSignCorrectionIsFoundAtTheFirstNegativeProduct) {
  auto blocks = ones(8);
  blocks[3].a = {2, 15};
  blocks[3].b = {2, 7};
  const auto verdict = broken("arithmetic/signed_sum.sv", "sum + SumWidth'(negatives) - ", "sum - ", blocks);
  EXPECT_EQ(verdict.first_bit_mismatch, 3U);
  EXPECT_EQ(verdict.bit_mismatches, 1U);
}

// Ten products of 15/8 by 15/8 stand at the top of the window, and their 2250 needs a bit more than ten of 14/8 by
// 14/8 do.
TEST(MxDot, AWindowHoldsTenOfTheLargestSignificands) {
  const auto& info = kernels::unit("mx_dot");
  const auto point = kernels::resolve(info, {{"element", 3}, {"block", 10}, {"window", 24}});
  const auto shape = info.input_shape(point);
  kernels::Beats beats(shape.words());
  for (const unsigned code : {0x77U, 0x7EU, 0x6FU}) {
    const auto beat = beats.append();
    for (unsigned i = 0; i < 20; ++i) kernels::set_bits(beat, 8 * i, 8, code);
    kernels::set_bits(beat, shape.offset("scale_a"), 8, 127);
    kernels::set_bits(beat, shape.offset("scale_b"), 8, 127);
    kernels::set_bits(beat, shape.offset("last"), 1, 1);
  }
  const kernels::Stimulus stimulus{{}, kernels::source_of(std::move(beats)), {}, 3};
  const auto golden = info.golden(point, stimulus, {});
  EXPECT_EQ(kernels::get_bits(golden.beat(0), 0, 32), 0x490CA000U);  // 10 x 240 x 240
  EXPECT_TRUE(kernels::compare(golden, sim::run_rtl(kernels::unit("mx_dot"), point, stimulus)).equal());
  const auto random = info.random(point, {quant::parse_format("mxfp8-e4m3:g10"), 500, 3, {3, 30, 30}, true});
  EXPECT_TRUE(
      kernels::compare(info.golden(point, random, {}), sim::run_rtl(kernels::unit("mx_dot"), point, random)).equal());
}

}  // namespace
}  // namespace subbyte
