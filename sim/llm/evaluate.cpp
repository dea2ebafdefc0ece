#include "sim/llm/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/input_error.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

// The middle 95 % of a normal distribution lie within so many standard deviations.
constexpr double kNormal95 = 1.959964;
// The logits of one model take at most so many bytes at a time.
constexpr std::size_t kLogitBytes = std::size_t{64} << 20;
// The inputs that are kept per block take at most so many bytes.
constexpr std::size_t kSensitivityBytes = std::size_t{256} << 20;

struct Batch {
  TokenBatch inputs;
  std::vector<std::uint32_t> targets;
};

std::size_t predictions(std::span<const TokenSequence> sequences) {
  std::size_t total = 0;
  for (const TokenSequence& sequence : sequences) total += sequence.size() - 1;
  return total;
}

/// Takes the next sequences that have at most `limit` inputs together, but at least one.
Batch take_batch(std::span<const TokenSequence>& sequences, std::size_t limit) {
  Batch batch;
  while (!sequences.empty()) {
    const TokenSequence& next = sequences.front();
    if (!batch.targets.empty() && batch.targets.size() + next.size() - 1 > limit) break;
    batch.inputs.starts.push_back(batch.inputs.tokens.size());
    batch.inputs.tokens.insert(batch.inputs.tokens.end(), next.begin(), next.end() - 1);
    batch.targets.insert(batch.targets.end(), next.begin() + 1, next.end());
    sequences = sequences.subspan(1);
  }
  return batch;
}

double log_sum_exp(std::span<const float> logits) {
  const double top = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(double{logit} - top);
  return top + std::log(sum);
}

struct TokenScore {
  double nll = 0;
  double kl = 0;
  double above = 0;  ///< nats above those of the reference
};

TokenScore score_token(std::span<const float> reference, std::span<const float> logits, std::uint32_t target) {
  const double norm = log_sum_exp(logits);
  TokenScore score{norm - double{logits[target]}};
  if (reference.data() == logits.data()) return score;
  const double reference_norm = log_sum_exp(reference);
  score.above = score.nll - (reference_norm - double{reference[target]});
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double log_p = double{reference[i]} - reference_norm;
    score.kl += std::exp(log_p) * (log_p - (double{logits[i]} - norm));
  }
  return score;
}

class Evaluation {
 public:
  Evaluation(const LlamaForward& forward, std::span<const Variant> variants, const EvaluateOptions& options)
      : forward_(forward),
        options_(options),
        unquantized_(unquantized_linear(forward.model(), options.arithmetic.threads)) {
    for (const Variant& variant : variants) {
      linear_.push_back(packed_linear(forward.model(), variant.weights, options.arithmetic));
      layers_.push_back(quantized_layers(forward, variant));
      result.variants.emplace_back().alone.resize(options.sensitivity ? layers_.back().size() : 0);
    }
  }

  void add(const Batch& batch);
  std::size_t batch_limit() const;

  EvaluateResult result;

 private:
  using Hidden = std::vector<float>;
  Hidden finish(const Batch& batch, const LinearFunction& linear, std::size_t first_block, Hidden x) const;
  Hidden run_reference(const Batch& batch);
  std::size_t tokens_per_logits() const;
  void score(const Batch& batch, const Hidden& reference, const Hidden& hidden, const LinearFunction& linear,
             Score& score, std::vector<double>* token_nll = nullptr) const;

  const LlamaForward& forward_;
  const EvaluateOptions& options_;
  LinearFunction unquantized_;
  std::vector<LinearFunction> linear_;
  std::vector<std::vector<LinearLayer>> layers_;
  // These are those of the unquantized model and of this batch.
  std::vector<Hidden> block_inputs_;
  Hidden logits_;  // empty when they are too many to keep
};

std::size_t Evaluation::batch_limit() const {
  if (!options_.sensitivity) return options_.batch_tokens;
  const std::size_t kept = forward_.config().layers * forward_.config().dim * sizeof(float);
  return std::min(options_.batch_tokens, std::max<std::size_t>(1, kSensitivityBytes / kept));
}

Evaluation::Hidden Evaluation::finish(const Batch& batch, const LinearFunction& linear, std::size_t first_block,
                                      Hidden x) const {
  for (std::size_t i = first_block; i < forward_.config().layers; ++i) forward_.block(i, batch.inputs, linear, x);
  return forward_.final_norm(x);
}

Evaluation::Hidden Evaluation::run_reference(const Batch& batch) {
  const LinearFunction observed = [this](const LinearLayer& layer, std::span<const float> x, std::size_t tokens,
                                         std::span<float> y) {
    if (options_.observe) options_.observe(layer, x);
    unquantized_(layer, x, tokens, y);
  };
  Hidden x = forward_.embed(batch.inputs);
  block_inputs_.clear();
  for (std::size_t i = 0; i < forward_.config().layers; ++i) {
    block_inputs_.push_back(options_.sensitivity || i == 0 ? x : Hidden{});
    forward_.block(i, batch.inputs, observed, x);
  }
  Hidden hidden = forward_.final_norm(x);
  if (options_.sensitivity) block_inputs_.push_back(std::move(x));
  if (options_.observe) options_.observe(forward_.linear_layers().back(), hidden);
  return hidden;
}

// The logits of a whole batch would not fit into the memory where the vocabulary is large.
std::size_t Evaluation::tokens_per_logits() const {
  return std::max<std::size_t>(1, kLogitBytes / (forward_.config().vocab * sizeof(float)));
}

void Evaluation::score(const Batch& batch, const Hidden& reference, const Hidden& hidden, const LinearFunction& linear,
                       Score& score, std::vector<double>* token_nll) const {
  const std::size_t dim = forward_.config().dim;
  const std::size_t vocab = forward_.config().vocab;
  const bool same = &reference == &hidden;
  for (std::size_t begin = 0; begin < batch.targets.size(); begin += tokens_per_logits()) {
    const std::size_t count = std::min(tokens_per_logits(), batch.targets.size() - begin);
    const auto part = [&](const Hidden& all) { return std::span(all).subspan(begin * dim, count * dim); };
    const Hidden again = logits_.empty() ? forward_.classify(part(reference), unquantized_) : Hidden{};
    const Hidden& expected = logits_.empty() ? again : logits_;
    const Hidden actual = same ? Hidden{} : forward_.classify(part(hidden), linear);
    std::vector<TokenScore> scores(count);
    parallel_for(count, options_.arithmetic.threads, [&](std::size_t first, std::size_t last) {
      for (std::size_t t = first; t < last; ++t) {
        const auto row = [&](const Hidden& logits) { return std::span(logits).subspan(t * vocab, vocab); };
        scores[t] = score_token(row(expected), row(same ? expected : actual), batch.targets[begin + t]);
      }
    });
    for (std::size_t t = 0; t < count; ++t) {
      const TokenScore& token = scores[t];
      score.nll += token.nll;
      score.kl += token.kl;
      score.squares += token.above * token.above;
      if (std::ranges::binary_search(batch.inputs.starts, begin + t)) score.sequences.push_back(0);
      score.sequences.back() += token.nll;
      if (token_nll != nullptr) token_nll->push_back(token.nll);
    }
  }
  score.tokens += batch.targets.size();
}

void Evaluation::add(const Batch& batch) {
  const Hidden reference = run_reference(batch);
  logits_ = batch.targets.size() <= tokens_per_logits() ? forward_.classify(reference, unquantized_) : Hidden{};
  score(batch, reference, reference, unquantized_, result.unquantized, &result.token_nll);
  for (std::size_t v = 0; v < linear_.size(); ++v) {
    score(batch, reference, finish(batch, linear_[v], 0, block_inputs_[0]), linear_[v], result.variants[v].score);
    if (!options_.sensitivity) continue;
    for (std::size_t i = 0; i < layers_[v].size(); ++i) {
      const std::string& name = layers_[v][i].name;
      const LinearFunction alone = [&](const LinearLayer& layer, std::span<const float> x, std::size_t tokens,
                                       std::span<float> y) {
        (layer.name == name ? linear_[v] : unquantized_)(layer, x, tokens, y);
      };
      const auto place = std::ranges::find(forward_.linear_layers(), name, &LinearLayer::name);
      const std::size_t block = forward_.block_of(static_cast<std::size_t>(place - forward_.linear_layers().begin()));
      score(batch, reference, finish(batch, alone, block, block_inputs_[block]), alone, result.variants[v].alone[i]);
    }
  }
}

void check_sequences(const LlamaForward& forward, std::span<const TokenSequence> sequences) {
  if (sequences.empty()) throw InputError("", "text", "no tokens, expected at least two");
  for (const TokenSequence& sequence : sequences) {
    if (sequence.size() < 2)
      throw InputError("", "text",
                       fmt::format("a sequence of {} tokens, expected at least two: one is predicted from another",
                                   sequence.size()));
    const auto wrong = std::ranges::find_if(sequence, [&](std::uint32_t id) { return id >= forward.config().vocab; });
    if (wrong == sequence.end()) continue;
    throw InputError("", "text",
                     fmt::format("token id {}, expected one below the vocabulary of {}, {}", *wrong,
                                 forward.model().path(), forward.config().vocab));
  }
}

}  // namespace

void check_runs(const std::string& variant, const std::string& layer, const quant::PackedTensor& packed,
                const Design& design) {
  if (const auto why = layer_unsupported(design, packed))
    throw InputError(variant, fmt::format("layer '{}'", layer),
                     fmt::format("design '{}' cannot run {}: {}; {}", design.name, packed.format.id(), why->text,
                                 designs_that_run(packed)));
}

void check_variant(const LlamaForward& forward, const Variant& variant, const Design* design) {
  for (const auto& [name, packed] : variant.weights) {
    const auto layer = std::ranges::find(forward.linear_layers(), name, &LinearLayer::name);
    if (layer == forward.linear_layers().end())
      throw InputError(variant.name, fmt::format("layer '{}'", name),
                       fmt::format("is no linear layer of {}", forward.model().path()));
    if (layer->rows != packed.rows || layer->cols != packed.cols)
      throw InputError(
          variant.name, fmt::format("layer '{}'", name),
          fmt::format("is {} x {}, expected the model's {} x {}", packed.rows, packed.cols, layer->rows, layer->cols));
    if (design != nullptr) check_runs(variant.name, name, packed, *design);
  }
}

double Score::perplexity() const { return std::exp(nll_per_token()); }

std::optional<double> Score::difference_half_width(const Score& unquantized) const {
  if (tokens < 2) return std::nullopt;
  const auto count = static_cast<double>(tokens);
  const double mean = (nll - unquantized.nll) / count;
  const double variance = std::max(0.0, squares / count - mean * mean) * count / (count - 1);
  return kNormal95 * std::sqrt(variance / count);
}

std::vector<LinearLayer> quantized_layers(const LlamaForward& forward, const Variant& variant) {
  std::vector<LinearLayer> layers;
  for (const LinearLayer& layer : forward.linear_layers())
    if (variant.weights.contains(layer.name)) layers.push_back(layer);
  return layers;
}

EvaluateResult evaluate(const LlamaForward& forward, std::span<const TokenSequence> sequences,
                        std::span<const Variant> variants, const EvaluateOptions& options) {
  check_sequences(forward, sequences);
  for (const Variant& variant : variants) check_variant(forward, variant, options.arithmetic.design);
  Evaluation evaluation(forward, variants, options);
  Job job("evaluating", static_cast<double>(predictions(sequences)), "tokens");
  while (!sequences.empty()) {
    const std::size_t before = evaluation.result.unquantized.tokens;
    evaluation.add(take_batch(sequences, evaluation.batch_limit()));
    job.advance(static_cast<double>(evaluation.result.unquantized.tokens - before));
  }
  return std::move(evaluation.result);
}

}  // namespace subbyte::sim
