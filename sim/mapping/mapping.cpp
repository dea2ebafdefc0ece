#include "sim/mapping/mapping.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/mapping/operands.hpp"
#include "sim/mapping/tile.hpp"

namespace subbyte::sim {
namespace {

const auto& mappings() {
  static const std::array table{
      bitserial_tile_mapping(),     fp16_mac_tile_mapping(), dequant_mac_tile_mapping(), int8_mac_tile_mapping(),
      fp16_int8_mac_tile_mapping(), ternary_tile_mapping(),  plane_tile_mapping(),
  };
  return table;
}

const TileMapping& mapping_of(const Design& design) {
  const auto found = std::ranges::find(mappings(), design.unit->name, &TileMapping::unit);
  if (found != mappings().end()) return *found;
  throw std::invalid_argument(
      fmt::format("design '{}': unit '{}' takes no whole layers; use a design of one of {}, or "
                  "`subbyte verify --unit {}`",
                  design.name, design.unit->name, fmt::join(layer_units(), ", "), design.unit->name));
}

struct LayerData {
  TileLoop loop;
  std::size_t words = 0;
  std::vector<std::uint16_t> activations;  // [tokens][in], FP16 or INT8 patterns
  std::shared_ptr<const TileWeights> weights;

  void fill(std::size_t beat, std::span<std::uint64_t> beat_words) const;
  void fill_row(std::size_t token, unsigned row, const Chunk& chunk, std::span<std::uint64_t> words) const;
};

// Activations are the first field of every tile's beat.
void LayerData::fill_row(std::size_t token, unsigned row, const Chunk& chunk,
                         std::span<std::uint64_t> beat_words) const {
  const unsigned bits = loop.int8_activations ? 8 : 16;
  const std::uint16_t* values = activations.data() + token * loop.in + chunk.first;
  const auto lane0 = static_cast<unsigned>(row * loop.lanes);
  for (unsigned l = 0; l < chunk.count; ++l) kernels::set_bits(beat_words, bits * (lane0 + l), bits, values[l]);
}

void LayerData::fill(std::size_t beat, std::span<std::uint64_t> beat_words) const {
  std::ranges::fill(beat_words, 0);
  const std::size_t tile = beat / loop.input_beats_per_tile();
  const Chunk chunk = loop.chunk(beat % loop.input_beats_per_tile());
  const std::size_t token0 = loop.first_token(tile);
  const std::size_t output0 = loop.first_output(tile);
  for (unsigned r = 0; chunk.step == 0 && r < loop.rows && token0 + r < loop.tokens; ++r)
    fill_row(token0 + r, r, chunk, beat_words);
  for (unsigned c = 0; c < loop.cols && output0 + c < loop.out; ++c)
    weights->set_column(beat_words, c, output0 + c, chunk);
  weights->set_flags(beat_words, chunk);
}

// A group is at most as long as the row, so that one scale per row asks for no more than the row has.
quant::Format format_of(const quant::PackedTensor& weights) {
  quant::Format format = weights.format;
  format.scaling.group = std::min(format.scaling.group, weights.cols);
  return format;
}

LayerRefused refusal(const Design& design, const quant::PackedTensor& weights, const std::string& why,
                     const std::string& others) {
  return LayerRefused(fmt::format("design '{}' cannot run {}: {};{} `subbyte evaluate` computes it without a tile",
                                  design.name, weights.format.id(), why, others.empty() ? "" : " " + others + ";"));
}

void check_shapes(const quant::PackedTensor& weights, const ActivationView& activations) {
  if (activations.in == weights.cols && activations.values.size() == activations.tokens * activations.in) return;
  throw std::invalid_argument(fmt::format("activations are {} values as {} tokens x {} inputs, expected {} inputs",
                                          activations.values.size(), activations.tokens, activations.in, weights.cols));
}

}  // namespace

std::vector<std::string> layer_units() {
  std::vector<std::string> names;
  for (const TileMapping& mapping : mappings()) names.emplace_back(mapping.unit);
  return names;
}

TileLoop tile_loop(const Design& design, const quant::PackedTensor& weights, std::size_t tokens) {
  const TileMapping& mapping = mapping_of(design);
  if (weights.rows == 0 || weights.cols == 0 || tokens == 0) {
    throw std::invalid_argument(
        fmt::format("a layer of {} outputs x {} inputs with {} tokens, expected at least one of each", weights.rows,
                    weights.cols, tokens));
  }
  TileLoop loop = mapping.shape(design.parameters, weights.format);
  loop.tokens = tokens;
  loop.in = weights.cols;
  loop.out = weights.rows;
  return loop;
}

std::string activation_format(const Design& design) {
  return mapping_of(design).shape(design.parameters, {}).int8_activations ? "int8 per token" : "fp16";
}

double lane_cycles_per_weight(const Design& design, const quant::PackedTensor& weights) {
  return mapping_of(design).lane_cycles(weights.format);
}

quant::PackedTensor layer_without_weights(const quant::Format& format, std::size_t rows, std::size_t cols) {
  quant::PackedTensor layer;
  layer.format = format;
  layer.rows = rows;
  layer.cols = cols;
  return layer;
}

std::optional<kernels::Refusal> layer_unsupported(const Design& design, const quant::PackedTensor& weights) {
  return design.unit->unsupported(design.parameters, format_of(weights));
}

std::string designs_that_run(DesignKind kind, const std::function<bool(const Design&)>& runs) {
  std::vector<std::string> names = design_names(kind);
  std::erase_if(names, [&](const std::string& name) { return !runs(read_design(name)); });
  if (names.empty())
    return fmt::format("no design {}of `configs/designs` runs it", kind == DesignKind::kWithCore ? "with a core " : "");
  if (names.size() == 1) return names.front() + " runs it";
  const std::span<const std::string> first = std::span(names).first(names.size() - 1);
  return fmt::format("{} and {} run it", fmt::join(first, ", "), names.back());
}

std::string designs_that_run(const quant::PackedTensor& weights) {
  return designs_that_run(DesignKind::kWithoutCore,
                          [&](const Design& design) { return !layer_unsupported(design, weights); });
}

MappedLayer map_layer(const Design& design, const quant::PackedTensor& weights, const ActivationView& activations,
                      const kernels::StallPlan& stalls) {
  MappedLayer layer;
  layer.loop = tile_loop(design, weights, activations.tokens);
  check_shapes(weights, activations);
  const kernels::UnitInfo& unit = *design.unit;
  if (const auto why = layer_unsupported(design, weights))
    throw refusal(design, weights, why->text, designs_that_run(weights));

  auto data = std::make_shared<LayerData>();
  data->loop = layer.loop;
  data->words = unit.input_shape(design.parameters).words();
  data->activations.assign(activations.values.begin(), activations.values.end());
  try {
    MappedWeights mapped = mapping_of(design).map(design, weights);
    data->weights = std::move(mapped.weights);
    layer.stimulus.config = std::move(mapped.config);
    layer.output_scale = mapped.output_scale;
    if (layer.loop.int8_activations) layer.token_scales = round_to_int8(data->activations, layer.loop.in);
  } catch (const std::invalid_argument& error) {
    throw refusal(design, weights, error.what(), "");
  }
  layer.stimulus.input = {layer.loop.tiles() * layer.loop.input_beats_per_tile(), data->words,
                          [data](std::size_t beat, std::span<std::uint64_t> words) { data->fill(beat, words); }};
  layer.stimulus.stalls = stalls;
  layer.stimulus.cases = layer.loop.tiles();
  return layer;
}

std::vector<float> MappedLayer::gather(const kernels::Trace& trace) const {
  if (trace.size() != loop.output_beats()) {
    throw std::runtime_error(
        fmt::format("{} output beats, expected {} for {} tiles", trace.size(), loop.output_beats(), loop.tiles()));
  }
  std::vector<float> y(loop.tokens * loop.out);
  for (std::size_t beat = 0; beat < trace.size(); ++beat) {
    const auto words = trace.beat(beat);
    for (std::size_t element = 0; element < loop.ports * loop.cols; ++element) {
      const OutputPlace place = loop.place(beat, element);
      if (place.padding) continue;
      const auto bits = static_cast<std::uint32_t>(kernels::get_bits(words, static_cast<unsigned>(element) * 32, 32));
      float value = std::bit_cast<float>(bits);
      if (output_scale) value = output_scale->of(value);
      if (!token_scales.empty()) value *= token_scales[place.token];
      y[place.token * loop.out + place.output] = value;
    }
  }
  return y;
}

}  // namespace subbyte::sim
