#include "sim/sweep/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/config/config_paths.hpp"
#include "sim/config/design_file.hpp"
#include "sim/config/format_file.hpp"
#include "sim/cost/layer_energy.hpp"

namespace subbyte::sim {
namespace {

WorkloadQuery read_workload(ConfigNode node, SweepPlan& plan) {
  WorkloadQuery workload;
  workload.model = node.text_or({"model",
                                 "Whose layer runs: embedded, the model that comes with Subbyte, or the path of "
                                 "a model relative to this file."},
                                kEmbedded);
  if (workload.model != kEmbedded)
    workload.model = path_beside(node, "model", workload.model, workload.model).value_or(workload.model);
  workload.layer = node.text({"layer", "The linear layer that runs, as the model names it."});
  workload.tokens = static_cast<std::size_t>(node.integer({"tokens", "How many tokens run."}, 1, 1 << 20));
  plan.seed_given = node.has("seed");
  workload.seed = static_cast<std::uint64_t>(node.integer_or(
      {"seed", "The seed of Gaussian activations, where the model has no recorded ones."}, 1, 0, INT32_MAX));
  return workload;
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

// What is wrong in a design is told with the problems of the sweep file.
std::optional<Design> read_one(ConfigNode& root, std::string_view key, const std::string& name,
                               const std::vector<Setting>& settings) {
  const auto path = is_path(name, FileKind::kYaml) ? path_beside(root, key, name, name) : std::optional(name);
  const auto why = why_no_design(name);
  if (why) root.problem(key, fmt::format("is {}: {}", name, *why));
  if (!path || why) return std::nullopt;
  try {
    const Design design = read_design(*path, settings);
    if (design.core) root.problem(key, fmt::format("is {}, a design with a core: expected one without", name));
    return design;
  } catch (const std::exception& error) {
    pass_on(root, key, name, *path, error);
  }
  return std::nullopt;
}

/// The parameters that one variant states, with its label.
std::pair<kernels::Parameters, std::string> read_changes(ConfigNode& variant, const Design& base) {
  std::pair<kernels::Parameters, std::string> read;
  auto& [changes, label] = read;
  std::vector<std::string> names;
  for (const auto& spec : base.unit->parameters) names.push_back(spec.name);
  variant.suggest(names);
  for (const std::string& key : variant.keys()) {
    const auto spec = std::ranges::find(base.unit->parameters, key, &kernels::ParameterSpec::name);
    if (spec == base.unit->parameters.end()) continue;  // it stays unclaimed, so finish() reports it
    changes[key] = variant.integer({key, spec->summary}, spec->min, spec->max);
    label += fmt::format("{}{}={}", label.empty() ? "" : " ", key, changes[key]);
  }
  return read;
}

void add_variants(ConfigNode& root, std::vector<ConfigNode>& variants, const Design& base, SweepPlan& plan) {
  std::map<std::string, std::size_t> varied;
  for (ConfigNode& variant : variants) {
    const auto [changes, label] = read_changes(variant, base);
    for (const auto& [name, value] : changes) ++varied[name];
    try {
      plan.designs.push_back(with_parameters(base, changes));
      if (std::ranges::count(plan.designs, plan.designs.back().resolved, &Design::resolved) > 1)
        variant.problem("", fmt::format("the variant '{}' is there twice, expected each once", label));
      plan.variants.push_back(label);
    } catch (const std::invalid_argument& error) {
      variant.problem("", error.what());
    }
  }
  for (const Setting& setting : plan.settings) {
    const std::string name = setting.key.substr(setting.key.rfind('.') + 1);
    if (varied.contains(name) && varied[name] == variants.size())
      throw InputError("", setting.place, fmt::format("has no effect: every variant of the sweep states {}", name));
  }
  if (plan.designs.empty()) root.problem("vary", "has no variant, expected at least one mapping of parameters");
}

/// Adds designs as they stand, which the value of `key` names.
void add_designs(ConfigNode& root, std::string_view key, const std::vector<std::string>& names, SweepPlan& plan) {
  std::vector<std::string> words;  // of each design of the plan
  for (const std::string& name : names) {
    const auto design = read_one(root, key, name, plan.settings);
    if (!design) continue;
    for (std::size_t i = 0; i < plan.designs.size(); ++i)
      if (plan.variants[i] == design->name)
        root.problem(key, plan.designs[i].resolved == design->resolved
                              ? fmt::format("has '{}' twice, expected each design once", design->name)
                              : fmt::format("has two different designs that are both called '{}', {} and {}: "
                                            "expected a `name:` in one of them that tells them apart",
                                            design->name, words[i], name));
    words.push_back(name);
    plan.designs.push_back(*design);
    plan.variants.push_back(design->name);
  }
}

// Reads `designs`, each as it stands, or one `design` with the parameters to `vary`.
void read_designs(ConfigNode& root, SweepPlan& plan) {
  const Key designs{"designs",
                    "Designs to compare as they stand, in place of design and vary: names in "
                    "configs/designs, or paths relative to this file."};
  const Key design{"design",
                   "The one design whose parameters vary, or that runs as it stands: a name in configs/designs, or a "
                   "path relative to this file."};
  const bool many = root.has("designs"), one = root.has("design"), vary = root.has("vary");
  if (many && (one || vary))
    root.problem("designs", "stands beside 'design' or 'vary', expected either designs, or design and vary");
  if (many) add_designs(root, designs.name, root.texts(designs), plan);
  const std::string name = one || !many ? root.text(design) : "";
  if (many && !vary) return;
  if (one && !many && !vary) return add_designs(root, design.name, {name}, plan);
  std::vector<ConfigNode> variants = root.children({"vary", "The variants of the design, each with what differs."});
  const Key parameter{"PARAMETER",
                      "A parameter of the design's unit (`subbyte keys design` lists them); those that a variant "
                      "leaves out are the design's."};
  for (ConfigNode& variant : variants) variant.named_elsewhere(parameter, "an integer in the parameter's range");
  const auto base = name.empty() || many ? std::nullopt : read_one(root, "design", name, plan.settings);
  if (base) return add_variants(root, variants, *base, plan);
  for (ConfigNode& variant : variants) variant.claim_all();
}

void read_objectives(ConfigNode& root, SweepPlan& plan) {
  plan.objectives = {{"sqnr_db"}, {"bits_per_weight", "area_time"}};
  if (!root.has("objectives")) return;
  ConfigNode node = root.child({"objectives",
                                "The metrics that points are judged by; left out, sqnr_db is maximized, "
                                "and bits_per_weight and area_time are minimized."});
  const auto names_of = [&](Key key) {
    return node.has(key.name) ? node.choices(key, sweep_metrics()) : std::vector<std::string>{};
  };
  plan.objectives = {names_of({"maximize", "Metrics of which more is better."}),
                     names_of({"minimize", "Metrics of which less is better."})};
  std::set<std::string> seen;
  for (const auto* names : {&plan.objectives.maximize, &plan.objectives.minimize})
    for (const std::string& name : *names)
      if (!seen.insert(name).second) node.problem("", fmt::format("names '{}' twice, expected each metric once", name));
}

/// By how much two points must differ: 0.05 dB, and a hundredth of an area or an energy. Bits and cycles are counted.
double default_tolerance(std::string_view metric) {
  if (is_decibel(metric)) return 0.05;
  return metric == "bits_per_weight" || metric == "cycles_per_token" ? 0 : 0.01;
}

void read_tolerance(ConfigNode& root, SweepPlan& plan) {
  for (const std::string& name : sweep_metrics()) plan.tolerance[name] = default_tolerance(name);
  if (!root.has("tolerance")) return;
  ConfigNode node = root.child({"tolerance", "By how much points must differ in a metric to count as different."});
  for (auto& [name, tolerance] : plan.tolerance)
    tolerance = node.real_or({name, is_decibel(name) ? "The difference in dB that does not count on the front."
                                                     : "The share of the value that does not count on the front."},
                             tolerance, 0, is_decibel(name) ? 20 : 1);
  for (const std::string& name : node.keys()) {
    const auto named = [&](const std::vector<std::string>& names) { return std::ranges::count(names, name) > 0; };
    if (plan.tolerance.contains(name) && !named(plan.objectives.maximize) && !named(plan.objectives.minimize))
      node.problem(name, "has no effect, expected a metric among the objectives");
  }
}

/// The golden engine is always among them, because accuracy is measured on its values.
void read_engines(ConfigNode& root, SweepPlan& plan) {
  static const std::vector<std::string> known = {"golden", "fast", "systemc", "rtl"};
  std::vector<std::string> names{"golden", "fast"};
  if (root.has("engines"))
    names = root.choices({"engines",
                          "The engines whose outputs and cycles must agree; golden always runs. Left "
                          "out, they are golden and fast."},
                         known);
  if (std::ranges::find(names, "golden") == names.end()) names.insert(names.begin(), "golden");
  for (const std::string& name : names)
    if (std::ranges::find(known, name) != known.end()) plan.engines.push_back(&engine(name));
}

void read_energy(ConfigNode& root, SweepPlan& plan) {
  plan.energy = root.boolean_or(
      {"energy", "Whether every point's joules are measured; an objective of energy asks for them too."}, false);
  for (const std::string& name : sweep_energy_metrics())
    for (const auto* objectives : {&plan.objectives.maximize, &plan.objectives.minimize})
      plan.energy = plan.energy || std::ranges::find(*objectives, name) != objectives->end();
  static const std::vector<std::string> delays{"inertial", "zero"};
  plan.zero_delay =
      root.choice_or(
          {"energy_delays", "Whether gates have inertial delays, so that glitches are in the energies, or none."},
          "inertial", delays) == "zero";
  if (root.has("energy_delays") && !plan.energy)
    root.problem("energy_delays", "has no effect, expected energy: true or an objective of energy");
}

void read_plan(const Config& config, const std::string& stem, SweepPlan& plan) {
  ConfigNode root = config.root();
  plan.name = read_name(root, stem);
  plan.workload = read_workload(root.child({"workload", "What runs on every point: one layer of a model."}), plan);
  read_formats(root, plan);
  read_designs(root, plan);
  read_engines(root, plan);
  read_objectives(root, plan);
  read_tolerance(root, plan);
  read_energy(root, plan);
  config.finish();
}

}  // namespace

bool is_decibel(std::string_view metric) { return metric.ends_with("_db"); }

const std::vector<std::string>& sweep_metrics() {
  static const std::vector<std::string> names = {
      "sqnr_db",  "weight_sqnr_db", "bits_per_weight",     "cycles_per_token", "time_per_token_us",
      "area_um2", "area_time",      "energy_per_token_uj", "energy_delay_js",  "average_power_w"};
  return names;
}

const std::vector<std::string>& sweep_energy_metrics() {
  static const std::vector<std::string> names = {"energy_per_token_uj", "energy_delay_js", "average_power_w"};
  return names;
}

SweepPlan read_sweep(const std::filesystem::path& path, const std::vector<Setting>& settings) {
  SweepPlan plan;
  plan.settings = settings;
  const Config config = plan.file.emplace(Config::read(path));
  read_plan(config, path.stem().string(), plan);
  for (const Design& design : plan.designs)
    if (plan.energy) check_memories(design);
  plan.resolved = config.resolved();
  plan.settings = plan.designs.front().settings;
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
