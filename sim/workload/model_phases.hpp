// The products that a language model computes in prefill and decode, from its shape and the formats of its layers.
// There are no weights here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/vector_unit.hpp"
#include "quant/formats/format.hpp"
#include "sim/config/policy.hpp"
#include "sim/workload/model_shape.hpp"
#include "sim/workload/workload.hpp"

namespace subbyte::sim {

/// What a model is asked for: `batch` sequences, each with a prompt of `prefill` tokens and `decode` tokens that are
/// generated behind it, one per step for all sequences together. A phase of 0 is not run.
struct ModelPhases {
  std::size_t prefill = 0, decode = 0, batch = 1;
  std::optional<quant::Format> kv_format = {};  ///< of the keys and values in the cache; nothing: attention is left out
  std::size_t context = 0;                      ///< tokens of each sequence in the cache before all this
};

/// A product that a phase computes `count` times.
struct CountedProduct {
  ProductSize size;
  std::size_t count = 1;
};

/// An operation of the vector unit that a phase has `count` times.
struct CountedOperation {
  kernels::VectorCommand command;  ///< without its numbers, which are no matter of a shape
  kernels::VectorRows rows;
  std::size_t count = 1;
};

/// Whether a layer's matrices hold weights, or the keys or values of one head and sequence each; or whether the layer
/// has none, and is the work of the vector unit between those that have.
enum class LayerKind { kLinear, kAttention, kVector };

/// Layers of one name and one format, in one phase. They have products, or else operations of one kind.
struct PhaseLayer {
  std::string name;      ///< `*` stands for the block, and for the expert
  quant::Format format;  ///< of the matrices; means nothing without them
  std::vector<CountedProduct> products;
  LayerKind kind = LayerKind::kLinear;
  std::vector<CountedOperation> operations = {};
  /// Returns the format, or the name of the operation: "rms norm".
  std::string does() const;
};

struct Phase {
  std::string name;                ///< "prefill", "decode" or "gemm"
  std::string text;                ///< what it is in words: "1 pass over 256 tokens"
  std::size_t tokens = 1;          ///< of each sequence
  std::size_t passes = 1;          ///< through the model; their linear layers are equal
  std::size_t sequences = 1;       ///< that run together
  std::vector<PhaseLayer> layers;  ///< in the order in which a token goes through them, block after block
  std::uint64_t kv_appended = 0;   ///< bytes of keys and values that join the cache, packed
};

/// What runs, and what of it does not.
struct PhaseWork {
  std::string title;        ///< "llama-2-7b" or "4096 x 4096 weights"
  std::string source;       ///< where a model's figures were published; empty for a product
  std::string kv_format;    ///< of the cache; empty where attention is left out
  std::size_t context = 0;  ///< tokens in it before the first phase
  std::vector<Phase> phases;
  std::vector<std::string> left_out;   ///< linear layers that the policy leaves unquantized, with `*` as above
  std::vector<std::string> not_in_it;  ///< what else a token needs of a model
  std::vector<std::string> unread;     ///< keys of a config.json that its reader does not know (ModelShapeFile)
  std::optional<ModelShape> shape;     ///< of a model
  ModelPhases asked;                   ///< what the phases are of
  bool vector = false;                 ///< whether the layers of the vector unit are among them
  bool kv_quantized = false;           ///< whether quantizing keys and values is among these
  /// Whether the phases are all that a token needs up to its logits: no layer is left out, and nothing but the choice
  /// of the token is `not_in_it`.
  bool whole() const;
};

/// Returns the linear layers of a model in its phases, and with a format for the cache the products of attention, which
/// differ from step to step, for the cache grows behind context and prompt. A prefill is one pass over the prompts of
/// all sequences, in which lm_head computes the last token of each, and attention the whole square of a prompt. A step
/// of decode is one token of each sequence. Throws ConfigError for globs of the policy that match no layer, and
/// std::invalid_argument as check_kv_format() does, and for a phase whose tokens go to different experts, because no
/// routing is known; a pass of one token goes through `experts_per_token` of them, whichever they are.
PhaseWork model_work(const ModelShape& shape, const Policy& policy, const ModelPhases& phases);

/// Throws std::invalid_argument for a format that the cache of a model cannot have. A value's scale is multiplied into
/// the attention weight of its token before AV, whose inputs are tokens; so there must be one scale for each token and
/// head, and neither zero points nor selectors.
void check_kv_format(const quant::Format& format, const ModelShape& shape);

/// Returns one product.
PhaseWork product_work(const ProductSize& size, const quant::Format& format);

}  // namespace subbyte::sim
