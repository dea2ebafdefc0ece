#include "sim/mapping/core_layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/core/channel_flow.hpp"
#include "kernels/term_encoder.hpp"
#include "quant/formats/term_program.hpp"

namespace subbyte::sim {
namespace {

constexpr std::uint32_t kOne = 0x3F800000;

void check_finite(const quant::PackedTensor& weights, std::size_t row, std::size_t col, unsigned code) {
  const double level = weights.format.alphabet.level(code);
  if (std::isfinite(level)) return;
  throw LayerRefused(
      fmt::format("row {}, column {}: code {:#x} is {}, expected a finite level", row, col, code, level));
}

kernels::CoreWeights weights_of(const quant::PackedTensor& weights, const LayerScales& scales) {
  kernels::CoreWeights image;
  image.scales = scales.fields;
  image.channels = scales.channels;
  image.codes.resize(weights.rows * weights.cols);
  for (std::size_t row = 0; row < weights.rows; ++row) {
    const auto codes = std::span(image.codes).subspan(row * weights.cols, weights.cols);
    weights.unpack_row(row, codes);
    for (std::size_t col = 0; col < weights.cols; ++col) check_finite(weights, row, col, codes[col]);
    for (std::size_t group = 0; group < weights.groups(); ++group) {
      image.selectors.push_back(static_cast<std::uint8_t>(weights.selector(row, group)));
      image.zeros.push_back(static_cast<std::uint8_t>(weights.zero(row, group)));
    }
  }
  return image;
}

kernels::CoreShape shape_of(const quant::Format& format, const ProductSize& size) {
  kernels::CoreShape shape;
  shape.tokens = size.tokens;
  shape.outputs = size.outputs;
  shape.inputs = size.inputs;
  shape.group = std::min(format.scaling.group, size.inputs);
  shape.code_bits = format.alphabet.code_bits;
  shape.selector_bits = format.alphabet.selectors() > 1 ? 2 : 0;
  shape.zero_bits = format.scaling.zero_point ? format.alphabet.code_bits : 0;
  shape.sign_extend = format.alphabet.kind == quant::CodeKind::kTwosComplement;
  shape.scale_u8 = format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
  shape.channel = needs_channel_scale(format);
  return shape;
}

void check_format(const Design& design, const quant::Format& format, const ProductSize& size) {
  const quant::PackedTensor layer = layer_without_weights(format, size.outputs, size.inputs);
  if (const auto refusal = layer_unsupported(design, layer))
    throw LayerRefused(fmt::format("design '{}' cannot run {}: {}; {}", design.name, format.id(), refusal->text,
                                   designs_that_run(layer)));
  if (format.layout != quant::CodeLayout::kDense)
    throw LayerRefused(
        fmt::format("design '{}' cannot run {}: the core reads codes of equal widths, and those of this "
                    "format are packed together ({}); a design without `core` runs it",
                    design.name, format.id(), quant::layout_info(format.layout).name));
}

CoreLayerPlan plan_of(const Design& design, const quant::Format& format, const kernels::CoreShape& shape) {
  CoreLayerPlan plan;
  plan.parameters = design.core->parameters;
  plan.core = kernels::CoreParams::of(plan.parameters);
  plan.channel = design.core->channel;
  plan.shape = kernels::core_cut_groups(plan.core, shape);
  const auto program = quant::lower(format, kernels::kBoothDigits, (1U << plan.core.tile.encoder.shift_width) - 1);
  plan.table = kernels::config_writes(plan.core.tile.encoder, program);
  plan.terms = kernels::table_of(plan.core.tile.encoder, plan.table).terms;
  return plan;
}

}  // namespace

CoreLayerPlan plan_core_layer(const Design& design, const quant::Format& format, const ProductSize& size) {
  check_format(design, format, size);
  return plan_of(design, format, shape_of(format, size));
}

CoreLayerPlan plan_core_layer(const Design& design, const quant::PackedTensor& weights, std::size_t tokens) {
  const ProductSize size{tokens, weights.rows, weights.cols};
  check_format(design, weights.format, size);
  LayerScales scales;
  try {
    scales = layer_scales(weights);
  } catch (const std::invalid_argument& error) {
    throw LayerRefused(fmt::format("design '{}' cannot run {}: {}", design.name, weights.format.id(), error.what()));
  }
  kernels::CoreShape shape = shape_of(weights.format, size);
  shape.channel = std::ranges::any_of(scales.channels, [](std::uint32_t scale) { return scale != kOne; });
  CoreLayerPlan plan = plan_of(design, weights.format, shape);
  plan.scales = std::move(scales);
  return plan;
}

kernels::Stimulus core_stimulus(const CoreLayerPlan& plan, const kernels::CoreLayer& layer,
                                const quant::PackedTensor& weights, const ActivationView& activations) {
  kernels::Stimulus stimulus;
  stimulus.config = plan.table;
  const auto writes = layer.writes();
  stimulus.config.insert(stimulus.config.end(), writes.begin(), writes.end());
  stimulus.input = kernels::core_reads(
      plan.core, layer,
      kernels::core_memory(plan.core, plan.shape, layer, weights_of(weights, plan.scales), activations.values));
  stimulus.cases = std::size_t{layer.t_blocks} * layer.n_blocks;
  stimulus.least_outputs = kernels::core_commands(plan.core, layer);
  stimulus.flow = kernels::channel_flow(plan.core, plan.channel);
  return stimulus;
}

}  // namespace subbyte::sim
