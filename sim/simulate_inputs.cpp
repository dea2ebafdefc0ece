#include "sim/simulate_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <thread>

#include "quant/float16.hpp"
#include "sim/input_error.hpp"
#include "sim/model.hpp"
#include "sim/packed_file.hpp"
#include "sim/policy.hpp"
#include "sim/quantize_layer.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kDefaultTokens = 16;
constexpr std::size_t kMaxTokens = std::size_t{1} << 20;

void keep_tokens(Activations& activations, std::size_t tokens, const std::string& origin) {
  if (tokens == 0 || tokens > activations.tokens)
    throw InputError("", "--tokens",
                     fmt::format("is {}, expected 1..{} ({})", tokens, activations.tokens, origin));
  activations.tokens = tokens;
  activations.bits.resize(tokens * activations.cols);
}

void read_default(const LayerQuery& query, LayerInputs& inputs) {
  const std::size_t tokens = query.tokens.value_or(kDefaultTokens);
  try {
    inputs.activations = load_activations(std::string(kEmbedded), inputs.layer, inputs.weights.cols);
    inputs.origin = fmt::format("recorded inputs of {} in the embedded model", inputs.layer);
  } catch (const InputError& error) {
    if (tokens == 0 || tokens > kMaxTokens)
      throw InputError("", "--tokens", fmt::format("is {}, expected 1..{}", tokens, kMaxTokens));
    inputs.activations = gaussian_activations(tokens, inputs.weights.cols, query.seed);
    inputs.origin = fmt::format("Gaussian, seed {} (nothing recorded: {})", query.seed, error.what());
  }
  keep_tokens(inputs.activations, tokens, inputs.origin);
}

LayerInputs packed_layer(const LayerQuery& query) {
  const PackedFile file = PackedFile::open(query.weights);
  LayerInputs inputs;
  inputs.layers = file.layers().size();
  const auto first = std::ranges::find_if(file.layers(), [](const auto& layer) { return !layer.raw; });
  if (first == file.layers().end())
    throw InputError(file.path(), "", "no quantized layer, expected at least one");
  inputs.layer = file.layer(query.layer.empty() ? first->name : query.layer).name;
  inputs.weights = file.load(inputs.layer);
  return inputs;
}

LayerInputs quantized_layer(const LayerQuery& query) {
  const Policy policy = parse_policy(query.format);
  const Model model = open_model(query.model);
  std::vector<std::string> names;
  for (const LinearLayer& layer : model.layers()) names.push_back(layer.name);
  policy.check(names);
  const auto first =
      std::ranges::find_if(names, [&](const auto& name) { return policy.format_of(name).has_value(); });
  if (query.layer.empty() && first == names.end())
    throw InputError(policy.text(), "", fmt::format("no layer of {}", model.path()));
  const LinearLayer& layer = model.layer(query.layer.empty() ? *first : query.layer);
  const auto format = policy.format_of(layer.name);
  if (!format)
    throw InputError(policy.text(), fmt::format("layer '{}'", layer.name),
                     "is left unquantized, expected a quantized layer");
  LayerInputs inputs;
  inputs.layers = names.size();
  inputs.layer = layer.name;
  inputs.weights =
      quantize_layer(model, layer, *format, std::max(1U, std::thread::hardware_concurrency())).tensor;
  return inputs;
}

}  // namespace

LayerInputs read_layer_inputs(const LayerQuery& query) {
  LayerInputs inputs = query.weights.empty() ? quantized_layer(query) : packed_layer(query);
  if (query.activations.empty()) {
    read_default(query, inputs);
  } else {
    inputs.activations = load_activations(query.activations, inputs.layer, inputs.weights.cols);
    inputs.origin = query.activations;
    keep_tokens(inputs.activations, query.tokens.value_or(inputs.activations.tokens), inputs.origin);
  }
  return inputs;
}

Activations gaussian_activations(std::size_t tokens, std::size_t cols, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Activations activations{tokens, cols, {}};
  // Box-Muller on 53-bit uniforms: std::normal_distribution gives other numbers with other libraries.
  const auto uniform = [&random] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
  for (std::size_t i = 0; i < tokens * cols; ++i) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    activations.bits.push_back(quant::half_from_double(radius * std::cos(2 * std::numbers::pi * uniform())));
  }
  return activations;
}

}  // namespace subbyte::sim
