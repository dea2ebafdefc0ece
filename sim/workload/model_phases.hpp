// The products that a language model computes in prefill and decode, from its shape and the formats of its layers.
// There are no weights here.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "quant/formats/format.hpp"
#include "sim/config/policy.hpp"
#include "sim/workload/model_shape.hpp"
#include "sim/workload/workload.hpp"

namespace subbyte::sim {

/// What a model is asked for: `batch` sequences, each with a prompt of `prefill` tokens and `decode` tokens that are
/// generated behind it, one per step for all sequences together. A phase of 0 is not run.
struct ModelPhases {
  std::size_t prefill = 0, decode = 0, batch = 1;
};

/// A product that a phase computes `count` times.
struct CountedProduct {
  ProductSize size;
  std::size_t count = 1;
};

/// Layers of one name and one format, in one phase.
struct PhaseLayer {
  std::string name;  ///< `*` stands for the block, and for the expert
  quant::Format format;
  std::vector<CountedProduct> products;
};

struct Phase {
  std::string name;           ///< "prefill", "decode" or "gemm"
  std::string text;           ///< what it is in words: "1 pass over 256 tokens"
  std::size_t tokens = 1;     ///< of each sequence
  std::size_t passes = 1;     ///< through the model; their linear layers are equal
  std::size_t sequences = 1;  ///< that run together
  std::vector<PhaseLayer> layers;
};

/// What runs, and what of it does not.
struct PhaseWork {
  std::string title;   ///< "llama-2-7b" or "4096 x 4096 weights"
  std::string source;  ///< where a model's figures were published; empty for a product
  std::vector<Phase> phases;
  std::vector<std::string> left_out;   ///< linear layers that the policy leaves unquantized, with `*` as above
  std::vector<std::string> not_in_it;  ///< what else a token needs of a model
  std::vector<std::string> unread;     ///< keys of a config.json that its reader does not know (ModelShapeFile)
};

/// Returns the linear layers of a model in its phases. A prefill is one pass over the prompts of all sequences, in
/// which lm_head computes the last token of each. A decode step is one token of each sequence. Throws ConfigError for
/// globs of the policy that match no layer, and std::invalid_argument for a phase whose tokens go to different experts,
/// because no routing is known; a pass of one token goes through `experts_per_token` of them, whichever they are.
PhaseWork model_work(const ModelShape& shape, const Policy& policy, const ModelPhases& phases);

/// Returns one product.
PhaseWork product_work(const ProductSize& size, const quant::Format& format);

}  // namespace subbyte::sim
