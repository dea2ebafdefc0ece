// Tests plane_tile: golden against the specification in 128-bit integers, planes against plane_dot() and against the
// narrower views at every stop, golden against RTL, configuration, cycles, and the RTL broken on purpose.
#include "kernels/plane_tile.hpp"

#include "kernels/catalogue.hpp"
#include "kernels/linear/plane_linear.hpp"
#include "quant/formats/nested_codes.hpp"
#include "quant/rules/quantize.hpp"
#include "tests/support/fp16_sum_reference.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte {
namespace {

using kernels::Int128;
using kernels::RowTileLayout;
using kernels::RowTileParams;

RowTileParams params_of(const kernels::Parameters& point) { return RowTileParams::of(point, kernels::plane_tile_kind); }

/// The tile that takes a whole code of up to eight bits in a beat.
RowTileParams whole_codes(RowTileParams params) {
  params.kind.weight = {"code", 8, 1, kernels::FieldKind::kUnsigned};
  return params;
}

/// Makes the r beats of every chunk one beat of whole_codes(), with the activations of the first and the side data of
/// the last.
kernels::Stimulus merged(const RowTileParams& params, const kernels::Stimulus& stimulus, unsigned planes) {
  const RowTileLayout from(params);
  const RowTileLayout to(whole_codes(params));
  kernels::Beats beats(to.shape.words());
  for (std::size_t i = 0; i + planes <= stimulus.input.count; i += planes) {
    const auto beat = beats.append();
    const auto first = input_beat(stimulus, i);
    const auto last = input_beat(stimulus, i + planes - 1);
    for (unsigned at = 0; at < from.weight; ++at) kernels::set_bits(beat, at, 1, kernels::get_bits(first, at, 1));
    for (unsigned at = from.scale; at < from.shape.bits(); ++at)
      kernels::set_bits(beat, at - from.scale + to.scale, 1, kernels::get_bits(last, at, 1));
    for (unsigned plane = 0; plane < planes; ++plane) {
      const auto source = input_beat(stimulus, i + plane);
      for (unsigned w = 0; w < params.array.cols * params.lanes; ++w)
        kernels::set_bits(beat, to.weight + 8 * w + planes - 1 - plane, 1,
                          kernels::get_bits(source, from.weight + w, 1));
    }
  }
  const std::size_t count = beats.size();
  return {{}, kernels::source_of(std::move(beats)), {}, count};
}

TEST(PlaneTile, GoldenIsTheSpecificationAtEveryStop) {
  const auto& info = kernels::unit("plane_tile");
  for (const auto& point : info.points) {
    const auto params = params_of(point);
    for (int planes = 1; planes <= 8; ++planes) {
      SCOPED_TRACE("point " + std::to_string(&point - info.points.data()) + ", planes " + std::to_string(planes));
      const auto levels = [planes](const std::vector<unsigned>& codes) {
        std::vector<int> integers;
        for (const unsigned code : codes) integers.push_back(2 * static_cast<int>(code) + 1 - (1 << planes));
        return integers;
      };
      const auto config = kernels::plane_tile_config(static_cast<unsigned>(planes));
      const auto stimulus =
          row_tile_random(params, {quant::parse_format("nested8:g32"), 30, 40U + planes, {}, true}, config);
      const auto whole = merged(params, stimulus, static_cast<unsigned>(planes));
      const auto expected = tile_reference(whole_codes(params), whole, Fp16SumReference(params, 8, levels));
      const auto golden = info.golden(point, stimulus, {});
      ASSERT_EQ(golden.size(), expected.size());
      ASSERT_EQ(first_difference(golden, expected), expected.size());
    }
  }
}

TEST(PlaneTile, RtlEqualsGolden) { expect_rtl_equals_golden("plane_tile", 8); }

/// Makes two tokens times two rows of packed codes of `bits` bits into tiles of the 2 x 2 point, with one group per
/// tile and scales of 1.
kernels::Stimulus plain_tiles(const RowTileLayout& layout, const quant::PackedTensor& w,
                              const std::vector<std::uint16_t>& x) {
  const unsigned bits = w.format.alphabet.code_bits;
  const std::size_t group = w.format.scaling.group;
  kernels::Beats beats(layout.shape.words());
  for (std::size_t k = 0; k < w.cols; k += layout.lanes) {
    for (unsigned plane = 0; plane < bits; ++plane) {
      const auto beat = beats.append();
      for (unsigned l = 0; l < layout.lanes; ++l) {
        for (unsigned i = 0; i < 2; ++i) {
          layout.set_activation(beat, i, l, x[i * w.cols + k + l]);
          layout.set_weight(beat, i, l, w.code(i, k + l) >> (bits - 1 - plane) & 1);
        }
      }
      for (unsigned c = 0; c < 2; ++c) layout.set_scale(beat, c, 0x3C00);
      for (unsigned c = 0; c < 2; ++c) layout.set_channel_scale(beat, c, 0x3F800000);
      const bool last = (k + layout.lanes) % group == 0 && plane + 1 == bits;
      layout.set_flags(beat, false, last, last);
    }
  }
  return {kernels::plane_tile_config(bits), kernels::source_of(std::move(beats)), {}, w.cols / group};
}

// Activations are small whole numbers, so alignment, sums and FP32 lose nothing. After r planes a group's sum is what
// plane_dot() has after r planes of the whole code, and the dense dot product of the view of r bits.
TEST(PlaneTile, AStopAfterRPlanesIsTheViewOfRBits) {
  constexpr std::size_t kCols = 64;
  const auto& info = kernels::unit("plane_tile");
  const auto& point = info.points[1];
  const RowTileLayout layout(params_of(point));
  kernels::Random random(5);
  std::vector<float> values(2 * kCols);
  std::vector<std::uint16_t> x;
  for (float& value : values) value = static_cast<float>(random.gaussian());
  for (std::size_t i = 0; i < values.size(); ++i)
    x.push_back(quant::half_from_double(static_cast<int>(random.below(129)) - 64));
  const auto parent = quant::quantize({values, 2, kCols}, quant::parse_format("nested8:g32"));
  const auto program = quant::plane_program(parent.format);
  ASSERT_TRUE(program && program->bipolar);
  for (unsigned r = 2; r <= 8; ++r) {
    const auto view = quant::slice(parent, r);
    const auto stimulus = plain_tiles(layout, view, x);
    const auto golden = info.golden(point, stimulus, {});
    EXPECT_TRUE(compare(golden, sim::run_rtl(kernels::unit("plane_tile"), point, stimulus)).equal()) << r;
    for (std::size_t g = 0; g < kCols / 32; ++g) {
      for (unsigned token = 0; token < 2; ++token) {
        const auto inputs = kernels::fixed_point(std::span(x).subspan(token * kCols + 32 * g, 32));
        for (unsigned c = 0; c < 2; ++c) {
          std::vector<std::uint8_t> whole, top;
          for (std::size_t k = 32 * g; k < 32 * g + 32; ++k) {
            whole.push_back(static_cast<std::uint8_t>(parent.code(c, k)));
            top.push_back(static_cast<std::uint8_t>(view.code(c, k)));
          }
          std::vector<Int128> partial;
          kernels::plane_dot(*program, {whole}, inputs, &partial);
          ASSERT_TRUE(partial[r - 1] == kernels::dense_dot(view.format.alphabet, {top}, inputs));
          const double expected = std::ldexp(static_cast<double>(partial[r - 1]), -24);
          const auto bits = static_cast<std::uint32_t>(kernels::get_bits(golden.beat(2 * g + token), 32 * c, 32));
          ASSERT_EQ(static_cast<double>(std::bit_cast<float>(bits)), expected) << r << " planes, group " << g;
        }
      }
    }
  }
}

// Planes 0 is 1, more than eight is eight, nothing written is eight, and other addresses are nobody's.
TEST(PlaneTile, ConfigurationIsClamped) {
  const auto& info = kernels::unit("plane_tile");
  const auto& point = info.points[1];
  using Writes = std::vector<kernels::ConfigWrite>;
  const auto expect_planes = [&](unsigned planes, const std::vector<Writes>& configs) {
    auto stimulus = row_tile_random(params_of(point), {quant::parse_format("nested8:g16"), 20, planes, {}, true},
                                    kernels::plane_tile_config(planes));
    const auto expected = info.golden(point, stimulus, {});
    for (const Writes& config : configs) {
      stimulus.config = config;
      const auto text = std::to_string(planes) + " planes, configuration " + std::to_string(&config - configs.data());
      EXPECT_TRUE(compare(expected, info.golden(point, stimulus, {})).equal()) << text;
      const auto rtl = sim::run_rtl(kernels::unit("plane_tile"), point, stimulus);
      EXPECT_TRUE(compare(expected, rtl).equal()) << text;
      EXPECT_TRUE(compare(rtl, models::run_systemc(kernels::unit("plane_tile"), point, stimulus)).equal()) << text;
    }
  };
  expect_planes(1, {Writes{{0, 0}}, Writes{{0, 1}}, Writes{{0, 5}, {0, 0}}});
  expect_planes(3, {Writes{{0, 3}, {1, 5}, {128, 7}}, Writes{{0, 200}, {0, 3}}});
  expect_planes(8,
                {Writes{}, Writes{{0, 8}}, Writes{{0, 9}}, Writes{{0, 16}}, Writes{{0, 0x80000001}}, Writes{{4, 2}}});
}

TEST(PlaneTile, PlanesMultiplyTheBeatsOfAGroup) {
  const auto& info = kernels::unit("plane_tile");
  const auto& point = info.points[1];
  for (const unsigned planes : {1U, 3U, 8U}) {
    for (const unsigned chunks : {1U, 2U, 4U, 11U}) {
      for (const bool u8 : {false, true}) {
        SCOPED_TRACE(std::to_string(planes) + " planes, " + std::to_string(chunks) + " chunks");
        const std::uint64_t beats = planes * chunks;
        const std::uint64_t bits = u8 ? 8 : 11;
        auto stimulus = one_group_tiles(info.input_shape(point), 20, planes * chunks, u8);
        stimulus.config = kernels::plane_tile_config(planes);
        const auto rtl = sim::run_rtl(kernels::unit("plane_tile"), point, stimulus);
        ASSERT_EQ(rtl.size(), 40U);
        EXPECT_EQ(rtl.cycle(0), stimulus.config.size() + beats - 1 + 3 + bits + 1 + 3);
        for (std::size_t tile = 1; tile < 20; ++tile)
          EXPECT_EQ(rtl.cycle(2 * tile) - rtl.cycle(2 * tile - 2), std::max(beats, bits)) << tile;
        EXPECT_TRUE(compare(rtl, models::run_systemc(kernels::unit("plane_tile"), point, stimulus)).equal());
      }
    }
  }
}

TEST(PlaneTile, ModelAndRtlKeepTheSameCyclesUnderStalls) {
  for (const std::size_t point : {1U, 2U, 3U})
    expect_cycles_under_stalls("plane_tile", kernels::unit("plane_tile").points[point], "nested8:g8");
}

// Sixteen planes are taken for none, so every plane is a chunk of its own, which is what golden says of one plane.
TEST(PlaneTile, AWrongNumberOfPlanesIsFoundAtItsBeat) {
  const auto& info = kernels::unit("plane_tile");
  const auto& point = info.points[1];
  auto stimulus = row_tile_random(params_of(point), {quant::parse_format("nested8:g16"), 40, 3, {}, false}, {{0, 16}});
  sim::RtlOptions options;
  const BrokenRtl broken("plane_tile.sv", "cfg_data_i[31:3] != '0", "cfg_data_i[3]");
  options.rtl_dir = broken.directory();
  const auto rtl = sim::run_rtl(kernels::unit("plane_tile"), point, stimulus, {}, options);
  const auto golden = info.golden(point, stimulus, {});
  stimulus.config = kernels::plane_tile_config(1);
  const auto expected = info.golden(point, stimulus, {});
  EXPECT_TRUE(compare(expected, rtl).equal());
  const auto verdict = compare(golden, rtl);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(verdict.first_bit_mismatch, compare(golden, expected).first_bit_mismatch);
}

// Activations are taken with every plane, which is right while they are repeated, and wrong beside garbage.
TEST(PlaneTile, ActivationsOfALaterPlaneAreNobodys) {
  const auto& info = kernels::unit("plane_tile");
  const auto& point = info.points[1];
  const BrokenRtl folder("parts/row_tile_frame.sv", "take = load0_o && first_i", "take = load0_o");
  for (const bool garbage : {false, true}) {
    const auto stimulus = row_tile_random(params_of(point), {quant::parse_format("nested8:g16"), 40, 3, {}, garbage},
                                          kernels::plane_tile_config(4));
    EXPECT_EQ(compare_broken("plane_tile", point, stimulus, folder).equal(), !garbage);
  }
}

TEST(PlaneTile, SaysWhyAFormatDoesNotRun) {
  const auto& info = kernels::unit("plane_tile");
  const auto why = [&](const char* format) {
    return text_of(info.unsupported(info.points[0], quant::parse_format(format)));
  };
  for (const char* runs : {"nested8", "nested8:view=4", "nested8:g32:view=2"}) EXPECT_EQ(why(runs), "") << runs;
  for (const char* other : {"int4", "matquant8", "bitmod-fp4", "int4-asym", "ternary"})
    EXPECT_EQ(why(other), "its levels are not sums of planes of +1 and -1, each worth twice the next (nested8 is)")
        << other;
}

}  // namespace
}  // namespace subbyte
