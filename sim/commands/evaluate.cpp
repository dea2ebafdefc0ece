// `subbyte evaluate`: the loss of a language model whose linear layers run on packed weights.
#include "sim/llm/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "quant/rules/quantize.hpp"
#include "reports/record.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/commands/command.hpp"
#include "sim/commands/record_option.hpp"
#include "sim/config/policy.hpp"
#include "sim/llm/evaluate_layers.hpp"
#include "sim/llm/evaluate_record.hpp"
#include "sim/llm/evaluation_text.hpp"
#include "sim/llm/record_activations.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/packed/packed_file.hpp"

namespace subbyte::sim {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr const char* kNotes =
    "Embeddings and norms stay FP32; every other operation is in double, rounded to FP32 once. KL is that "
    "of\n"
    "the unquantized model's distribution to the quantized one's. All per predicted token, in nats.\n"
    "Example: subbyte evaluate --format int4:g128,bitmod-fp4:g128\n"
    "JSON: "
    "{\"model\",\"text\",\"tokenizer\",\"cut\",\"sequences\",\"tokens\",\"activation_format\","
    "\"arithmetic\",\n"
    "       "
    "\"design_hash\",\"unquantized\":{\"nll\",\"perplexity\"},\"formats\":[{\"format\",\"nll\",\"nll_"
    "difference\",\n"
    "       "
    "\"perplexity\",\"kl\",\"sqnr_db\",\"mse\",\"max_error\",\"weights\",\"unquantized_layers\",\"bits_per_"
    "weight\",\n"
    "       "
    "\"nominal_bits_per_weight\",\"bytes\",\"layers\":[{\"name\",\"format\",\"rows\",\"cols\",\"sqnr_db\","
    "\"mse\",\n"
    "       "
    "\"max_error\",\"bits_per_weight\",\"nominal_bits_per_weight\",\"bytes\",\"special_values\":[{"
    "\"selector\",\n"
    "       "
    "\"value\",\"groups\",\"weights\"}],\"alone\":{\"nll\",\"nll_difference\",\"perplexity\",\"kl\"}}]}]}; "
    "\"alone\"\n"
    "       with --sensitivity; \"groups\" and \"weights\" of a special value are shares\n";

void add_run_options(po::options_description& options) {
  options.add_options()  //
      ("activation-format", po::value<std::string>()->default_value("none"),
       "inputs of quantized layers: none (FP32), fp16, int8 (per token), mxfp8, or a format of "
       "`subbyte formats`")  //
      ("design", po::value<std::string>(),
       "run quantized layers in the arithmetic of this design's tile (FP16 inputs, rounded to INT8 per token "
       "where it takes those); default: exact dot product, one FP32 rounding")  //
      ("sensitivity", po::bool_switch(),
       "also every layer quantized alone: one pass per layer and format")  //
      ("record-activations", po::value<std::string>(),
       "write the FP16 inputs of every linear layer of the unquantized model (safetensors)")  //
      ("record-tokens", po::value<std::uint64_t>()->default_value(64), "tokens to record")    //
      ("threads", po::value<std::uint64_t>(), "default: all cores; the results do not depend on it");
}

CommandLine evaluate_line() {
  CommandLine line;
  line.usage = "evaluate [--model M] [--format F[,F...]] [--weights P] [--text T] [--json]";
  line.options.add_options()  //
      ("model", po::value<std::string>()->default_value(std::string(kEmbedded)),
       "Llama model: safetensors with config.json (or its directory), llama2.c .bin, GGUF, or 'embedded'")  //
      ("format", po::value<std::string>(),
       "number formats (see `subbyte formats`; .yaml: your own) or policies (.yaml), by comma")            //
      ("weights", po::value<std::vector<std::string>>()->composing(), "also a packed file of this model")  //
      ("text", po::value<std::string>(),
       "UTF-8 text, or token ids as .npy [rows][n]; default: validation.npy beside the model")  //
      ("tokenizer", po::value<std::string>(), "default: the one beside the model")              //
      ("stories", po::bool_switch(),
       "every story alone, cut off at the context (default); a single newline ends a story")             //
      ("streaming", po::bool_switch(), "the whole text in consecutive windows of the context's length")  //
      ("tokens", po::value<std::uint64_t>(), "predict only the first so many tokens");
  add_run_options(line.options);
  add_record_option(line.options);
  line.notes = kNotes;
  return line;
}

/// Parts between commas, but not those inside a definition in one line of JSON.
std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : list) {
    depth += (c == '{' || c == '[') ? 1 : (c == '}' || c == ']') ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

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

std::vector<PackedModel> pack_all(const LlamaForward& forward, const po::variables_map& options, Progress& progress) {
  std::vector<PackedModel> models;
  std::vector<std::string> names;
  for (const LinearLayer& layer : forward.linear_layers()) names.push_back(layer.name);
  const auto add = [&](const std::string& name, const PackLayer& pack) {
    models.push_back(pack_model(forward, name, pack, [&](const LinearLayer& layer) {
      progress.show(fmt::format("{}: {} {} x {}", name, layer.name, layer.rows, layer.cols));
    }));
    if (models.back().layers.empty()) throw InputError(name, "", fmt::format("no layer of {}", forward.model().path()));
  };
  if (options.count("format") != 0) {
    for (const std::string& argument : split(options["format"].as<std::string>())) {
      const Policy policy = parse_policy(argument);
      policy.check(names);
      add(policy.text(), [&](const Tensor& weights) -> std::optional<quant::PackedTensor> {
        const auto format = policy.format_of(weights.name);
        if (!format) return std::nullopt;
        return quant::quantize({weights.values, weights.shape[0], weights.shape[1]}, *format);
      });
    }
  }
  if (options.count("weights") != 0) {
    for (const std::string& path : options["weights"].as<std::vector<std::string>>()) {
      const PackedFile file = PackedFile::open(path);
      add(path, [&](const Tensor& weights) -> std::optional<quant::PackedTensor> {
        // A layer that is not there, or that a policy left as it was, runs unquantized.
        const auto layer = std::ranges::find(file.layers(), weights.name, &PackedFile::Layer::name);
        if (layer == file.layers().end() || layer->raw) return std::nullopt;
        return file.load(weights.name);
      });
    }
  }
  return models;
}

struct Text {
  std::string path;
  std::string tokenizer;
  std::vector<TokenSequence> sequences;
};

/// Cuts the sequences so that they predict `tokens` tokens.
void keep_predictions(std::vector<TokenSequence>& sequences, std::size_t tokens) {
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i].size() - 1 < tokens) {
      tokens -= sequences[i].size() - 1;
      continue;
    }
    sequences[i].resize(tokens + 1);
    sequences.resize(i + 1);
  }
}

Text read_text(const LlamaForward& forward, const po::variables_map& options) {
  const std::string model = options["model"].as<std::string>();
  Text text;
  text.path = options.count("text") != 0 ? options["text"].as<std::string>() : text_beside(model);
  if (text.path.empty()) throw InputError(model, "", "no text beside this model, expected --text FILE");
  std::optional<Tokenizer> tokenizer;
  if (!text.path.ends_with(".npy")) {
    text.tokenizer = options.count("tokenizer") != 0 ? options["tokenizer"].as<std::string>()
                                                     : Tokenizer::beside(model).value_or("");
    if (text.tokenizer.empty())
      throw InputError(model, "", "no tokenizer beside this model, expected --tokenizer FILE");
    tokenizer = Tokenizer::open(text.tokenizer);
  }
  SequenceOptions cut;
  if (options["streaming"].as<bool>()) cut.cut = TextCut::kStream;
  cut.context = forward.config().context;
  cut.vocabulary = forward.config().vocab;
  if (options.count("tokens") != 0) cut.max_tokens = options["tokens"].as<std::uint64_t>();
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

unsigned threads_of(const po::variables_map& options) {
  if (options.count("threads") == 0) return std::max(1U, std::thread::hardware_concurrency());
  const auto threads = options["threads"].as<std::uint64_t>();
  if (threads == 0 || threads > 1024)
    throw InputError("", "--threads", fmt::format("is {}, expected 1..1024", threads));
  return static_cast<unsigned>(threads);
}

void check_options(const po::variables_map& options) {
  if (options["stories"].as<bool>() && options["streaming"].as<bool>())
    throw InputError("", "--streaming", "given with --stories, expected one of them");
  for (const char* count : {"tokens", "record-tokens"}) {
    if (options.count(count) != 0 && options[count].as<std::uint64_t>() == 0)
      throw InputError("", std::string("--") + count, "is 0, expected at least 1");
  }
  const auto activations = options["activation-format"].as<std::string>();
  if (options.count("design") != 0 && activations != "none" && activations != "fp16")
    throw InputError(
        "", "--activation-format",
        fmt::format("is {}, but a design's inputs are FP16: expected none or fp16 with --design", activations));
}

void print_result(const Json& result, const reports::Record& record, bool json) {
  if (json) return print_json(result);
  std::cout << reports::terminal(record.tables[0]);
  const bool one = result["formats"].size() == 1;
  for (std::size_t i = 1; i < record.tables.size(); ++i)
    if (one || record.tables[i].title.starts_with("Sensitivity"))
      std::cout << "\n" << reports::terminal(record.tables[i]);
  if (result["formats"].size() > 1)
    std::cout << "\nTables of the layers: --json, --record FILE, or one format alone.\n";
}

EvaluateSettings settings_of(const Text& text, const po::variables_map& options, const EvaluateOptions& run) {
  EvaluateSettings settings;
  settings.text = text.path;
  settings.tokenizer = text.tokenizer;
  settings.cut = options["streaming"].as<bool>() ? "streaming" : "stories";
  settings.sequences = text.sequences.size();
  const Design* design = run.arithmetic.design;
  settings.activation_format = design == nullptr ? run.arithmetic.activations.name : activation_format(*design);
  settings.arithmetic = design == nullptr ? "exact dot product" : "design " + design->name;
  if (design != nullptr) settings.design_hash = design->hash;
  return settings;
}

}  // namespace

int run_evaluate(Arguments args) {
  const auto parsed = parse_options(args, evaluate_line());
  if (!parsed) return kDone;
  const po::variables_map& options = *parsed;
  check_options(options);
  EvaluateOptions run;
  run.arithmetic.threads = threads_of(options);
  run.arithmetic.activations = ActivationFormat::parse(options["activation-format"].as<std::string>());
  std::optional<Design> design;
  if (options.count("design") != 0)
    run.arithmetic.design = &design.emplace(read_design(options["design"].as<std::string>()));
  run.sensitivity = options["sensitivity"].as<bool>();

  const Checkpoint model = open_checkpoint(options["model"].as<std::string>());
  const LlamaForward forward(model, run.arithmetic.threads);
  const Text text = read_text(forward, options);
  Progress progress;
  const std::vector<PackedModel> models = pack_all(forward, options, progress);
  std::vector<Variant> variants;
  for (const PackedModel& packed : models) variants.push_back(packed.variant);
  run.progress = [&](std::size_t done, std::size_t total) {
    progress.show(
        fmt::format("{} of {} tokens, {:.0f} tokens/s", done, total, static_cast<double>(done) / progress.seconds()));
  };
  const std::size_t recorded = options["record-tokens"].as<std::uint64_t>();
  ActivationRecorder recorder(recorded);
  const bool record_activations = options.count("record-activations") != 0;
  if (record_activations)
    run.observe = [&](const LinearLayer& layer, std::span<const float> x) { recorder.observe(layer, x); };
  const EvaluateResult result = evaluate(forward, text.sequences, variants, run);
  if (record_activations)
    recorder.write(options["record-activations"].as<std::string>(), model.path(),
                   recorded_ids(text.sequences, recorded));

  const Json object = evaluate_json(forward, settings_of(text, options, run), models, result);
  const reports::Record record = evaluate_record(object);
  write_record(options, record);
  print_result(object, record, options["json"].as<bool>());
  return kDone;
}

}  // namespace subbyte::sim
