#include "sim/llm/record_activations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <memory>
#include <mutex>
#include <optional>

#include "quant/base/float16.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/files/safetensors.hpp"
#include "sim/llm/evaluate.hpp"
#include "sim/llm/evaluation_text.hpp"

namespace subbyte::sim {

static_assert(std::endian::native == std::endian::little, "safetensors holds little-endian values");

void ActivationRecorder::observe(const LinearLayer& layer, std::span<const float> x) {
  Recording& recording = layers_[layer.name];
  recording.cols = layer.cols;
  const std::size_t wanted = tokens_ * layer.cols - recording.bits.size();
  for (const float value : x.first(std::min(wanted, x.size()))) {
    recording.bits.push_back(quant::half_from_float(value));
    if (quant::half_is_finite(recording.bits.back())) continue;
    throw InputError("", fmt::format("layer '{}'", layer.name),
                     fmt::format("input {} overflows FP16, expected at most 65504 in magnitude", value));
  }
}

Activations ActivationRecorder::of(const std::string& layer) const {
  const Recording& recording = layers_.at(layer);
  return {recording.bits.size() / recording.cols, recording.cols, recording.bits};
}

namespace {

/// Returns the sequences of the text beside a model that predict `tokens` tokens, or none where it has no text.
std::vector<TokenSequence> own_text(const LlamaForward& forward, std::size_t tokens) {
  const std::string& model = forward.model().path();
  const std::string text = text_beside(model);
  if (text.empty()) return {};
  std::optional<Tokenizer> tokenizer;
  if (!holds_token_ids(text)) {
    const auto beside = Tokenizer::beside(model);
    if (!beside) return {};
    tokenizer = Tokenizer::open(*beside);
  }
  SequenceOptions options;
  options.context = forward.config().context;
  options.vocabulary = forward.config().vocab;
  options.max_tokens = tokens;
  auto sequences = read_sequences(text, tokenizer ? &*tokenizer : nullptr, options);
  keep_predictions(sequences, tokens);
  return sequences;
}

/// Holds what was recorded of one model.
struct Recorded {
  std::mutex mutex;
  std::string model;
  std::size_t tokens = 0;
  std::optional<ActivationRecorder> recorder;  ///< empty where the model cannot be recorded
};

void record(const Checkpoint& model, std::size_t tokens, Recorded& recorded) {
  recorded.model = model.path();
  recorded.tokens = tokens;
  recorded.recorder.reset();
  if (!model.llama()) return;
  const LlamaForward forward(model, all_cores());
  const auto sequences = own_text(forward, tokens);
  if (sequences.empty()) return;
  recorded.recorder.emplace(tokens);
  EvaluateOptions run;
  run.arithmetic.threads = all_cores();
  run.observe = [&](const LinearLayer& layer, std::span<const float> x) { recorded.recorder->observe(layer, x); };
  evaluate(forward, sequences, {}, run);
}

}  // namespace

RecordActivations recorded_by_the_model() {
  return [recorded = std::make_shared<Recorded>()](const Checkpoint& model, const LinearLayer& layer,
                                                   std::size_t tokens) -> std::optional<Activations> {
    const std::scoped_lock lock(recorded->mutex);
    if (recorded->model != model.path() || recorded->tokens < tokens) record(model, tokens, *recorded);
    if (!recorded->recorder) return std::nullopt;
    return recorded->recorder->of(layer.name);
  };
}

void ActivationRecorder::write(const std::string& path, const std::string& model,
                               std::span<const std::uint32_t> ids) const {
  std::vector<SafetensorsEntry> entries;
  for (const auto& [name, recording] : layers_) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(recording.bits.data());
    entries.push_back({name,
                       "F16",
                       {recording.bits.size() / recording.cols, recording.cols},
                       {bytes, recording.bits.size() * sizeof(std::uint16_t)}});
  }
  write_safetensors(path, entries,
                    {{"what", "FP16 input of each linear layer of the unquantized model, [token][input]"},
                     {"model", model},
                     {"tokens", fmt::format("{}", fmt::join(ids, " "))}});
}

}  // namespace subbyte::sim
