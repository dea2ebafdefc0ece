// The designs of a sweep file.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "kernels/catalogue.hpp"
#include "sim/base/input_error.hpp"
#include "sim/config/config_paths.hpp"
#include "sim/config/design_file.hpp"
#include "sim/sweep/plan_parts.hpp"

namespace subbyte::sim {
namespace {

// What is wrong in a design is told with the problems of the sweep file.
std::optional<Design> read_one(ConfigNode& root, std::string_view key, const std::string& name,
                               const std::vector<Setting>& settings, const SweepPlan& plan) {
  const auto path = is_path(name, FileKind::kYaml) ? path_beside(root, key, name, name) : std::optional(name);
  const auto why = why_no_design(name, plan.shapes ? DesignKind::kWithCore : DesignKind::kWithoutCore);
  if (why) root.problem(key, fmt::format("is {}: {}", name, *why));
  if (!path || why) return std::nullopt;
  try {
    const Design design = read_design(*path, settings);
    if (design.core.has_value() == plan.shapes.has_value()) return design;
    root.problem(key, fmt::format("is {}, a design {}", name,
                                  design.core ? "with a core, where a layer runs: expected one without"
                                              : "without a core, where a model's shape runs: expected one with"));
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

/// Any keys of a design that one variant states, with its label.
std::pair<std::vector<Setting>, std::string> read_settings(ConfigNode& variant) {
  std::pair<std::vector<Setting>, std::string> read;
  auto& [settings, label] = read;
  for (const std::string& key : variant.keys()) {
    const std::string value = variant.text({key, "A key of the design."});
    if (!variant.written(key)) continue;  // a problem by now
    settings.push_back({key, value, std::string(kVary) + key});
    label += fmt::format("{}{}={}", label.empty() ? "" : " ", key, value);
  }
  return read;
}

/// What is wrong in a variant's design is told at the key that states it, or else with a place of its own.
void pass_on_problems(ConfigNode& variant, const std::exception& error) {
  for (const ConfigProblem& found : problems_of(error)) {
    const std::string key = found.place.starts_with(kVary) ? found.place.substr(kVary.size()) : "";
    if (key.empty()) {
      variant.problem(variant.keys().empty() ? "" : variant.keys().front(), found.text);
      continue;
    }
    const std::size_t quote = found.text.starts_with('\'') ? found.text.find("' ") : std::string::npos;
    variant.problem(key, quote == std::string::npos ? found.text : found.text.substr(quote + 2));
  }
}

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

/// The base design with what a variant states, which its label says; what is varied counts in `varied`.
std::pair<Design, std::string> read_variant(ConfigNode& variant, const std::string& name, const Design& base,
                                            const SweepPlan& plan, std::map<std::string, std::size_t>& varied) {
  if (!plan.shapes) {
    const auto [changes, label] = read_changes(variant, base);
    for (const auto& [parameter, value] : changes) ++varied[parameter];
    return {with_parameters(base, changes), label};
  }
  auto [settings, label] = read_settings(variant);
  for (const Setting& setting : settings) ++varied[last_part(setting.key)];
  const std::vector<Setting> stated = settings;
  for (const Setting& setting : plan.settings)
    if (std::ranges::none_of(stated, [&](const Setting& s) { return last_part(s.key) == last_part(setting.key); }))
      settings.push_back(setting);
  const auto path = is_path(name, FileKind::kYaml) ? path_beside(variant, "", name, name) : std::optional(name);
  return {read_design(path.value_or(name), settings), label};
}

void add_variants(ConfigNode& root, std::vector<ConfigNode>& variants, const std::string& name, const Design& base,
                  SweepPlan& plan) {
  std::map<std::string, std::size_t> varied;
  for (ConfigNode& variant : variants) {
    try {
      auto [design, label] = read_variant(variant, name, base, plan, varied);
      plan.designs.push_back(std::move(design));
      if (std::ranges::count(plan.designs, plan.designs.back().resolved, &Design::resolved) > 1)
        variant.problem("", fmt::format("the variant '{}' is there twice, expected each once", label));
      plan.variants.push_back(label);
    } catch (const std::exception& error) {
      pass_on_problems(variant, error);
    }
  }
  for (const Setting& setting : plan.settings) {
    const std::string key = last_part(setting.key);
    if (varied.contains(key) && varied[key] == variants.size())
      throw InputError("", setting.place, fmt::format("has no effect: every variant of the sweep states {}", key));
  }
  if (variants.empty()) root.problem("vary", "has no variant, expected at least one mapping of parameters");
}

/// Adds designs as they stand, which the value of `key` names.
void add_designs(ConfigNode& root, std::string_view key, const std::vector<std::string>& names, SweepPlan& plan) {
  std::vector<std::string> words;  // of each design of the plan
  for (const std::string& name : names) {
    const auto design = read_one(root, key, name, plan.settings, plan);
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

}  // namespace

VariedDesign read_designs(ConfigNode& root, SweepPlan& plan) {
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
  if (one && !many && !vary) add_designs(root, design.name, {name}, plan);
  if (!vary && (one || many)) return {};
  std::vector<ConfigNode> variants = root.children({"vary", "The variants of the design, each with what differs."});
  const Key parameter{"PARAMETER",
                      "A parameter of the design's unit (`subbyte keys design` lists them); those that a variant "
                      "leaves out are the design's. Where a model's shape runs, any key of a design, with dots "
                      "(core.tile_rows)."};
  for (ConfigNode& variant : variants) variant.named_elsewhere(parameter, "an integer in the parameter's range");
  const auto base = name.empty() || many ? std::nullopt : read_one(root, "design", name, plan.settings, plan);
  if (base)
    add_variants(root, variants, name, *base, plan);
  else
    for (ConfigNode& variant : variants) variant.claim_all();
  return plan.shapes ? VariedDesign{base, variants} : VariedDesign{};
}

}  // namespace subbyte::sim
