#include "sim/sweep/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "kernels/catalogue.hpp"
#include "sim/config/config.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

WorkloadQuery read_workload(ConfigNode node) {
  WorkloadQuery workload;
  workload.model = node.text_or("model", "embedded");
  workload.layer = node.text("layer");
  workload.tokens = static_cast<std::size_t>(node.integer("tokens", 1, 1 << 20));
  workload.seed = static_cast<std::uint64_t>(node.integer_or("seed", 1, 0, INT32_MAX));
  return workload;
}

// Formats of one name that mean different things are told apart by the words of the sweep file.
void add_format(ConfigNode& root, const std::string& word, SweepPlan& plan) {
  const quant::Format format = read_format(word);
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
  for (const std::string& word : root.texts("formats")) try {
      add_format(root, word, plan);
    } catch (const std::invalid_argument& error) {
      root.problem("formats", error.what());
    }
}

// The name begins the names of the result files, which must not leave the folder that --out names.
std::string read_name(ConfigNode& root, const std::string& fallback) {
  const std::string name = root.text_or("name", fallback);
  const bool bad = name.empty() || name.starts_with('.') || name.starts_with('-') ||
                   std::ranges::any_of(name, [](unsigned char c) { return c == '/' || c < ' '; });
  if (bad) root.problem("name", fmt::format("is '{}', expected a name that files can begin with, without '/'", name));
  return name;
}

// A design that cannot be read is a problem of the sweep file, and is told with the others.
std::optional<Design> read_one(ConfigNode& root, std::string_view key, const std::string& name,
                               const MemoryFiles& memories) {
  try {
    return read_design(name, memories);
  } catch (const std::exception& error) {
    root.problem(key, fmt::format("is '{}': {}", name, error.what()));
    return std::nullopt;
  }
}

void read_variants(ConfigNode& root, const Design& base, SweepPlan& plan) {
  const auto& specs = base.unit->parameters;
  for (ConfigNode& variant : root.children("vary")) {
    kernels::Parameters changes;
    std::string label;
    for (const std::string& key : variant.keys()) {
      const auto spec = std::find_if(specs.begin(), specs.end(), [&](const auto& s) { return s.name == key; });
      if (spec == specs.end()) continue;  // it stays unclaimed, so finish() reports it
      changes[key] = variant.integer(key, spec->min, spec->max);
      label += fmt::format("{}{}={}", label.empty() ? "" : " ", key, changes[key]);
    }
    try {
      const Design design = with_parameters(base, changes);
      if (std::ranges::find(plan.designs, design.resolved, &Design::resolved) != plan.designs.end())
        variant.problem("", fmt::format("is '{}' again, expected each variant once", label));
      plan.designs.push_back(design);
      plan.variants.push_back(label);
    } catch (const std::invalid_argument& error) {
      variant.problem("", error.what());
    }
  }
  if (plan.designs.empty()) root.problem("vary", "has no variant, expected at least one mapping of parameters");
}

// Reads `designs`, each as it stands, or one `design` with the parameters to `vary`.
void read_designs(ConfigNode& root, SweepPlan& plan, const MemoryFiles& memories) {
  if (!root.has("designs")) {
    const std::string name = root.text("design");
    const auto base = name.empty() ? std::nullopt : read_one(root, "design", name, memories);
    if (base) read_variants(root, *base, plan);
    return;
  }
  const std::vector<std::string> names = root.texts("designs");
  if (names.empty()) root.problem("designs", "has no design, expected at least one");
  for (const std::string& name : names) {
    const auto design = read_one(root, "designs", name, memories);
    if (!design) continue;
    if (std::ranges::find(plan.variants, design->name) != plan.variants.end())
      root.problem("designs", fmt::format("has '{}' twice, expected each design once", design->name));
    plan.designs.push_back(*design);
    plan.variants.push_back(design->name);
  }
}

std::vector<std::string> names_of(ConfigNode& node, std::string_view key, const std::vector<std::string>& known) {
  if (!node.has(key)) return {};
  std::vector<std::string> names = node.texts(key);
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      node.problem(key, fmt::format("has '{}', expected any of {}", name, fmt::join(known, ", ")));
  return names;
}

/// One of these words; `otherwise` where the key is not there.
std::string one_of(ConfigNode& node, std::string_view key, const std::vector<std::string>& known,
                   const std::string& otherwise) {
  const std::string word = node.text_or(key, otherwise);
  if (std::ranges::find(known, word) == known.end())
    node.problem(key, fmt::format("is '{}', expected one of {}", word, fmt::join(known, ", ")));
  return word;
}

/// The golden engine is always among them, because accuracy is measured on its values.
void read_engines(ConfigNode& root, SweepPlan& plan) {
  const std::vector<std::string> known = {"golden", "fast", "systemc", "rtl"};
  std::vector<std::string> names{"golden", "fast"};
  if (root.has("engines")) names = names_of(root, "engines", known);
  if (std::ranges::find(names, "golden") == names.end()) names.insert(names.begin(), "golden");
  for (const std::string& name : names)
    if (std::ranges::find(known, name) != known.end()) plan.engines.push_back(&engine(name));
}

void read_objectives(ConfigNode& root, SweepPlan& plan) {
  if (!root.has("objectives")) {
    plan.objectives = {{"sqnr_db"}, {"bits_per_weight", "area_time"}};
    return;
  }
  ConfigNode node = root.child("objectives");
  plan.objectives = {names_of(node, "maximize", sweep_metrics()), names_of(node, "minimize", sweep_metrics())};
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
  ConfigNode node = root.child("tolerance");
  for (auto& [name, tolerance] : plan.tolerance)
    tolerance = node.real_or(name, tolerance, 0, is_decibel(name) ? 20 : 1);
}

// A key that changes nothing is a problem of the sweep file.
void check_effects(ConfigNode& root, const SweepPlan& plan) {
  if (root.has("energy_delays") && !plan.energy)
    root.problem("energy_delays", "has no effect, expected energy: true or an objective of energy");
  if (!root.has("tolerance")) return;
  ConfigNode node = root.child("tolerance");
  for (const std::string& name : node.keys()) {
    const auto named = [&](const std::vector<std::string>& names) { return std::ranges::count(names, name) > 0; };
    if (plan.tolerance.contains(name) && !named(plan.objectives.maximize) && !named(plan.objectives.minimize))
      node.problem(name, "has no effect, expected a metric among the objectives");
  }
}

}  // namespace

bool is_decibel(std::string_view metric) { return metric.ends_with("_db"); }

const std::vector<std::string>& sweep_metrics() {
  static const std::vector<std::string> names = {
      "sqnr_db",   "weight_sqnr_db",      "bits_per_weight", "cycles_per_token", "area_um2",
      "area_time", "energy_per_token_uj", "energy_delay_js", "average_power_w"};
  return names;
}

const std::vector<std::string>& sweep_energy_metrics() {
  static const std::vector<std::string> names = {"energy_per_token_uj", "energy_delay_js", "average_power_w"};
  return names;
}

SweepPlan read_sweep(const std::filesystem::path& path, const MemoryFiles& memories) {
  const Config config = Config::read(path);
  ConfigNode root = config.root();
  SweepPlan plan;
  plan.name = read_name(root, path.stem().string());
  plan.workload = read_workload(root.child("workload"));
  read_formats(root, plan);
  read_designs(root, plan, memories);
  read_engines(root, plan);
  read_objectives(root, plan);
  read_tolerance(root, plan);
  plan.energy = root.boolean_or("energy", false);
  for (const std::string& name : sweep_energy_metrics())
    for (const auto* objectives : {&plan.objectives.maximize, &plan.objectives.minimize})
      plan.energy = plan.energy || std::ranges::find(*objectives, name) != objectives->end();
  plan.zero_delay = one_of(root, "energy_delays", {"inertial", "zero"}, "inertial") == "zero";
  check_effects(root, plan);
  config.finish();
  plan.resolved = config.resolved();
  for (const Design& design : plan.designs)
    for (const TableFile* table : {&design.memory.dram_file, &design.memory.sram_file})
      if (table->own) plan.resolved["memory_tables"][table->name] = table->hash;
  // A user's format is its definition, not the path of the file that held it.
  for (const quant::Format& format : plan.formats) {
    if (!format.definition.empty()) plan.resolved["definitions"].push_back(format.definition);
  }
  plan.hash = config_hash(plan.resolved);
  return plan;
}

}  // namespace subbyte::sim
