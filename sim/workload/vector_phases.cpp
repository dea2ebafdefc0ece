#include "sim/workload/vector_phases.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "sim/workload/vector_layers.hpp"

namespace subbyte::sim {
namespace {

using kernels::VectorOperation;

/// Where a matrix layer stands among those of the vector unit.
TokenStage stage_of(const ModelShape& shape, const PhaseLayer& layer) {
  if (layer.name == "attn_qk") return TokenStage::kScores;
  if (layer.name == "attn_av") return TokenStage::kValues;
  constexpr std::array kStages{TokenStage::kProjections, TokenStage::kOutput, TokenStage::kRouter,
                               TokenStage::kUp,          TokenStage::kDown,   TokenStage::kHead};
  return kStages[static_cast<std::size_t>(linear_place(shape.architecture, layer.name))];
}

void add_between(const PhaseWork& work, bool int8, Phase& phase) {
  std::vector<StagedLayer> all = vector_layers(work, phase, int8);
  std::vector<StagedLayer> matrices;
  for (PhaseLayer& layer : phase.layers) matrices.push_back({stage_of(*work.shape, layer), std::move(layer)});
  all.insert(all.begin(), matrices.begin(), matrices.end());
  std::ranges::stable_sort(all, {}, &StagedLayer::stage);
  phase.layers.clear();
  for (StagedLayer& layer : all) phase.layers.push_back(std::move(layer.layer));
}

}  // namespace

std::string_view operation_name(VectorOperation operation) {
  static constexpr std::array<std::string_view, kernels::kVectorOperations> kNames{
      "copy",     "add",        "activate",       "gate",           "rotate",        "softmax",
      "rms norm", "layer norm", "quantize token", "quantize group", "quantize range"};
  return kNames.at(static_cast<std::size_t>(operation));
}

std::vector<std::string> not_counted(const ModelShape& shape, const std::optional<quant::Format>& cache) {
  std::vector<std::string> parts;
  if (!cache)
    parts.emplace_back(
        "attention (QK^T, softmax, AV) and quantizing keys and values, for there is no KV cache (--kv-format)");
  else if (!quantizes(*cache))
    parts.push_back("quantizing keys and values to " + cache->id() + ", which the vector unit does not do");
  if (!activation_of(shape))
    parts.push_back("the activation function " + shape.activation + ", which the vector unit does not have");
  if (shape.experts > 1) parts.emplace_back("choosing the experts of a token");
  return parts;
}

PhaseWork with_vector_operations(PhaseWork work, bool int8) {
  if (!work.shape) return work;
  for (Phase& phase : work.phases) add_between(work, int8, phase);
  work.vector = true;
  work.kv_quantized = work.asked.kv_format && quantizes(*work.asked.kv_format);
  work.not_in_it = not_counted(*work.shape, work.asked.kv_format);
  return work;
}

std::string PhaseLayer::does() const {
  return kind == LayerKind::kVector ? std::string(operation_name(operations.front().command.operation)) : format.id();
}

bool PhaseWork::whole() const { return vector && left_out.empty() && not_in_it.empty(); }

}  // namespace subbyte::sim
