// `subbyte evaluate`: the loss of a language model whose linear layers run on packed weights.
#include "sim/llm/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "quant/rules/quantize.hpp"
#include "reports/text.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/commands/evaluate_options.hpp"
#include "sim/llm/evaluate_layers.hpp"
#include "sim/llm/evaluate_record.hpp"
#include "sim/llm/evaluation_text.hpp"
#include "sim/llm/record_activations.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/packed/packed_file.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;

std::vector<PackedModel> pack_all(const LlamaForward& forward, const EvaluateCommand& command) {
  std::vector<PackedModel> models;
  std::vector<std::string> names;
  for (const LinearLayer& layer : forward.linear_layers()) names.push_back(layer.name);
  const auto add = [&](const std::string& name, const PackLayer& pack) {
    models.push_back(pack_model(forward, name, pack));
    if (models.back().variant.weights.empty())
      throw InputError(name, "", fmt::format("no layer of {}", forward.model().path()));
  };
  for (const Policy& policy : command.policies) {
    policy.check(names);
    add(policy.text(), [&](const Tensor& weights) -> std::optional<quant::PackedTensor> {
      const auto format = policy.format_of(weights.name);
      if (!format) return std::nullopt;
      return quant::quantize({weights.values, weights.shape[0], weights.shape[1]}, *format);
    });
  }
  for (const std::string& path : command.packed_files) {
    const PackedFile file = PackedFile::open(path);
    add(path, [&](const Tensor& weights) -> std::optional<quant::PackedTensor> {
      // A layer that is not there, or that a policy left as it was, runs unquantized.
      const auto layer = std::ranges::find(file.layers(), weights.name, &PackedFile::Layer::name);
      if (layer == file.layers().end() || layer->raw) return std::nullopt;
      return file.load(weights.name);
    });
  }
  return models;
}

struct Text {
  std::string path;
  std::string tokenizer;
  std::vector<TokenSequence> sequences;
};

Text read_text(const LlamaForward& forward, const EvaluateCommand& command) {
  const std::string& model = command.model;
  Text text;
  text.path = command.text ? *command.text : text_beside(model);
  if (text.path.empty()) throw InputError(model, "", "no text beside this model, expected --text FILE");
  std::optional<Tokenizer> tokenizer;
  if (holds_token_ids(text.path)) {
    const std::string why = text.path + " holds token ids";
    if (command.tokenizer) throw without_effect("tokenizer", why);
    if (command.streaming || command.stories) throw without_effect(command.stories ? "stories" : "streaming", why);
  } else {
    text.tokenizer = command.tokenizer ? *command.tokenizer : Tokenizer::beside(model).value_or("");
    if (text.tokenizer.empty())
      throw InputError(model, "", "no tokenizer beside this model, expected --tokenizer FILE");
    tokenizer = Tokenizer::open(text.tokenizer);
  }
  SequenceOptions cut;
  if (command.streaming) cut.cut = TextCut::kStream;
  cut.context = forward.config().context;
  cut.vocabulary = forward.config().vocab;
  if (command.tokens) cut.max_tokens = *command.tokens;
  text.sequences = read_sequences(text.path, tokenizer ? &*tokenizer : nullptr, cut);
  if (cut.max_tokens != 0) keep_predictions(text.sequences, cut.max_tokens);
  return text;
}

std::vector<std::uint32_t> recorded_ids(std::span<const TokenSequence> sequences, std::size_t tokens) {
  std::vector<std::uint32_t> ids;
  for (const TokenSequence& sequence : sequences) {
    for (std::size_t t = 0; t + 1 < sequence.size() && ids.size() < tokens; ++t) ids.push_back(sequence[t]);
  }
  return ids;
}

void print_result(const Json& result, const reports::Record& record, const EvaluateCommand& command) {
  if (command.json) return print_json(result);
  reports::TerminalText text(command.verbose);
  text.table(record.tables[0]);
  const bool one = result["formats"].size() == 1;
  for (std::size_t i = 1; i < record.tables.size(); ++i) {
    if (!one && !record.tables[i].title.starts_with("Sensitivity")) continue;
    text.line("");
    text.table(record.tables[i]);
  }
  if (result["formats"].size() > 1) text.line("\nTables of the layers: --json, --record FILE, or one format alone.");
  std::cout << text.text();
}

EvaluateSettings settings_of(const Text& text, const EvaluateCommand& command, const EvaluateOptions& run) {
  EvaluateSettings settings;
  settings.text = text.path;
  settings.tokenizer = text.tokenizer;
  settings.cut = command.streaming ? "streaming" : "stories";
  settings.sequences = text.sequences.size();
  const Design* design = run.arithmetic.design;
  settings.activation_format = design == nullptr ? run.arithmetic.activations.name : activation_format(*design);
  settings.arithmetic = design == nullptr ? "exact dot product" : "design " + design->name;
  if (design != nullptr) settings.design_hash = design->hash;
  return settings;
}

}  // namespace

int run_evaluate(Arguments args) {
  const auto command = read_evaluate(args);
  if (!command) return kDone;
  EvaluateOptions run;
  run.arithmetic.threads = command->threads;
  run.arithmetic.activations = command->activations;
  run.arithmetic.design = command->design ? &*command->design : nullptr;
  run.sensitivity = command->sensitivity;

  const Checkpoint model = open_checkpoint(command->model);
  const LlamaForward forward(model, run.arithmetic.threads);
  const Text text = read_text(forward, *command);
  const std::vector<PackedModel> models = pack_all(forward, *command);
  std::vector<Variant> variants;
  for (const PackedModel& packed : models) variants.push_back(packed.variant);
  ActivationRecorder recorder(command->record_tokens);
  if (command->record_activations)
    run.observe = [&](const LinearLayer& layer, std::span<const float> x) { recorder.observe(layer, x); };
  const EvaluateResult result = evaluate(forward, text.sequences, variants, run);
  if (command->record_activations)
    recorder.write(*command->record_activations, model.path(), recorded_ids(text.sequences, command->record_tokens));

  const Json object = evaluate_json(forward, settings_of(text, *command, run), models, result);
  const reports::Record record = evaluate_record(object);
  write_record(command->record, record);
  print_result(object, record, *command);
  return kDone;
}

}  // namespace subbyte::sim
