// Tests what the core makes of a layer without time: the beats of its tiles, blocks of inputs and what they add up to,
// groups that are cut, the memory channel, and what does not fit.
#include "kernels/core/core_layer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/catalogue.hpp"
#include "kernels/core.hpp"
#include "kernels/core/channel.hpp"
#include "kernels/core/core_cuts.hpp"
#include "kernels/core/core_plan.hpp"
#include "kernels/parts/random_values.hpp"
#include "tests/support/core_shapes.hpp"

namespace subbyte {
namespace {

using kernels::ChannelParams;
using kernels::CoreParams;

// The core puts fields where the units that stand in its socket have them.
TEST(CoreLayer, BeatsAreThoseOfTheTiles) {
  for (const kernels::Parameters& point : kernels::unit("core").points) {
    const kernels::CoreTile tile = kernels::CoreTile::of(point);
    const kernels::CoreBeat beat(tile);
    const auto shape =
        kernels::unit(kernels::core_tile_unit(tile.kind)).input_shape(kernels::core_tile_parameters(point));
    EXPECT_EQ(beat.words(), shape.words());
    std::vector<std::uint64_t> words(beat.words());
    unsigned seen = 0;  // fields of the unit that hold what was set
    /// Element `index` of the unit's field is the value, in the bits that the field has.
    const auto expect = [&](const std::string& name, unsigned index, std::uint64_t value) {
      const auto field = std::ranges::find(shape.fields(), name, &kernels::Field::name);
      if (field == shape.fields().end()) return;
      EXPECT_EQ(kernels::get_bits(words, shape.offset(name) + field->bits * index, field->bits),
                value & ((std::uint64_t{1} << field->bits) - 1))
          << name;
      ++seen;
    };
    beat.set_activation(words, 0, tile.lanes - 1, 0x5A);
    beat.set_code(words, 1, 0, 3);
    beat.set_column(words, 1, {2, 0x77, 0x1234, 0xABCD1234});
    beat.set_flags(words, true, true, true);
    expect("act", tile.lanes - 1, 0x5A);
    expect(shape.fields()[1].name, tile.codes(), 3);
    expect("selector", 1, 2);
    expect("zero", 1, 0x77);
    expect("scale", 1, 0x1234);
    expect("channel_scale", 1, 0xABCD1234);
    for (const char* flag : {"scale_u8", "group_last", "tile_last", "last"}) expect(flag, 0, 1);
    EXPECT_EQ(seen, shape.fields().size());
  }
}

/// A layer of 40 inputs in one group for a point with this tile, whose codes are below `codes`, and its memory.
struct Image {
  CoreParams params;
  kernels::CoreShape shape;
  kernels::CoreWeights weights;
  std::vector<std::uint64_t> memory;

  Image(kernels::CoreTileKind kind, unsigned code_bits, unsigned codes) {
    for (const kernels::Parameters& point : kernels::unit("core").points)
      if (CoreParams::of(point).tile.kind == kind) params = CoreParams::of(point);
    shape = small_shape();
    shape.group = shape.inputs;
    shape.code_bits = code_bits;
    kernels::Random random(5);
    for (std::size_t i = 0; i < shape.outputs * shape.inputs; ++i)
      weights.codes.push_back(static_cast<std::uint16_t>(random.below(codes)));
    weights.scales.resize(shape.outputs, 0x3C00);
    const std::vector<std::uint16_t> tokens(shape.tokens * shape.inputs);
    const auto layer = kernels::core_layer(params, shape, {});
    memory = kernels::core_memory(params, shape, layer, weights, tokens);
    memory.erase(memory.begin(), memory.begin() + layer.weight_base * params.words_per_beat());
  }
  /// Bits of the first output tile behind its scales.
  unsigned bits(unsigned from, unsigned count) const {
    const unsigned bit = params.cols() * 16 + from;
    return static_cast<unsigned>(kernels::get_bits(std::span(memory).subspan(bit / 64), bit % 64, count));
  }
  unsigned code(unsigned output, unsigned input) const { return weights.codes[output * shape.inputs + input]; }
};

// The most significant plane of a chunk's codes comes first, column by column.
TEST(CoreLayer, AChunkLiesPlaneAfterPlane) {
  const Image image(kernels::CoreTileKind::kPlane, 3, 8);
  const unsigned lanes = image.params.tile.lanes, cols = image.params.cols();
  for (unsigned input = 0; input < image.shape.inputs; ++input)
    for (unsigned plane = 0; plane < 3; ++plane)
      for (unsigned c = 0; c < cols; ++c)
        ASSERT_EQ(image.bits(((input / lanes * 3 + plane) * cols + c) * lanes + input % lanes, 1),
                  image.code(c, input) >> (2 - plane) & 1)
            << "column " << c << ", input " << input << ", plane " << plane;
}

// A column has in its fields the bytes of its packed row.
TEST(CoreLayer, BytesOfFiveTritsAreThoseOfTheFile) {
  const Image image(kernels::CoreTileKind::kTernary, 8, 3);
  const unsigned lanes = image.params.tile.lanes, cols = image.params.cols();
  ASSERT_EQ(image.shape.inputs % (5 * lanes), 0U);
  for (unsigned c = 0; c < cols; ++c) {
    std::vector<std::uint8_t> codes(image.shape.inputs), bytes(image.shape.inputs / 5);
    for (unsigned input = 0; input < codes.size(); ++input)
      codes[input] = static_cast<std::uint8_t>(image.code(c, input));
    quant::pack_row(quant::CodeLayout::kFiveInByte, 2, codes, bytes);
    for (unsigned b = 0; b < bytes.size(); ++b)
      ASSERT_EQ(image.bits(((b / lanes * cols + c) * lanes + b % lanes) * 8, 8), bytes[b]) << "column " << c;
  }
}

TEST(CoreLayer, ChannelBooksWholeBurstsAndTurns) {
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

TEST(CoreLayer, WhatDoesNotFitIsRefused) {
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
TEST(CoreLayer, BlocksOfInputsAreAddedInTheirOrder) {
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
TEST(CoreLayer, PartsOfAGroupHaveItsScale) {
  const kernels::Parameters point = kernels::unit("core").points[1];
  const CoreParams params = CoreParams::of(point);
  kernels::CoreShape shape = small_shape();
  shape.inputs = shape.group = 5000;
  ASSERT_GE(kernels::core_cuts(params, shape).size(), 2U);
  const kernels::CoreShape cut = kernels::core_cuts(params, shape)[1];
  EXPECT_EQ(cut.parts, 40U);
  EXPECT_EQ(cut.group, 126U);
  EXPECT_EQ(cut.stored_groups(), 1U);
  const Drawn drawn = drawn_layer(cut);
  kernels::CoreShape repeated = cut;
  repeated.parts = 1;
  Drawn same = drawn;
  same.weights.scales.clear();
  for (const std::uint16_t scale : drawn.weights.scales)
    same.weights.scales.insert(same.weights.scales.end(), 40, scale);
  EXPECT_EQ(golden_y(point, cut, {true, 1, 1, 1}, drawn), golden_y(point, repeated, {true, 1, 1, 1}, same));
  EXPECT_EQ(kernels::core_cuts(params, small_shape()).size(), 1U);
  kernels::CoreShape wide = small_shape();
  wide.inputs = wide.group = 256;  // 1,024 codes are 512 bytes, and half of a KiB holds their halves with scales
  kernels::Parameters small = point;
  small["weight_kib"] = 1;
  const auto halves = kernels::core_cuts(CoreParams::of(small), wide);
  ASSERT_GE(halves.size(), 2U);
  EXPECT_EQ(halves[1].group, 128U);
}

}  // namespace
}  // namespace subbyte
