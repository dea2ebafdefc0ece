// A layer on the core: packed weights in the terms of its memory image, and its stimulus (kernels/CORE.md).
#pragma once

#include <optional>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/core/channel.hpp"
#include "kernels/core/core_plan.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/config/design.hpp"
#include "sim/mapping/loop.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/mapping/scales.hpp"
#include "sim/workload/workload.hpp"

namespace subbyte::sim {

/// What a layer is on the core of a design that has one, whatever its blocks.
struct CoreLayerPlan {
  kernels::Parameters parameters;  ///< of the machine
  kernels::CoreParams core;
  kernels::ChannelParams channel;
  kernels::CoreShape shape;
  std::vector<kernels::ConfigWrite> table;  ///< writes to the tiles' encoders or dequantizers
  unsigned beats = 1;                       ///< cycles that the tile takes for a chunk (CoreTile::beats())
  std::size_t longest_group = SIZE_MAX;     ///< whose sum the tile holds; longer ones are cut
  LayerScales scales;                       ///< as they cross the tile's ports; empty without weights
  std::optional<OutputScale> output_scale;  ///< what Y is multiplied by behind the core; empty without weights

  /// Returns a value of Y behind the core: with what the weights still lack.
  float output(float value) const { return output_scale ? output_scale->of(value) : value; }
};

/// Plans a layer whose weights are not there, so that the plan has no `scales`; cycles and bytes need none. A channel
/// scale is stored wherever the format can need one (needs_channel_scale()). Throws LayerRefused for a format that the
/// core cannot run.
CoreLayerPlan plan_core_layer(const Design& design, const quant::Format& format, const ProductSize& size);

/// Says which buffers do not hold the smallest block, one tile over one group or the smallest part of one, each with
/// what would: "memory.weight_buffer_kib is 4, expected at least 6". Empty where all do.
std::string core_room_lacks(const CoreLayerPlan& plan);

/// Plans a layer of packed weights. Throws as above, and for scales that do not fit the tile's ports.
CoreLayerPlan plan_core_layer(const Design& design, const quant::PackedTensor& weights, std::size_t tokens);

struct CoreInputs {
  kernels::Stimulus stimulus;
  std::vector<float> token_scales;  ///< what Y's rows are multiplied by; empty unless activations are bytes
};

/// Returns the stimulus of the layer in these blocks, with the memory channel beside it. The shape is the plan's or a
/// cut of it. Throws LayerRefused for codes that stand for no number, and for numbers that the tile does not take.
CoreInputs core_inputs(const CoreLayerPlan& plan, const kernels::CoreShape& shape, const kernels::CoreLayer& layer,
                       const quant::PackedTensor& weights, const ActivationView& activations);

}  // namespace subbyte::sim
