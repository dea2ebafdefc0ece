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

/// Packs the model's weights in one way after the other. What the design, where there is one, cannot run is refused
/// before anything is packed.
class Packer {
 public:
  Packer(const LlamaForward& forward, const Design* design) : forward_(forward), design_(design) {
    for (const LinearLayer& layer : forward.linear_layers()) names_.push_back(layer.name);
  }

  void add(const Policy& policy) {
    policy.check(names_);
    for (const LinearLayer& layer : forward_.linear_layers())
      if (const auto format = policy.format_of(layer.name))
        check_design(policy.text(), layer.name, layer_without_weights(*format, layer.rows, layer.cols));
    add(policy.text(), [&](const Tensor& weights) -> std::optional<quant::PackedTensor> {
      const auto format = policy.format_of(weights.name);
      if (!format) return std::nullopt;
      return quant::quantize({weights.values, weights.shape[0], weights.shape[1]}, *format);
    });
  }
  /// Where the model or the design cannot be evaluated so, that goes to left_out.
  void add_if_possible(const Policy& policy) {
    const std::size_t count = models.size();
    try {
      add(policy);
      check_variant(forward_, models.back().variant, design_);
    } catch (const InputError& error) {
      models.resize(count);
      left_out.push_back({policy.text(), (error.place().empty() ? "" : error.place() + ": ") + error.text()});
    }
  }
  void add(const PackedFile& file) {
    for (const PackedFile::Layer& layer : file.layers())
      if (!layer.raw && std::ranges::count(names_, layer.name) > 0)
        check_design(file.path(), layer.name, layer_without_weights(layer.format, layer.rows, layer.cols));
    add(file.path(), [&](const Tensor& weights) -> std::optional<quant::PackedTensor> {
      // A layer that is not there, or that a policy left as it was, runs unquantized.
      const auto layer = std::ranges::find(file.layers(), weights.name, &PackedFile::Layer::name);
      if (layer == file.layers().end() || layer->raw) return std::nullopt;
      return file.load(weights.name);
    });
  }

  std::vector<PackedModel> models;
  std::vector<LeftOut> left_out;

 private:
  void add(const std::string& name, const PackLayer& pack) {
    models.push_back(pack_model(forward_, name, pack));
    if (models.back().variant.weights.empty())
      throw InputError(name, "", fmt::format("no layer of {}", forward_.model().path()));
  }

  void check_design(const std::string& name, const std::string& layer, const quant::PackedTensor& shape) const {
    if (design_ != nullptr) check_runs(name, layer, shape, *design_);
  }

  const LlamaForward& forward_;
  const Design* design_;
  std::vector<std::string> names_;
};

Packer pack_all(const LlamaForward& forward, const EvaluateCommand& command) {
  Packer packer(forward, command.design ? &*command.design : nullptr);
  for (const Policy& policy : command.policies) {
    if (command.all_formats)
      packer.add_if_possible(policy);
    else
      packer.add(policy);
  }
  if (packer.models.empty() && !packer.left_out.empty())
    throw InputError("", "--format",
                     fmt::format("all: no format can be evaluated, {} first: {}", packer.left_out.front().format,
                                 packer.left_out.front().why));
  for (const std::string& path : command.packed_files) packer.add(PackedFile::open(path));
  return packer;
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
  for (std::size_t i = 1; i + 1 < record.tables.size(); ++i) {  // without the sequences
    if (!one && !record.tables[i].title.starts_with("Sensitivity")) continue;
    text.line("");
    text.table(record.tables[i]);
  }
  if (result["formats"].size() > 1) {
    text.line("\nTables of the layers: --json, --record FILE, or one format alone.");
    text.line("Losses of the sequences: --json, --record FILE.");
  }
  std::cout << text.text();
}

EvaluateSettings settings_of(const EvaluationText& text, const EvaluateCommand& command, const EvaluateOptions& run) {
  EvaluateSettings settings;
  settings.text = text.path;
  settings.tokenizer = text.tokenizer;
  settings.cut = command.text.streaming ? "streaming" : "stories";
  for (const TokenSequence& sequence : text.sequences) settings.sequence_tokens.push_back(sequence.size() - 1);
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
  const EvaluationText text = read_evaluation_text(forward, command->model, command->text);
  if (command->record_tokens_given) check_predictions("record-tokens", command->record_tokens, text);
  const Packer packed = pack_all(forward, *command);
  std::vector<Variant> variants;
  for (const PackedModel& model : packed.models) variants.push_back(model.variant);
  ActivationRecorder recorder(command->record_tokens);
  if (command->record_activations)
    run.observe = [&](const LinearLayer& layer, std::span<const float> x) { recorder.observe(layer, x); };
  const EvaluateResult result = evaluate(forward, text.sequences, variants, run);
  if (command->record_activations)
    recorder.write(*command->record_activations, model.path(), recorded_ids(text.sequences, command->record_tokens));

  EvaluateSettings settings = settings_of(text, *command, run);
  settings.left_out = packed.left_out;
  settings.shares = loss_shares(text.sequences, text.bytes, result.token_nll);
  const Json object = evaluate_json(forward, settings, packed.models, result);
  const reports::Record record = evaluate_record(object);
  write_record(command->record, record);
  print_result(object, record, *command);
  return kDone;
}

}  // namespace subbyte::sim
