#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "quant/base/suggestion.hpp"
#include "sim/config/config.hpp"
#include "sim/config/config_document.hpp"

namespace subbyte::sim {
namespace {

using detail::shown;

template <typename T>
std::optional<T> number(const YAML::Node& node) {
  if (!node.IsScalar()) return std::nullopt;
  const std::string& text = node.Scalar();
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> bad_integer(const YAML::Node& node, std::int64_t min, std::int64_t max) {
  const auto value = number<std::int64_t>(node);
  if (value && *value >= min && *value <= max) return std::nullopt;
  return fmt::format("is {}, expected {}{}..{}", shown(node), value ? "" : "an integer ", min, max);
}

std::string integer_type(std::int64_t min, std::int64_t max) { return fmt::format("an integer {}..{}", min, max); }
std::string real_type(double min, double max) { return fmt::format("a number {:g}..{:g}", min, max); }
std::string choice_type(std::span<const std::string> allowed) {
  return fmt::format("one of {}", fmt::join(allowed, ", "));
}

std::optional<bool> truth(const YAML::Node& node) {
  if (!node.IsScalar()) return std::nullopt;
  if (node.Scalar() == "true") return true;
  if (node.Scalar() == "false") return false;
  return std::nullopt;
}

/// Reads a key that may be left out: `read` reads the value that is there.
template <typename T, typename Read>
T read_or(detail::ConfigDocument& document, std::size_t mapping, Key key, std::string_view type, T fallback,
          Read read) {
  document.describe(mapping, key, type, fallback);
  if (document.find(mapping, key.name)) return read();
  document.claim(mapping, key.name);
  return document.keep(mapping, key.name, fallback);
}

}  // namespace

std::int64_t ConfigNode::integer(Key key, std::int64_t min, std::int64_t max) {
  const auto value = document_->demand(index_, key, integer_type(min, max));
  if (!value) return min;
  if (auto bad = bad_integer(value->yaml, min, max)) {
    refuse(key.name, *bad);
    return min;
  }
  return document_->keep(index_, key.name, *number<std::int64_t>(value->yaml));
}

std::int64_t ConfigNode::integer_or(Key key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  return read_or(*document_, index_, key, integer_type(min, max), fallback, [&] { return integer(key, min, max); });
}

double ConfigNode::real(Key key, double min, double max) {
  const auto given = document_->demand(index_, key, real_type(min, max));
  if (!given) return min;
  const auto value = number<double>(given->yaml);
  if (!value || !(*value >= min && *value <= max)) {
    refuse(key.name, fmt::format("is {}, expected {}", shown(given->yaml), real_type(min, max)));
    return min;
  }
  return document_->keep(index_, key.name, *value);
}

double ConfigNode::real_or(Key key, double fallback, double min, double max) {
  return read_or(*document_, index_, key, real_type(min, max), fallback, [&] { return real(key, min, max); });
}

bool ConfigNode::boolean(Key key) {
  const auto given = document_->demand(index_, key, "true or false");
  if (!given) return false;
  const auto value = truth(given->yaml);
  if (!value) refuse(key.name, fmt::format("is {}, expected true or false", shown(given->yaml)));
  return document_->keep(index_, key.name, value.value_or(false));
}

bool ConfigNode::boolean_or(Key key, bool fallback) {
  return read_or(*document_, index_, key, "true or false", fallback, [&] { return boolean(key); });
}

std::string ConfigNode::text(Key key) {
  const auto value = document_->demand(index_, key, "a text");
  if (!value) return {};
  if (value->yaml.IsScalar()) return document_->keep(index_, key.name, value->yaml.Scalar());
  refuse(key.name, fmt::format("is {}, expected a text", shown(value->yaml)));
  return {};
}

std::string ConfigNode::text_or(Key key, std::string_view fallback) {
  return read_or(*document_, index_, key, "a text", std::string(fallback), [&] { return text(key); });
}

std::string ConfigNode::choice(Key key, std::span<const std::string> allowed) {
  const auto value = document_->demand(index_, key, choice_type(allowed));
  if (!value) return allowed.front();
  const std::string given = shown(value->yaml);
  if (value->yaml.IsScalar() && std::ranges::find(allowed, value->yaml.Scalar()) != allowed.end())
    return document_->keep(index_, key.name, value->yaml.Scalar());
  refuse(key.name, fmt::format("is {}, {}", given, quant::expectation(given, allowed)));
  return allowed.front();
}

std::string ConfigNode::choice_or(Key key, std::string_view fallback, std::span<const std::string> allowed) {
  return read_or(*document_, index_, key, choice_type(allowed), std::string(fallback),
                 [&] { return choice(key, allowed); });
}

std::int64_t ConfigNode::integer_choice_or(Key key, std::int64_t fallback, std::span<const std::int64_t> allowed) {
  std::vector<std::string> words;
  for (const std::int64_t value : allowed) words.push_back(std::to_string(value));
  document_->describe(index_, key, choice_type(words), fallback);
  const bool given = document_->find(index_, key.name).has_value();
  const std::int64_t value = given ? *number<std::int64_t>(YAML::Node(choice(key, words))) : fallback;
  document_->claim(index_, key.name);
  return document_->keep(index_, key.name, value);
}

std::vector<std::int64_t> ConfigNode::integers(Key key, std::int64_t min, std::int64_t max) {
  std::vector<std::int64_t> values;
  const std::string expected = fmt::format("a list of integers {}..{}", min, max);
  const auto value = document_->demand(index_, key, expected);
  if (!value) return values;
  const YAML::Node& node = value->yaml;
  if (!node.IsSequence() || node.size() == 0)
    refuse(key.name, fmt::format("is {}, expected {}", node.IsSequence() ? "an empty list" : shown(node), expected));
  if (!node.IsSequence()) return values;
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (auto bad = bad_integer(node[i], min, max))
      document_->report(index_, key.name, {value->source, node[i].Mark()},
                        fmt::format("'{}[{}]' {}", key.name, i, *bad));
    else
      values.push_back(*number<std::int64_t>(node[i]));
  }
  return document_->keep(index_, key.name, values);
}

std::vector<std::string> ConfigNode::list_of_texts(Key key, const std::string& type, bool may_be_empty) {
  std::vector<std::string> values;
  const auto value = document_->demand(index_, key, type);
  if (!value) return values;
  const YAML::Node& node = value->yaml;
  if (!node.IsSequence() || (node.size() == 0 && !may_be_empty))
    refuse(key.name, fmt::format("is {}, expected {}", node.IsSequence() ? "an empty list" : shown(node), type));
  if (!node.IsSequence()) return values;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const YAML::Node element = node[i];
    if (element.IsScalar())
      values.push_back(element.Scalar());
    else
      document_->report(index_, key.name, {value->source, element.Mark()},
                        fmt::format("'{}[{}]' is {}, expected a text", key.name, i, shown(element)));
  }
  return document_->keep(index_, key.name, values);
}

std::vector<std::string> ConfigNode::texts(Key key) { return list_of_texts(key, "a list of texts"); }

std::vector<std::string> ConfigNode::texts_or_none(Key key) { return list_of_texts(key, "a list of texts", true); }

std::vector<std::string> ConfigNode::choices(Key key, std::span<const std::string> allowed) {
  const std::vector<std::string> names =
      list_of_texts(key, fmt::format("a list of any of {}", fmt::join(allowed, ", ")));
  std::vector<std::string> once;
  for (const std::string& name : names) {
    if (std::ranges::find(allowed, name) == allowed.end())
      problem(key.name, fmt::format("has '{}', expected any of {}", name, fmt::join(allowed, ", ")));
    else if (std::ranges::find(once, name) != once.end())
      problem(key.name, fmt::format("has '{}' twice, expected each once", name));
    else
      once.push_back(name);
  }
  return once;
}

ConfigNode ConfigNode::child(Key key) {
  const auto value = document_->demand(index_, key, "a mapping");
  const auto path = document_->mappings[index_].path / std::string(key.name);
  if (!value) {
    const std::size_t absent = document_->add_absent(path, document_->mappings[index_].place);
    document_->mappings[absent].told = true;
    return {document_, absent};
  }
  const std::size_t inner = document_->add(document_->find_all(index_, key.name), path, fmt::format("'{}'", key.name));
  if (document_->mappings[inner].absent) document_->mappings[index_].faulty.emplace_back(key.name);
  return {document_, inner};
}

ConfigNode ConfigNode::child_or_empty(Key key) {
  if (has(key.name)) return child(key);
  document_->claim(index_, key.name);
  const detail::Mapping& around = document_->mappings[index_];
  return {document_, document_->add_absent(around.path / std::string(key.name), around.place)};
}

std::vector<ConfigNode> ConfigNode::children(Key key) {
  std::vector<ConfigNode> nodes;
  const auto value = document_->demand(index_, key, "a list of mappings");
  const auto path = document_->mappings[index_].path / std::string(key.name);
  if (!value && document_->described) return {{document_, document_->add_absent(path / 0, {})}};
  if (!value) return nodes;
  const YAML::Node& list = value->yaml;
  if (!list.IsSequence()) refuse(key.name, fmt::format("is {}, expected a list of mappings", shown(list)));
  if (!list.IsSequence()) return nodes;
  document_->keep(index_, key.name, nlohmann::json::array());
  for (std::size_t i = 0; i < list.size(); ++i) {
    document_->resolved[path / i] = nlohmann::json::object();
    const std::string what = fmt::format("'{}[{}]'", key.name, i);
    nodes.push_back({document_, document_->add({{list[i], value->source, list[i].Mark()}}, path / i, what)});
  }
  return nodes;
}

void ConfigNode::named_elsewhere(Key key, std::string_view type) {
  document_->optional_keys.insert(document_->dotted(index_, key.name));
  document_->describe(index_, key, type, std::nullopt);
}

void ConfigNode::suggest(std::span<const std::string> names) {
  auto& offered = document_->mappings[index_].offered;
  offered.insert(offered.end(), names.begin(), names.end());
}

bool ConfigNode::has(std::string_view key) const {
  document_->mappings[index_].offered.emplace_back(key);
  if (document_->described) document_->optional_keys.insert(document_->dotted(index_, key));
  return document_->described || document_->find(index_, key);
}

std::vector<std::string> ConfigNode::keys() const {
  std::vector<std::string> names;
  for (const detail::Value& layer : document_->mappings[index_].layers) {
    for (const auto& pair : layer.yaml) {
      const std::string name = shown(pair.first);
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::optional<std::string> ConfigNode::written(std::string_view key) const {
  const auto value = document_->find(index_, key);
  return value && value->yaml.IsScalar() ? std::optional(value->yaml.Scalar()) : std::nullopt;
}

std::filesystem::path ConfigNode::folder_of(std::string_view key) const {
  const auto value = document_->find(index_, key);
  return document_->sources[value ? value->source : document_->mappings[index_].place.source].folder;
}

void ConfigNode::problem(std::string_view key, std::string_view text) {
  const detail::Mapping& mapping = document_->mappings[index_];
  if (mapping.told || std::ranges::find(mapping.unread, key) != mapping.unread.end()) return;
  const auto value = document_->find(index_, key);
  document_->report(index_, key, value ? value->place() : document_->mappings[index_].place,
                    key.empty() ? std::string(text) : fmt::format("'{}' {}", key, text));
}

void ConfigNode::refuse(std::string_view key, std::string_view text) {
  problem(key, text);
  document_->mappings[index_].unread.emplace_back(key);
}

bool ConfigNode::faulty(std::string_view key) const {
  const std::vector<std::string>& keys = document_->mappings[index_].faulty;
  return std::ranges::find(keys, key) != keys.end();
}

bool ConfigNode::sound() const { return document_->problems.empty(); }

void ConfigNode::pass_on(std::string_view key, const ConfigProblem& found) {
  const std::pair place(found.file, found.place);
  for (const detail::Problem& known : document_->problems)
    if (known.elsewhere == place && (found.file.empty() || known.text == found.text)) return;
  const auto value = document_->find(index_, key);
  document_->problems.push_back({value ? value->place() : document_->mappings[index_].place, found.text, place});
}

void ConfigNode::claim_all() {
  for (const std::string& key : keys()) document_->claim(index_, key);
}

}  // namespace subbyte::sim
