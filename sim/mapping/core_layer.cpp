#include "sim/mapping/core_layer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "kernels/core/channel_flow.hpp"
#include "kernels/core/core_cuts.hpp"
#include "kernels/core/core_format.hpp"
#include "kernels/term_encoder.hpp"
#include "quant/base/bit_stream.hpp"
#include "quant/formats/term_program.hpp"
#include "sim/mapping/fp4_weights.hpp"
#include "sim/mapping/operands.hpp"

namespace subbyte::sim {
namespace {

constexpr std::uint32_t kOne = 0x3F800000;

void check_finite(const quant::PackedTensor& weights, std::size_t row, std::size_t col, unsigned code) {
  const double level = weights.format.alphabet.level(code);
  if (std::isfinite(level)) return;
  throw LayerRefused(
      fmt::format("row {}, column {}: code {:#x} is {}, expected a finite level", row, col, code, level));
}

/// A row's codes as the image has them.
std::vector<std::uint16_t> image_codes(const kernels::CoreTile& tile, const quant::PackedTensor& weights,
                                       std::size_t row) {
  std::vector<std::uint16_t> image;
  if (!tile.grouped()) {
    std::vector<float> decoded(weights.cols);
    weights.decode_row(row, decoded);
    for (std::size_t col = 0; col < decoded.size(); ++col) image.push_back(half_weight(decoded[col], row, col));
    return image;
  }
  if (tile.lanes_per_code > 1) {
    const auto bytes = std::span(weights.codes).subspan(row * weights.code_row_bytes(), weights.code_row_bytes());
    for (std::size_t block = 0; block * tile.lanes_per_code < weights.cols; ++block)
      image.push_back(static_cast<std::uint16_t>(quant::read_bits(bytes, block, tile.field_bits)));
    return image;
  }
  std::vector<std::uint8_t> codes(weights.cols);
  weights.unpack_row(row, codes);
  for (std::size_t col = 0; col < weights.cols; ++col) {
    check_finite(weights, row, col, codes[col]);
    image.push_back(kernels::core_code(tile, weights.format, codes[col]));
  }
  return image;
}

kernels::CoreWeights weights_of(const kernels::CoreTile& tile, const quant::PackedTensor& weights,
                                const LayerScales& scales) {
  kernels::CoreWeights image;
  image.scales = scales.fields;
  image.channels = scales.channels;
  for (std::size_t row = 0; row < weights.rows; ++row) {
    const auto codes = image_codes(tile, weights, row);
    image.codes.insert(image.codes.end(), codes.begin(), codes.end());
    for (std::size_t group = 0; group < weights.groups(); ++group) {
      image.selectors.push_back(static_cast<std::uint8_t>(weights.selector(row, group)));
      image.zeros.push_back(static_cast<std::uint8_t>(weights.zero(row, group)));
    }
  }
  return image;
}

kernels::CoreShape shape_of(const kernels::CoreParams& core, const quant::Format& format, const ProductSize& size,
                            bool channel) {
  kernels::CoreShape shape = kernels::core_shape(core.tile, format);
  shape.tokens = size.tokens;
  shape.outputs = size.outputs;
  shape.inputs = size.inputs;
  shape.group = core.tile.grouped() ? std::min(format.scaling.group, size.inputs) : size.inputs;
  if (core.tile.scales()) {
    if (format.scaling.stored == quant::ScaleFormat::kU8BelowChannel) shape.scale_bits = 8;
    shape.channel = channel;
  }
  return shape;
}

/// Returns the length of the longest groups that the tile's sums hold, 0 where a group of one input is too long; all
/// else about the format is as the tile wants it, or this is 0 too.
std::size_t longest_group(const Design& design, quant::Format format, const ProductSize& size) {
  const auto runs = [&](std::size_t group) {
    format.scaling.group = group;
    return !layer_unsupported(design, layer_without_weights(format, size.outputs, size.inputs));
  };
  std::size_t least = 0, most = std::min(format.scaling.group, size.inputs);
  if (runs(format.scaling.group)) return SIZE_MAX;
  while (least < most) {
    const std::size_t middle = (least + most + 1) / 2;
    if (runs(middle))
      least = middle;
    else
      most = middle - 1;
  }
  return least;
}

/// Why the core does not run a format: the tile does not, not even with its groups cut, or is not handed its codes.
std::optional<kernels::Refusal> core_unsupported(const Design& design, const quant::Format& format,
                                                 const ProductSize& size) {
  const kernels::CoreParams core = kernels::CoreParams::of(design.core->parameters);
  const auto whole = layer_unsupported(design, layer_without_weights(format, size.outputs, size.inputs));
  const std::size_t longest = whole ? longest_group(design, format, size) : SIZE_MAX;
  if (longest == 0) return whole;
  if (const auto codes = kernels::core_codes_unsupported(core.tile, format)) return codes;
  if (whole && kernels::core_cuts(core, shape_of(core, format, size, false), longest).empty()) return whole;
  return std::nullopt;
}

CoreLayerPlan plan_of(const Design& design, const quant::Format& format, const ProductSize& size, bool channel) {
  CoreLayerPlan plan;
  plan.parameters = design.core->parameters;
  plan.core = kernels::CoreParams::of(plan.parameters);
  plan.channel = design.core->channel;
  plan.shape = shape_of(plan.core, format, size, channel);
  plan.longest_group = longest_group(design, format, size);
  if (plan.core.tile.encodes()) {
    const auto program = quant::lower(format, kernels::kBoothDigits, (1U << plan.core.tile.encoder.shift_width) - 1);
    plan.table = kernels::config_writes(plan.core.tile.encoder, program);
  }
  if (plan.core.tile.dequantizes()) plan.table = kernels::fp4_program(format).writes();
  plan.beats = plan.core.tile.beats(plan.table, plan.shape.code_bits);
  return plan;
}

/// Returns the scale bytes of FP4 weights, and what Y is multiplied by behind the core. Throws as the functions of
/// fp4_weights.hpp do.
std::pair<std::vector<std::uint16_t>, std::optional<OutputScale>> fp4_scales(const quant::PackedTensor& weights) {
  const kernels::Fp4Program program = kernels::fp4_program(weights.format);
  check_fp4_range(program, weights);
  const auto bytes = fp4_scale_bytes(program, weights);
  return {{bytes.begin(), bytes.end()}, fp4_output_scale(program, weights)};
}

/// For the text of a refusal: the designs with a core that run it.
std::string cores_that_run(const quant::Format& format, const ProductSize& size) {
  return designs_that_run(DesignKind::kWithCore, [&](const Design& design) {
    return !core_unsupported(design, format, size) &&
           core_room_lacks(plan_of(design, format, size, needs_channel_scale(format))).empty();
  });
}

/// Throws LayerRefused for a format that the core does not run.
void check_format(const Design& design, const quant::Format& format, const ProductSize& size) {
  if (const auto refusal = core_unsupported(design, format, size))
    throw LayerRefused(fmt::format("design '{}' cannot run {}: {}; {}", design.name, format.id(), refusal->text,
                                   cores_that_run(format, size)));
}

}  // namespace

std::string core_room_lacks(const CoreLayerPlan& plan) {
  const kernels::CoreParams& core = plan.core;
  const auto group = kernels::core_slice(kernels::core_cuts(core, plan.shape, plan.longest_group).back(), 0, 1);
  const auto [tile_words, row_words] = kernels::core_words(core, group);
  std::vector<std::string> larger;
  const auto need = [&](const char* key, std::uint64_t half_bytes, std::uint64_t kib) {
    const std::uint64_t least = (2 * half_bytes + 1023) / 1024;
    if (least > kib) larger.push_back(fmt::format("{} is {}, expected at least {}", key, kib, least));
  };
  need("memory.weight_buffer_kib", tile_words * core.bus_bytes, core.weight_kib);
  need("memory.activation_buffer_kib", row_words * core.bus_bytes * core.rows(), core.activation_kib);
  need("core.output_buffer_kib", std::uint64_t{4} * core.cols() * core.rows(), core.output_kib);
  if (larger.empty()) return "";
  return fmt::format("half of a buffer holds one tile over {} inputs of a group; {}", group.inputs,
                     fmt::join(larger, "; "));
}

CoreLayerPlan plan_core_layer(const Design& design, const quant::Format& format, const ProductSize& size) {
  check_format(design, format, size);
  return plan_of(design, format, size, needs_channel_scale(format));
}

CoreLayerPlan plan_core_layer(const Design& design, const quant::PackedTensor& weights, std::size_t tokens) {
  const ProductSize size{tokens, weights.rows, weights.cols};
  check_format(design, weights.format, size);
  const kernels::CoreTile tile = kernels::CoreTile::of(design.core->parameters);
  LayerScales scales;
  std::optional<OutputScale> output_scale;
  try {
    if (tile.scales()) scales = layer_scales(weights);
    if (tile.dequantizes()) std::tie(scales.fields, output_scale) = fp4_scales(weights);
  } catch (const std::invalid_argument& error) {
    throw LayerRefused(fmt::format("design '{}' cannot run {}: {}", design.name, weights.format.id(), error.what()));
  }
  const bool channel = std::ranges::any_of(scales.channels, [](std::uint32_t scale) { return scale != kOne; });
  CoreLayerPlan plan = plan_of(design, weights.format, size, channel);
  plan.scales = std::move(scales);
  plan.output_scale = output_scale;
  return plan;
}

CoreInputs core_inputs(const CoreLayerPlan& plan, const kernels::CoreShape& shape, const kernels::CoreLayer& layer,
                       const quant::PackedTensor& weights, const ActivationView& activations) {
  CoreInputs inputs;
  kernels::Stimulus& stimulus = inputs.stimulus;
  stimulus.config = plan.table;
  const auto writes = layer.writes();
  stimulus.config.insert(stimulus.config.end(), writes.begin(), writes.end());
  std::vector<std::uint16_t> tokens(activations.values.begin(), activations.values.end());
  try {
    if (plan.core.tile.activation_bits == 8) inputs.token_scales = round_to_int8(tokens, activations.in);
    stimulus.input = kernels::core_reads(
        plan.core, layer,
        kernels::core_memory(plan.core, shape, layer, weights_of(plan.core.tile, weights, plan.scales), tokens));
  } catch (const LayerRefused&) {
    throw;
  } catch (const std::invalid_argument& error) {
    throw LayerRefused(error.what());
  }
  stimulus.cases = std::size_t{layer.t_blocks} * layer.n_blocks;
  stimulus.least_outputs = kernels::core_commands(plan.core, layer);
  stimulus.flow = kernels::channel_flow(plan.core, plan.channel);
  return inputs;
}

}  // namespace subbyte::sim
