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

std::string expected_real(double min, double max) { return fmt::format("a number {:g}..{:g}", min, max); }

std::optional<bool> truth(const YAML::Node& node) {
  if (!node.IsScalar()) return std::nullopt;
  if (node.Scalar() == "true") return true;
  if (node.Scalar() == "false") return false;
  return std::nullopt;
}

}  // namespace

std::int64_t ConfigNode::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const auto node = document_->demand(index_, key, fmt::format("an integer {}..{}", min, max));
  if (!node) return min;
  if (auto bad = bad_integer(*node, min, max)) {
    problem(key, *bad);
    return min;
  }
  return document_->keep(index_, key, *number<std::int64_t>(*node));
}

std::int64_t ConfigNode::integer_or(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  if (has(key)) return integer(key, min, max);
  document_->claim(index_, key);
  return document_->keep(index_, key, fallback);
}

double ConfigNode::real(std::string_view key, double min, double max) {
  const auto node = document_->demand(index_, key, expected_real(min, max));
  if (!node) return min;
  const auto value = number<double>(*node);
  if (!value || !(*value >= min && *value <= max)) {
    problem(key, fmt::format("is {}, expected {}", shown(*node), expected_real(min, max)));
    return min;
  }
  return document_->keep(index_, key, *value);
}

double ConfigNode::real_or(std::string_view key, double fallback, double min, double max) {
  if (has(key)) return real(key, min, max);
  document_->claim(index_, key);
  return document_->keep(index_, key, fallback);
}

bool ConfigNode::boolean(std::string_view key) {
  const auto node = document_->demand(index_, key, "true or false");
  if (!node) return false;
  const auto value = truth(*node);
  if (!value) problem(key, fmt::format("is {}, expected true or false", shown(*node)));
  return document_->keep(index_, key, value.value_or(false));
}

bool ConfigNode::boolean_or(std::string_view key, bool fallback) {
  if (has(key)) return boolean(key);
  document_->claim(index_, key);
  return document_->keep(index_, key, fallback);
}

std::string ConfigNode::text(std::string_view key) {
  const auto node = document_->demand(index_, key, "a text");
  if (!node) return {};
  if (!node->IsScalar()) {
    problem(key, fmt::format("is {}, expected a text", shown(*node)));
    return {};
  }
  return document_->keep(index_, key, node->Scalar());
}

std::string ConfigNode::text_or(std::string_view key, std::string_view fallback) {
  if (has(key)) return text(key);
  document_->claim(index_, key);
  return document_->keep(index_, key, std::string(fallback));
}

std::string ConfigNode::choice(std::string_view key, std::span<const std::string> allowed) {
  const std::string expected = fmt::format("one of {}", fmt::join(allowed, ", "));
  const auto node = document_->demand(index_, key, expected);
  if (!node) return allowed.front();
  const std::string given = shown(*node);
  if (node->IsScalar() && std::ranges::find(allowed, node->Scalar()) != allowed.end())
    return document_->keep(index_, key, node->Scalar());
  problem(key, fmt::format("is {}, {}", given, quant::expectation(given, allowed)));
  return allowed.front();
}

std::vector<std::int64_t> ConfigNode::integers(std::string_view key, std::int64_t min, std::int64_t max) {
  std::vector<std::int64_t> values;
  const std::string expected = fmt::format("a list of integers {}..{}", min, max);
  const auto node = document_->demand(index_, key, expected);
  if (!node) return values;
  if (!node->IsSequence() || node->size() == 0)
    problem(key, fmt::format("is {}, expected {}", node->IsSequence() ? "an empty list" : shown(*node), expected));
  if (!node->IsSequence()) return values;
  for (std::size_t i = 0; i < node->size(); ++i) {
    if (auto bad = bad_integer((*node)[i], min, max))
      document_->report((*node)[i].Mark(), fmt::format("'{}[{}]' {}", key, i, *bad));
    else
      values.push_back(*number<std::int64_t>((*node)[i]));
  }
  return document_->keep(index_, key, values);
}

std::vector<std::string> ConfigNode::texts(std::string_view key) {
  std::vector<std::string> values;
  const auto node = document_->demand(index_, key, "a list of texts");
  if (!node) return values;
  if (!node->IsSequence() || node->size() == 0)
    problem(key, fmt::format("is {}, expected a list of texts", node->IsSequence() ? "an empty list" : shown(*node)));
  if (!node->IsSequence()) return values;
  for (std::size_t i = 0; i < node->size(); ++i) {
    const YAML::Node element = (*node)[i];
    if (element.IsScalar())
      values.push_back(element.Scalar());
    else
      document_->report(element.Mark(), fmt::format("'{}[{}]' is {}, expected a text", key, i, shown(element)));
  }
  return document_->keep(index_, key, values);
}

ConfigNode ConfigNode::child(std::string_view key) {
  const auto node = document_->demand(index_, key, "a mapping");
  const auto path = document_->mappings[index_].path / std::string(key);
  if (node) return {document_, document_->add(*node, path, fmt::format("'{}'", key), node->Mark())};
  document_->mappings.push_back({YAML::Node(YAML::NodeType::Map), path, document_->mappings[index_].mark, true, {}});
  return {document_, document_->mappings.size() - 1};
}

std::vector<ConfigNode> ConfigNode::children(std::string_view key) {
  std::vector<ConfigNode> nodes;
  const auto node = document_->demand(index_, key, "a list of mappings");
  if (!node) return nodes;
  if (!node->IsSequence()) problem(key, fmt::format("is {}, expected a list of mappings", shown(*node)));
  if (!node->IsSequence()) return nodes;
  document_->keep(index_, key, nlohmann::json::array());
  for (std::size_t i = 0; i < node->size(); ++i) {
    const auto path = document_->mappings[index_].path / std::string(key) / i;
    document_->resolved[path] = nlohmann::json::object();
    const std::size_t index = document_->add((*node)[i], path, fmt::format("'{}[{}]'", key, i), (*node)[i].Mark());
    nodes.push_back({document_, index});
  }
  return nodes;
}

bool ConfigNode::has(std::string_view key) const { return document_->find(index_, key).has_value(); }

std::vector<std::string> ConfigNode::keys() const {
  std::vector<std::string> names;
  for (const auto& pair : document_->mappings[index_].yaml) names.push_back(shown(pair.first));
  return names;
}

void ConfigNode::problem(std::string_view key, std::string_view text) {
  YAML::Mark mark = document_->mappings[index_].mark;
  // An empty value has the place of whatever follows it, so the key's place is shown instead.
  for (const auto& pair : document_->mappings[index_].yaml)
    if (pair.first.IsScalar() && pair.first.Scalar() == key)
      mark = pair.second.IsNull() ? pair.first.Mark() : pair.second.Mark();
  document_->report(mark, fmt::format("'{}' {}", key, text));
}

}  // namespace subbyte::sim
