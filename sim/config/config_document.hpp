// The state behind Config and ConfigNode, which is private to config.cpp and config_node.cpp.
#pragma once

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim::detail {

struct Problem {
  int line = 0;
  int column = 0;
  std::string text;
};

struct Mapping {
  YAML::Node yaml;
  nlohmann::json::json_pointer path;
  YAML::Mark mark;
  bool absent = false;  ///< reported once already, so that its keys are not reported as missing as well
  std::vector<std::string> asked;
};

/// Returns what a value looks like in a message.
std::string shown(const YAML::Node& node);

struct ConfigDocument {
  std::string name;
  std::vector<Mapping> mappings;
  std::vector<Problem> problems;
  nlohmann::json resolved = nlohmann::json::object();

  void report(const YAML::Mark& mark, std::string text) {
    problems.push_back({mark.is_null() ? 1 : mark.line + 1, mark.is_null() ? 1 : mark.column + 1, std::move(text)});
  }
  std::size_t add(const YAML::Node& yaml, const nlohmann::json::json_pointer& path, std::string_view what,
                  const YAML::Mark& mark);
  std::optional<YAML::Node> find(std::size_t index, std::string_view key) const;
  std::optional<YAML::Node> claim(std::size_t index, std::string_view key);
  std::optional<YAML::Node> demand(std::size_t index, std::string_view key, std::string_view expected);
  template <typename T>
  T keep(std::size_t index, std::string_view key, T value) {
    resolved[mappings[index].path / std::string(key)] = value;
    return value;
  }
};

}  // namespace subbyte::sim::detail
