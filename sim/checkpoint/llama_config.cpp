#include "sim/checkpoint/llama_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace subbyte::sim {
namespace {

using Json = nlohmann::json;

Json parse_object(const FileBytes& file) {
  try {
    Json json = Json::parse(file.all().begin(), file.all().end());
    if (json.is_object()) return json;
  } catch (const Json::parse_error& error) {
    file.fail(error.byte == 0 ? 0 : error.byte - 1, "not JSON, expected a model configuration");
  } catch (const Json::out_of_range&) {
    file.fail(0, "a number beyond any range, expected a model configuration");
  }
  file.fail(0, "expected an object whose tie_word_embeddings is true or false");
}

/// Reads keys of the object; the first that is wrong is thrown by its name.
class Keys {
 public:
  Keys(const FileBytes& file, const Json& json) : file_(file), json_(json) {}

  [[noreturn]] void fail(std::string_view key, const std::string& text) const {
    throw InputError(file_.name(), fmt::format("'{}'", key), text);
  }
  /// A null counts as absent, as in transformers.
  const Json* find(std::string_view key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }
  std::size_t size(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr) fail(key, "is missing, expected a positive integer");
    return positive(key, *value);
  }
  std::size_t size_or(std::string_view key, std::size_t fallback) const {
    const Json* value = find(key);
    return value == nullptr ? fallback : positive(key, *value);
  }
  float real_or(std::string_view key, double fallback) const {
    const Json* value = find(key);
    if (value == nullptr) return static_cast<float>(fallback);
    const double number = value->is_number() ? value->get<double>() : 0;
    if (!(number > 0 && number <= std::numeric_limits<float>::max()))
      fail(key, fmt::format("is {}, expected a positive number", shown(*value)));
    return static_cast<float>(number);
  }
  /// The key must be absent or `expected`.
  void demand(std::string_view key, const Json& expected) const {
    const Json* value = find(key);
    if (value != nullptr && *value != expected)
      fail(key, fmt::format("is {}, expected {}: the forward pass has nothing else", shown(*value), shown(expected)));
  }
  /// The key must be absent.
  void refuse(std::string_view key) const {
    if (const Json* value = find(key))
      fail(key, fmt::format("is {}, expected null: the forward pass has nothing else", shown(*value)));
  }
  static std::string shown(const Json& value) {
    return printable(value.dump(-1, ' ', true, Json::error_handler_t::replace));
  }

 private:
  std::size_t positive(std::string_view key, const Json& value) const {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() - 1 >= kMost)
      fail(key, fmt::format("is {}, expected an integer 1..{}", shown(value), kMost));
    return value.get<std::size_t>();
  }
  const FileBytes& file_;
  const Json& json_;
};

/// Reads rope_theta, which transformers 5 and later write inside rope_parameters.
float read_rope(const FileBytes& file, const Keys& keys) {
  constexpr double kTheta = 10000;
  if (const Json* scaling = keys.find("rope_scaling")) {
    const std::string type =
        scaling->is_object() ? scaling->value("rope_type", scaling->value("type", Json())).dump() : "";
    if (type != "\"default\"")
      keys.fail("rope_scaling",
                fmt::format("is {}, expected null: only the plain rotation is computed", Keys::shown(*scaling)));
  }
  const Json* parameters = keys.find("rope_parameters");
  if (parameters == nullptr) return keys.real_or("rope_theta", kTheta);
  if (!parameters->is_object()) keys.fail("rope_parameters", "expected an object");
  const Keys inner(file, *parameters);
  inner.demand("rope_type", "default");
  return inner.real_or("rope_theta", kTheta);
}

LlamaConfig read_keys(const FileBytes& file, const Json& json) {
  const Keys keys(file, json);
  const Json* type = keys.find("model_type");
  if (type == nullptr || (*type != "llama" && *type != "mistral")) {
    keys.fail("model_type", fmt::format("is {}, expected \"llama\" or \"mistral\"",
                                        type == nullptr ? "missing" : Keys::shown(*type)));
  }
  keys.demand("hidden_act", "silu");
  keys.demand("attention_bias", false);
  keys.demand("mlp_bias", false);
  keys.demand("partial_rotary_factor", 1);
  keys.refuse("quantization_config");
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
  const Json json = parse_object(file);
  try {
    return {read_keys(file, json), std::nullopt};
  } catch (const InputError& error) {
    return {std::nullopt, error};
  }
}

bool read_hf_tied(const FileBytes& file) {
  const Json json = parse_object(file);
  const auto tied = json.find("tie_word_embeddings");
  if (tied == json.end()) return true;
  if (!tied->is_boolean()) file.fail(0, "expected an object whose tie_word_embeddings is true or false");
  return tied->get<bool>();
}

}  // namespace subbyte::sim
