// What a decoder-only language model is as work: its numbers of layers, heads and widths, and the matrix products that
// follow from them. There are no weights here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/workload.hpp"

namespace subbyte::sim {

/// Which linear layers add a bias to their outputs. Biases count as parameters; they are no products.
struct LinearBiases {
  bool qkv = false;     ///< of the query, key and value projections
  bool output = false;  ///< of the output projection of attention
  bool mlp = false;     ///< of the layers of the MLP
  bool head = false;
  bool operator==(const LinearBiases&) const = default;
};

/// The shape of a model. The architecture says the names of its layers, whether its MLP is gated, and which norms it
/// has.
struct ModelShape {
  std::string name;
  std::string source;        ///< where its figures were published
  std::string architecture;  ///< one of architecture_names()
  std::size_t layers = 0;    ///< decoder blocks
  std::size_t hidden_size = 0;
  std::size_t heads = 0;
  std::size_t kv_heads = 0;           ///< a divisor of heads
  std::size_t head_dim = 0;           ///< of a query, key and value; heads * head_dim may differ from hidden_size
  std::size_t intermediate_size = 0;  ///< width inside the MLP, or inside each expert
  std::size_t vocab_size = 0;
  bool tied_head = false;             ///< whether the head is the matrix of the embedding
  std::size_t experts = 1;            ///< MLPs per block
  std::size_t experts_per_token = 1;  ///< of these, how many each token goes through
  std::size_t learned_positions = 0;  ///< rows of a learned embedding of positions; 0 where there is none
  std::size_t rotary_dim = 0;         ///< elements of a query and a key that RoPE turns; 0 where there is none
  /// The function inside the MLP, as known_activations() has it, or as a config.json calls one that is not there.
  std::string activation = "silu";
  LinearBiases biases = {};
  bool operator==(const ModelShape&) const = default;
};

/// Limits within which no count of a model exceeds 64 bits.
inline constexpr std::size_t kMostLayers = 4096, kMostWidth = std::size_t{1} << 17U, kMostHeads = 4096,
                             kMostHeadDim = 4096, kMostIntermediate = std::size_t{1} << 20U,
                             kMostVocabulary = std::size_t{1} << 24U, kMostExperts = 1024;

/// Returns the architectures that are known, as transformers calls them (the model_type of a config.json).
std::vector<std::string> architecture_names();
/// Returns whether a block has one MLP per expert, of which a router chooses; without a router there is one MLP. Throws
/// std::out_of_range for an architecture that is not known, as all functions below do.
bool has_experts(std::string_view architecture);
/// Returns whether the position of a token is a row of a learned matrix.
bool has_learned_positions(std::string_view architecture);

/// Returns the functions inside an MLP that the vector unit has: silu, gelu_tanh, relu and relu2, in the order of
/// kernels::VectorActivation.
const std::vector<std::string>& known_activations();
/// Returns the one of an architecture where nothing else is said.
std::string_view usual_activation(std::string_view architecture);

/// What stands between the linear layers of an architecture's block.
struct BlockShape {
  bool layer_norms = false;      ///< LayerNorm, or else RMSNorm
  bool parallel = false;         ///< attention and MLP get the same normed values, and both are added to the residual
  bool gated = false;            ///< the MLP's values are f(gate) times up
  bool query_key_norms = false;  ///< of each head
  bool inner_norms = false;      ///< before the output projections of attention and MLP
  std::string blocks;            ///< the name of the list of blocks: "model.layers"
};
BlockShape block_shape(std::string_view architecture);

/// Where a linear layer stands in a token's way through a model, in this order.
enum class LinearPlace : std::uint8_t { kProjections, kOutput, kRouter, kUp, kDown, kHead };
/// Returns the place of one of linear_layers(), by its name.
LinearPlace linear_place(std::string_view architecture, std::string_view layer);

/// Returns the linear layers by the names of their modules in transformers: those of a block in the order in which they
/// run, once with the number of blocks as `count` and `*` in place of the block and of the expert, then the head. The
/// head stands there also where it is tied, because it runs. Query, key and value are three layers, as are gate, up and
/// down: nothing is fused.
std::vector<WorkloadLayer> linear_layers(const ModelShape& shape);

/// A product of attention, in which a matrix of the cache stands where weights stand in a linear layer: for each of
/// `kv_heads` such matrices, [outputs][inputs] times the inputs of `queries` heads of each token.
struct AttentionProduct {
  std::string name;          ///< attn_qk or attn_av
  std::size_t count = 0;     ///< number of blocks
  std::size_t kv_heads = 0;  ///< matrices per block
  std::size_t queries = 0;   ///< heads that share a matrix
  std::size_t rows = 0;      ///< outputs: of attn_qk the tokens in the cache, of attn_av the head dimension
  std::size_t cols = 0;      ///< inputs, the other of the two
};
/// Returns QK^T and AV with `context` tokens in the cache.
std::vector<AttentionProduct> attention_products(const ModelShape& shape, std::size_t context);

/// Returns the number of parameters: embeddings, linear layers with their biases, and norms. A tied head counts once.
std::uint64_t parameter_count(const ModelShape& shape);

}  // namespace subbyte::sim
