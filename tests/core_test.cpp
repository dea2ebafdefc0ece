// Tests the core: golden against RTL, `fast` and SystemC beside them under stalls and behind the memory channel, laws
// of its cycles, and the comparison on a broken core.
#include "kernels/core.hpp"

#include <cstdlib>
#include <iostream>

#include "kernels/core/channel_flow.hpp"
#include "kernels/core/core_plan.hpp"
#include "kernels/parts/random_values.hpp"
#include "models/catalogue.hpp"
#include "models/fast/core_fast.hpp"
#include "models/fast/fast_trace.hpp"
#include "tests/support/core_shapes.hpp"
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

/// Those of the formats that a point runs.
std::vector<quant::Format> formats_of(const kernels::UnitInfo& info, const kernels::Parameters& point,
                                      std::initializer_list<const char*> names) {
  std::vector<quant::Format> formats;
  for (const char* name : names) {
    const quant::Format format = quant::parse_format(name);
    if (!info.unsupported(point, format)) formats.push_back(format);
  }
  return formats;
}

/// Whether RTL is among the engines, and else SystemC answers for it.
enum class WithRtl { kNo, kYes };

/// Says where the engines differ in a layer: golden in its bits, `fast` and SystemC in the cycle of a command, `fast`
/// in the cycles of a cause. Empty where they agree.
std::string difference_of(const kernels::UnitInfo& info, const kernels::Parameters& point, kernels::Stimulus stimulus,
                          const ChannelParams& channel, WithRtl with) {
  const CoreParams params = CoreParams::of(point);
  stimulus.flow = kernels::channel_flow(params, channel);
  const auto systemc = models::run_systemc(info, point, stimulus, {});
  const auto machine = with == WithRtl::kYes ? sim::run_rtl(info, point, stimulus) : systemc;
  const auto verdict = kernels::compare(systemc, machine);
  if (!verdict.cycles_compared || !verdict.equal())
    return "systemc and rtl, command " + std::to_string(verdict.first_cycle_mismatch.value_or(0));
  if (kernels::compare(info.golden(point, stimulus, {}), machine).bit_mismatches > 0) return "golden's bits";
  if (kernels::compare(models::fast_trace(info, point, stimulus), machine).cycle_mismatches > 0) return "fast's cycles";

  const auto layer = kernels::CoreLayer::of(stimulus.config);
  models::ChannelTimes times(channel);
  const kernels::CoreCounts counts = models::core_cycles(
      params, layer, params.tile.beats(stimulus.config, layer.code_bits), stimulus.config.size(), times);
  const kernels::CoreCommandLayout commands(params);
  for (unsigned cause = 0; cause < kernels::kCoreCauseCount; ++cause)
    if (counts[cause] !=
        kernels::get_bits(machine.beat(machine.size() - kernels::kCoreCauseCount + cause), commands.count, 32))
      return std::string("fast's cause ") + kernels::kCoreCauses[cause];
  return "";
}

// Random layers behind random channels, in one top per kind of tile at least: the cycles of every command and of every
// cause agree, and the bits with golden's.
TEST(Core, FourEnginesAgreeBehindTheChannel) {
  const auto& info = kernels::unit("core");
  kernels::Random random(7);
  unsigned layers = 0;
  for (const kernels::Parameters& point : info.points) {
    const std::vector<quant::Format> formats = formats_of(
        info, point,
        {"bitmod-fp4:g32", "int4-asym:g16", "int8:g64", "mxfp4:g32", "int4:g32:scale=u8", "ternary:g32", "sherry:g32",
         "nvfp4:g16", "razer:g16", "nested8:g32:view=3", "ternary-5in8:g32", "nested8:g16", "bcq1:g32"});
    ASSERT_FALSE(formats.empty()) << kernels::parameters_text(point);
    for (unsigned i = 0; i < 80; ++i, ++layers) {
      const quant::Format& format = formats[i % formats.size()];
      const auto stimulus = info.random(point, {format, 1 + random.below(9), random.next(), {}, true});
      ASSERT_EQ(difference_of(info, point, stimulus, drawn_channel(random), WithRtl::kYes), "")
          << "layer " << i << " " << format.id();
    }
  }
  EXPECT_GE(layers, 500U);
}

/// A point with another array, another bus and other lanes, which the core allows.
kernels::Parameters drawn_top(const kernels::UnitInfo& info, kernels::Random& random) {
  for (;;) {
    kernels::Parameters top = info.points[random.below(info.points.size())];
    for (const auto& [name, most] : {std::pair("rows", 4), {"cols", 4}, {"tile_rows", 3}, {"tile_cols", 3}})
      top[name] = 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most)));
    for (const auto& [name, least] : {std::pair("lanes", 1), {"bus_bytes", 4}}) top[name] = least << random.below(4);
    try {
      top = kernels::resolve(info, top);
      CoreParams::of(top);
      return top;
    } catch (const std::invalid_argument&) {  // drawn again
    }
  }
}

unsigned from_environment(const char* name, unsigned usual) {
  const char* const text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::stoul(text));
}

// The night's share of the test above: 10,000 layers in sixty tops drawn at random, every fifth of them in RTL too.
TEST(Core, TenThousandLayersInDrawnTops) {
  if (std::getenv("SUBBYTE_NIGHTLY") == nullptr) GTEST_SKIP() << "hours of Verilator; with SUBBYTE_NIGHTLY";
  constexpr unsigned kLayersOfATop = 167, kRtlOfOne = 5;
  const auto& info = kernels::unit("core");
  const unsigned tops = from_environment("SUBBYTE_CORE_TOPS", 60);
  kernels::Random random(from_environment("SUBBYTE_SEED", 1));
  unsigned layers = 0, in_rtl = 0, differ = 0;
  for (unsigned t = 0; t < tops; ++t) {
    const kernels::Parameters top = drawn_top(info, random);
    const std::vector<quant::Format> formats = formats_of(
        info, top,
        {"bitmod-fp4:g32", "bitmod-fp3:g24", "int4-asym:g16", "int8:g64", "int3:g8", "int6-asym:g40", "mxfp4:g32",
         "mxfp6-e2m3:g32", "nvfp4:g16", "flint4:g32", "int4:g32:scale=u8", "ternary:g32", "ternary:g16", "sherry:g32",
         "razer:g16", "nested8:g64:view=2", "nested8:g24:view=5", "ternary-5in8:g24"});
    ASSERT_FALSE(formats.empty()) << kernels::parameters_text(top);
    for (unsigned i = 0; i < kLayersOfATop; ++i, ++layers) {
      const quant::Format& format = formats[i % formats.size()];
      const WithRtl with = i % kRtlOfOne == 0 ? WithRtl::kYes : WithRtl::kNo;
      const auto stimulus = info.random(top, {format, 1 + random.below(9), random.next(), {}, true});
      const std::string difference = difference_of(info, top, stimulus, drawn_channel(random), with);
      EXPECT_EQ(difference, "") << kernels::parameters_text(top) << ", layer " << i << " " << format.id();
      in_rtl += with == WithRtl::kYes ? 1 : 0;
      differ += difference.empty() ? 0 : 1;
    }
  }
  std::cout << "core: " << layers << " layers in " << tops << " tops, " << in_rtl << " of them in RTL: " << differ
            << " differ" << std::endl;
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
    const quant::Format format = quant::parse_format(params.tile.dequantizes() ? "mxfp4:g32" : "bitmod-fp4:g32");
    const auto stimulus = info.random(point, {format, 1 + random.below(30), random.next(), {}, false});
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
