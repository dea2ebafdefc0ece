// The reference forward pass of a Llama-architecture model: RMSNorm, rotary positions, grouped-query
// attention, SwiGLU. Sources: Llama 2 (arXiv:2307.09288), RMSNorm (arXiv:1910.07467), RoPE
// (arXiv:2104.09864), GQA (arXiv:2305.13245), SwiGLU (arXiv:2002.05202); pairings as in llama2.c run.c
// (adjacent) and transformers modeling_llama.py (half-split).
//
// Arithmetic. Every value between two operations is FP32. A linear layer is what its LinearFunction says.
// Each other operation is computed in double and rounded to FP32 once, so that it adds nothing to what a
// format is blamed for:
//   RMSNorm   x_i w_i / sqrt(sum x^2 / dim + eps); the sum in index order
//   RoPE      angle = position * theta^(-2i / head_dim); both outputs of a pair
//   attention per head and position: scores q.k / sqrt(head_dim), each dot product in index order; softmax with the
//             maximum subtracted; the weighted sum of v in position order, divided by the sum of the weights
//   SwiGLU    g / (1 + exp(-g)) * u
// Residuals are FP32 additions. No sum crosses threads, so results do not depend on their number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/llama_config.hpp"

namespace subbyte::sim {

/// Token sequences laid end to end. Each begins at position 0 and attends to itself alone.
struct TokenBatch {
  std::vector<std::uint32_t> tokens;
  std::vector<std::size_t> starts;  ///< of each sequence in `tokens`, ascending from 0; no sequence is empty

  std::size_t end(std::size_t sequence) const {
    return sequence + 1 < starts.size() ? starts[sequence + 1] : tokens.size();
  }
};

/// y [tokens][layer.rows] = x [tokens][layer.cols] W^T. Must treat each token alone.
using LinearFunction =
    std::function<void(const LinearLayer& layer, std::span<const float> x, std::size_t tokens, std::span<float> y)>;

/// The non-linear part of a model; the linear layers come with each call. Holds the norms; reads the
/// embedding from the model's file batch by batch, so the model must outlive it.
class LlamaForward {
 public:
  /// Throws InputError as Model::required_llama(), and for a tensor that is missing or whose shape is not the
  /// configuration's, naming it.
  LlamaForward(const Checkpoint& model, unsigned threads);

  const LlamaConfig& config() const { return config_; }
  const Checkpoint& model() const { return model_; }
  /// Every linear layer in the order of the computation: q, k, v, o, gate, up, down of each block, then
  /// lm_head.
  const std::vector<LinearLayer>& linear_layers() const { return linear_; }
  /// The block that a linear layer belongs to; the number of blocks for lm_head. Throws std::out_of_range.
  std::size_t block_of(std::size_t linear_layer) const { return block_of_.at(linear_layer); }

  /// x [tokens][dim]. Throws InputError for a token outside the vocabulary, and for a sequence longer than
  /// the context.
  std::vector<float> embed(const TokenBatch& batch) const;
  /// One transformer block, x [tokens][dim] in place.
  void block(std::size_t index, const TokenBatch& batch, const LinearFunction& linear, std::span<float> x) const;
  /// The final norm, [tokens][dim]: the input of lm_head.
  std::vector<float> final_norm(std::span<const float> x) const;
  /// Logits [tokens][vocab] of the final norm's outputs.
  std::vector<float> classify(std::span<const float> hidden, const LinearFunction& linear) const;
  /// The whole forward pass: logits [tokens][vocab].
  std::vector<float> logits(const TokenBatch& batch, const LinearFunction& linear) const;

 private:
  /// The parts of one transformer block; linear layers by their place in linear_.
  struct Block {
    std::size_t query = 0, key = 0, value = 0, output = 0, gate = 0, up = 0, down = 0;
    std::vector<float> attention_norm;
    std::vector<float> mlp_norm;
  };
  Block add_block(std::size_t index);
  std::size_t add_layer(const std::string& name, std::size_t rows, std::size_t cols, std::size_t block);
  std::vector<float> norm(std::string_view name) const;
  std::vector<float> multiply(std::size_t layer, const LinearFunction& linear, std::span<const float> x) const;
  std::vector<float> rms_norm(std::span<const float> x, std::span<const float> weight) const;
  void rotate(const TokenBatch& batch, std::span<float> x) const;
  std::vector<float> attend(const TokenBatch& batch, std::span<const float> q, std::span<const float> k,
                            std::span<const float> v) const;

  const Checkpoint& model_;
  LlamaConfig config_;
  unsigned threads_;
  std::vector<LinearLayer> linear_;
  std::vector<std::size_t> block_of_;  ///< of each of linear_
  std::vector<Block> blocks_;
  std::vector<float> final_norm_;
};

}  // namespace subbyte::sim
