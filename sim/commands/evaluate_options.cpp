#include "sim/commands/evaluate_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/input_error.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/commands/common_options.hpp"
#include "sim/config/design_file.hpp"
#include "sim/cost/design_effect.hpp"
#include "sim/llm/survey.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kNotes = R"(
Embeddings and norms stay FP32. Every other operation is done in double and rounded to FP32 once. KL
is the divergence from the distribution of the unquantized model to that of the quantized one. All
figures are per predicted token, in nats.

Example: subbyte evaluate --format int4:g128,bitmod-fp4:g128

JSON:
  {"model","text","tokenizer","cut","sequences","tokens","activation_format","arithmetic",
   "design_hash","sequence_tokens":[N],
   "loss_shares":[{"of","tokens","token_share","loss_share","note"}],
   "unquantized":{"nll","perplexity","sequence_nll":[NATS]},"left_out":[{"format","why"}],
   "formats":[{"format","definition","layers_definition","sequence_nll":[NATS],
               "nll","nll_difference","nll_difference_half_width","perplexity","kl",
               "sqnr_db","mse","max_error",
               "weights","unquantized_layers","bits_per_weight","nominal_bits_per_weight","bytes",
               "clips":[TEXT] (where a format of one's own has lopsided levels),
               "split":{"quantized","unquantized":{"layers","weights","bits_per_weight","bytes"}},
               "layers":[{"name","format","rows","cols","sqnr_db","mse","max_error",
                          "bits_per_weight","nominal_bits_per_weight","bytes",
                          "special_values":[{"selector","value","groups","weights"}],
                          "quantized","worst_group_sqnr_db","share_of_error",
                          "alone":{"nll","nll_difference","perplexity","kl"}}]}]}
The nats of a sequence are the sum over its predicted tokens, so that a bootstrap over sequences
needs no second run; they take about 20 bytes per sequence and format. The shares are of fragments
(sequences of fewer than 8 predicted tokens) and, of a text, of byte tokens (<0xNN>); they are noted
when they carry at least 2 % of the unquantized loss and twice their part of the tokens.
"alone" is there with --sensitivity; "groups" and "weights" of a special value are shares.
)";

/// What is written, before names become what they stand for.
struct Written {
  std::optional<std::string> design;
  DesignChanges changes;
};

/// Reads the design, of which the numbers are all that is asked.
Design arithmetic_of(const Written& written) {
  Design design = read_design(*written.design, settings_of(written.changes));
  refuse_without_effect(design, *written.design, {{{Computed::kValues, ""}}, {}, "a key that numbers follow from"});
  return design;
}

std::vector<Policy> policies_of(const std::string& text) {
  if (text != "all") return policies_named(text);
  std::vector<Policy> policies;
  for (const std::string& format : survey_formats()) policies.push_back(parse_policy(format));
  return policies;
}

void add_weights_and_text(Options& options, EvaluateCommand& command, std::optional<std::uint64_t>& tokens) {
  options.value("model M", command.model,
                "Evaluate this Llama model: safetensors with config.json (or their directory), llama2.c (.bin), GGUF, "
                "or 'embedded', the model that comes with Subbyte.");
  const auto read = [&command](const std::string& text) {
    command.all_formats = text == "all";
    return policies_of(text);
  };
  options.named(
      "format F,...", command.policies, "", read,
      "Quantize to these number formats (`subbyte formats` lists them; a .yaml file can define your own) or "
      "by these policies (.yaml), separated by commas. Each is evaluated in turn. With 'all' these are the formats of "
      "`subbyte survey`; one that does not go with the model or the design is left out, which is said.");
  options.repeated("weights P", command.packed_files,
                   "Also evaluate this packed file of the model. It may be given several times.");
  add_text(options, command.text);
  options.flag("stories", command.text.stories,
               "Take every story alone, cut off at the length of the context; a single newline ends a story. This is "
               "the default.");
  options.flag("streaming", command.text.streaming,
               "Take the whole text in consecutive windows of the length of the context.");
  options.value("tokens N", tokens, "Predict only the first N tokens.", {1});
}

void add_arithmetic(Options& options, Written& written, EvaluateCommand& command) {
  options.named("activation-format F", command.activations, "none", ActivationFormat::parse,
                "Round the inputs of quantized layers: none (they stay FP32), fp16, int8 (per token), mxfp8, or a "
                "format of `subbyte formats`.");
  options.value(
      "design D", written.design,
      "Run quantized layers in the arithmetic of this design's tile, whose inputs are FP16, rounded to INT8 per token "
      "where the tile takes that. By default a dot product is exact and rounded to FP32 once.");
  add_set(options, written.changes, "the design");
  options.flag("sensitivity", command.sensitivity,
               "Also quantize every layer alone, which takes one more pass per layer and format.");
  options
      .value("record-activations FILE", command.record_activations,
             "Write the inputs of every linear layer of the unquantized model as FP16 (safetensors).")
      .output();
  options.value("record-tokens N", command.record_tokens, "Record the inputs of this many tokens.", {1});
}

void check(const Options& options, const EvaluateCommand& command) {
  options.excludes({"streaming"}, "stories");
  options.needs({"record-tokens"}, {"record-activations"});
  options.needs({"set"}, {"design"});
  options.needs({"sensitivity", "activation-format", "design"}, {"format", "weights"});
  const std::string& activations = command.activations.name;
  if (command.design && activations != "none" && activations != "fp16")
    throw InputError(
        "", "--activation-format",
        fmt::format("is {}, but a design's inputs are FP16: expected none or fp16 with --design", activations));
}

}  // namespace

std::optional<EvaluateCommand> read_evaluate(Arguments args) {
  EvaluateCommand command;
  Written written;
  std::optional<unsigned> threads;
  std::optional<std::uint64_t> tokens;
  Options options("evaluate [--model M] [--format F[,F...]] [--weights P] [--text T] [--json]", command.json);
  add_weights_and_text(options, command, tokens);
  add_arithmetic(options, written, command);
  options.value("threads N", threads,
                "Use this many threads. By default it is one per core; the results do not depend on it.", {1, 1024});
  add_record(options, command.record);
  add_verbose(options, command.verbose);
  options.notes(kNotes);
  if (!options.parse(args)) return std::nullopt;
  if (written.design) {
    if (const auto why = why_no_design(*written.design, DesignKind::kWithoutCore))
      throw InputError("", "--design", *why);
    command.design = arithmetic_of(written);
  }
  if (command.design && command.design->core)
    throw InputError("", "--design",
                     fmt::format("'{}' has a core, which evaluate does not know yet; expected a design without `core`, "
                                 "or `subbyte simulate` of one layer",
                                 command.design->name));
  check(options, command);
  command.text.tokens = tokens.value_or(0);
  command.record_tokens_given = options.given("record-tokens");
  command.threads = threads.value_or(all_cores());
  return command;
}

}  // namespace subbyte::sim
