#include "sim/config/config_document.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "quant/base/suggestion.hpp"

namespace subbyte::sim::detail {
std::string shown(const YAML::Node& node) {
  if (node.IsScalar()) return node.Tag() == "!" ? fmt::format("\"{}\"", node.Scalar()) : node.Scalar();
  if (node.IsSequence()) return "a list";
  return node.IsMap() ? "a mapping" : "empty";
}

void ConfigDocument::report(std::size_t index, std::string_view key, const Place& place, std::string text) {
  mappings[index].faulty.emplace_back(key);
  report(place, std::move(text));
}

std::size_t ConfigDocument::add(std::vector<Value> layers, const nlohmann::json::json_pointer& path,
                                std::string_view what) {
  const auto file = std::ranges::find_if(layers, [&](const Value& layer) { return sources[layer.source].lines; });
  const Place place = (file == layers.end() ? layers.front() : *file).place();
  Mapping mapping{{}, path, place, false, {}, {}, {}};
  for (const Value& layer : layers) {
    if (!layer.yaml.IsMap()) {
      report(layer.place(), fmt::format("{} is {}, expected a mapping", what, shown(layer.yaml)));
      continue;
    }
    std::vector<std::string> seen;
    for (const auto& pair : layer.yaml) {
      const std::string key = shown(pair.first);
      if (std::ranges::find(seen, key) != seen.end())
        report({layer.source, pair.first.Mark()}, fmt::format("'{}' is given twice, expected once: remove one", key));
      seen.push_back(key);
    }
    mapping.layers.push_back(layer);
  }
  mapping.absent = mapping.told = mapping.layers.empty();
  mappings.push_back(std::move(mapping));
  return mappings.size() - 1;
}

std::size_t ConfigDocument::add_absent(const nlohmann::json::json_pointer& path, const Place& place) {
  mappings.push_back({{}, path, place, true, {}, {}, {}});
  return mappings.size() - 1;
}

std::vector<Value> ConfigDocument::find_all(std::size_t index, std::string_view key) const {
  std::vector<Value> values;
  for (const Value& layer : mappings[index].layers) {
    for (const auto& pair : layer.yaml) {
      if (!pair.first.IsScalar() || pair.first.Scalar() != key) continue;
      values.push_back({pair.second, layer.source, pair.first.Mark()});
      break;
    }
  }
  return values;
}

std::optional<Value> ConfigDocument::find(std::size_t index, std::string_view key) const {
  const std::vector<Value> values = find_all(index, key);
  return values.empty() ? std::nullopt : std::optional(values.front());
}

void ConfigDocument::claim(std::size_t index, std::string_view key) {
  std::vector<std::string>& asked = mappings[index].asked;
  if (std::ranges::find(asked, key) == asked.end()) asked.emplace_back(key);
}

std::optional<Value> ConfigDocument::demand(std::size_t index, Key key, std::string_view type) {
  claim(index, key.name);
  describe(index, key, type, std::nullopt);
  auto value = find(index, key.name);
  if (!value) mappings[index].faulty.emplace_back(key.name);
  if (!value) mappings[index].unread.emplace_back(key.name);
  if (!value && !mappings[index].absent)
    report(mappings[index].place, fmt::format("'{}' is missing, expected {}", key.name, type));
  return value;
}

void ConfigDocument::report_unknown(const Mapping& mapping) {
  const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  std::vector<std::string> known = mapping.asked;
  for (const std::string& name : mapping.offered)
    if (!is_in(known, name)) known.push_back(name);
  std::vector<std::string> settable = known;
  if (mapping.path.empty()) std::erase_if(settable, [&](const std::string& name) { return is_in(not_settable, name); });
  for (const Value& layer : mapping.layers) {
    const std::vector<std::string>& offered = sources[layer.source].lines ? known : settable;
    for (const auto& pair : layer.yaml) {
      const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : shown(pair.first);
      if (!is_in(mapping.asked, key))
        report({layer.source, pair.first.Mark()},
               fmt::format("unknown key '{}', {}", key, quant::expectation(key, offered)));
    }
  }
}

std::string ConfigDocument::dotted(std::size_t index, std::string_view key) const {
  std::string name;
  for (auto path = mappings[index].path / std::string(key); !path.empty(); path.pop_back()) {
    const bool element = path.back().find_first_not_of("0123456789") == std::string::npos;
    const bool last = name.empty() || name.starts_with("[]");
    name = (element ? "[]" : path.back()) + (last ? "" : ".") + name;
  }
  return name;
}

void ConfigDocument::describe(std::size_t index, Key key, std::string_view type,
                              std::optional<nlohmann::json> fallback) {
  if (!described) return;
  const std::string name = dotted(index, key.name);
  if (std::ranges::find(*described, name, &KeyEntry::name) != described->end()) return;
  const bool required = !fallback && !optional_keys.contains(name);
  described->push_back({name, std::string(type), required, std::move(fallback), std::string(key.meaning)});
}

}  // namespace subbyte::sim::detail
