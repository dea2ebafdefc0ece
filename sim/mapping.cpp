#include "sim/mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>

#include "kernels/scale_lowering.hpp"
#include "kernels/term_encoder.hpp"
#include "kernels/tile_beat.hpp"
#include "quant/term_program.hpp"

namespace subbyte::sim {
namespace {

// What travels with a group besides its codes.
struct GroupSide {
  std::uint16_t scale = 0;
  std::uint8_t selector = 0;
  std::uint8_t zero = 0;
};

struct LayerData {
  TileLoop loop;
  kernels::TileBeatLayout layout;
  bool scale_u8 = false;
  std::vector<std::uint16_t> activations;     // [tokens][in]
  std::vector<std::uint8_t> codes;            // [out][in], as the 8-bit code field
  std::vector<GroupSide> sides;               // [out][groups]
  std::vector<std::uint32_t> channel_scales;  // [out], FP32 bits

  void fill(std::size_t beat, std::span<std::uint64_t> words) const;
  void fill_row(std::size_t token, unsigned row, std::size_t first, std::size_t count,
                std::span<std::uint64_t> words) const;
  void fill_column(std::size_t output, unsigned column, std::size_t group, std::size_t first,
                   std::size_t count, std::span<std::uint64_t> words) const;
};

void LayerData::fill_row(std::size_t token, unsigned row, std::size_t first, std::size_t count,
                         std::span<std::uint64_t> words) const {
  const std::uint16_t* values = activations.data() + token * loop.in + first;
  for (unsigned l = 0; l < count; ++l) layout.set_activation(words, row, l, values[l]);
}

void LayerData::fill_column(std::size_t output, unsigned column, std::size_t group, std::size_t first,
                            std::size_t count, std::span<std::uint64_t> words) const {
  const std::uint8_t* fields = codes.data() + output * loop.in + first;
  for (unsigned l = 0; l < count; ++l) layout.set_code(words, column, l, fields[l]);
  const GroupSide& side = sides[output * loop.groups() + group];
  layout.set_selector(words, column, side.selector);
  layout.set_zero(words, column, side.zero);
  layout.set_scale(words, column, side.scale);
  layout.set_channel_scale(words, column, channel_scales[output]);
}

void LayerData::fill(std::size_t beat, std::span<std::uint64_t> words) const {
  std::ranges::fill(words, 0);
  const std::size_t tile = beat / loop.input_beats_per_tile();
  const std::size_t within = beat % loop.input_beats_per_tile();
  // Only the last group can be shorter, so every group starts at a multiple of the first one's chunks.
  const std::size_t group = within / loop.chunks(0);
  const std::size_t chunk = within % loop.chunks(0);
  const std::size_t first = group * loop.group + chunk * loop.lanes;
  const std::size_t end = std::min(loop.in, (group + 1) * loop.group);
  const std::size_t count = std::min(loop.lanes, end - first);
  const std::size_t token0 = loop.first_token(tile);
  const std::size_t output0 = loop.first_output(tile);
  for (unsigned r = 0; r < loop.rows && token0 + r < loop.tokens; ++r)
    fill_row(token0 + r, r, first, count, words);
  for (unsigned c = 0; c < loop.cols && output0 + c < loop.out; ++c)
    fill_column(output0 + c, c, group, first, count, words);
  const bool group_last = chunk + 1 == loop.chunks(group);
  layout.set_flags(words, scale_u8, group_last, group_last && group + 1 == loop.groups());
}

using CodeFields = std::array<std::optional<std::uint8_t>, 256>;

// The code field of a beat by raw code; none for a code that stands for no number.
CodeFields code_fields(const quant::Format& format) {
  CodeFields fields;
  for (unsigned raw = 0; raw < 1U << format.alphabet.code_bits; ++raw) {
    if (std::isfinite(format.alphabet.level(raw))) fields[raw] = kernels::code_field(format, raw);
  }
  return fields;
}

void unpack_row(const quant::PackedTensor& weights, std::size_t row, const CodeFields& fields,
                LayerData& data) {
  const std::span<std::uint8_t> codes(data.codes.data() + row * weights.cols, weights.cols);
  weights.unpack_row(row, codes);
  for (std::size_t col = 0; col < codes.size(); ++col) {
    const auto field = fields[codes[col]];
    if (!field) {
      throw std::invalid_argument(fmt::format("row {}, column {}: code {:#x} is {}, expected a finite level",
                                              row, col, codes[col],
                                              weights.format.alphabet.level(codes[col])));
    }
    codes[col] = *field;
  }
  const kernels::FoldedScales scales = kernels::lower_scales(weights, row);
  for (std::size_t group = 0; group < weights.groups(); ++group) {
    data.sides.push_back({scales.groups[group], static_cast<std::uint8_t>(weights.selector(row, group)),
                          static_cast<std::uint8_t>(weights.zero(row, group))});
  }
  data.channel_scales.push_back(std::bit_cast<std::uint32_t>(scales.channel));
}

LayerRefused refusal(const Design& design, const quant::Format& format, const std::string& why) {
  return LayerRefused(
      fmt::format("design '{}' cannot run {}: {}; `subbyte evaluate` computes it without a tile", design.name,
                  format.id(), why));
}

void unpack(const Design& design, const quant::PackedTensor& weights, LayerData& data) {
  data.scale_u8 = weights.format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
  data.codes.resize(weights.rows * weights.cols);
  const CodeFields fields = code_fields(weights.format);
  try {
    for (std::size_t row = 0; row < weights.rows; ++row) unpack_row(weights, row, fields, data);
  } catch (const std::invalid_argument& error) {
    throw refusal(design, weights.format, error.what());
  }
}

// A group as long as the row at most, so that one scale per row asks for no more than the row has.
quant::Format format_of(const quant::PackedTensor& weights) {
  quant::Format format = weights.format;
  format.scaling.group = std::min(format.scaling.group, weights.cols);
  return format;
}

}  // namespace

std::size_t TileLoop::chunks(std::size_t group_index) const {
  const std::size_t length = std::min(in, (group_index + 1) * group) - group_index * group;
  return (length + lanes - 1) / lanes;
}

OutputPlace TileLoop::place(std::size_t beat, std::size_t element) const {
  OutputPlace place;
  place.tile = beat / output_beats_per_tile();
  const std::size_t row = element / cols * output_beats_per_tile() + beat % output_beats_per_tile();
  place.token = first_token(place.tile) + row;
  place.output = first_output(place.tile) + element % cols;
  place.padding = place.token >= tokens || place.output >= out;
  return place;
}

TileLoop tile_loop(const Design& design, const quant::PackedTensor& weights, std::size_t tokens) {
  if (design.unit != "bitserial_tile") {
    throw std::invalid_argument(
        fmt::format("design '{}': unit '{}' takes no whole layers; use a design of bitserial_tile, or "
                    "`subbyte verify --unit {}`",
                    design.name, design.unit, design.unit));
  }
  if (weights.rows == 0 || weights.cols == 0 || tokens == 0) {
    throw std::invalid_argument(
        fmt::format("a layer of {} outputs x {} inputs with {} tokens, expected at least one of each",
                    weights.rows, weights.cols, tokens));
  }
  const auto params = kernels::TileParams::of(design.parameters);
  return {tokens,      weights.cols, weights.rows,   params.rows,
          params.cols, params.lanes, params.ports(), format_of(weights).scaling.group};
}

kernels::Stimulus map_layer(const Design& design, const quant::PackedTensor& weights,
                            const ActivationView& activations, const kernels::StallPlan& stalls) {
  const TileLoop loop = tile_loop(design, weights, activations.tokens);
  if (activations.in != weights.cols || activations.values.size() != activations.tokens * activations.in) {
    throw std::invalid_argument(
        fmt::format("activations are {} values as {} tokens x {} inputs, expected {} inputs",
                    activations.values.size(), activations.tokens, activations.in, weights.cols));
  }
  const kernels::UnitInfo& unit = kernels::unit(design.unit);
  if (const std::string why = unit.unsupported(design.parameters, format_of(weights)); !why.empty())
    throw refusal(design, weights.format, why);

  const auto params = kernels::TileParams::of(design.parameters);
  auto data =
      std::make_shared<LayerData>(LayerData{loop, kernels::TileBeatLayout(params), false, {}, {}, {}, {}});
  data->activations.assign(activations.values.begin(), activations.values.end());
  unpack(design, weights, *data);
  kernels::Stimulus stimulus;
  stimulus.config = kernels::config_writes(
      params.encoder, quant::lower(weights.format, kMaxTerms, (1U << params.encoder.shift_width) - 1));
  stimulus.input = {loop.tiles() * loop.input_beats_per_tile(), data->layout.shape.words(),
                    [data](std::size_t beat, std::span<std::uint64_t> words) { data->fill(beat, words); }};
  stimulus.stalls = stalls;
  stimulus.cases = loop.tiles();
  return stimulus;
}

std::vector<float> gather(const TileLoop& loop, const kernels::Trace& trace) {
  if (trace.size() != loop.output_beats()) {
    throw std::runtime_error(fmt::format("{} output beats, expected {} for {} tiles", trace.size(),
                                         loop.output_beats(), loop.tiles()));
  }
  std::vector<float> y(loop.tokens * loop.out);
  for (std::size_t beat = 0; beat < trace.size(); ++beat) {
    const auto words = trace.beat(beat);
    for (std::size_t element = 0; element < loop.ports * loop.cols; ++element) {
      const OutputPlace place = loop.place(beat, element);
      if (place.padding) continue;
      const auto bits =
          static_cast<std::uint32_t>(kernels::get_bits(words, static_cast<unsigned>(element) * 32, 32));
      y[place.token * loop.out + place.output] = std::bit_cast<float>(bits);
    }
  }
  return y;
}

}  // namespace subbyte::sim
