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

/// The sequences of the text beside a model, or why there are none.
struct OwnText {
  std::vector<TokenSequence> sequences = {};
  std::string why = {};
};

constexpr const char* kOwnRecording = "`subbyte evaluate --record-activations` records inputs, for --activations";

/// Returns sequences that predict `tokens` tokens.
OwnText own_text(const LlamaForward& forward, std::size_t tokens) {
  const std::string& model = forward.model().path();
  const std::string text = text_beside(model);
  if (text.empty()) return {{}, fmt::format("{} has no text beside it; on a text of yours {}", model, kOwnRecording)};
  std::optional<Tokenizer> tokenizer;
  if (!holds_token_ids(text)) {
    const auto beside = Tokenizer::beside(model);
    if (!beside)
      return {{},
              fmt::format("{} has the text {} beside it and no tokenizer; with a tokenizer of yours {}", model, text,
                          kOwnRecording)};
    tokenizer = Tokenizer::open(*beside);
  }
  SequenceOptions options;
  options.context = forward.config().context;
  options.vocabulary = forward.config().vocab;
  options.max_tokens = tokens;
  auto sequences = read_sequences(text, tokenizer ? &*tokenizer : nullptr, options);
  keep_predictions(sequences, tokens);
  if (sequences.empty()) return {{}, fmt::format("{} has fewer than two tokens; {}", text, kOwnRecording)};
  return {std::move(sequences), {}};
}

/// Holds what was recorded of one model.
struct Recorded {
  std::mutex mutex;
  std::string model;
  std::size_t tokens = 0;
  std::optional<ActivationRecorder> recorder;  ///< empty where the model cannot be recorded
  std::string why = {};                        ///< it cannot
};

void record(const Checkpoint& model, std::size_t tokens, Recorded& recorded) {
  recorded.model = model.path();
  recorded.tokens = tokens;
  recorded.recorder.reset();
  if (!model.llama()) {
    recorded.why =
        fmt::format("{} is no Llama model that can be run; --activations FILE takes inputs of yours", model.path());
    return;
  }
  const LlamaForward forward(model, all_cores());
  const OwnText text = own_text(forward, tokens);
  recorded.why = text.why;
  if (!text.why.empty()) return;
  recorded.recorder.emplace(tokens);
  EvaluateOptions run;
  run.arithmetic.threads = all_cores();
  run.observe = [&](const LinearLayer& layer, std::span<const float> x) { recorded.recorder->observe(layer, x); };
  evaluate(forward, text.sequences, {}, run);
}

}  // namespace

RecordActivations recorded_by_the_model() {
  return [recorded = std::make_shared<Recorded>()](const Checkpoint& model, const LinearLayer& layer,
                                                   std::size_t tokens) -> RecordedInputs {
    const std::scoped_lock lock(recorded->mutex);
    if (recorded->model != model.path() || recorded->tokens < tokens) record(model, tokens, *recorded);
    if (!recorded->recorder) return {{}, recorded->why};
    if (!recorded->recorder->has(layer.name))
      return {
          {},
          fmt::format("the forward pass of {} does not run {} as a linear layer; --activations FILE takes inputs of "
                      "yours",
                      model.path(), layer.name)};
    return {recorded->recorder->of(layer.name), {}};
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
