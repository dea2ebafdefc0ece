// The shape of a model from its config.json.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "quant/base/suggestion.hpp"
#include "sim/checkpoint/config_json.hpp"
#include "sim/workload/model_shape_file.hpp"

namespace subbyte::sim {
namespace {

/// What a key is refused for.
constexpr std::string_view kOther = "the layers of such a model are not known here";

/// Keys that say nothing of the layers: how a model is trained, stored and run, and which positions attention sees.
constexpr std::array<std::string_view, 39> kWithoutShape{"_attn_implementation_autoset",
                                                         "_name_or_path",
                                                         "activation_dropout",
                                                         "architectures",
                                                         "attention_dropout",
                                                         "auto_map",
                                                         "bos_token_id",
                                                         "dropout",
                                                         "dtype",
                                                         "embd_pdrop",
                                                         "eos_token_id",
                                                         "init_std",
                                                         "initializer_range",
                                                         "layer_norm_eps",
                                                         "layer_types",
                                                         "layerdrop",
                                                         "max_position_embeddings",
                                                         "max_window_layers",
                                                         "model_type",
                                                         "output_router_logits",
                                                         "pad_token_id",
                                                         "prefix",
                                                         "pretraining_tp",
                                                         "quantization_config",
                                                         "resid_pdrop",
                                                         "rms_norm_eps",
                                                         "rope_parameters",
                                                         "rope_scaling",
                                                         "rope_theta",
                                                         "router_aux_loss_coef",
                                                         "router_jitter_noise",
                                                         "sep_token_id",
                                                         "sliding_window",
                                                         "torch_dtype",
                                                         "transformers_version",
                                                         "unk_token_id",
                                                         "use_cache",
                                                         "use_sliding_window",
                                                         "tokenizer_class"};

void read_heads(const ConfigJson& keys, ModelShape& shape) {
  shape.layers = keys.size("num_hidden_layers", kMostLayers);
  shape.hidden_size = keys.size("hidden_size", kMostWidth);
  shape.heads = keys.size("num_attention_heads", kMostHeads);
  shape.vocab_size = keys.size("vocab_size", kMostVocabulary);
  shape.kv_heads = shape.heads;
  keys.demand("is_encoder_decoder", false, kOther);
  keys.demand("add_cross_attention", false, kOther);
}

/// Returns the head dimension of a model that does not say it.
std::size_t divided_width(const ConfigJson& keys, const ModelShape& shape) {
  if (shape.hidden_size % shape.heads != 0)
    keys.fail("num_attention_heads",
              fmt::format("is {}, expected a divisor of hidden_size {}", shape.heads, shape.hidden_size));
  return shape.hidden_size / shape.heads;
}

void read_kv_heads(const ConfigJson& keys, ModelShape& shape) {
  shape.kv_heads = keys.size_or("num_key_value_heads", shape.heads, kMostHeads);
  if (shape.heads % shape.kv_heads != 0)
    keys.fail("num_key_value_heads",
              fmt::format("is {}, expected a divisor of num_attention_heads {}", shape.kv_heads, shape.heads));
}

/// Reads what stands under `key`, in the words of known_activations() where the vector unit has it.
void read_activation(const ConfigJson& keys, std::string_view key, ModelShape& shape) {
  shape.activation = usual_activation(shape.architecture);
  const nlohmann::json* word = keys.find(key);
  if (word == nullptr) return;
  if (!word->is_string()) keys.fail(key, fmt::format("is {}, expected a word", ConfigJson::shown(*word)));
  shape.activation = word->get<std::string>();
  if (shape.activation == "swish") shape.activation = "silu";
  for (const char* same : {"gelu_new", "gelu_pytorch_tanh", "gelu_fast"})
    if (shape.activation == same) shape.activation = "gelu_tanh";
}

/// Reads `hidden_act` and how much of a head RoPE turns.
void read_rotary(const ConfigJson& keys, double usual_factor, ModelShape& shape) {
  read_activation(keys, "hidden_act", shape);
  const double factor = keys.real_or("partial_rotary_factor", usual_factor);
  if (factor < 0 || factor > 1) keys.fail("partial_rotary_factor", fmt::format("is {:g}, expected 0..1", factor));
  constexpr double kRounding = 1e-4;  // the factor is a float
  shape.rotary_dim = static_cast<std::size_t>(factor * static_cast<double>(shape.head_dim) + kRounding) / 2 * 2;
}

void read_opt(const ConfigJson& keys, ModelShape& shape) {
  constexpr std::size_t kUnusedPositions = 2;  // rows that OPT's embedding of positions has before the first position
  shape.head_dim = divided_width(keys, shape);
  shape.intermediate_size = keys.size("ffn_dim", kMostIntermediate);
  shape.tied_head = keys.boolean_or("tie_word_embeddings", true);
  shape.learned_positions = keys.size("max_position_embeddings", kMostVocabulary - kUnusedPositions) + kUnusedPositions;
  const bool bias = keys.boolean_or("enable_bias", true);
  shape.biases = {bias, bias, bias, false};
  read_activation(keys, "activation_function", shape);
  keys.demand("word_embed_proj_dim", shape.hidden_size, kOther);
  keys.demand("do_layer_norm_before", true, kOther);
  keys.demand("_remove_final_layer_norm", false, kOther);
  keys.demand("layer_norm_elementwise_affine", true, kOther);
}

void read_phi(const ConfigJson& keys, ModelShape& shape) {
  read_kv_heads(keys, shape);
  shape.head_dim = divided_width(keys, shape);
  shape.intermediate_size = keys.size("intermediate_size", kMostIntermediate);
  shape.tied_head = keys.boolean_or("tie_word_embeddings", false);
  shape.biases = {true, true, true, true};
  read_rotary(keys, 0.5, shape);
  keys.demand("qk_layernorm", false, kOther);
}

void read_llama(const ConfigJson& keys, ModelShape& shape) {
  read_kv_heads(keys, shape);
  shape.head_dim = keys.find("head_dim") == nullptr ? divided_width(keys, shape) : keys.size("head_dim", kMostHeadDim);
  shape.intermediate_size = keys.size("intermediate_size", kMostIntermediate);
  shape.tied_head = keys.boolean_or("tie_word_embeddings", false);
  read_rotary(keys, 1, shape);
}

void read_llama_with_biases(const ConfigJson& keys, ModelShape& shape) {
  read_llama(keys, shape);
  shape.biases.qkv = shape.biases.output = keys.boolean_or("attention_bias", false);
  if (shape.architecture == "llama") shape.biases.mlp = keys.boolean_or("mlp_bias", false);
}

void read_qwen2(const ConfigJson& keys, ModelShape& shape) {
  read_llama(keys, shape);
  shape.biases.qkv = true;
}

void read_qwen3(const ConfigJson& keys, ModelShape& shape) {
  keys.size("head_dim");  // transformers takes 128 where it is left out, and not the width over the heads
  read_llama_with_biases(keys, shape);
}

void read_mixtral(const ConfigJson& keys, ModelShape& shape) {
  read_llama(keys, shape);
  shape.experts = keys.size("num_local_experts", kMostExperts);
  shape.experts_per_token = keys.size("num_experts_per_tok", shape.experts);
}

struct Reader {
  std::string_view architecture;
  void (*read)(const ConfigJson& keys, ModelShape& shape);
};

constexpr std::array kReaders{
    Reader{"opt", read_opt},
    Reader{"phi", read_phi},
    Reader{"llama", read_llama_with_biases},
    Reader{"mistral", read_llama},
    Reader{"qwen2", read_qwen2},
    Reader{"qwen3", read_qwen3},
    Reader{"mixtral", read_mixtral},
    Reader{"bitnet", read_llama_with_biases},
};

const Reader& reader_of(const ConfigJson& keys) {
  const nlohmann::json* type = keys.find("model_type");
  const std::string word = type != nullptr && type->is_string() ? type->get<std::string>() : "";
  const auto* const found = std::ranges::find(kReaders, word, &Reader::architecture);
  if (found == kReaders.end())
    keys.fail("model_type", fmt::format("is {}, {}", type == nullptr ? "missing" : ConfigJson::shown(*type),
                                        quant::expectation(word, architecture_names())));
  return *found;
}

}  // namespace

ModelShapeFile read_hf_model_shape(const FileBytes& file) {
  const nlohmann::json json = parse_config_json(file);
  const ConfigJson keys(file, json);
  const Reader& reader = reader_of(keys);
  const std::filesystem::path path = std::filesystem::path(file.name()).lexically_normal();
  const std::string folder = path.parent_path().filename();
  ModelShapeFile read;
  read.shape.name = path.filename() == "config.json" && !folder.empty() ? folder : path.stem().string();
  read.shape.source = file.name();
  read.shape.architecture = reader.architecture;
  read_heads(keys, read.shape);
  reader.read(keys, read.shape);
  read.unread = keys.unread(kWithoutShape);
  return read;
}

}  // namespace subbyte::sim
