#include "sim/config/policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "quant/base/suggestion.hpp"
#include "sim/base/lists.hpp"
#include "sim/config/config_paths.hpp"
#include "sim/config/format_file.hpp"

namespace subbyte::sim {
namespace {

/// Records a problem and returns nothing when the format cannot be read.
std::optional<quant::Format> format_at(ConfigNode& node, Key key) {
  const std::string id = node.text(key);
  if (id.empty()) return std::nullopt;
  const auto file = format_file_of(id);
  const auto path = file ? path_beside(node, key.name, id, *file) : std::optional(id);
  if (!path) return std::nullopt;
  try {
    return sim::read_format(*path);
  } catch (const std::invalid_argument& error) {
    pass_on(node, key.name, id, *path, error);
    return std::nullopt;
  }
}

/// Those of the patterns that can go, because the ones that stay match every layer that they do; of two alike it is the
/// later.
std::vector<std::string> covered(const std::vector<std::string>& globs, std::span<const std::string> layers) {
  std::vector<std::string> stay = globs, go;
  for (auto glob = globs.rbegin(); glob != globs.rend(); ++glob) {
    const auto others = [&](const std::string& layer) {
      return std::ranges::any_of(stay, [&](const std::string& s) { return s != *glob && shell_match(s, layer); });
    };
    const auto needed = [&](const std::string& layer) { return shell_match(*glob, layer) && !others(layer); };
    if (std::ranges::any_of(layers, needed)) continue;
    std::erase(stay, *glob);
    go.push_back(*glob);
  }
  return go;
}

}  // namespace

bool Policy::skips(std::string_view layer) const {
  return std::ranges::any_of(skip_, [&](const std::string& glob) { return shell_match(glob, layer); });
}

const Policy::Rule* Policy::rule_of(std::string_view layer) const {
  if (skips(layer)) return nullptr;
  const auto rule = std::ranges::find_if(rules_, [&](const Rule& each) { return shell_match(each.match, layer); });
  return rule == rules_.end() ? nullptr : &*rule;
}

std::optional<quant::Format> Policy::format_of(std::string_view layer) const {
  if (skips(layer)) return std::nullopt;
  const Rule* rule = rule_of(layer);
  return rule == nullptr ? default_ : rule->format;
}

void Policy::check(std::span<const std::string> layers) const {
  if (!config_) return;
  const auto unused = [&](const std::string& glob) {
    return std::ranges::none_of(layers, [&](const std::string& layer) { return shell_match(glob, layer); });
  };
  const auto text = [&](const std::string& glob) {
    if (glob.starts_with("re:"))
      return fmt::format("is {}, a regular expression, expected a shell pattern: '*{}'", glob,
                         glob.substr(std::min(glob.find_last_of(":.*") + 1, glob.size())));
    return fmt::format("is {}, expected a pattern of layers: none matches; {}", glob, quant::suggestion(glob, layers));
  };
  std::set<const Rule*> deciding;
  for (const std::string& layer : layers) deciding.insert(rule_of(layer));
  for (const Rule& rule : rules_) {
    if (unused(rule.match))
      ConfigNode(rule.node).problem("match", text(rule.match));
    else if (!deciding.contains(&rule))
      ConfigNode(rule.node).problem("match", fmt::format("is {}, which has no effect: earlier rules or 'skip' take "
                                                         "every layer that it matches",
                                                         rule.match));
  }
  for (const std::string& glob : skip_) {
    if (unused(glob)) config_->root().problem("skip", text(glob));
  }
  for (const std::string& glob : covered(skip_, layers))
    if (!unused(glob))
      config_->root().problem(
          "skip",
          fmt::format("has {}, which has no effect: other patterns of it take every layer that it matches", glob));
  const auto left = [&](const std::string& layer) { return rule_of(layer) == nullptr && !skips(layer); };
  if (default_ && std::ranges::none_of(layers, left))
    config_->root().problem(
        "default", fmt::format("is {}, which has no effect: rules and 'skip' take every layer", default_->id()));
  config_->finish();
}

std::string Policy::text() const { return config_ ? path_ : default_->id(); }

nlohmann::json Policy::resolved() const {
  nlohmann::json rules = nlohmann::json::array();
  for (const Rule& rule : rules_) rules.push_back({{"match", rule.match}, {"format", rule.format.id()}});
  const nlohmann::json fallback = default_ ? nlohmann::json(default_->id()) : nlohmann::json();
  return {{"default", fallback}, {"layers", rules}, {"skip", skip_}};
}

Policy read_policy(const Config& config) {
  Policy policy;
  policy.config_ = config;
  ConfigNode root = config.root();
  if (root.has("default"))
    policy.default_ = format_at(
        root, {"default", "The format of layers that no rule matches; without it those are left unquantized."});
  if (root.has("layers")) {
    for (ConfigNode& node : root.children({"layers", "Rules, of which the first that matches a layer decides."})) {
      const std::string match = node.text({"match", "A shell pattern over the names of layers; * also matches dots."});
      const auto format = format_at(node, {"format",
                                           "The format of these layers: an id of `subbyte formats`, or FILE.yaml[:gN] "
                                           "relative to this file."});
      if (format) policy.rules_.push_back({match, *format, node});
    }
  }
  if (root.has("skip"))
    policy.skip_ =
        root.texts_or_none({"skip", "Patterns of layers that are left unquantized, whatever the rules say."});
  for (auto glob = policy.skip_.begin(); glob != policy.skip_.end(); ++glob)
    if (std::find(policy.skip_.begin(), glob, *glob) != glob)
      root.problem("skip", fmt::format("has '{}' twice, expected each pattern once", *glob));
  if (!root.has("default") && !root.has("layers"))
    root.problem("layers", "is missing, expected rules {match, format}, or a 'default' format");
  config.finish();
  return policy;
}

Policy parse_policy_file(const std::string& text, const std::string& name) {
  Policy policy = read_policy(Config::parse(text, name));
  policy.path_ = name;
  return policy;
}

std::vector<KeyEntry> policy_keys() {
  return described_keys([](const Config& config) { read_policy(config); });
}

Policy parse_policy(const std::string& argument) {
  if (format_file_of(argument) != argument) return Policy(sim::read_format(argument));  // FILE:gN is of a format too
  const Config config = Config::read(argument);  // once, because a pipe is read once
  if (is_format(config)) return Policy(read_format_file(config));
  Policy policy = read_policy(config);
  policy.path_ = argument;
  return policy;
}

}  // namespace subbyte::sim
