// What a number format costs a language model, against the unquantized model on the same tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/llm/llama_forward.hpp"
#include "sim/llm/llama_linear.hpp"

namespace subbyte::sim {

/// Token t of a sequence is predicted from tokens 0 .. t-1 of the same sequence; token 0 is given.
using TokenSequence = std::vector<std::uint32_t>;

/// One way to run the linear layers.
struct Variant {
  std::string name;
  PackedWeights weights;  ///< layers that are not there run unquantized
};

/// Holds sums over the predicted tokens, in their order. Log-probabilities and divergences are computed in double from
/// FP32 logits.
struct Score {
  double nll = 0;  ///< negative log-likelihood in nats
  double kl = 0;   ///< KL(unquantized || this) in nats
  std::size_t tokens = 0;
  double squares = 0;  ///< sum of the squares of what each token's nats are above the unquantized model's
  std::vector<double> sequences = {};  ///< nats of each sequence, in their order; they add up to `nll` but for rounding

  double nll_per_token() const { return nll / static_cast<double>(tokens); }
  double kl_per_token() const { return kl / static_cast<double>(tokens); }
  double perplexity() const;
  /// Returns half of the 95 % interval of the difference in nats per token to the unquantized model on the same tokens,
  /// which are taken as independent. The result is empty below two tokens.
  std::optional<double> difference_half_width(const Score& unquantized) const;
};

struct VariantScore {
  Score score;
  /// one per linear layer with packed weights, in the forward pass's order: the score when only that layer is quantized
  std::vector<Score> alone;
};

struct EvaluateOptions {
  LinearArithmetic arithmetic;
  bool sensitivity = false;
  std::size_t batch_tokens = 2048;  ///< upper bound of the tokens that share one pass over the weights
  /// sees the inputs of every linear layer of the unquantized model, batch by batch
  std::function<void(const LinearLayer& layer, std::span<const float> x)> observe;
};

struct EvaluateResult {
  Score unquantized;
  std::vector<double> token_nll;  ///< of the unquantized model: nats of each predicted token, in their order
  std::vector<VariantScore> variants;
};

/// Returns the layers of `forward` that the variant has weights for, in the forward pass's order.
std::vector<LinearLayer> quantized_layers(const LlamaForward& forward, const Variant& variant);

/// Throws InputError, which names variant and layer, for a format that the design cannot run. Of the layer only its
/// format and shape are looked at (layer_without_weights()), so that this can be asked before anything is packed.
void check_runs(const std::string& variant, const std::string& layer, const quant::PackedTensor& packed,
                const Design& design);

/// Throws InputError for packed weights of another shape than the layer's or of no layer of the model, and for a format
/// that the design, where there is one, cannot run.
void check_variant(const LlamaForward& forward, const Variant& variant, const Design* design);

/// Scores every variant, with the same bits whatever the number of threads and the batch size are. Throws InputError
/// for no sequence at all, a sequence of fewer than two tokens, a token outside the vocabulary, and as check_variant()
/// and packed_linear().
EvaluateResult evaluate(const LlamaForward& forward, std::span<const TokenSequence> sequences,
                        std::span<const Variant> variants, const EvaluateOptions& options);

}  // namespace subbyte::sim
