#include "sim/sweep/plan_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "quant/base/suggestion.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/config/config_paths.hpp"
#include "sim/config/format_file.hpp"
#include "sim/cost/core_energy.hpp"
#include "sim/sweep/plan_parts.hpp"

namespace subbyte::sim {
namespace {

WorkloadQuery read_layer(ConfigNode& node, SweepPlan& plan) {
  WorkloadQuery workload;
  workload.model = node.text_or({"model",
                                 "Whose layer runs: embedded, the model that comes with Subbyte, or the path of "
                                 "a model relative to this file."},
                                kEmbedded);
  if (workload.model != kEmbedded)
    workload.model = path_beside(node, "model", workload.model, workload.model).value_or(workload.model);
  workload.layer = node.text({"layer", "The linear layer that runs, as the model names it; required without a shape."});
  workload.tokens = static_cast<std::size_t>(
      node.integer({"tokens", "How many tokens run through the layer; required without a shape."}, 1, 1 << 20));
  plan.seed_given = node.has("seed");
  workload.seed = static_cast<std::uint64_t>(node.integer_or(
      {"seed", "The seed of Gaussian activations, where the model has no recorded ones."}, 1, 0, INT32_MAX));
  return workload;
}

/// A format that the model's cache cannot have is a problem of its own key, and is left out.
void check_cache(ConfigNode& node, SweepShapes& shapes) {
  if (!shapes.phases.kv_format) return;
  try {
    check_kv_format(*shapes.phases.kv_format, shapes.model.shape);
  } catch (const std::invalid_argument& error) {
    node.problem("kv_format", fmt::format("is refused: {}", error.what()));
    shapes.phases.kv_format.reset();
  }
}

void read_shape(ConfigNode& node, const std::string& word, SweepShapes& shapes) {
  const std::vector<std::string> names = model_shape_names();
  const bool named = std::ranges::find(names, word) != names.end();
  if (!named && !is_path(word, FileKind::kYaml) && !word.ends_with(".json"))
    return node.problem("shape", fmt::format("is {}, {}", word, quant::expectation(word, names, "a path")));
  const auto path = named ? std::optional(word) : path_beside(node, "shape", word, word);
  if (!path) return;
  try {
    shapes.model = read_model_shape(*path);
    check_cache(node, shapes);
    model_work(shapes.model.shape, Policy(quant::parse_format("int8")), shapes.phases);
  } catch (const std::exception& error) {
    pass_on(node, "shape", word, *path, error);
  }
}

std::optional<SweepShapes> read_shapes(ConfigNode& node) {
  SweepShapes shapes;
  const std::string word = node.text({"shape",
                                      "In place of a layer, the linear layers of this model run on designs with a "
                                      "core, from its shape alone: a name in configs/workloads, or the path of a "
                                      "shape or of a config.json relative to this file."});
  constexpr std::int64_t kMost = 1 << 20;
  const auto count = [&](Key key, std::int64_t fallback, std::int64_t least) {
    return static_cast<std::size_t>(node.integer_or(key, fallback, least, kMost));
  };
  shapes.phases.prefill = count({"prefill", "The tokens of a prompt, which are one pass; 0: no prefill."}, 256, 0);
  shapes.phases.decode = count({"decode", "The steps of one token each behind it; 0: no decode."}, 256, 0);
  shapes.phases.batch = count({"batch", "The sequences that run together."}, 1, 1);
  if (shapes.phases.prefill + shapes.phases.decode == 0)
    node.problem("decode", "is 0 beside a prefill of 0, expected at least one of them");
  if (node.has("kv_format")) {
    const std::string format =
        node.text({"kv_format",
                   "The format of keys and values, with which attention's products run too; left out, they do not."});
    try {
      if (!format.empty()) shapes.phases.kv_format = read_format(format);
    } catch (const std::invalid_argument& error) {
      node.problem("kv_format", fmt::format("is {}: {}", format, error.what()));
    }
  }
  shapes.phases.context = count({"context", "The tokens of each sequence in the cache before all this."}, 0, 0);
  if (node.has("context") && !node.has("kv_format"))
    node.problem("context", "has no effect, expected kv_format beside it");
  if (word.empty()) return std::nullopt;
  read_shape(node, word, shapes);
  return shapes;
}

void read_workload(ConfigNode node, SweepPlan& plan) {
  const bool shape = node.has("shape");
  std::vector<std::string_view> beside;
  for (const std::string_view key : {"model", "layer", "tokens", "seed"})
    if (node.has(key)) beside.push_back(key);
  if (shape) plan.shapes = read_shapes(node);
  if (!shape || (node.has("layer") && node.has("tokens"))) plan.workload = read_layer(node, plan);
  if (!shape) return;
  for (const std::string_view key : beside)
    node.problem(key, "stands beside a shape, where no layer of a model runs: expected one of them");
  if (!beside.empty()) node.claim_all();
}

// Formats of one name that mean different things are told apart by the words of the sweep file.
void add_format(ConfigNode& root, const std::string& word, SweepPlan& plan) {
  const auto file = format_file_of(word);
  const auto path = file ? path_beside(root, "formats", word, *file) : std::optional(word);
  if (!path) return;
  std::optional<quant::Format> read;
  try {
    read = read_format(*path);
  } catch (const std::invalid_argument& error) {
    return pass_on(root, "formats", word, *path, error);
  }
  const quant::Format& format = *read;
  std::string label = format.id();
  for (std::size_t i = 0; i < plan.formats.size(); ++i) {
    const quant::Format& other = plan.formats[i];
    if (other.id() != format.id()) continue;
    if (describe(other) == describe(format))
      return root.problem("formats", fmt::format("has '{}' twice, expected each format once", format.id()));
    label = word;
  }
  plan.formats.push_back(format);
  plan.format_labels.push_back(label);
}

void read_formats(ConfigNode& root, SweepPlan& plan) {
  for (const std::string& word : root.texts({"formats",
                                             "The number formats to compare: ids of `subbyte formats`, or "
                                             "FILE.yaml[:gN] relative to this file."}))
    add_format(root, word, plan);
}

// The name begins the names of the result files, which must not leave the folder that --out names.
std::string read_name(ConfigNode& root, const std::string& fallback) {
  const std::string name =
      root.text_or({"name", "What results are called; left out, it is the name of the file."}, fallback);
  const bool bad = name.empty() || name.starts_with('.') || name.starts_with('-') ||
                   std::ranges::any_of(name, [](unsigned char c) { return c == '/' || c < ' '; });
  if (bad) root.problem("name", fmt::format("is '{}', expected a name that files can begin with, without '/'", name));
  return name;
}

void read_plan(const Config& config, const std::string& stem, SweepPlan& plan) {
  ConfigNode root = config.root();
  plan.name = read_name(root, stem);
  read_workload(root.child({"workload", "What runs on every point: one layer of a model, or a model's shape."}), plan);
  read_formats(root, plan);
  VariedDesign varied = read_designs(root, plan);
  read_engines(root, plan);
  read_objectives(root, plan);
  read_tolerance(root, plan);
  read_energy(root, plan);
  check_variants(root, varied, plan);
  config.finish();
}

}  // namespace

SweepPlan read_sweep(const std::filesystem::path& path, const std::vector<Setting>& settings) {
  SweepPlan plan;
  plan.settings = settings;
  const Config config = plan.file.emplace(Config::read(path));
  read_plan(config, path.stem().string(), plan);
  check_settings(plan);
  for (const Design& design : plan.designs)
    if (plan.energy) plan.shapes ? check_core_memories(design) : check_memories(design);
  plan.resolved = config.resolved();
  if (plan.shapes) plan.resolved["model_shape"] = plan.shapes->resolved();
  if (!plan.shapes) plan.settings = plan.designs.front().settings;  // else those of a variant are among them
  for (const Setting& setting : plan.settings) plan.resolved["set"][setting.key] = setting.value;
  // Designs and a user's formats are what they say, not the paths of the files that held them.
  for (std::size_t i = 0; i < plan.designs.size(); ++i)
    plan.resolved["resolved_designs"][plan.variants[i]] = plan.designs[i].resolved;
  for (const quant::Format& format : plan.formats) {
    if (!format.definition.empty()) plan.resolved["definitions"].push_back(format.definition);
  }
  plan.hash = config_hash(plan.resolved);
  return plan;
}

std::vector<KeyEntry> sweep_keys() {
  return described_keys([](const Config& config) {
    SweepPlan plan;
    read_plan(config, "the file's name", plan);
  });
}

}  // namespace subbyte::sim
