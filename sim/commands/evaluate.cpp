// `subbyte evaluate`: the loss of a language model whose linear layers run on packed weights.
#include "sim/llm/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "quant/rules/quantize.hpp"
#include "reports/record.hpp"
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

/// Shows the latest state at most once a second, so that short work says nothing.
class Progress {
 public:
  void show(const std::string& text) {
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_ < std::chrono::seconds(1)) return;
    shown_ = now;
    std::cerr << text << "\n";
  }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_ = start_;
};

/// Packs the model's weights in one way after the other.
class Packer {
 public:
  Packer(const LlamaForward& forward, Progress& progress) : forward_(forward), progress_(progress) {
    for (const LinearLayer& layer : forward.linear_layers()) names_.push_back(layer.name);
  }

  void add(const Policy& policy) {
    policy.check(names_);
    add(policy.text(), [&](const Tensor& weights) -> std::optional<quant::PackedTensor> {
      const auto format = policy.format_of(weights.name);
      if (!format) return std::nullopt;
      return quant::quantize({weights.values, weights.shape[0], weights.shape[1]}, *format);
    });
  }
  /// Where the model or the design cannot be evaluated so, that goes to left_out.
  void add_if_possible(const Policy& policy, const Design* design) {
    const std::size_t count = models.size();
    try {
      add(policy);
      check_variant(forward_, models.back().variant, design);
    } catch (const InputError& error) {
      models.resize(count);
      left_out.push_back({policy.text(), (error.place().empty() ? "" : error.place() + ": ") + error.text()});
    }
  }
  void add(const PackedFile& file) {
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
    models.push_back(pack_model(forward_, name, pack, [&](const LinearLayer& layer) {
      progress_.show(fmt::format("{}: {} {} x {}", name, layer.name, layer.rows, layer.cols));
    }));
    if (models.back().variant.weights.empty())
      throw InputError(name, "", fmt::format("no layer of {}", forward_.model().path()));
  }

  const LlamaForward& forward_;
  Progress& progress_;
  std::vector<std::string> names_;
};

Packer pack_all(const LlamaForward& forward, const EvaluateCommand& command, Progress& progress) {
  Packer packer(forward, progress);
  for (const Policy& policy : command.policies) {
    if (command.all_formats)
      packer.add_if_possible(policy, command.design ? &*command.design : nullptr);
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

void print_result(const Json& result, const reports::Record& record, bool json) {
  if (json) return print_json(result);
  std::cout << reports::terminal(record.tables[0]);
  const bool one = result["formats"].size() == 1;
  for (std::size_t i = 1; i + 1 < record.tables.size(); ++i)  // without the sequences
    if (one || record.tables[i].title.starts_with("Sensitivity"))
      std::cout << "\n" << reports::terminal(record.tables[i]);
  if (result["formats"].size() > 1)
    std::cout << "\nTables of the layers and of the sequences: --json, --record FILE, or one format alone.\n";
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
  Progress progress;
  const Packer packed = pack_all(forward, *command, progress);
  std::vector<Variant> variants;
  for (const PackedModel& model : packed.models) variants.push_back(model.variant);
  run.progress = [&](std::size_t done, std::size_t total) {
    progress.show(
        fmt::format("{} of {} tokens, {:.0f} tokens/s", done, total, static_cast<double>(done) / progress.seconds()));
  };
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
  print_result(object, record, command->json);
  return kDone;
}

}  // namespace subbyte::sim
