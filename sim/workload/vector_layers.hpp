// The layers of the vector unit in a phase of a model, each at its place.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/workload/model_phases.hpp"

namespace subbyte::sim {

/// The places of a token's way through a model. Matrix layers have every other one.
enum class TokenStage : std::uint8_t {
  kInput,        ///< the embedding, and the norm before attention
  kProjections,  ///< query, key and value
  kHeads,        ///< RoPE, and what joins the cache
  kScores,       ///< QK^T
  kSoftmax,
  kValues,  ///< AV
  kAttended,
  kOutput,
  kResidual,  ///< of attention, and the norm before the MLP
  kRouter,
  kExperts,
  kUp,  ///< with the gate
  kActivation,
  kDown,
  kBlockEnd,  ///< the residual of the MLP, and the norm behind the last block
  kHead,
  kLogits,
};

struct StagedLayer {
  TokenStage stage;
  PhaseLayer layer;
};

/// Returns the layers of a phase of `work`, which has a model's shape, in their order within each stage.
std::vector<StagedLayer> vector_layers(const PhaseWork& work, const Phase& phase, bool int8);

/// Whether the vector unit makes the codes of a cache: symmetric integers under one FP16 scale for each token and head.
bool quantizes(const quant::Format& cache);
/// Returns the function inside a model's MLP, or nothing where the vector unit does not have it.
std::optional<kernels::VectorActivation> activation_of(const ModelShape& shape);

}  // namespace subbyte::sim
