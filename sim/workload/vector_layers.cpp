#include "sim/workload/vector_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace subbyte::sim {
namespace {

using kernels::VectorCommand;
using kernels::VectorOperation;
using kernels::VectorRows;

VectorCommand command_of(VectorOperation operation, bool half_out = false) {
  VectorCommand command;
  command.operation = operation;
  command.half_out = half_out;
  return command;
}

/// The tokens of a pass, and what they see.
struct Pass {
  std::size_t tokens = 0;     ///< of all sequences
  std::size_t sequences = 0;  ///< whose last tokens get logits
  std::size_t steps = 1;      ///< passes of the phase
};

class VectorLayers {
 public:
  VectorLayers(const PhaseWork& work, const Phase& phase, bool int8)
      : shape_(*work.shape),
        block_(block_shape(shape_.architecture)),
        cache_(work.asked.kv_format),
        pass_{phase.tokens / phase.passes * phase.sequences, phase.sequences, phase.passes},
        before_(work.asked.context + (phase.name == "decode" ? work.asked.prefill : 0)),
        int8_(int8) {}

  std::vector<StagedLayer> all() {
    input();
    if (cache_) attention();
    attended();
    mlp();
    logits();
    return std::move(layers_);
  }

 private:
  void input();
  void attention();
  void heads(const char* name, std::size_t heads, bool query);
  void softmax();
  void attended();
  void mlp();
  void activation();
  void logits();

  /// Adds a layer that runs once in each block and pass, or once in a pass.
  void add(TokenStage stage, const std::string& name, VectorCommand command, VectorRows rows, bool in_blocks = true,
           std::size_t times = 1) {
    add(stage, name, {{command, rows, times * pass_.steps * (in_blocks ? shape_.layers : 1)}}, in_blocks);
  }
  void add(TokenStage stage, const std::string& name, std::vector<CountedOperation> operations, bool in_blocks = true) {
    PhaseLayer layer;
    layer.name = in_blocks ? fmt::format("{}.*.{}", block_.blocks, name) : name;
    layer.kind = LayerKind::kVector;
    layer.operations = std::move(operations);
    layers_.push_back({stage, std::move(layer)});
  }
  void norm(TokenStage stage, const std::string& name, VectorRows rows, bool half_out, bool in_blocks = true) {
    add(stage, name, command_of(block_.layer_norms ? VectorOperation::kLayerNorm : VectorOperation::kRmsNorm, half_out),
        rows, in_blocks);
  }
  /// Rounds what goes into a product to INT8, where the product takes that.
  void to_int8(TokenStage stage, const std::string& name, VectorRows rows, bool in_blocks = true) {
    if (int8_) add(stage, name + ".int8", command_of(VectorOperation::kQuantizeToken), rows, in_blocks);
  }
  /// A product's bias, or else the scales of its tokens. Returns whether there was an operation.
  bool finish(TokenStage stage, const std::string& name, bool bias, VectorRows rows, bool half_out = false,
              bool in_blocks = true) {
    if (bias)
      add(stage, name + ".bias", command_of(VectorOperation::kAdd, half_out), rows, in_blocks);
    else if (int8_)
      add(stage, name + ".scale", command_of(VectorOperation::kCopy, half_out), rows, in_blocks);
    return bias || int8_;
  }
  VectorRows hidden() const { return {pass_.tokens, shape_.hidden_size}; }

  const ModelShape& shape_;
  BlockShape block_;
  std::optional<quant::Format> cache_;
  Pass pass_;
  std::size_t before_;  ///< tokens in the cache of a sequence before the phase
  bool int8_;
  std::vector<StagedLayer> layers_;
};

void VectorLayers::input() {
  // FP16 rows of the embedding, to which the positions' are added.
  VectorCommand lookup = command_of(shape_.learned_positions > 0 ? VectorOperation::kAdd : VectorOperation::kCopy);
  lookup.half_in = true;
  add(TokenStage::kInput, "embed_tokens", lookup, hidden(), false);
  norm(TokenStage::kInput, "attention_norm", hidden(), !int8_);
  to_int8(TokenStage::kInput, "attention_norm", hidden());
}

void VectorLayers::attention() {
  heads("self_attn.q", shape_.heads, true);
  heads("self_attn.k", shape_.kv_heads, false);
  const VectorRows values{pass_.tokens * shape_.kv_heads, shape_.head_dim};
  finish(TokenStage::kHeads, "self_attn.v_proj", shape_.biases.qkv, {pass_.tokens, shape_.kv_heads * shape_.head_dim});
  if (quantizes(*cache_)) {
    VectorCommand codes = command_of(VectorOperation::kQuantizeGroup);
    codes.bits = cache_->alphabet.code_bits;
    for (const char* name : {"self_attn.k_cache", "self_attn.v_cache"}) add(TokenStage::kHeads, name, codes, values);
  }
  softmax();
}

/// What a projection's outputs become before they meet the cache, as queries, or join it, as keys.
void VectorLayers::heads(const char* name, std::size_t heads, bool query) {
  const TokenStage stage = TokenStage::kHeads;
  const std::string text = name;
  const VectorRows rows{pass_.tokens * heads, shape_.head_dim};
  const std::size_t turned = shape_.rotary_dim, rest = shape_.head_dim - turned;
  const bool half = query && !int8_;
  const bool last = turned == 0 && !block_.query_key_norms;
  const bool done =
      finish(stage, text + "_proj", shape_.biases.qkv, {pass_.tokens, heads * shape_.head_dim}, half && last);
  if (block_.query_key_norms) norm(stage, text + "_norm", rows, half && turned == 0);
  if (turned > 0) {
    add(stage, text + "_rope", command_of(VectorOperation::kRotate, half), {rows.rows, turned / 2});
    if (rest > 0 && half) add(stage, text + "_rope.rest", command_of(VectorOperation::kCopy, true), {rows.rows, rest});
  } else if (last && half && !done) {
    add(stage, text + ".fp16", command_of(VectorOperation::kCopy, true), rows);
  }
  if (query) to_int8(stage, text, rows);
}

void VectorLayers::softmax() {
  const std::size_t heads = shape_.heads * pass_.sequences;
  const auto grown = [&](const char* name, VectorCommand command) {
    std::vector<CountedOperation> operations;
    if (pass_.steps == 1 && pass_.tokens > pass_.sequences)  // tokens of a prompt see those before them
      operations.push_back({command, {pass_.tokens / pass_.sequences, before_ + 1, 1, heads}, shape_.layers});
    else
      for (std::size_t step = 0; step < pass_.steps; ++step)
        operations.push_back({command, {heads, before_ + 1 + step}, shape_.layers});
    add(TokenStage::kSoftmax, name, std::move(operations));
  };
  grown("self_attn.softmax", command_of(VectorOperation::kSoftmax, true));
  // The scales of the values, by which the weights of attention are multiplied: ReLU leaves these as they are.
  VectorCommand scale = command_of(VectorOperation::kGate, !int8_);
  scale.activation = kernels::VectorActivation::kRelu;
  scale.half_in = true;
  grown("self_attn.v_scales", scale);
  if (int8_) grown("self_attn.v_scales.int8", command_of(VectorOperation::kQuantizeToken));
}

void VectorLayers::attended() {
  const TokenStage stage = TokenStage::kAttended;
  const std::size_t width = shape_.heads * shape_.head_dim;
  if (cache_) {
    if (int8_)
      add(stage, "attn_av.scale", command_of(VectorOperation::kCopy), {pass_.tokens * shape_.heads, shape_.head_dim});
    if (block_.inner_norms)
      norm(stage, "self_attn.inner_norm", {pass_.tokens, width}, !int8_);
    else if (!int8_)
      add(stage, "attn_av.fp16", command_of(VectorOperation::kCopy, true), {pass_.tokens, width});
    to_int8(stage, "attn_av", {pass_.tokens, width});
  }
  if (shape_.biases.output)
    add(TokenStage::kResidual, "self_attn.output.bias", command_of(VectorOperation::kAdd), hidden());
  if (block_.parallel) return;
  add(TokenStage::kResidual, "attention_residual", command_of(VectorOperation::kAdd), hidden());
  norm(TokenStage::kResidual, "mlp_norm", hidden(), !int8_);
  to_int8(TokenStage::kResidual, "mlp_norm", hidden());
}

void VectorLayers::mlp() {
  if (shape_.experts > 1)
    add(TokenStage::kExperts, "router.softmax", command_of(VectorOperation::kSoftmax), {pass_.tokens, shape_.experts});
  activation();
  const VectorRows down{pass_.tokens * shape_.experts_per_token, shape_.hidden_size};
  if (shape_.biases.mlp) add(TokenStage::kBlockEnd, "mlp.down.bias", command_of(VectorOperation::kAdd), down);
  if (block_.parallel) add(TokenStage::kBlockEnd, "attention_residual", command_of(VectorOperation::kAdd), hidden());
  // Of experts, each one with the router's weight.
  add(TokenStage::kBlockEnd, "mlp_residual", command_of(VectorOperation::kAdd), down);
}

void VectorLayers::activation() {
  const TokenStage stage = TokenStage::kActivation;
  const VectorRows rows{pass_.tokens * shape_.experts_per_token, shape_.intermediate_size};
  if (block_.gated) finish(stage, "mlp.gate", shape_.biases.mlp, rows);
  finish(stage, "mlp.up", shape_.biases.mlp, rows);
  if (const auto function = activation_of(shape_)) {
    VectorCommand command =
        command_of(block_.gated ? VectorOperation::kGate : VectorOperation::kActivate, !int8_ && !block_.inner_norms);
    command.activation = *function;
    add(stage, "mlp.activation", command, rows);
  }
  if (block_.inner_norms) norm(stage, "mlp.inner_norm", rows, !int8_);
  to_int8(stage, "mlp.activation", rows);
}

void VectorLayers::logits() {
  const VectorRows last{pass_.sequences, shape_.hidden_size};
  norm(TokenStage::kBlockEnd, "final_norm", last, !int8_, false);
  to_int8(TokenStage::kBlockEnd, "final_norm", last, false);
  finish(TokenStage::kLogits, "lm_head", shape_.biases.head, {pass_.sequences, shape_.vocab_size}, false, false);
}

}  // namespace

std::vector<StagedLayer> vector_layers(const PhaseWork& work, const Phase& phase, bool int8) {
  return VectorLayers(work, phase, int8).all();
}

bool quantizes(const quant::Format& cache) {
  return cache.alphabet.kind == quant::CodeKind::kTwosComplement && cache.rule == quant::ScaleRule::kAbsMax &&
         !cache.scaling.zero_point && cache.scaling.stored == quant::ScaleFormat::kFp16 &&
         cache.scaling.tensor_scale == quant::TensorScale::kNone && cache.scaling.planes == 1;
}

std::optional<kernels::VectorActivation> activation_of(const ModelShape& shape) {
  const std::vector<std::string>& names = known_activations();
  const auto found = std::ranges::find(names, shape.activation);
  if (found == names.end()) return std::nullopt;
  return static_cast<kernels::VectorActivation>(found - names.begin());
}

}  // namespace subbyte::sim
