#include "sim/llm/llama_forward.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "sim/base/input_error.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/llm/llama_attention.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kEmbedding = "model.embed_tokens.weight";

void check_shape(const Checkpoint& model, std::string_view name, std::span<const std::size_t> shape,
                 std::initializer_list<std::size_t> expected) {
  if (std::ranges::equal(shape, expected)) return;
  throw InputError(model.path(), fmt::format("tensor '{}'", name),
                   fmt::format("has shape [{}], expected [{}] by the model's configuration", fmt::join(shape, ", "),
                               fmt::join(expected, ", ")));
}

/// cos and sin of every position and pair, [positions][head_dim / 2] each.
struct RotaryTable {
  std::vector<double> cosine;
  std::vector<double> sine;

  RotaryTable(const LlamaConfig& config, std::size_t positions) {
    const std::size_t pairs = config.head_dim / 2;
    for (std::size_t position = 0; position < positions; ++position) {
      for (std::size_t pair = 0; pair < pairs; ++pair) {
        const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(config.head_dim);
        const double angle = static_cast<double>(position) * std::pow(double{config.rope_theta}, exponent);
        cosine.push_back(std::cos(angle));
        sine.push_back(std::sin(angle));
      }
    }
  }
};

void rotate_heads(const LlamaConfig& config, const RotaryTable& table, std::size_t position, std::span<float> heads) {
  const std::size_t pairs = config.head_dim / 2;
  const std::size_t partner = config.rope_adjacent ? 1 : pairs;
  const std::size_t step = config.rope_adjacent ? 2 : 1;
  for (std::size_t head = 0; head < heads.size(); head += config.head_dim) {
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      float& first = heads[head + pair * step];
      float& second = heads[head + pair * step + partner];
      const double c = table.cosine[position * pairs + pair];
      const double s = table.sine[position * pairs + pair];
      const double a = first;
      const double b = second;
      first = static_cast<float>(a * c - b * s);
      second = static_cast<float>(a * s + b * c);
    }
  }
}

void add(std::span<float> x, std::span<const float> y) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
}

}  // namespace

LlamaForward::LlamaForward(const Checkpoint& model, unsigned threads)
    : model_(model), config_(model.required_llama()), threads_(threads) {
  for (std::size_t i = 0; i < config_.layers; ++i) blocks_.push_back(add_block(i));
  add_layer("lm_head", config_.vocab, config_.dim, config_.layers);
  final_norm_ = norm("model.norm.weight");
}

LlamaForward::Block LlamaForward::add_block(std::size_t index) {
  const LlamaConfig& c = config_;
  const std::size_t queries = c.heads * c.head_dim;
  const std::size_t keys = c.kv_heads * c.head_dim;
  const std::string prefix = fmt::format("model.layers.{}.", index);
  const auto add = [&](std::string_view part, std::size_t rows, std::size_t cols) {
    return add_layer(fmt::format("{}{}_proj", prefix, part), rows, cols, index);
  };
  Block block;
  block.query = add("self_attn.q", queries, c.dim);
  block.key = add("self_attn.k", keys, c.dim);
  block.value = add("self_attn.v", keys, c.dim);
  block.output = add("self_attn.o", c.dim, queries);
  block.gate = add("mlp.gate", c.hidden, c.dim);
  block.up = add("mlp.up", c.hidden, c.dim);
  block.down = add("mlp.down", c.dim, c.hidden);
  block.attention_norm = norm(prefix + "input_layernorm.weight");
  block.mlp_norm = norm(prefix + "post_attention_layernorm.weight");
  return block;
}

std::size_t LlamaForward::add_layer(const std::string& name, std::size_t rows, std::size_t cols, std::size_t block) {
  const LinearLayer& layer = model_.layer(name);
  check_shape(model_, name, std::vector<std::size_t>{layer.rows, layer.cols}, {rows, cols});
  linear_.push_back(layer);
  block_of_.push_back(block);
  return linear_.size() - 1;
}

std::vector<float> LlamaForward::norm(std::string_view name) const {
  Tensor tensor = model_.parameter(name);
  check_shape(model_, name, tensor.shape, {config_.dim});
  return std::move(tensor.values);
}

std::vector<float> LlamaForward::embed(const TokenBatch& batch) const {
  for (std::size_t s = 0; s < batch.starts.size(); ++s) {
    const std::size_t length = batch.end(s) - batch.starts[s];
    if (length > config_.context)
      throw InputError(
          model_.path(), "",
          fmt::format("a sequence of {} tokens, expected at most the context, {}", length, config_.context));
  }
  const Tensor table = model_.parameter(kEmbedding);
  check_shape(model_, kEmbedding, table.shape, {config_.vocab, config_.dim});
  std::vector<float> x(batch.tokens.size() * config_.dim);
  for (std::size_t t = 0; t < batch.tokens.size(); ++t) {
    if (batch.tokens[t] >= config_.vocab)
      throw InputError(
          model_.path(), "",
          fmt::format("token id {}, expected one below the vocabulary size, {}", batch.tokens[t], config_.vocab));
    std::copy_n(table.values.begin() + static_cast<std::ptrdiff_t>(batch.tokens[t] * config_.dim), config_.dim,
                x.begin() + static_cast<std::ptrdiff_t>(t * config_.dim));
  }
  return x;
}

std::vector<float> LlamaForward::multiply(std::size_t place, const LinearFunction& linear,
                                          std::span<const float> x) const {
  const LinearLayer& layer = linear_[place];
  const std::size_t tokens = x.size() / layer.cols;
  std::vector<float> y(tokens * layer.rows);
  linear(layer, x, tokens, y);
  return y;
}

std::vector<float> LlamaForward::rms_norm(std::span<const float> x, std::span<const float> weight) const {
  std::vector<float> y(x.size());
  const std::size_t dim = weight.size();
  parallel_for(x.size() / dim, threads_, [&](std::size_t first, std::size_t last) {
    for (std::size_t t = first; t < last; ++t) {
      const auto in = x.subspan(t * dim, dim);
      double squares = 0;
      for (const float value : in) squares += double{value} * double{value};
      const double scale = 1 / std::sqrt(squares / static_cast<double>(dim) + double{config_.rms_eps});
      for (std::size_t i = 0; i < dim; ++i)
        y[t * dim + i] = static_cast<float>(double{in[i]} * scale * double{weight[i]});
    }
  });
  return y;
}

void LlamaForward::rotate(const TokenBatch& batch, std::span<float> x) const {
  std::size_t longest = 0;
  for (std::size_t s = 0; s < batch.starts.size(); ++s) longest = std::max(longest, batch.end(s) - batch.starts[s]);
  const RotaryTable table(config_, longest);
  const std::size_t width = x.size() / batch.tokens.size();
  parallel_for(batch.starts.size(), threads_, [&](std::size_t first, std::size_t last) {
    for (std::size_t s = first; s < last; ++s) {
      for (std::size_t t = batch.starts[s]; t < batch.end(s); ++t)
        rotate_heads(config_, table, t - batch.starts[s], x.subspan(t * width, width));
    }
  });
}

std::vector<float> LlamaForward::attend(const TokenBatch& batch, std::span<const float> q, std::span<const float> k,
                                        std::span<const float> v) const {
  std::vector<float> out(q.size());
  const AttentionShape shape{config_.heads, config_.kv_heads, config_.head_dim};
  parallel_for(batch.starts.size() * config_.heads, threads_, [&](std::size_t first, std::size_t last) {
    for (std::size_t item = first; item < last; ++item) {
      const std::size_t s = item / config_.heads;
      const std::size_t start = batch.starts[s];
      const std::size_t count = batch.end(s) - start;
      const std::size_t q_width = config_.heads * config_.head_dim;
      const std::size_t kv_width = config_.kv_heads * config_.head_dim;
      attend_head(shape, item % config_.heads, count, q.subspan(start * q_width, count * q_width),
                  k.subspan(start * kv_width, count * kv_width), v.subspan(start * kv_width, count * kv_width),
                  std::span(out).subspan(start * q_width, count * q_width));
    }
  });
  return out;
}

void LlamaForward::block(std::size_t index, const TokenBatch& batch, const LinearFunction& linear,
                         std::span<float> x) const {
  const Block& parts = blocks_[index];
  const std::vector<float> attention_in = rms_norm(x, parts.attention_norm);
  std::vector<float> q = multiply(parts.query, linear, attention_in);
  std::vector<float> k = multiply(parts.key, linear, attention_in);
  const std::vector<float> v = multiply(parts.value, linear, attention_in);
  rotate(batch, q);
  rotate(batch, k);
  add(x, multiply(parts.output, linear, attend(batch, q, k, v)));

  const std::vector<float> mlp_in = rms_norm(x, parts.mlp_norm);
  std::vector<float> gate = multiply(parts.gate, linear, mlp_in);
  const std::vector<float> up = multiply(parts.up, linear, mlp_in);
  parallel_for(gate.size(), threads_, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const double g = gate[i];
      gate[i] = static_cast<float>(g / (1 + std::exp(-g)) * double{up[i]});
    }
  });
  add(x, multiply(parts.down, linear, gate));
}

std::vector<float> LlamaForward::final_norm(std::span<const float> x) const { return rms_norm(x, final_norm_); }

std::vector<float> LlamaForward::classify(std::span<const float> hidden, const LinearFunction& linear) const {
  return multiply(linear_.size() - 1, linear, hidden);
}

std::vector<float> LlamaForward::logits(const TokenBatch& batch, const LinearFunction& linear) const {
  std::vector<float> x = embed(batch);
  for (std::size_t i = 0; i < config_.layers; ++i) block(i, batch, linear, x);
  return classify(final_norm(x), linear);
}

}  // namespace subbyte::sim
