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

/// A row's codes as the image has them.
std::vector<std::uint16_t> image_codes(const kernels::CoreTile& tile, const quant::PackedTensor& weights,
                                       std::size_t row) {
  std::vector<std::uint16_t> image;
  if (!tile.scales()) {
    std::vector<float> decoded(weights.cols);
    weights.decode_row(row, decoded);
    for (std::size_t col = 0; col < decoded.size(); ++col) image.push_back(finite_half(decoded[col], row, col));
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

}  // namespace

CoreLayerPlan plan_core_layer(const Design& design, const quant::PackedTensor& weights, std::size_t tokens) {
  if (const auto refusal = layer_unsupported(design, weights))
    throw LayerRefused(fmt::format("design '{}' cannot run {}: {}; {}", design.name, weights.format.id(), refusal->text,
                                   designs_that_run(weights)));
  if (weights.format.layout != quant::CodeLayout::kDense)
    throw LayerRefused(
        fmt::format("design '{}' cannot run {}: the core reads codes of equal widths, and those of this "
                    "format are packed together ({}); a design without `core` runs it",
                    design.name, weights.format.id(), quant::layout_info(weights.format.layout).name));
  CoreLayerPlan plan;
  plan.parameters = design.core->parameters;
  plan.core = kernels::CoreParams::of(plan.parameters);
  plan.channel = design.core->channel;
  try {
    plan.scales = layer_scales(weights);
  } catch (const std::invalid_argument& error) {
    throw LayerRefused(fmt::format("design '{}' cannot run {}: {}", design.name, weights.format.id(), error.what()));
  }
  plan.shape = kernels::core_cut_groups(plan.core, shape_of(weights, plan.scales, tokens));
  const auto program =
      quant::lower(weights.format, kernels::kBoothDigits, (1U << plan.core.tile.encoder.shift_width) - 1);
  plan.table = kernels::config_writes(plan.core.tile.encoder, program);
  plan.terms = kernels::table_of(plan.core.tile.encoder, plan.table).terms;
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
