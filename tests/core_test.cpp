// Tests the core: golden against RTL, `fast` and SystemC beside them under stalls and behind the memory channel, laws
// of its cycles, and the comparison on a broken core.
#include "kernels/core.hpp"

#include "kernels/core/channel_flow.hpp"
#include "kernels/core/core_plan.hpp"
#include "kernels/parts/random_values.hpp"
#include "models/catalogue.hpp"
#include "models/fast/core_fast.hpp"
#include "models/fast/fast_trace.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {
namespace {

using kernels::ChannelParams;
using kernels::CoreParams;

TEST(Core, RtlEqualsGolden) { expect_rtl_equals_golden("core", 6); }

/// A channel drawn at random: words of one to four cycles, bursts of one to eight words.
ChannelParams drawn_channel(kernels::Random& random) {
  ChannelParams channel;
  channel.cycle_ticks = 1 + random.below(4);
  channel.word_ticks = channel.cycle_ticks + random.below(10);
  channel.burst_words = 1U << random.below(4);
  channel.latency = random.below(60);
  channel.turnaround = random.below(12);
  return channel;
}

// 240 layers in three tops: the cycles of every command and of every cause agree, and the bits with golden's.
TEST(Core, FourEnginesAgreeBehindTheChannel) {
  const auto& info = kernels::unit("core");
  kernels::Random random(7);
  const char* const formats[] = {"bitmod-fp4:g32", "int4-asym:g16", "int8:g64", "mxfp4:g32", "int4:g32:scale=u8"};
  for (const kernels::Parameters& point : info.points) {
    const CoreParams params = CoreParams::of(point);
    for (unsigned i = 0; i < 80; ++i) {
      const quant::Format format = quant::parse_format(formats[i % std::size(formats)]);
      if (info.unsupported(point, format)) continue;
      auto stimulus = info.random(point, {format, 1 + random.below(9), random.next(), {}, true});
      const ChannelParams channel = drawn_channel(random);
      stimulus.flow = kernels::channel_flow(params, channel);
      SCOPED_TRACE("layer " + std::to_string(i) + " " + format.id());
      const auto golden = info.golden(point, stimulus, {});
      const auto systemc = models::run_systemc(info, point, stimulus, {});
      const auto fast = models::fast_trace(info, point, stimulus);
      const auto rtl = sim::run_rtl(info, point, stimulus);
      const auto verdict = kernels::compare(systemc, rtl);
      ASSERT_TRUE(verdict.cycles_compared && verdict.equal()) << verdict.first_cycle_mismatch.value_or(0);
      ASSERT_EQ(kernels::compare(golden, rtl).bit_mismatches, 0U);
      ASSERT_EQ(kernels::compare(fast, rtl).cycle_mismatches, 0U);

      const auto layer = kernels::CoreLayer::of(stimulus.config);
      const unsigned terms = kernels::table_of(params.tile.encoder, stimulus.config).terms;
      models::ChannelTimes times(channel);
      const kernels::CoreCounts counts = models::core_cycles(params, layer, terms, stimulus.config.size(), times);
      const kernels::CoreCommandLayout commands(params);
      for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
        ASSERT_EQ(counts[cause],
                  kernels::get_bits(rtl.beat(rtl.size() - kernels::kCoreCauseCount + cause), commands.count, 32))
            << kernels::kCoreCauses[cause];
    }
  }
}

/// A layer of 24 x 40 weights in groups of 20 for 5 tokens, at the point of four small tiles.
kernels::CoreShape small_shape() {
  kernels::CoreShape shape;
  shape.tokens = 5;
  shape.outputs = 24;
  shape.inputs = 40;
  shape.group = 20;
  return shape;
}

TEST(Core, AStepTakesWhatThePageSays) {
  kernels::Parameters point = kernels::unit("core").points[1];  // 4 x 4 results, lanes 2, words of 8 bytes
  const CoreParams params = CoreParams::of(point);
  const kernels::CoreShape shape = small_shape();
  const auto layer = kernels::core_layer(params, shape, {true, 1, 1});
  EXPECT_EQ(layer.chunks, 10U);
  // Metadata is read in cycle 1 and the first chunk in cycle 2; it is in stage 2 from cycle 4 on. A group of 10 chunks
  // with two terms takes 20 cycles, more than the 11 of its scale, and the metadata between hides behind the chunks.
  const auto cycles = models::core_step_cycles(params, layer, 2, kernels::core_step(params, layer, 0));
  EXPECT_EQ(cycles.fill, 3U);
  EXPECT_EQ(cycles.work, 40U);
  EXPECT_EQ(cycles.gap, 0U);
  // kernels/TIMING.md: the last term at t, row 0 at t + 2 + 11 + 1 + 3, and row 1 behind it.
  EXPECT_EQ(cycles.drain, 18U);
  // With one term the metadata of the second group takes a cycle in which no chunk is in stage 2.
  EXPECT_EQ(models::core_step_cycles(params, layer, 1, kernels::core_step(params, layer, 0)).gap, 1U);
  // A hundred tiles take what is left out of one of them, a hundred times.
  kernels::CoreStep hundred = kernels::core_step(params, layer, 0);
  hundred.n_tiles = hundred.t_tiles = 10;
  const auto many = models::core_step_cycles(params, layer, 2, hundred);
  EXPECT_EQ(many.work, 4000U);
  EXPECT_EQ(many.total(), 3 + 4000 + many.gap + 18U);
}

// More bytes per cycle never cost cycles, and the causes sum to the whole.
TEST(Core, ABusThatIsFasterNeverCostsCycles) {
  const auto& info = kernels::unit("core");
  kernels::Random random(11);
  for (unsigned i = 0; i < 200; ++i) {
    const kernels::Parameters& point = info.points[i % info.points.size()];
    const CoreParams params = CoreParams::of(point);
    const auto stimulus =
        info.random(point, {quant::parse_format("bitmod-fp4:g32"), 1 + random.below(30), random.next(), {}, false});
    const auto layer = kernels::CoreLayer::of(stimulus.config);
    std::uint64_t before = 0;
    for (const std::uint64_t ticks : {1U, 2U, 3U, 8U, 40U}) {
      ChannelParams channel;
      channel.word_ticks = ticks;
      models::ChannelTimes times(channel);
      const auto counts = models::core_cycles(params, layer, 2, 0, times);
      std::uint64_t total = 0;
      for (const std::uint64_t count : counts) total += count;
      EXPECT_GE(total, before) << "layer " << i << ", " << ticks << " cycles per word";
      EXPECT_LE(total, std::uint64_t{1} << 40U) << "a negative count";
      before = total;
    }
  }
}

TEST(Core, ChannelBooksWholeBurstsAndTurns) {
  ChannelParams params;
  params.burst_words = 4;
  params.latency = 10;
  params.turnaround = 3;
  kernels::Channel channel(params);
  channel.request(kernels::CoreCommand::kRead, {2, 4}, 0);  // words 2 .. 5 of bursts 0 and 1
  EXPECT_EQ(channel.word_from(), 1U + 10 + 3);              // the third word of the first burst has passed
  EXPECT_EQ(channel.word_from(3), 1U + 10 + 6);
  channel.take_words(4);
  channel.request(kernels::CoreCommand::kWrite, {8, 1}, 3);
  EXPECT_EQ(channel.data_from(), 11U + 8 + 3);
  EXPECT_EQ(channel.words().read, 8U);
  EXPECT_EQ(channel.words().written, 4U);
  EXPECT_THROW(ChannelParams::of(50, 1.6e9, 16), std::invalid_argument);
  EXPECT_EQ(ChannelParams::of(50, 1.6e9, 32).word_ticks, 1024U);
  EXPECT_EQ(ChannelParams::of(100, 1.6e9, 32).word_ticks, 2048U);
}

TEST(Core, WhatDoesNotFitIsRefused) {
  const CoreParams params = CoreParams::of(kernels::unit("core").points[1]);
  kernels::CoreShape shape = small_shape();
  shape.inputs = 4000;
  try {
    kernels::core_layer(params, shape, {});
    FAIL() << "a token of 8000 bytes fits half of 4 KiB";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()).find("core: a block's words of activations per row are 1000"), 0U)
        << error.what();
  }
  kernels::Parameters odd = kernels::unit("core").points[1];
  odd["cols"] = 3;
  EXPECT_THROW(CoreParams::of(odd), std::invalid_argument);
  kernels::Parameters small = kernels::unit("core").points[0];
  small["output_kib"] = 1;
  small["tile_rows"] = 4;  // 32 rows of 32 bytes do not fit half of 1 KiB
  EXPECT_THROW(CoreParams::of(small), std::invalid_argument);
}

/// Codes, scales and tokens of a shape without selectors, zero points and channel scales.
struct Drawn {
  kernels::CoreWeights weights;
  std::vector<std::uint16_t> tokens;
};

Drawn drawn_layer(const kernels::CoreShape& shape) {
  kernels::Random random(3);
  Drawn drawn;
  for (std::size_t i = 0; i < shape.outputs * shape.inputs; ++i)
    drawn.weights.codes.push_back(static_cast<std::uint8_t>(random.below(16)));
  for (std::size_t i = 0; i < shape.outputs * shape.stored_groups(); ++i)
    drawn.weights.scales.push_back(static_cast<std::uint16_t>(0x2C00 + random.below(0x800)));
  for (std::size_t i = 0; i < shape.tokens * shape.inputs; ++i)
    drawn.tokens.push_back(static_cast<std::uint16_t>(0x3800 + random.below(0x800) + 0x8000 * random.below(2)));
  return drawn;
}

/// The same of a block of inputs.
Drawn sliced(const kernels::CoreShape& shape, const Drawn& all, std::size_t first_group, std::size_t groups) {
  Drawn part;
  const std::size_t first = first_group * shape.group, count = kernels::core_slice(shape, first_group, groups).inputs;
  const auto take = [](auto& to, const auto& from, std::size_t begin, std::size_t n) {
    for (std::size_t i = begin; i < begin + n; ++i) to.push_back(from[i]);
  };
  for (std::size_t output = 0; output < shape.outputs; ++output) {
    take(part.weights.codes, all.weights.codes, output * shape.inputs + first, count);
    take(part.weights.scales, all.weights.scales, output * shape.groups() + first_group, groups);
  }
  for (std::size_t t = 0; t < shape.tokens; ++t) take(part.tokens, all.tokens, t * shape.inputs + first, count);
  return part;
}

std::vector<float> golden_y(const kernels::Parameters& point, const kernels::CoreShape& shape,
                            const kernels::CoreBlocks& blocks, const Drawn& drawn) {
  const CoreParams params = CoreParams::of(point);
  const auto layer = kernels::core_layer(params, shape, blocks);
  kernels::Stimulus stimulus;
  stimulus.config = kernels::config_writes(params.tile.encoder,
                                           quant::lower(quant::parse_format("int4:g20"), kernels::kBoothDigits, 7));
  const auto writes = layer.writes();
  stimulus.config.insert(stimulus.config.end(), writes.begin(), writes.end());
  stimulus.input =
      kernels::core_reads(params, layer, kernels::core_memory(params, shape, layer, drawn.weights, drawn.tokens));
  const auto trace = kernels::unit("core").golden(point, stimulus, {});
  kernels::CoreOutputs outputs(params, shape, layer);
  for (std::uint64_t i = 0; i < trace.size(); ++i) outputs.take(trace.beat(i));
  return outputs.y();
}

// K in blocks: Y is the sum of layers that have one block of inputs each, in FP32 and in their order.
TEST(Core, BlocksOfInputsAreAddedInTheirOrder) {
  const kernels::Parameters point = kernels::unit("core").points[1];
  kernels::CoreShape shape = small_shape();
  shape.inputs = 90;  // five groups, the last one of 10 inputs
  const Drawn drawn = drawn_layer(shape);
  std::vector<float> sum;
  for (const std::size_t first : {0U, 2U, 4U}) {
    const std::size_t groups = first == 4 ? 1 : 2;
    const auto part =
        golden_y(point, kernels::core_slice(shape, first, groups), {true, 2, 1}, sliced(shape, drawn, first, groups));
    if (first == 0) sum.assign(part.size(), -0.0F);
    for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
  }
  for (const bool weights_outer : {false, true})
    for (const std::size_t tiles : {1U, 2U, 6U})
      EXPECT_EQ(golden_y(point, shape, {weights_outer, tiles, 1, 2}, drawn), sum) << weights_outer << " " << tiles;
}

// A group that the buffers do not hold is cut; each part is scaled as the whole group is.
TEST(Core, PartsOfAGroupHaveItsScale) {
  const kernels::Parameters point = kernels::unit("core").points[1];
  const CoreParams params = CoreParams::of(point);
  kernels::CoreShape shape = small_shape();
  shape.inputs = shape.group = 5000;
  const kernels::CoreShape cut = kernels::core_cut_groups(params, shape);
  EXPECT_EQ(cut.parts, 20U);  // a row of an array of four has 512 bytes, 256 inputs, in half of 4 KiB
  EXPECT_EQ(cut.group, 250U);
  EXPECT_EQ(cut.stored_groups(), 1U);
  const Drawn drawn = drawn_layer(cut);
  kernels::CoreShape repeated = cut;
  repeated.parts = 1;
  Drawn same = drawn;
  same.weights.scales.clear();
  for (const std::uint16_t scale : drawn.weights.scales)
    same.weights.scales.insert(same.weights.scales.end(), 20, scale);
  EXPECT_EQ(golden_y(point, cut, {true, 1, 1, 1}, drawn), golden_y(point, repeated, {true, 1, 1, 1}, same));
  EXPECT_EQ(kernels::core_cut_groups(params, small_shape()).parts, 1U);
}

// Half 1 of the output buffer takes results without adding them: the first wrong word is one of a pair's data.
TEST(Core, AResultThatIsNotAddedIsFound) {
  const auto& info = kernels::unit("core");
  kernels::Stimulus stimulus;
  kernels::CoreLayer layer;
  for (std::uint64_t seed = 1; layer.k_blocks < 2 || layer.t_blocks * layer.n_blocks < 2; ++seed) {
    stimulus = info.random(info.points[1], {quant::parse_format("int4:g8"), 12, seed, {}, false});
    layer = kernels::CoreLayer::of(stimulus.config);
  }
  const BrokenRtl broken("core/core_results.sv", "first_i ? store_data_i", "(first_i || half_i) ? store_data_i");
  const auto verdict = compare_broken("core", info.points[1], stimulus, broken);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  const auto golden = info.golden(info.points[1], stimulus, {});
  std::uint64_t announcements = 0;
  for (std::uint64_t i = 0; i < *verdict.first_bit_mismatch; ++i)
    announcements += kernels::get_bits(golden.beat(i), 0, 2) == 1 ? 1 : 0;
  EXPECT_EQ(kernels::get_bits(golden.beat(*verdict.first_bit_mismatch), 0, 2), 2U);
  const auto first = kernels::core_step(CoreParams::of(info.points[1]), layer, 0);
  EXPECT_GT(announcements, first.tokens) << "pair 0 is in half 0";
}

// The last write of a step takes the address of its first row: golden names the row of Y that comes back elsewhere.
TEST(Core, AWrongRowOfYIsFound) {
  const auto& info = kernels::unit("core");
  const auto stimulus = info.random(info.points[1], {quant::parse_format("int4:g8"), 12, 4, {}, false});
  const BrokenRtl broken("core/core_memory.sv", "row_offset_q <= next_row;", "row_offset_q <= row_offset_q;");
  const auto verdict = compare_broken("core", info.points[1], stimulus, broken);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  const auto golden = info.golden(info.points[1], stimulus, {});
  std::uint64_t second_row = 0;  // the second announcement of a write
  for (unsigned announcements = 0; announcements < 2; ++second_row)
    announcements += kernels::get_bits(golden.beat(second_row), 0, 2) == 1 ? 1 : 0;
  EXPECT_EQ(*verdict.first_bit_mismatch, second_row - 1);
}

}  // namespace
}  // namespace subbyte
