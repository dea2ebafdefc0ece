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
        variant.problem("", fmt::format("is '{}' again, expected each variant once", label));
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
  if (names.empty()) root.problem(key, "has no design, expected at least one");
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

}  // namespace

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

}  // namespace subbyte::sim
