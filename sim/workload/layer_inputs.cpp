#include "sim/workload/layer_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <random>

#include "quant/base/float16.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/config/policy.hpp"
#include "sim/packed/packed_file.hpp"
#include "sim/packed/quantize_layer.hpp"

namespace subbyte::sim {
namespace {

constexpr std::size_t kDefaultTokens = 16;
constexpr std::size_t kMaxTokens = std::size_t{1} << 20;

/// Refuses more tokens than there are; `more` says how to get further ones.
void check_tokens(std::size_t tokens, std::size_t there, const std::string& origin, const std::string& more = "") {
  if (tokens == 0 || tokens > there)
    throw InputError("", "--tokens", fmt::format("is {}, expected 1..{} ({}){}", tokens, there, origin, more));
}

void keep_tokens(Activations& activations, std::size_t tokens, const std::string& origin,
                 const std::string& more = "") {
  check_tokens(tokens, activations.tokens, origin, more);
  activations.tokens = tokens;
  activations.bits.resize(tokens * activations.cols);
}

void draw(const ActivationQuery& query, const std::string& why, LayerInputs& inputs) {
  const std::size_t tokens = query.tokens.value_or(kDefaultTokens);
  if (tokens == 0 || tokens > kMaxTokens)
    throw InputError("", "--tokens", fmt::format("is {}, expected 1..{}", tokens, kMaxTokens));
  inputs.activations = gaussian_activations(tokens, inputs.weights.cols, query.seed);
  inputs.drawn = true;
  inputs.origin = fmt::format("Gaussian, seed {} ({})", query.seed, why);
}

/// Tells whether this is the model that comes with Subbyte, whatever it was called by.
bool is_embedded(const Checkpoint& model) {
  static const std::string path = open_checkpoint(std::string(kEmbedded)).path();
  std::error_code error;
  return model.path() == path || std::filesystem::equivalent(model.path(), path, error);
}

/// Tells whether packed weights are those of the embedded model: quantizing its layer of that name gives the same bits.
bool is_of_embedded(const LayerInputs& inputs) {
  static const Checkpoint model = open_checkpoint(std::string(kEmbedded));
  const auto layer = std::ranges::find(model.layers(), inputs.layer, &LinearLayer::name);
  const quant::PackedTensor& packed = inputs.weights;
  if (layer == model.layers().end() || layer->rows != packed.rows || layer->cols != packed.cols) return false;
  const quant::PackedTensor own = quantize_layer(model, *layer, packed.format, all_cores()).tensor;
  return own.codes == packed.codes && own.scales == packed.scales;
}

void read_default(const ActivationQuery& query, const Checkpoint& model, LayerInputs& inputs) {
  const std::size_t tokens = query.tokens.value_or(kDefaultTokens);
  inputs.model = model.path();
  if (is_embedded(model)) {
    inputs.activations = load_activations(std::string(kEmbedded), inputs.layer, inputs.weights.cols);
    inputs.origin = fmt::format("recorded inputs of {} in the embedded model", inputs.layer);
    const std::string more = fmt::format(
        "; for more, record them: subbyte evaluate --record-activations x.safetensors --record-tokens {}, and then "
        "--activations x.safetensors",
        tokens);
    return keep_tokens(inputs.activations, tokens, inputs.origin, more);
  }
  const auto layer = std::ranges::find(model.layers(), inputs.layer, &LinearLayer::name);
  if (layer == model.layers().end() || layer->cols != inputs.weights.cols)
    throw InputError(model.path(), fmt::format("layer '{}'", inputs.layer), "is not in this model with these columns");
  RecordedInputs recorded =
      query.record ? query.record(model, *layer, tokens) : RecordedInputs{{}, "nothing records inputs here"};
  if (!recorded.activations) return draw(query, recorded.why, inputs);
  inputs.activations = *std::move(recorded.activations);
  inputs.origin = fmt::format("recorded inputs of {} in {} on its own text", inputs.layer, model.path());
  keep_tokens(inputs.activations, tokens, inputs.origin);
}

/// Reads the inputs of a layer of a packed file.
void read_default(const ActivationQuery& query, LayerInputs& inputs) {
  if (!query.model.empty()) return read_default(query, open_checkpoint(query.model), inputs);
  if (is_of_embedded(inputs)) return read_default(query, open_checkpoint(std::string(kEmbedded)), inputs);
  draw(query,
       "the packed file does not tell its model; --model M records that one's own, --activations FILE takes yours",
       inputs);
}

}  // namespace

struct LayerSource::Opened {
  std::optional<PackedFile> file;
  std::optional<Policy> policy;
  std::shared_ptr<const Checkpoint> model;
};

LayerSource::LayerSource(PackedFile file)
    : opened_(std::make_unique<Opened>(Opened{std::move(file), {}, {}})), origin_(opened_->file->path()) {
  for (const PackedLayerInfo& layer : opened_->file->layers())
    layers_.push_back({layer.name, layer.raw ? std::nullopt : std::optional(layer.format), layer.rows, layer.cols,
                       layer.raw ? layer.rows * layer.cols * element_bytes(*layer.raw) : 0});
}

LayerSource::LayerSource(Policy policy, std::shared_ptr<const Checkpoint> model, std::string origin)
    : opened_(std::make_unique<Opened>(Opened{{}, std::move(policy), std::move(model)})), origin_(std::move(origin)) {
  std::vector<std::string> names;
  for (const LinearLayer& layer : opened_->model->layers()) {
    names.push_back(layer.name);
    layers_.push_back({layer.name, opened_->policy->format_of(layer.name), layer.rows, layer.cols});
    if (!layers_.back().format)
      layers_.back().stored_bytes = layer.rows * layer.cols * element_bytes(opened_->model->stored_type(layer.name));
  }
  opened_->policy->check(names);
}

LayerSource::LayerSource(LayerSource&&) noexcept = default;
LayerSource::~LayerSource() = default;

std::string LayerSource::text() const { return opened_->file ? opened_->file->path() : opened_->policy->text(); }

const WorkloadLayer& LayerSource::layer(std::string_view name) const {
  if (name.empty()) {
    const auto first =
        std::ranges::find_if(layers_, [](const WorkloadLayer& layer) { return layer.format.has_value(); });
    if (first == layers_.end()) throw InputError(text(), "", "no quantized layer, expected at least one");
    return *first;
  }
  if (opened_->file)
    return layers_[static_cast<std::size_t>(&opened_->file->layer(name) - opened_->file->layers().data())];
  return layers_[static_cast<std::size_t>(&opened_->model->layer(name) - opened_->model->layers().data())];
}

std::size_t LayerSource::recorded_tokens(const WorkloadLayer& layer, const ActivationQuery& activations) {
  const std::size_t there = activation_tokens(activations.file, layer.name, layer.cols);
  const std::size_t tokens = activations.tokens.value_or(there);
  check_tokens(tokens, there, activations.file);
  return tokens;
}

LayerInputs LayerSource::load(const WorkloadLayer& layer, const ActivationQuery& activations) const {
  LayerInputs inputs;
  inputs.layer = layer.name;
  inputs.layers = layers_.size();
  if (opened_->file) {
    inputs.weights = opened_->file->load(layer.name);
  } else {
    if (!layer.format)
      throw InputError(text(), fmt::format("layer '{}'", layer.name),
                       "is left unquantized, expected a quantized layer");
    const LinearLayer& linear = opened_->model->layers()[static_cast<std::size_t>(&layer - layers_.data())];
    inputs.model = opened_->model->path();
    inputs.weights = quantize_layer(*opened_->model, linear, *layer.format, all_cores()).tensor;
  }
  if (activations.file.empty()) {
    if (opened_->model)
      read_default(activations, *opened_->model, inputs);
    else
      read_default(activations, inputs);
  } else {
    inputs.activations = load_activations(activations.file, inputs.layer, inputs.weights.cols);
    inputs.origin = activations.file;
    keep_tokens(inputs.activations, activations.tokens.value_or(inputs.activations.tokens), inputs.origin);
  }
  return inputs;
}

LayerSource open_layers(const std::string& weights, const std::string& format, const std::string& model) {
  if (!weights.empty()) return LayerSource(PackedFile::open(weights));
  Policy policy = at_option("--format", [&] { return parse_policy(format); });
  return {std::move(policy), std::make_shared<const Checkpoint>(open_checkpoint(model)), model};
}

std::vector<std::shared_ptr<const LayerSource>> open_layers(std::span<const quant::Format> formats,
                                                            const std::string& model) {
  const auto opened = std::make_shared<const Checkpoint>(open_checkpoint(model));
  std::vector<std::shared_ptr<const LayerSource>> sources;
  for (const quant::Format& format : formats)
    sources.push_back(std::make_shared<const LayerSource>(Policy(format), opened, model));
  return sources;
}

Activations gaussian_activations(std::size_t tokens, std::size_t cols, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Activations activations{tokens, cols, {}};
  // This is Box-Muller on uniforms of 53 bits, because std::normal_distribution gives other numbers with other
  // libraries.
  const auto uniform = [&random] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
  for (std::size_t i = 0; i < tokens * cols; ++i) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    activations.bits.push_back(quant::half_from_double(radius * std::cos(2 * std::numbers::pi * uniform())));
  }
  return activations;
}

}  // namespace subbyte::sim
