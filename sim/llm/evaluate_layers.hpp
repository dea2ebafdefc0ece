// The packed weights of a model's linear layers, and what each lost.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quant/formats/packed_tensor.hpp"
#include "quant/rules/distortion.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/llm/evaluate.hpp"

namespace subbyte::sim {

/// Says how often a selector was chosen.
struct SelectorShare {
  unsigned selector = 0;
  /// the special level in the alphabet's units; empty where the selector changes all levels
  std::optional<double> value;
  double groups = 0;  ///< share of the groups with this selector
  /// share of all weights that are the special value; where there is none, of all weights in such groups
  double weights = 0;
};

struct LayerQuality {
  std::string name;
  std::string format;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t bytes = 0;
  double bits_per_weight = 0;
  double nominal_bits_per_weight = 0;
  quant::Distortion distortion;
  std::vector<SelectorShare> selectors;  ///< empty where the format has none
  bool quantized = true;                 ///< false for a layer that stays as the model stores it
  /// SQNR in dB of the group of weights that lost most; empty where no group lost anything
  std::optional<double> worst_group_db = std::nullopt;
};
LayerQuality layer_quality(const Tensor& weights, const quant::PackedTensor& packed);
/// Describes a layer that is left as it is stored, in elements of this type.
LayerQuality unquantized_quality(const Tensor& weights, DataType stored);

struct PackedModel {
  Variant variant;
  std::vector<LayerQuality> layers;  ///< one per linear layer, in the forward pass's order
};

/// Returns the packed weights of a layer, or nothing to leave it unquantized.
using PackLayer = std::function<std::optional<quant::PackedTensor>(const Tensor& weights)>;

/// Packs every linear layer, with one in memory at a time. Throws InputError, which names the layer, where `pack`
/// throws std::invalid_argument, and for packed weights of another shape than the layer's.
PackedModel pack_model(const LlamaForward& forward, const std::string& name, const PackLayer& pack);

}  // namespace subbyte::sim
