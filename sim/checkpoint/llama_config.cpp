#include "sim/checkpoint/llama_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/checkpoint/config_json.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

/// What a key is refused for.
constexpr std::string_view kForward = "the forward pass has nothing else";

/// Reads rope_theta, which transformers 5 and later write inside rope_parameters.
float read_rope(const FileBytes& file, const ConfigJson& keys) {
  constexpr double kTheta = 10000;
  if (const Json* scaling = keys.find("rope_scaling")) {
    const std::string type =
        scaling->is_object() ? scaling->value("rope_type", scaling->value("type", Json())).dump() : "";
    if (type != "\"default\"")
      keys.fail("rope_scaling",
                fmt::format("is {}, expected null: only the plain rotation is computed", ConfigJson::shown(*scaling)));
  }
  const Json* parameters = keys.find("rope_parameters");
  if (parameters == nullptr) return keys.real_or("rope_theta", kTheta);
  if (!parameters->is_object()) keys.fail("rope_parameters", "expected an object");
  const ConfigJson inner(file, *parameters);
  inner.demand("rope_type", "default", kForward);
  return inner.real_or("rope_theta", kTheta);
}

LlamaConfig read_keys(const FileBytes& file, const Json& json) {
  const ConfigJson keys(file, json);
  const Json* type = keys.find("model_type");
  if (type == nullptr || (*type != "llama" && *type != "mistral")) {
    keys.fail("model_type", fmt::format("is {}, expected \"llama\" or \"mistral\"",
                                        type == nullptr ? "missing" : ConfigJson::shown(*type)));
  }
  keys.demand("hidden_act", "silu", kForward);
  keys.demand("attention_bias", false, kForward);
  keys.demand("mlp_bias", false, kForward);
  keys.demand("partial_rotary_factor", 1, kForward);
  keys.refuse("quantization_config", kForward);
  LlamaConfig c;
  c.dim = keys.size("hidden_size");
  c.hidden = keys.size("intermediate_size");
  c.layers = keys.size("num_hidden_layers");
  c.heads = keys.size("num_attention_heads");
  c.kv_heads = keys.size_or("num_key_value_heads", c.heads);
  if (keys.find("head_dim") == nullptr && c.dim % c.heads != 0)
    keys.fail("num_attention_heads", fmt::format("is {}, expected a divisor of hidden_size {}", c.heads, c.dim));
  c.head_dim = keys.size_or("head_dim", c.dim / c.heads);
  c.vocab = keys.size("vocab_size");
  c.context = keys.size_or("max_position_embeddings", 2048);
  c.context = std::min(c.context, keys.size_or("sliding_window", c.context));
  c.rms_eps = keys.real_or("rms_norm_eps", 1e-6);
  c.rope_theta = read_rope(file, keys);
  if (c.heads % c.kv_heads != 0) {
    keys.fail("num_key_value_heads",
              fmt::format("is {}, expected a divisor of num_attention_heads {}", c.kv_heads, c.heads));
  }
  if (c.head_dim % 2 != 0)
    keys.fail("head_dim", fmt::format("is {}, expected an even number: RoPE turns pairs", c.head_dim));
  return c;
}

}  // namespace

LlamaDescription read_hf_config(const FileBytes& file) {
  const Json json = parse_config_json(file);
  try {
    return {read_keys(file, json), std::nullopt};
  } catch (const InputError& error) {
    return {std::nullopt, error};
  }
}

bool read_hf_tied(const FileBytes& file) {
  const Json json = parse_config_json(file);
  const auto tied = json.find("tie_word_embeddings");
  if (tied == json.end()) return true;
  if (!tied->is_boolean()) file.fail(0, "expected an object whose tie_word_embeddings is true or false");
  return tied->get<bool>();
}

}  // namespace subbyte::sim
