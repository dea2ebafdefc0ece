// The reference forward pass of a Llama-architecture model: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
// The sources are Llama 2 (arXiv:2307.09288), RMSNorm (arXiv:1910.07467), RoPE (arXiv:2104.09864), GQA
// (arXiv:2305.13245) and SwiGLU (arXiv:2002.05202); pairs are rotated as in run.c of llama2.c (adjacent elements) or as
// in modeling_llama.py of transformers (elements half a head apart).
//
// Every value between two operations is FP32. A linear layer is what its LinearFunction says. Each other operation is
// computed in double and rounded to FP32 once, so that it adds nothing to what a format is blamed for:
//   RMSNorm    is x_i w_i / sqrt(sum x^2 / dim + eps), where the sum is taken in index order;
//   RoPE       turns both outputs of a pair by the angle position * theta^(-2i / head_dim);
//   attention  takes, per head and position, the scores q.k / sqrt(head_dim), each dot product in index order, then the
//              softmax with the maximum subtracted, and then the sum of v in position order, weighted and divided by
//              the sum of the weights;
//   SwiGLU     is g / (1 + exp(-g)) * u.
// Residuals are FP32 additions. No sum crosses threads, so results do not depend on the number of threads.
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

/// Holds token sequences laid end to end. Each begins at position 0 and attends to itself alone.
struct TokenBatch {
  std::vector<std::uint32_t> tokens;
  std::vector<std::size_t> starts;  ///< where each sequence begins in `tokens`, ascending from 0; no sequence is empty

  std::size_t end(std::size_t sequence) const {
    return sequence + 1 < starts.size() ? starts[sequence + 1] : tokens.size();
  }
};

/// Computes y [tokens][layer.rows] = x [tokens][layer.cols] W^T. It must treat each token alone.
using LinearFunction =
    std::function<void(const LinearLayer& layer, std::span<const float> x, std::size_t tokens, std::span<float> y)>;

/// The non-linear part of a model; the linear layers come with each call. It holds the norms and reads the embedding
/// from the model's file batch by batch, so the model must outlive it.
class LlamaForward {
 public:
  /// Throws InputError as Model::required_llama() does, and for a tensor that is missing or whose shape is not the
  /// configuration's; the error names it.
  LlamaForward(const Checkpoint& model, unsigned threads);

  const LlamaConfig& config() const { return config_; }
  const Checkpoint& model() const { return model_; }
  /// Returns every linear layer in the order of the computation: q, k, v, o, gate, up and down of each block, and then
  /// lm_head.
  const std::vector<LinearLayer>& linear_layers() const { return linear_; }
  /// The block that a linear layer belongs to; the number of blocks for lm_head. Throws std::out_of_range.
  std::size_t block_of(std::size_t linear_layer) const { return block_of_.at(linear_layer); }

  /// Returns x [tokens][dim]. Throws InputError for a token outside the vocabulary, and for a sequence longer than the
  /// context.
  std::vector<float> embed(const TokenBatch& batch) const;
  /// Runs one transformer block on x [tokens][dim] in place.
  void block(std::size_t index, const TokenBatch& batch, const LinearFunction& linear, std::span<float> x) const;
  /// Applies the final norm, [tokens][dim], whose result is the input of lm_head.
  std::vector<float> final_norm(std::span<const float> x) const;
  /// Returns the logits [tokens][vocab] of the final norm's outputs.
  std::vector<float> classify(std::span<const float> hidden, const LinearFunction& linear) const;
  /// Runs the whole forward pass and returns the logits [tokens][vocab].
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
