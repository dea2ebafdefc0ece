#include "sim/workload/model_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace subbyte::sim {
namespace {

/// What an architecture fixes beside the numbers of a shape. Names are those of the modules in transformers.
struct Architecture {
  std::string_view name;
  std::string_view blocks;  ///< the list of blocks
  std::string_view output;  ///< the output projection of attention
  std::string_view router;  ///< chooses experts; empty where there is one MLP
  /// The layers of the MLP. There is no gate in an MLP that is not gated.
  std::string_view gate, up, down;
  std::size_t norm_vectors = 1;  ///< vectors of a norm: 1 of RMSNorm, 2 of LayerNorm, which has a bias
  std::size_t block_norms = 2;   ///< norms of the hidden width in each block
  bool query_key_norms = false;  ///< a norm of the head dimension for queries and for keys
  bool inner_norms = false;      ///< norms before the output projections of attention and MLP
  bool learned_positions = false;
  std::string_view activation = "silu";  ///< where a config.json does not say it
};

constexpr Architecture llama_like(std::string_view name) {
  return {name, "model.layers", "self_attn.o_proj", "", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"};
}

constexpr Architecture with_query_key_norms(Architecture architecture) {
  architecture.query_key_norms = true;
  return architecture;
}

constexpr Architecture like_bitnet(Architecture architecture) {
  architecture.inner_norms = true;
  architecture.activation = "relu2";
  return architecture;
}

constexpr std::array kArchitectures{
    Architecture{"opt", "model.decoder.layers", "self_attn.out_proj", "", "", "fc1", "fc2", 2, 2, false, false, true,
                 "relu"},
    Architecture{"phi", "model.layers", "self_attn.dense", "", "", "mlp.fc1", "mlp.fc2", 2, 1, false, false, false,
                 "gelu_tanh"},
    llama_like("llama"),
    llama_like("mistral"),
    llama_like("qwen2"),
    with_query_key_norms(llama_like("qwen3")),
    Architecture{"mixtral", "model.layers", "self_attn.o_proj", "block_sparse_moe.gate",
                 "block_sparse_moe.experts.*.w1", "block_sparse_moe.experts.*.w3", "block_sparse_moe.experts.*.w2"},
    like_bitnet(llama_like("bitnet")),
};

const Architecture& architecture_named(std::string_view name) {
  const auto* const found = std::ranges::find(kArchitectures, name, &Architecture::name);
  if (found == kArchitectures.end()) throw std::out_of_range(fmt::format("'{}' is no architecture", name));
  return *found;
}

struct Linear {
  WorkloadLayer layer;
  bool bias = false;
};

std::vector<Linear> linears(const ModelShape& shape) {
  const Architecture& architecture = architecture_named(shape.architecture);
  const std::size_t hidden = shape.hidden_size, inner = shape.intermediate_size, queries = shape.heads * shape.head_dim,
                    keys = shape.kv_heads * shape.head_dim, all = shape.layers * shape.experts,
                    chosen = shape.layers * shape.experts_per_token;
  std::vector<Linear> list;
  const auto add = [&](std::string_view module, std::size_t rows, std::size_t cols, bool bias, std::size_t count,
                       std::size_t active) {
    if (module.empty()) return;
    list.push_back({{fmt::format("{}.*.{}", architecture.blocks, module), {}, rows, cols, 0, count, active}, bias});
  };
  const auto add_once = [&](std::string_view module, std::size_t rows, std::size_t cols, bool bias) {
    add(module, rows, cols, bias, shape.layers, shape.layers);
  };
  add_once("self_attn.q_proj", queries, hidden, shape.biases.qkv);
  add_once("self_attn.k_proj", keys, hidden, shape.biases.qkv);
  add_once("self_attn.v_proj", keys, hidden, shape.biases.qkv);
  add_once(architecture.output, hidden, queries, shape.biases.output);
  add_once(architecture.router, shape.experts, hidden, false);
  add(architecture.gate, inner, hidden, shape.biases.mlp, all, chosen);
  add(architecture.up, inner, hidden, shape.biases.mlp, all, chosen);
  add(architecture.down, hidden, inner, shape.biases.mlp, all, chosen);
  list.push_back({{"lm_head", {}, shape.vocab_size, hidden}, shape.biases.head});
  return list;
}

/// Returns the parameters of all norms.
std::uint64_t norm_parameters(const ModelShape& shape) {
  const Architecture& architecture = architecture_named(shape.architecture);
  std::uint64_t block = architecture.block_norms * shape.hidden_size;
  if (architecture.query_key_norms) block += 2 * shape.head_dim;
  if (architecture.inner_norms) block += shape.heads * shape.head_dim + shape.intermediate_size;
  return architecture.norm_vectors * (shape.layers * block + shape.hidden_size);
}

}  // namespace

std::vector<std::string> architecture_names() {
  std::vector<std::string> names;
  for (const Architecture& architecture : kArchitectures) names.emplace_back(architecture.name);
  return names;
}

bool has_experts(std::string_view architecture) { return !architecture_named(architecture).router.empty(); }

bool has_learned_positions(std::string_view architecture) { return architecture_named(architecture).learned_positions; }

const std::vector<std::string>& known_activations() {
  static const std::vector<std::string> names{"silu", "gelu_tanh", "relu", "relu2"};
  return names;
}

std::string_view usual_activation(std::string_view architecture) { return architecture_named(architecture).activation; }

BlockShape block_shape(std::string_view architecture) {
  const Architecture& found = architecture_named(architecture);
  return {found.norm_vectors == 2, found.block_norms == 1, !found.gate.empty(),
          found.query_key_norms,   found.inner_norms,      std::string(found.blocks)};
}

LinearPlace linear_place(std::string_view architecture, std::string_view layer) {
  const Architecture& found = architecture_named(architecture);
  const std::pair<std::string_view, LinearPlace> places[] = {
      {found.output, LinearPlace::kOutput}, {found.router, LinearPlace::kRouter}, {found.gate, LinearPlace::kUp},
      {found.up, LinearPlace::kUp},         {found.down, LinearPlace::kDown},     {"lm_head", LinearPlace::kHead}};
  for (const auto& [module, place] : places)
    if (!module.empty() && layer.ends_with(module)) return place;
  return LinearPlace::kProjections;
}

std::vector<WorkloadLayer> linear_layers(const ModelShape& shape) {
  std::vector<WorkloadLayer> layers;
  for (Linear& linear : linears(shape)) layers.push_back(std::move(linear.layer));
  return layers;
}

std::vector<AttentionProduct> attention_products(const ModelShape& shape, std::size_t context) {
  architecture_named(shape.architecture);
  const std::size_t queries = shape.heads / shape.kv_heads;
  return {{"attn_qk", shape.layers, shape.kv_heads, queries, context, shape.head_dim},
          {"attn_av", shape.layers, shape.kv_heads, queries, shape.head_dim, context}};
}

std::uint64_t parameter_count(const ModelShape& shape) {
  std::uint64_t count = (shape.vocab_size + shape.learned_positions) * shape.hidden_size + norm_parameters(shape);
  for (const auto& [layer, bias] : linears(shape)) {
    const bool tied = shape.tied_head && layer.name == "lm_head";
    count += layer.count * ((tied ? 0 : layer.rows * layer.cols) + (bias ? layer.rows : 0));
  }
  return count;
}

}  // namespace subbyte::sim
