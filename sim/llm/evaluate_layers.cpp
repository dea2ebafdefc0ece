#include "sim/llm/evaluate_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/base/input_error.hpp"
#include "sim/base/progress.hpp"

namespace subbyte::sim {
namespace {

std::vector<SelectorShare> empty_shares(const quant::Alphabet& alphabet) {
  std::vector<SelectorShare> shares(alphabet.selectors());
  for (unsigned s = 0; s < shares.size(); ++s) {
    shares[s].selector = s;
    if (alphabet.special_code)
      shares[s].value = alphabet.level(*alphabet.special_code, s) / static_cast<double>(alphabet.unit_divisor);
  }
  return shares;
}

std::vector<SelectorShare> selector_shares(const quant::PackedTensor& packed) {
  const quant::Alphabet& alphabet = packed.format.alphabet;
  if (alphabet.selectors() < 2) return {};
  std::vector<SelectorShare> shares = empty_shares(alphabet);
  std::vector<std::uint8_t> codes(packed.cols);
  const std::size_t group_size = packed.format.scaling.group;
  for (std::size_t r = 0; r < packed.rows; ++r) {
    packed.unpack_row(r, codes);
    for (std::size_t g = 0; g < packed.groups(); ++g) {
      const auto first = codes.begin() + static_cast<std::ptrdiff_t>(g * group_size);
      const auto last = codes.begin() + static_cast<std::ptrdiff_t>(std::min(packed.cols, (g + 1) * group_size));
      SelectorShare& share = shares.at(packed.selector(r, g));
      share.groups += 1;
      share.weights +=
          static_cast<double>(alphabet.special_code ? std::count(first, last, *alphabet.special_code) : last - first);
    }
  }
  for (SelectorShare& share : shares) {
    share.groups /= static_cast<double>(packed.rows * packed.groups());
    share.weights /= static_cast<double>(packed.rows * packed.cols);
  }
  return shares;
}

/// Names the type of an unquantized layer as `subbyte quantize` names it for layers that a policy leaves as they are.
std::string stored_name(DataType type) {
  return type == DataType::kF16 ? "fp16" : type == DataType::kBf16 ? "bf16" : "fp32";
}

/// Returns the lowest SQNR among the groups of weights, in dB.
std::optional<double> worst_group(std::span<const float> weights, const quant::PackedTensor& packed) {
  const std::vector<float> values = quant::decoded(packed);
  const std::size_t group = std::min(packed.format.scaling.group, packed.cols);
  std::optional<double> worst;
  for (std::size_t row = 0; row < packed.rows; ++row) {
    for (std::size_t first = 0; first < packed.cols; first += group) {
      const std::size_t at = row * packed.cols + first;
      const std::size_t count = std::min(group, packed.cols - first);
      const double db =
          quant::distortion_of(weights.subspan(at, count), std::span(values).subspan(at, count)).sqnr_db();
      if (std::isfinite(db) && (!worst || db < *worst)) worst = db;
    }
  }
  return worst;
}

}  // namespace

LayerQuality unquantized_quality(const Tensor& weights, DataType stored) {
  const double bits = 8.0 * static_cast<double>(element_bytes(stored));
  LayerQuality quality;
  quality.name = weights.name;
  quality.format = stored_name(stored);
  quality.rows = weights.shape[0];
  quality.cols = weights.shape[1];
  quality.bytes = weights.values.size() * element_bytes(stored);
  quality.bits_per_weight = quality.nominal_bits_per_weight = bits;
  quality.distortion = quant::distortion_of(weights.values, std::span<const float>(weights.values));
  quality.quantized = false;
  return quality;
}

LayerQuality layer_quality(const Tensor& weights, const quant::PackedTensor& packed) {
  return {weights.name,
          packed.format.id(),
          packed.rows,
          packed.cols,
          packed.bytes(),
          packed.bits_per_weight(),
          packed.format.nominal_bits_per_weight(),
          quant::distortion_of(weights.values, packed),
          selector_shares(packed),
          true,
          worst_group(weights.values, packed)};
}

PackedModel pack_model(const LlamaForward& forward, const std::string& name, const PackLayer& pack) {
  PackedModel packed_model{{name, {}}, {}};
  double count = 0;
  for (const LinearLayer& layer : forward.linear_layers()) count += static_cast<double>(layer.rows * layer.cols);
  Job job("packing " + name, count, "weights");
  for (const LinearLayer& layer : forward.linear_layers()) {
    const auto fail = [&](const std::string& text) {
      throw InputError(forward.model().path(), fmt::format("layer '{}'", layer.name), text);
    };
    job.at(layer.name);
    const Tensor weights = forward.model().load(layer.name);
    try {
      std::optional<quant::PackedTensor> packed = pack(weights);
      job.advance(static_cast<double>(layer.rows * layer.cols));
      if (!packed) {
        packed_model.layers.push_back(unquantized_quality(weights, forward.model().stored_type(layer.name)));
        continue;
      }
      if (packed->rows != layer.rows || packed->cols != layer.cols)
        fail(fmt::format("is {} x {}, but {} x {} in {}", layer.rows, layer.cols, packed->rows, packed->cols, name));
      packed_model.layers.push_back(layer_quality(weights, *packed));
      packed_model.variant.weights.emplace(layer.name, *std::move(packed));
    } catch (const std::invalid_argument& error) {
      fail(error.what());
    }
  }
  return packed_model;
}

}  // namespace subbyte::sim
