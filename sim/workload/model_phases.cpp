#include "sim/workload/model_phases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "quant/formats/layout.hpp"
#include "quant/formats/packed_tensor.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kHead = "lm_head";

/// What a token needs beside the products.
std::vector<std::string> not_in_it(bool attention) {
  std::vector<std::string> parts;
  if (!attention) parts.emplace_back("the products of attention (QK^T, AV) and the KV cache (--kv-format)");
  parts.insert(parts.end(), {"softmax", "norms", "activation functions", "rotary positions", "biases", "residual sums",
                             "the embedding, which is a look-up of one row", "sampling"});
  if (attention)
    parts.insert(parts.end(), {"the time in which keys and values are quantized and written to the cache",
                               "reading the scales of the values, which are multiplied into the attention weights"});
  return parts;
}

/// Replaces the first `*` of each of `names` by 0, 1, ..., count - 1; names without one stay.
std::vector<std::string> numbered(const std::vector<std::string>& names, std::size_t count) {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    const std::size_t star = name.find('*');
    for (std::size_t i = 0; i < (star == std::string::npos ? 1 : count); ++i)
      all.push_back(star == std::string::npos ? name : std::string(name).replace(star, 1, std::to_string(i)));
  }
  return all;
}

/// The layers behind one name: those of each block, which are its experts, or one.
std::vector<std::vector<std::string>> layers_by_block(const WorkloadLayer& layer, const ModelShape& shape) {
  std::vector<std::vector<std::string>> blocks;
  for (const std::string& name : numbered({layer.name}, shape.layers))
    blocks.push_back(numbered({name}, shape.experts));
  return blocks;
}

/// A format, or none, and the blocks that have it.
struct Share {
  std::optional<quant::Format> format;
  std::size_t blocks = 0;
};

std::string described(const std::optional<quant::Format>& format) { return format ? describe(*format) : ""; }

std::vector<Share> shares_of(const WorkloadLayer& layer, const ModelShape& shape, const Policy& policy) {
  std::vector<Share> shares;
  for (const std::vector<std::string>& block : layers_by_block(layer, shape)) {
    const std::optional<quant::Format> format = policy.format_of(block.front());
    for (const std::string& name : block)
      if (described(policy.format_of(name)) != described(format))
        throw std::invalid_argument(
            fmt::format("the policy gives {} another format than {}, and which of a block's experts a token goes "
                        "through is not known; expected one format for the experts of a block",
                        name, block.front()));
    const auto same =
        std::ranges::find_if(shares, [&](const Share& s) { return described(s.format) == described(format); });
    if (same != shares.end())
      ++same->blocks;
    else
      shares.push_back({format, 1});
  }
  return shares;
}

void check_policy(const ModelShape& shape, const Policy& policy) {
  std::vector<std::string> names;
  for (const WorkloadLayer& layer : linear_layers(shape))
    for (const std::vector<std::string>& block : layers_by_block(layer, shape))
      names.insert(names.end(), block.begin(), block.end());
  policy.check(names);
}

void check_experts(const ModelShape& shape, std::size_t tokens) {
  if (shape.experts == 1 || tokens == 1) return;
  throw std::invalid_argument(fmt::format(
      "{} has {} experts in a block, of which a token goes through {}: which ones the {} tokens of a pass go "
      "to decides the cycles, and no histogram of a router is read yet; expected passes of one token "
      "(decode=N alone, with one sequence), or a model without experts",
      shape.name, shape.experts, shape.experts_per_token, tokens));
}

std::vector<PhaseLayer> phase_layers(const ModelShape& shape, const Policy& policy, std::size_t tokens,
                                     std::size_t head_tokens, std::size_t passes) {
  check_experts(shape, tokens);
  std::vector<PhaseLayer> layers;
  for (const WorkloadLayer& layer : linear_layers(shape)) {
    const std::size_t in_block = layer.active == layer.count ? 1 : shape.experts_per_token;
    for (const Share& share : shares_of(layer, shape, policy)) {
      if (!share.format) continue;
      const ProductSize size{layer.name == kHead ? head_tokens : tokens, layer.rows, layer.cols};
      layers.push_back({layer.name, *share.format, {{size, share.blocks * in_block * passes}}});
    }
  }
  return layers;
}

/// The codes of values stand in AV without the scales of their tokens.
quant::Format without_group_scales(quant::Format format) {
  format.scaling.group = quant::kWholeRow;
  return format;
}

std::uint64_t kv_bytes(const ModelShape& shape, const quant::Format& format, std::size_t tokens) {
  std::uint64_t head = 0;
  for (const quant::BufferSpec& buffer : quant::buffers(format, shape.head_dim)) head += buffer.bytes(1);
  return 2 * head * shape.kv_heads * shape.layers * tokens;
}

/// Adds the products of attention. The cache holds `first` tokens in the first pass, and one more in each that follows.
void add_attention(const ModelShape& shape, const ModelPhases& phases, std::size_t tokens, std::size_t first,
                   Phase& phase) {
  const std::size_t added = tokens * phase.passes * phases.batch;
  phase.kv_appended = kv_bytes(shape, *phases.kv_format, added);
  std::vector<PhaseLayer> layers;
  for (std::size_t pass = 0; pass < phase.passes; ++pass) {
    const std::vector<AttentionProduct> products = attention_products(shape, first + pass);
    for (std::size_t i = 0; i < products.size(); ++i) {
      const AttentionProduct& product = products[i];
      const bool values = product.name == "attn_av";
      if (pass == 0)
        layers.push_back({product.name,
                          values ? without_group_scales(*phases.kv_format) : *phases.kv_format,
                          {},
                          LayerKind::kAttention});
      layers[i].products.push_back(
          {{tokens * product.queries, product.rows, product.cols}, product.count * product.kv_heads * phases.batch});
    }
  }
  // They run behind the projections of queries, keys and values, of which a policy may have left out some.
  auto place = phase.layers.begin();
  for (auto layer = phase.layers.begin(); layer != phase.layers.end(); ++layer)
    for (const char* projection : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"})
      if (layer->name.find(projection) != std::string::npos) place = layer + 1;
  phase.layers.insert(place, layers.begin(), layers.end());
}

std::string times(std::size_t count, std::string_view what, std::string_view plural) {
  return fmt::format("{} {}", count, count == 1 ? what : plural);
}

}  // namespace

void check_kv_format(const quant::Format& format, const ModelShape& shape) {
  const auto refuse = [&](const std::string& has, const char* expected) {
    throw std::invalid_argument(
        fmt::format("{} has {}, but AV sums over the tokens of the cache, and what differs among them must be a scale "
                    "that is multiplied into the attention weights; expected {}",
                    format.id(), has, expected));
  };
  if (quant::layout_info(format.layout).codes_per_block > 1)
    refuse("codes of several values each, which would be of several tokens", "a format of one code per value");
  if (format.scaling.zero_point) refuse("zero points", "a symmetric format such as int8 or int4");
  if (format.alphabet.selectors() > 1) refuse("levels that are chosen per group", "a format such as int8 or int4");
  if (format.scaling.group < shape.head_dim)
    refuse(fmt::format("groups of {}, several in a head of {}", format.scaling.group, shape.head_dim),
           "one scale for each token and head, such as int8:gchannel");
}

PhaseWork model_work(const ModelShape& shape, const Policy& policy, const ModelPhases& phases) {
  check_policy(shape, policy);
  if (phases.kv_format) check_kv_format(*phases.kv_format, shape);
  PhaseWork work;
  work.title = shape.name;
  work.source = shape.source;
  work.shape = shape;
  work.asked = phases;
  if (phases.kv_format) work.kv_format = phases.kv_format->id();
  work.context = phases.context;
  work.not_in_it = not_in_it(phases.kv_format.has_value());
  for (const WorkloadLayer& layer : linear_layers(shape))
    for (const Share& share : shares_of(layer, shape, policy))
      if (!share.format) work.left_out.push_back(layer.name);
  const auto runs = [&](const WorkloadLayer& layer) {
    return std::ranges::any_of(shares_of(layer, shape, policy),
                               [](const Share& share) { return share.format.has_value(); });
  };
  if (std::ranges::none_of(linear_layers(shape), runs))
    throw std::invalid_argument(
        "the policy leaves every linear layer unquantized, expected one at least that has a format");
  const std::string sequences = phases.batch == 1 ? "" : fmt::format(" of each of {} sequences", phases.batch);
  if (phases.prefill > 0) {
    Phase& phase = work.phases.emplace_back(Phase{
        "prefill", fmt::format("1 pass over {}{}", times(phases.prefill, "token", "tokens"), sequences), phases.prefill,
        1, phases.batch, phase_layers(shape, policy, phases.batch * phases.prefill, phases.batch, 1)});
    if (phases.kv_format) add_attention(shape, phases, phases.prefill, phases.context + phases.prefill, phase);
  }
  if (phases.decode > 0) {
    Phase& phase = work.phases.emplace_back(Phase{
        "decode", fmt::format("{} of one token{}", times(phases.decode, "step", "steps"), sequences), phases.decode,
        phases.decode, phases.batch, phase_layers(shape, policy, phases.batch, phases.batch, phases.decode)});
    if (phases.kv_format) add_attention(shape, phases, 1, phases.context + phases.prefill + 1, phase);
  }
  return work;
}

PhaseWork product_work(const ProductSize& size, const quant::Format& format) {
  PhaseWork work;
  work.title = fmt::format("{} x {} weights", size.outputs, size.inputs);
  work.phases = {{"gemm", times(size.tokens, "token", "tokens"), size.tokens, 1, 1, {{"gemm", format, {{size, 1}}}}}};
  return work;
}

}  // namespace subbyte::sim
