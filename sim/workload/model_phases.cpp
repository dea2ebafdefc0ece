#include "sim/workload/model_phases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

constexpr std::string_view kHead = "lm_head";

/// What a token needs beside its linear layers.
const std::vector<std::string>& beside_linear_layers() {
  static const std::vector<std::string> parts{"the products of attention (QK^T, AV) and the KV cache",
                                              "softmax",
                                              "norms",
                                              "activation functions",
                                              "rotary positions",
                                              "biases",
                                              "residual sums",
                                              "the embedding, which is a look-up of one row",
                                              "sampling"};
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

std::string times(std::size_t count, std::string_view what, std::string_view plural) {
  return fmt::format("{} {}", count, count == 1 ? what : plural);
}

}  // namespace

PhaseWork model_work(const ModelShape& shape, const Policy& policy, const ModelPhases& phases) {
  check_policy(shape, policy);
  PhaseWork work;
  work.title = shape.name;
  work.source = shape.source;
  work.not_in_it = beside_linear_layers();
  for (const WorkloadLayer& layer : linear_layers(shape))
    for (const Share& share : shares_of(layer, shape, policy))
      if (!share.format) work.left_out.push_back(layer.name);
  const std::string sequences = phases.batch == 1 ? "" : fmt::format(" of each of {} sequences", phases.batch);
  if (phases.prefill > 0)
    work.phases.push_back(
        {"prefill", fmt::format("1 pass over {}{}", times(phases.prefill, "token", "tokens"), sequences),
         phases.prefill, 1, phases.batch, phase_layers(shape, policy, phases.batch * phases.prefill, phases.batch, 1)});
  if (phases.decode > 0)
    work.phases.push_back({"decode", fmt::format("{} of one token{}", times(phases.decode, "step", "steps"), sequences),
                           phases.decode, phases.decode, phases.batch,
                           phase_layers(shape, policy, phases.batch, phases.batch, phases.decode)});
  return work;
}

PhaseWork product_work(const ProductSize& size, const quant::Format& format) {
  PhaseWork work;
  work.title = fmt::format("{} x {} weights", size.outputs, size.inputs);
  work.phases = {{"gemm", times(size.tokens, "token", "tokens"), size.tokens, 1, 1, {{"gemm", format, {{size, 1}}}}}};
  return work;
}

}  // namespace subbyte::sim
